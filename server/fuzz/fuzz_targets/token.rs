//! See `server::http::properties::token`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::token(data));
