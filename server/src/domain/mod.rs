//! What Daypass is about: token states, grants, minting and verification. Pure: no database, no HTTP, no clock, no
//! randomness; the time and random bytes come in as values.

pub mod activity;
pub mod attention;
pub mod bulk;
pub mod changes;
pub mod checked;
pub mod claims;
pub mod description;
pub mod draft;
pub mod exposure;
#[cfg(test)]
mod for_good;
pub mod index;
pub mod interfaces;
pub mod introspection;
pub mod limits;
pub mod minting;
pub mod name;
pub mod path_rules;
pub mod refusal;
pub mod scope;
pub mod settings;
pub mod sources;
pub mod stopped;
pub mod table;
pub mod token;
pub mod verification;
