//! The command line: reads the configuration, opens what is needed, and serves. Decides nothing.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line talks to a person"
)]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use server::clock::SystemClock;
use server::config::{Config, Loaded, LogFormat};
use server::demo::{self, Demo, DemoError};
use server::domain::activity::{Actor, Who};
use server::entropy::SystemEntropy;
use server::http::app::{Database, MasterKeySource, Site};
use server::http::{self, App, Verify};
use server::jobs;
use server::secret::{MasterKey, PlainPassword, check_password};
use server::store::{NewUser, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use wire::UserName;
use zeroize::Zeroizing;

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
        command: AdminCommand,
    },
    /// Looks after the keys that sign temporary tokens.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Looks at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
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

#[derive(Subcommand)]
enum KeysCommand {
    /// Makes a new key; works before the server runs and beside it. A running server learns of it within a minute.
    Rotate {
        /// For a key that somebody else may have: the new one signs at once, and all temporary tokens of before are
        /// refused.
        #[arg(long)]
        at_once: bool,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints every setting with its explanation, secrets masked.
    Print,
    /// Checks the configuration and says what is wrong with it.
    Check,
}

/// How often the signing keys are read again and what has ended is forgotten: much less than a new one is published before it signs.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);

/// Errors come together here as text for a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daypass: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a panic says may hold anything, so only the place where it happened goes to the log.
fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

fn run(cli: Cli) -> Result<(), Failure> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let loaded = Config::load(cli.config.as_deref(), environment)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let usual = Command::Serve {
        demo: false,
        demo_tokens: None,
    };
    match cli.command.unwrap_or(usual) {
        Command::Serve { demo, demo_tokens } => {
            start_log(&loaded.config)?;
            hush_panics();
            let demo = demo_tokens
                .map(Demo::Crowd)
                .or(demo.then_some(Demo::Organisation));
            runtime.block_on(serve(loaded, demo))
        }
        Command::Admin {
            command:
                AdminCommand::Create {
                    name,
                    password_stdin: _,
                },
        } => runtime.block_on(create_admin(&loaded.config, &name)),
        Command::Keys {
            command: KeysCommand::Rotate { at_once },
        } => runtime.block_on(rotate_key(&loaded.config, at_once)),
        Command::Config {
            command: ConfigCommand::Print,
        } => {
            print!("{}", loaded.config.print());
            Ok(())
        }
        Command::Config {
            command: ConfigCommand::Check,
        } => {
            loaded.config.resolve_database_url()?;
            loaded.config.resolve_master_key()?;
            for warning in &loaded.warnings {
                eprintln!("warning: {warning}");
            }
            println!("The configuration is good.");
            Ok(())
        }
    }
}

/// The log goes to standard error, so that standard output has only what is meant for the person who starts the
/// server: the address and the set-up code, which no log ever holds.
fn start_log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log.level)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false);
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).init(),
    }
    Ok(())
}

/// The data folder, made when it is missing; others have no business in it.
fn open_data_dir(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    Ok(())
}

/// A file that processes take turns with.
fn lock_file(path: &Path) -> Result<File, Failure> {
    Ok(OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?)
}

