//! The commands, one file each, and what they share: opening the data folder, reaching the running server, and where a
//! secret may go. What they do is done by the same use cases that the app's pages ask for; nothing is decided here.
//!
//! **No secret in an argument, in the log or in a pipe.** A process list shows arguments, and a pipe ends in somebody's
//! history or build log: a secret goes to a terminal or into a file of mode 0600.

pub(crate) mod admin;
pub(crate) mod claim;
mod destination;
pub(crate) mod keys;
mod open;
mod reach;
pub(crate) mod scan;
pub(crate) mod serve;
mod socket;
pub(crate) mod token;

/// Errors come together here as text for a person.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
