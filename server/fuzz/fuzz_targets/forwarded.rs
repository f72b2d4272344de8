//! See `server::http::properties::forwarded`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::forwarded(data));
