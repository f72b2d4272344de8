//! See `server::http::properties::form`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::form(data));
