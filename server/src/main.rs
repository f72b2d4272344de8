//! The command line: which commands there are. Each has a file in `cli/`; nothing is decided in either.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line talks to a person"
)]

mod cli;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cli::Failure;
use server::config::Config;
use server::demo::Demo;

/// Permanent API tokens stay behind the desk; a browser gets a day pass.
#[derive(Parser)]
#[command(name = "daypass", version, about)]
struct Cli {
    /// The configuration file (default: ./daypass.toml, when it exists).
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server (the default).
    Serve {
        /// Fills an empty database with a made-up organisation first.
        #[arg(long, hide = true)]
        demo: bool,
        /// Fills an empty database with so many made-up tokens first.
        #[arg(long, hide = true, conflicts_with = "demo")]
        demo_tokens: Option<u32>,
    },
    /// Looks after administrators.
    Admin {
        #[command(subcommand)]
        command: cli::admin::AdminCommand,
    },
    /// Makes, replaces, deactivates and lists tokens; beside a running server, or without one.
    Token {
        #[command(subcommand)]
        command: cli::token::TokenCommand,
    },
    /// Fetches a secret from a Daypass elsewhere with a one-time code, and stores it without printing it.
    Claim(cli::claim::ClaimArgs),
    /// Looks after the keys that sign temporary tokens.
    Keys {
        #[command(subcommand)]
        command: cli::keys::KeysCommand,
    },
    Scan(cli::scan::Scan),
    /// Looks at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints every setting with its explanation, secrets masked.
    Print,
    /// Checks the configuration and says what is wrong with it.
    Check,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("daypass: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let usual = Command::Serve {
        demo: false,
        demo_tokens: None,
    };
    // Where a secret is fetched to there is no configuration of a server, so each command loads it by itself.
    let load = || {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Config::load(cli.config.as_deref(), environment)
    };
    match cli.command.unwrap_or(usual) {
        Command::Serve { demo, demo_tokens } => {
            let demo = demo_tokens
                .map(Demo::Crowd)
                .or(demo.then_some(Demo::Organisation));
            runtime.block_on(cli::serve::run(load()?, demo))
        }
        Command::Admin { command } => runtime.block_on(cli::admin::run(&load()?.config, command)),
        Command::Keys { command } => runtime.block_on(cli::keys::run(&load()?.config, command)),
        Command::Token { command } => runtime.block_on(cli::token::run(&load()?.config, command)),
        Command::Claim(args) => runtime.block_on(cli::claim::run(args)),
        Command::Config {
            command: ConfigCommand::Print,
        } => {
            print!("{}", load()?.config.print());
            Ok(())
        }
        // It tells by its exit status, and needs no configuration.
        Command::Scan(args) => return Ok(runtime.block_on(cli::scan::run(&args))),
        Command::Config {
            command: ConfigCommand::Check,
        } => {
            let loaded = load()?;
            loaded.config.resolve_database_url()?;
            loaded.config.resolve_master_key()?;
            for warning in &loaded.warnings {
                eprintln!("warning: {warning}");
            }
            println!("The configuration is good.");
            Ok(())
        }
    }
    .map(|()| ExitCode::SUCCESS)
}
