//! The scanner: finds values of permanent tokens where they must not be – in built sites, archives, histories of git, and
//! on the web.
//!
//! A value has a checksum ([`form`]), so there is no false alarm. What is found leaves this crate as a hint and a digest,
//! never as the value ([`Finding`]). It knows no database.

mod address;
mod brotli;
mod coding;
mod content;
mod files;
pub mod form;
mod history;
mod links;
mod live;
mod mask;
mod report;
mod repository;
mod search;
mod site;
#[cfg(test)]
mod testing;
mod tree;
mod write;
mod zstd;

pub use address::{Reach, is_public};
pub use content::Limits;
pub use files::{Options, finish, search_files};
pub use live::{LiveError, LiveServer, ask_server};
pub use report::{Finding, Gathering, MOST, Note, Place, Report, State};
pub use search::{Encoding, Hit, Searcher, Sha256, Verdict};
pub use site::{Crawl, SiteError, parse_site, reach_of, search_site};
pub use write::{write_json, write_sarif, write_text};
