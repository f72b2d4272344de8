//! See `server::http::properties::jwt`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::jwt(data));
