//! The suite that runs on both engines.
