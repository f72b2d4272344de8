//! `daypass admin`: looks after administrators.

use std::io::{self, BufRead};

use clap::Subcommand;
use server::config::Config;
use server::secret::{PlainPassword, check_password};
use server::store::NewUser;
use wire::UserName;
use zeroize::Zeroizing;

use super::Failure;
use super::open::{actor, open, open_data_dir};

#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// Creates an administrator; works before the server runs and beside it.
    Create {
        /// The name to sign in with.
        #[arg(long)]
        name: String,
        /// Reads the password from the first line of standard input, so that it stands in no process list.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Does it.
pub(crate) async fn run(config: &Config, command: AdminCommand) -> Result<(), Failure> {
    let AdminCommand::Create {
        name,
        password_stdin: _,
    } = command;
    create_admin(config, &name).await
}

async fn create_admin(config: &Config, name: &str) -> Result<(), Failure> {
    let name = UserName::parse(name).map_err(|e| format!("--name: {e}"))?;
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    let password = PlainPassword::new(line.trim_end_matches(['\r', '\n']).to_owned());
    check_password(&password, name.as_str())
        .map_err(|e| format!("the password: {e} (at least 12 characters, hard to guess)"))?;
    open_data_dir(&config.data_dir)?;
    let app = open(config).await?;
    let password_hash = app.passwords.hash(password, &*app.entropy).await?;
    let user = app
        .store
        .create_user(&actor(), NewUser { name, password_hash })
        .await?;
    app.store.close().await;
    println!("{} can sign in at {}/login", user.name, app.site.issuer);
    Ok(())
}
