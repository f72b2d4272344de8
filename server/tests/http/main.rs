//! The contract over HTTP: the real router, on both engines, asked by personas; and what holds for the project as a
//! whole: arrows, places of secrets, the binary under `kill -9`.
//!
//! One binary on purpose: linking takes longer than its tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is wrong"
)]

mod account;
mod alarms;
mod claim;
mod demo;
mod doors;
mod exposures;
mod forms;
mod harness;
mod input;
mod interfaces;
mod leak;
mod leaks;
mod lists;
mod loading;
mod oauth;
mod openapi;
mod origins;
mod panel;
mod process;
mod revoke;
mod sources;
mod strongroom;
mod temporary;
mod tokens;
mod transfer;
mod verify;
