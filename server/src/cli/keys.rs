//! `daypass keys`: looks after the keys that sign temporary tokens.

use clap::Subcommand;
use server::config::Config;

use super::Failure;
use super::open::{actor, open};

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a new key; works before the server runs and beside it. A running server learns of it within a minute.
    Rotate {
        /// For a key that somebody else may have: the new one signs at once, and all temporary tokens of before are
        /// refused.
        #[arg(long)]
        at_once: bool,
    },
}

/// Does it.
pub(crate) async fn run(config: &Config, command: KeysCommand) -> Result<(), Failure> {
    let KeysCommand::Rotate { at_once } = command;
    rotate_key(config, at_once).await
}

async fn rotate_key(config: &Config, at_once: bool) -> Result<(), Failure> {
    let app = open(config).await?;
    let keys = app.rotate_signing_key(&actor(), at_once).await?;
    app.store.close().await;
    for key in keys {
        println!("{} signs from {}", key.id, key.signs_from);
    }
    Ok(())
}
