//! See `server::http::properties::path_rules`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::http::properties::path_rules(data));
