//! Daypass, the server: it alone holds the permanent tokens, mints temporary ones from them and answers the
//! protected API's question "may this token do that?".
//!
//! Arrows: `main → http, documents, reference → store → domain`; `secret` is used by `domain` and `store`; nothing
//! imports `http`. `demo` fills an empty store with made-up data, for `main` alone.

pub mod clock;
pub mod config;
pub mod demo;
pub mod documents;
pub mod domain;
pub mod entropy;
pub mod http;
pub mod jobs;
pub mod reference;
pub mod secret;
pub mod store;
