//! `daypass token`: tokens for automation. A new secret is handed over as everywhere else: a claim is issued, and used at
//! once.

use std::fmt::Write as _;

use axum::http::Method;
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};
use server::config::Config;
use wire::{Page, TokenView};
use zeroize::Zeroizing;

use super::Failure;
use super::destination::{Destination, Place};
use super::reach::Reach;

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and its secret.
    Create(CreateArgs),
    /// Gives a token a new secret.
    Replace {
        /// Its name or its id.
        token: String,
        /// How long the secret before goes on working, in seconds: 0 to 2592000, 30 days.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        overlap: i64,
        #[command(flatten)]
        destination: Destination,
    },
    /// Switches a token off; it and all its temporary tokens are refused from then on.
    Deactivate {
        /// Its name or its id.
        token: String,
    },
    /// Lists the tokens. No secret is among what it prints.
    List {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
}

/// Where a token may be kept.
#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    /// On servers only.
    Secret,
    /// In pages, with limits.
    Public,
}

/// A new token. What is not said is as in the app: no rights, no limits.
#[derive(Args)]
pub(crate) struct CreateArgs {
    /// Its name.
    token: String,
    /// Rights on an interface, such as "Press photos:read,download"; may be said several times.
    #[arg(long = "grant", value_name = "INTERFACE:PERMISSIONS")]
    grants: Vec<String>,
    /// Where it may be kept.
    #[arg(long, value_enum, default_value = "secret")]
    kind: KindName,
    /// Its end, such as 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// A network that it may be used from; may be said several times.
    #[arg(long = "network", value_name = "NETWORK")]
    networks: Vec<String>,
    /// An origin that it may be used from; may be said several times.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// A note.
    #[arg(long, default_value = "")]
    note: String,
    /// Who answers for the integration that holds it.
    #[arg(long, default_value = "")]
    contact: String,
    /// Why it may write.
    #[arg(long, value_name = "WHY", default_value = "")]
    write_reason: String,
    /// Makes no secret; somebody hands one over later.
    #[arg(long, conflicts_with_all = ["write", "write_env"])]
    without_secret: bool,
    #[command(flatten)]
    destination: Destination,
}

/// Does it.
pub(crate) async fn run(config: &Config, command: TokenCommand) -> Result<(), Failure> {
    // A place for the secret comes first: nothing is changed where there is none.
    let (place, command) = match command {
        TokenCommand::Create(args) => {
            let body = wish(&args)?;
            let place = if args.without_secret {
                None
            } else {
                Some(args.destination.prepare(true)?)
            };
            (place, Act::Create(body))
        }
        TokenCommand::Replace {
            token,
            overlap,
            destination,
        } => (Some(destination.prepare(true)?), Act::Replace { token, overlap }),
        TokenCommand::Deactivate { token } => (None, Act::Deactivate(token)),
        TokenCommand::List { json } => (None, Act::List { json }),
    };
    let reach = Reach::find(config).await?;
    let done = perform(&reach, command, place).await;
    reach.close().await;
    done
}

/// What is done, once there is a place for what comes of it.
enum Act {
    Create(Value),
    Replace { token: String, overlap: i64 },
    Deactivate(String),
    List { json: bool },
}

async fn perform(reach: &Reach, act: Act, place: Option<Place>) -> Result<(), Failure> {
    match (act, place) {
        (Act::Create(body), place) => {
            let made: TokenView = read(&reach.ask(Method::POST, TOKENS, Some(&body)).await?)?;
            let id = made.id.to_string();
            eprintln!("The token “{}” is made: {id}", made.name);
            match place {
                None => Ok(()),
                Some(place) => hand_over(reach, &id, 0, place).await.map_err(|error| {
                    format!("the token is made, but its secret is not handed over: {error}. Try daypass token replace {id}").into()
                }),
            }
        }
        (Act::Replace { token, overlap }, Some(place)) => hand_over(reach, &token, overlap, place).await,
        (Act::Replace { .. }, None) => Err("there is no place for the secret".into()),
        (Act::Deactivate(token), _) => {
            let path = format!("{}/deactivate", address(&token));
            let off: TokenView = read(&reach.ask(Method::POST, &path, None).await?)?;
            println!("“{}” is {}", off.name, off.status.as_str());
            Ok(())
        }
        (Act::List { json }, _) => list(reach, json).await,
    }
}

/// Where tokens are.
const TOKENS: &str = "/command-line/tokens";

fn address(token: &str) -> String {
    let name = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
    format!("{TOKENS}/{name}")
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|_| "the running server is another version than this command".into())
}

/// What is asked for when a token is made. The server checks it, as for the app.
fn wish(args: &CreateArgs) -> Result<Value, Failure> {
    let mut grants = Vec::new();
    for grant in &args.grants {
        let (interface, permissions) = grant
            .rsplit_once(':')
            .ok_or_else(|| format!("--grant {grant}: write INTERFACE:PERMISSION,PERMISSION"))?;
        let permissions: Vec<&str> = permissions.split(',').map(str::trim).collect();
        grants.push(json!({ "interface": interface, "permissions": permissions }));
    }
    let kind = match args.kind {
        KindName::Secret => "secret",
        KindName::Public => "public",
    };
    Ok(json!({
        "name": args.token, "kind": kind, "grants": grants, "expires_at": args.expires_at,
        "allowed_networks": args.networks, "allowed_origins": args.origins,
        "note": args.note, "contact": args.contact, "write_reason": args.write_reason,
    }))
}

/// The one-time code, on its way from the one who issues it to the one who uses it.
#[derive(Deserialize)]
struct Issued {
    code: String,
}

impl Drop for Issued {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.code);
    }
}

async fn hand_over(reach: &Reach, token: &str, overlap: i64, place: Place) -> Result<(), Failure> {
    let path = format!("{}/claim", address(token));
    let issued = reach
        .ask(Method::POST, &path, Some(&json!({ "overlap": overlap })))
        .await?;
    let issued: Issued = read(&issued)?;
    let secret = reach
        .ask(Method::POST, "/claim", Some(&json!({ "code": issued.code })))
        .await?;
    let secret = Zeroizing::new(std::str::from_utf8(&secret)?.to_owned());
    let place = place.put(&secret).map_err(|error| {
        format!("{error}. The new secret is lost, and the one before ends as asked: run daypass token replace again")
    })?;
    eprintln!("The secret is made: {place}.");
    Ok(())
}

async fn list(reach: &Reach, json: bool) -> Result<(), Failure> {
    let mut all: Vec<TokenView> = Vec::new();
    for page in 1.. {
        let path = format!("{TOKENS}?per_page=200&page={page}");
        let found: Page<TokenView> = read(&reach.ask(Method::GET, &path, None).await?)?;
        let last = found.items.is_empty();
        all.extend(found.items);
        if last || all.len() as u64 >= found.total {
            break;
        }
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let width = all.iter().map(|t| t.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for token in &all {
        let used = token
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| at.to_string());
        let hint = token.hint.as_deref().unwrap_or("-");
        let (kind, status) = (token.kind.as_str(), token.status.as_str());
        writeln!(
            text,
            "{}  {:width$}  {kind:6}  {status:15}  {hint:12}  {used}",
            token.id, token.name
        )?;
    }
    print!("{text}");
    Ok(())
}
