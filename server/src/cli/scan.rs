//! `daypass scan`: searches files and sites for values of permanent tokens. Needs no configuration and no data folder, and
//! a server only to learn whether what it found works.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::Failure;
use clap::{Args, ValueEnum};
use scan::{Crawl, Gathering, LiveServer, Options, Report};

/// How often progress is shown.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Searches files, folders, archives, histories of git, and sites for permanent tokens.
///
/// Exit status: 0 when no secret was found, 1 when one was, 2 when something could not be searched, or the server could
/// not be asked. Public tokens are told, and are no reason to fail: they may stand in pages. Values are never printed.
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Files and folders; `-` is standard input; `https://…` is a site, fetched within its own origin.
    #[arg(required = true, value_name = "PATH|URL")]
    places: Vec<PathBuf>,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where it is written to; otherwise standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leaves histories of git out.
    #[arg(long)]
    no_history: bool,
    /// A Daypass server that is asked which of the values work: `https://…`, or `http://…` on this machine. It is told the
    /// first 20 bits of digests.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Fetches what a site's robots.txt asks to leave alone too; for a site of your own.
    #[arg(long)]
    ignore_robots: bool,
    /// Follows links to other places.
    #[arg(long)]
    follow_links: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For code hosts: SARIF 2.1.0.
    Sarif,
}

/// Runs the command.
pub(crate) async fn run(args: &Scan) -> ExitCode {
    match search(args).await {
        Ok(report) if report.has_secrets() => ExitCode::from(1),
        Ok(report) if report.is_complete() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(2),
        Err(error) => {
            eprintln!("daypass: {error}");
            ExitCode::from(2)
        }
    }
}

async fn search(args: &Scan) -> Result<Report, Failure> {
    // What cannot be asked, searched or written is to be known before the work: what was found by then would be lost.
    let server = args.server.as_deref().map(LiveServer::parse).transpose()?;
    let (sites, paths): (Vec<_>, Vec<_>) = args.places.iter().cloned().partition(|place| is_site(place));
    let sites = sites.iter().map(|site| scan::parse_site(&site.to_string_lossy()));
    let sites = sites.collect::<Result<Vec<_>, _>>()?;
    let mut out: Box<dyn Write + Send> = match &args.output {
        Some(file) => Box::new(File::create(file)?),
        None => Box::new(io::stdout()),
    };
    let options = Options {
        history: !args.no_history,
        follow_links: args.follow_links,
        ..Options::default()
    };
    let gathering = Arc::<Gathering>::default();
    let progress = Progress::show(&gathering);
    if !paths.is_empty() {
        scan::search_files(&paths, options, &gathering)?;
    }
    for start in sites {
        let crawl = Crawl {
            heed_robots: !args.ignore_robots,
            reach: scan::reach_of(&start).await,
            ..Crawl::default()
        };
        if let Err(error) = scan::search_site(&start, crawl, &gathering).await {
            gathering.failed(start.as_str(), &error.to_string());
        }
    }
    drop(progress);
    let mut report = scan::finish(gathering);
    // What was found is told, whether or not the server could be asked about it.
    if let Some(server) = &server
        && let Err(error) = scan::ask_server(&mut report, server).await
    {
        report.not_asked = Some(error.to_string());
    }
    match args.format {
        Format::Text => scan::write_text(&report, &mut out),
        Format::Json => scan::write_json(&report, &mut out),
        Format::Sarif => scan::write_sarif(&report, &mut out),
    }?;
    out.flush()?;
    Ok(report)
}

fn is_site(place: &Path) -> bool {
    let text = place.to_string_lossy();
    text.starts_with("https://") || text.starts_with("http://")
}

/// A line on the terminal that tells how far the search is; nothing where nobody looks.
struct Progress(Option<(mpsc::Sender<()>, thread::JoinHandle<()>)>);

impl Progress {
    fn show(gathering: &Arc<Gathering>) -> Self {
        if !io::stderr().is_terminal() {
            return Self(None);
        }
        let gathering = gathering.clone();
        let (stop, stopped) = mpsc::channel::<()>();
        let shown = thread::spawn(move || {
            while stopped.recv_timeout(PROGRESS_EVERY) == Err(RecvTimeoutError::Timeout) {
                let (files, megabytes) = (gathering.files(), gathering.bytes() / 1_000_000);
                eprint!("\r\x1b[K{files} files, {megabytes} MB …");
            }
            eprint!("\r\x1b[K");
        });
        Self(Some((stop, shown)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, shown)) = self.0.take() {
            drop(stop);
            // It has nothing left to do but to end.
            let _ = shown.join();
        }
    }
}
