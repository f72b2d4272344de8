//! `daypass serve`: brings everything up, serves, and takes everything down.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use server::config::{Config, Loaded, LogFormat};
use server::demo::{self, Demo, DemoError};
use server::http::{self, App, Doors, Patience};
use server::jobs;
use server::store::{StillTheServer, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::open::{lock, open, open_data_dir};
use super::{Failure, socket};

/// How often the signing keys are read again and what has ended is forgotten: much less than a new one is published before it signs.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);

/// How often is looked whether this is still the one server of the database: so long two may disagree.
const LOCK_EVERY: Duration = Duration::from_secs(5);

/// After the tokens could not be read.
const LOAD_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often is looked for watched sites that are due.
const SITES_EVERY: Duration = Duration::from_mins(10);

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

/// What a panic says may hold anything, so only the place where it happened goes to the log.
fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

/// Serves until it is told to stop.
pub(crate) async fn run(loaded: Loaded, demo: Option<Demo>) -> Result<(), Failure> {
    start_log(&loaded.config)?;
    hush_panics();
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
    // Before anybody is told where the server is: commands may follow at once.
    let commands = socket::listen(&config.data_dir);
    greet(&app).await?;
    let doors = if verify_listener.is_some() {
        Doors::AllButVerify
    } else {
        Doors::All
    };
    let (stop, stopping) = watch::channel(false);
    let loading = tokio::spawn(load(app.clone(), stopping.clone()));
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
                app.throttle.forget_full();
                if let Err(error) = app.look_after_keys().await {
                    tracing::warn!(error = %error, "the signing keys could not be looked after");
                }
                if let Err(error) = app.store.catch_up().await {
                    tracing::warn!(error = %error, "changes that failed half-way could not be looked for");
                }
                if let Err(error) = jobs::tidy(&app.store, app.now()).await {
                    tracing::warn!(error = %error, "stopped temporary tokens that have ended stay on the list for now");
                }
            }
        }))
    };
    let sites = {
        let app = app.clone();
        tokio::spawn(jobs::repeat(SITES_EVERY, stopping.clone(), move || {
            let app = app.clone();
            async move {
                if let Err(error) = app.search_due_sites().await {
                    tracing::warn!(error = %error, "watched sites could not be searched");
                }
            }
        }))
    };
    let patience = Patience::default();
    let verify = verify_listener.map(|listener| {
        let front = http::service(app.clone(), Doors::VerifyAlone);
        tokio::spawn(http::serve(listener, front, patience, until(stopping.clone())))
    });
    let commands = commands.map(|listener| {
        let service = http::command_line_router(app.clone());
        let stopping = stopping.clone();
        tokio::spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(until(stopping))
                .await
        })
    });
    let front = http::service(app.clone(), doors);
    let ending = {
        let app = app.clone();
        tokio::spawn(async move {
            let is_lost = tokio::select! {
                () = stop_signal() => false,
                () = until_the_lock_is_lost(&app) => true,
            };
            tracing::info!("stopping: answering what was asked already");
            app.store.stop_watching_alarms();
            let _ = stop.send(true);
            is_lost
        })
    };
    http::serve(listener, front, patience, until(stopping)).await;
    if let Some(verify) = verify {
        verify.await?;
    }
    if let Some(commands) = commands {
        if let Ok(ended) = tokio::time::timeout(patience.farewell, commands).await {
            ended??;
        } else {
            tracing::warn!("a command that was not complete is cut off");
        }
        socket::take_away(&config.data_dir);
    }
    loading.await?;
    job.await?;
    upkeep.await?;
    // A search takes minutes, and begins anew some other time.
    sites.abort();
    app.store.close().await;
    tracing::info!("stopped");
    if ending.await? {
        return Err("another Daypass works on this database now, so this one has stopped".into());
    }
    Ok(())
}

/// Looks again and again whether this is still the one server of the database. Where it is not, what an administrator
/// ends at the other one would go on working here.
async fn until_the_lock_is_lost(app: &App) {
    loop {
        tokio::time::sleep(LOCK_EVERY).await;
        match app.store.still_the_server().await {
            Ok(StillTheServer::Yes) => {}
            Ok(StillTheServer::Again) => {
                tracing::warn!("the connection that holds the server's lock was lost; it is held again");
                if let Err(error) = app.store.catch_up().await {
                    tracing::warn!(error = %error, "what others changed meanwhile could not be looked for yet");
                }
            }
            Ok(StillTheServer::No) => {
                tracing::error!("another Daypass works on this database now");
                return;
            }
            Err(error) => {
                tracing::warn!(error = %error, "whether this is still the one server of the database could not be asked");
            }
        }
    }
}

/// Reads the tokens into the index while the server answers already.
async fn load(app: Arc<App>, stopping: watch::Receiver<bool>) {
    let reading = async {
        while let Err(error) = app.store.load_tokens().await {
            tracing::error!(error = %error, "the tokens could not be read; each is looked up when it is used, until they can");
            tokio::time::sleep(LOAD_AGAIN_AFTER).await;
        }
    };
    tokio::select! {
        () = reading => {}
        () = until(stopping) => {}
    }
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
