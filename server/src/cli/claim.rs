//! `daypass claim`: fetches a secret from a Daypass elsewhere with a one-time code, and stores it without printing it.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use server::config::is_this_machine;
use zeroize::Zeroizing;

use super::Failure;
use super::destination::Destination;
use super::reach::in_words;

/// The longest code and the longest answer that are read, in bytes.
const LONGEST: u64 = 16 << 10;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is said on the command line.
#[derive(Args)]
pub(crate) struct ClaimArgs {
    /// The address of the Daypass that issued the code, with `https://`.
    url: String,
    /// Reads the code from this file instead of standard input.
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    #[command(flatten)]
    destination: Destination,
}

/// Where the code is sent. Plain http shows it, and the secret, to everybody on the way.
fn endpoint(text: &str) -> Result<Url, Failure> {
    let mut url: Url = text.parse().map_err(|e| format!("{text}: {e}"))?;
    let is_here = is_this_machine(url.host_str().unwrap_or_default());
    if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
        return Err("a secret travels over https only (http works on this machine alone)".into());
    }
    let fits = matches!(url.path(), "/" | "/claim" | "/claim/");
    if !fits || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err("only the address of Daypass is needed, such as https://tokens.example.net".into());
    }
    url.set_path("/claim");
    Ok(url)
}

/// The code, which stands in no argument: other users of this machine see those.
fn read_code(file: Option<PathBuf>) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    if let Some(path) = file {
        let file = fs::File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        file.take(LONGEST).read_to_string(&mut text)?;
    } else if io::stdin().is_terminal() {
        // Not shown: it works until it is used, and somebody may look on.
        text = Zeroizing::new(rpassword::prompt_password("One-time code: ")?);
    } else {
        io::stdin().lock().take(LONGEST).read_line(&mut text)?;
    }
    // Copied together with the form's field name, as the other command has it.
    let code = text.trim();
    let code = Zeroizing::new(code.strip_prefix("code=").unwrap_or(code).to_owned());
    if code.is_empty() {
        return Err("there is no code; it is read from standard input or --code-file".into());
    }
    Ok(code)
}

/// Does it.
pub(crate) async fn run(args: ClaimArgs) -> Result<(), Failure> {
    let url = endpoint(&args.url)?;
    // The code works once: what can go wrong here goes wrong before it is used.
    let place = args.destination.prepare(false)?;
    let code = read_code(args.code_file)?;
    let mut client = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(PATIENCE);
    if url.scheme() == "http" {
        // A proxy of the environment would read both code and secret, and the way to this machine needs none.
        client = client.no_proxy();
    }
    let client = client.build()?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .finish();
    let request = client
        .post(url.clone())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    let mut answer = request.send().await.map_err(|error| reason(&url, &error))?;
    let status = answer.status();
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    while let Some(chunk) = answer.chunk().await.map_err(|error| reason(&url, &error))? {
        if bytes.len() + chunk.len() > usize::try_from(LONGEST)? {
            return Err("the answer is too long to be a Daypass'".into());
        }
        bytes.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        return Err(in_words(status, &bytes).into());
    }
    let secret = std::str::from_utf8(&bytes).unwrap_or_default();
    if !may_be_a_secret(secret) {
        return Err("what came back is no secret; is this the address of a Daypass?".into());
    }
    let place = place.put(secret).map_err(|error| {
        format!("{error}. The secret was fetched and is lost: hand over again on the token's page in Daypass")
    })?;
    println!("The secret was fetched: {place}.");
    Ok(())
}

/// Whether it has the form of our values, or that of a key which was brought along. Whatever else a server answers would
/// go into a file that others read, some of them as a script.
fn may_be_a_secret(text: &str) -> bool {
    let is_brought_along =
        (20..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    scan::form::is_well_formed(text.as_bytes())
        || (is_brought_along && scan::form::kind_of(text.as_bytes()).is_none())
}

/// Why nobody answered, down to the first cause.
fn reason(url: &Url, error: &reqwest::Error) -> Failure {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let why = causes
        .last()
        .cloned()
        .unwrap_or_else(|| "no answer came".to_owned());
    format!("{url} does not answer: {why}. If the code was used all the same, Daypass shows it as fetched: then hand over again").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_is_not_stored() {
        let ours = "dpp_pNoxb5ByzGpDDAeFDxU40TFhsoHckzJcaLGlussz3UWVrq";
        assert!(may_be_a_secret(ours));
        assert!(may_be_a_secret("an-imported-key-$with'odd\"characters"));
        for wrong in [
            "",
            "short",
            &ours[..ours.len() - 1],
            "an answer with spaces, and long",
            "a key with a line break\nA=$(touch x)",
            &"x".repeat(256),
        ] {
            assert!(!may_be_a_secret(wrong), "{wrong}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let to = |text: &str| endpoint(text).map(|url| url.to_string()).ok();
        assert_eq!(
            to("https://tokens.example.net").as_deref(),
            Some("https://tokens.example.net/claim")
        );
        assert_eq!(
            to("https://tokens.example.net/claim").as_deref(),
            Some("https://tokens.example.net/claim")
        );
        assert_eq!(
            to("http://127.0.0.1:8080/").as_deref(),
            Some("http://127.0.0.1:8080/claim")
        );
        assert!(to("http://[::1]:8080").is_some() && to("http://localhost:8080").is_some());
        for wrong in [
            "http://tokens.example.net",
            "http://127.0.0.1.example.net",
            "http://localhost.example.net",
            "ftp://localhost",
            "https://tokens.example.net/api",
            "https://tokens.example.net/claim?code=x",
            "https://user@tokens.example.net",
            "tokens.example.net",
        ] {
            assert_eq!(to(wrong), None, "{wrong}");
        }
    }
}