/// One server per data folder: two would each publish changes to its own index only.
fn lock(folder: &Path) -> Result<File, Failure> {
    let file = lock_file(&folder.join("daypass.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another Daypass already runs on the data folder {}; stop it, or set DAYPASS_DATA_DIR to another folder",
            folder.display()
        )
        .into()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens what is needed. One process at a time: two that start on an empty folder at the same moment must not both
/// make the tables and the master key.
async fn open(config: &Config) -> Result<Arc<App>, Failure> {
    let turn = lock_file(&config.data_dir.join("daypass.opening"))?;
    turn.lock()?;
    let database = match config.resolve_database_url()? {
        None => Database::Sqlite(config.data_dir.join("daypass.sqlite")),
        Some(url) => match url.sqlite_file() {
            Some(file) => Database::Sqlite(file),
            None => Database::Postgres(Box::new(url.expose().parse()?)),
        },
    };
    let master_key = match config.resolve_master_key()? {
        Some(text) => MasterKeySource::Given(MasterKey::parse(text.expose())?),
        None => MasterKeySource::File(config.data_dir.join("master.key")),
    };
    let site = Site {
        issuer: config.issuer(),
        own_origins: config.own_origins(),
        trusted_proxies: config.trusted_proxies.clone(),
        proxy_headers: config.proxy_headers,
        listen: config.listen.to_string(),
    };
    let app = App::start(
        site,
        database,
        master_key,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )
    .await?;
    drop(turn);
    Ok(app)
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
    let actor = Actor {
        who: Who::CommandLine,
        address: None,
    };
    let user = app
        .store
        .create_user(&actor, NewUser { name, password_hash })
        .await?;
    app.store.close().await;
    println!("{} can sign in at {}/login", user.name, app.site.issuer);
    Ok(())
}

async fn rotate_key(config: &Config, at_once: bool) -> Result<(), Failure> {
    let app = open(config).await?;
    let actor = Actor {
        who: Who::CommandLine,
        address: None,
    };
    let keys = app.rotate_signing_key(&actor, at_once).await?;
    app.store.close().await;
    for key in keys {
        println!("{} signs from {}", key.id, key.signs_from);
    }
    Ok(())
}

async fn serve(loaded: Loaded, demo: Option<Demo>) -> Result<(), Failure> {
    let mut config = loaded.config;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    open_data_dir(&config.data_dir)?;
    let _lock = lock(&config.data_dir)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|e| {
        format!(
            "the address {} cannot be used: {e}; set DAYPASS_LISTEN to another one",
            config.listen
        )
    })?;
    // Port 0 means any free one; origins and links need the real one.
    config.listen = listener.local_addr()?;
    let verify_listener = match config.verify_listen {
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let app = open(&config).await?;
    if !app.store.become_the_server().await? {
        return Err("another Daypass already works on this database; stop it first".into());
    }
    if let Some(demo) = demo {
        show(&app, demo).await?;
    }
    greet(&app).await?;
    let verify_at = if verify_listener.is_some() {
        Verify::Elsewhere
    } else {
        Verify::Here
    };
    let (stop, stopping) = watch::channel(false);
    let job = tokio::spawn(jobs::run(
        app.store.clone(),
        app.exposures.clone(),
        app.exposed.clone(),
        stopping.clone(),
    ));
    let upkeep = {
        let app = app.clone();
        tokio::spawn(jobs::repeat(UPKEEP_EVERY, stopping.clone(), move || {
            let app = app.clone();
            async move {
                if let Err(error) = app.look_after_keys().await {
                    tracing::warn!(error = %error, "the signing keys could not be looked after");
                }
                if let Err(error) = jobs::tidy(&app.store, app.now()).await {
                    tracing::warn!(error = %error, "stopped temporary tokens that have ended stay on the list for now");
                }
            }
        }))
    };
    let verify = verify_listener.map(|listener| {
        let service = http::verify_router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let stopping = stopping.clone();
        tokio::spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(until(stopping))
                .await
        })
    });
    let service = http::router(app.clone(), verify_at).into_make_service_with_connect_info::<SocketAddr>();
    let store = app.store.clone();
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping: answering what was asked already");
        store.stop_watching_alarms();
        let _ = stop.send(true);
    });
    axum::serve(listener, service)
        .with_graceful_shutdown(until(stopping))
        .await?;
    if let Some(verify) = verify {
        verify.await??;
    }
    job.await?;
    upkeep.await?;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Fills an empty database with made-up data, and tells how to sign in to it: once, to standard output only.
async fn show(app: &App, demo: Demo) -> Result<(), Failure> {
    let welcome = demo::fill(
        &app.store,
        &app.keyring,
        &app.passwords,
        &*app.entropy,
        app.now(),
        demo,
    )
    .await
    .map_err(|error| match error {
        DemoError::Store(StoreError::NotEmpty) => {
            "made-up data goes into an empty database only; set DAYPASS_DATA_DIR to a new folder".to_owned()
        }
        other => other.to_string(),
    })?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Demonstration: sign in as {} with the password {} (shown once)",
        welcome.name,
        welcome.password.expose_to_its_owner()
    )?;
    out.flush()?;
    Ok(())
}

/// Tells the person who started the server where it is, and how to make the first administrator. To standard output
/// only: the code is a secret until it is used.
async fn greet(app: &App) -> Result<(), Failure> {
    let code = http::issue_code(app).await?;
    let mut out = io::stdout().lock();
    writeln!(out, "Daypass is at {}", app.site.issuer)?;
    if let Some(code) = code {
        let code = code.expose_to_its_owner();
        writeln!(
            out,
            "\nSet-up link (works once, for an hour):\n  {}/setup?code={code}",
            app.site.issuer
        )?;
    }
    writeln!(out, "\nStop it with Ctrl+C.")?;
    out.flush()?;
    Ok(())
}

async fn until(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|s| *s).await;
}

async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupted.await;
        return;
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
