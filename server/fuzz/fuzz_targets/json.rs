//! See `server::http::properties::json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::json(data));
