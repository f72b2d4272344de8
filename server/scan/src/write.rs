//! A report as text for people, as JSON, and as SARIF 2.1.0 for code hosts. None of them has a value in it.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::report::{Finding, Place, Report, State};

/// What a person can do about a finding.
const ADVICE: &str = "Replace the secret in Daypass (Replace secret…), take the value out of the file, and let the page \
ask its own backend for a temporary token.";

/// What a terminal acts on, or what makes a name look like another one: it turns the direction of writing, or is not
/// shown at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Names come from strangers: what would steer a terminal is shown, not sent.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = is_hidden(c).then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

fn place_of(place: &Place, line: u64) -> String {
    let line = if line > 0 {
        format!(":{line}")
    } else {
        String::new()
    };
    let short = |id: &str| id.chars().take(12).collect::<String>();
    let origin = match (&place.commit, &place.object) {
        (Some(commit), _) => format!(" (commit {})", short(commit)),
        (None, Some(object)) => format!(" (object {}, in no commit)", short(object)),
        (None, None) => String::new(),
    };
    format!("{}{line}{origin}", printable(&place.to_string()))
}

/// For people: a line for each finding, what was not searched, and a sum.
///
/// # Errors
/// When writing fails.
pub fn write_text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let mut remarks = vec![finding.kind.as_str()];
        if finding.encoding != crate::Encoding::Plain {
            remarks.push(finding.encoding.as_str());
        }
        if finding.state != State::NotAsked {
            remarks.push(finding.state.as_str());
        }
        if finding.line == 0 {
            remarks.push("in the name");
        }
        let place = place_of(&finding.place, finding.line);
        writeln!(out, "{place}: {} [{}]", finding.hint, remarks.join(", "))?;
    }
    if report.more_findings > 0 {
        writeln!(out, "… and {} more", report.more_findings)?;
    }
    for note in &report.notes {
        writeln!(
            out,
            "not searched: {}: {}",
            place_of(&note.place, 0),
            printable(&note.text)
        )?;
    }
    if report.more_notes > 0 {
        writeln!(out, "… and {} more that were not searched", report.more_notes)?;
    }
    if let Some(why) = &report.not_asked {
        writeln!(out, "not asked: {}", printable(why))?;
    }
    let (files, bytes) = (report.files, in_words(report.bytes));
    if report.findings.is_empty() {
        writeln!(out, "Nothing found in {files} files, {bytes}.")
    } else {
        let places = report.findings.len() as u64 + report.more_findings;
        writeln!(
            out,
            "Found {} values at {places} places in {files} files, {bytes}.\n{ADVICE}",
            report.values()
        )
    }
}

fn in_words(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn fingerprint(finding: &Finding) -> String {
    format!("{:08x}", finding.fingerprint())
}

/// For programs: one object.
///
/// # Errors
/// When writing fails.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|f| {
            json!({
                "path": f.place.path,
                "members": f.place.members,
                "object": f.place.object,
                "commit": f.place.commit,
                "line": f.line,
                "column": f.column,
                "kind": f.kind.as_str(),
                "encoding": f.encoding,
                "hint": f.hint,
                "fingerprint": fingerprint(f),
                "state": f.state,
            })
        })
        .collect();
    let whole = json!({
        "version": 1,
        "findings": findings,
        "more_findings": report.more_findings,
        "not_searched": report.notes,
        "more_not_searched": report.more_notes,
        "not_asked": report.not_asked,
        "files": report.files,
        "bytes": report.bytes,
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

/// Characters that a path in a URI may have as they are.
fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@!$&'()*+,;=".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The file that a code host can show: in a history the one of the repository, in an archive the archive.
fn artifact(place: &Place) -> Value {
    let path = match (&place.object, place.members.first()) {
        (Some(_), Some(name)) => name,
        _ => &place.path,
    };
    if path.contains("://") {
        return json!({ "uri": path });
    }
    match path.strip_prefix('/') {
        Some(_) => json!({ "uri": format!("file://{}", uri(path)) }),
        None => json!({ "uri": uri(path.trim_start_matches("./")), "uriBaseId": "%SRCROOT%" }),
    }
}

fn level(finding: &Finding) -> &'static str {
    if finding.kind == wire::Kind::Public {
        return "note";
    }
    match finding.state {
        State::NotAsked | State::Live => "error",
        State::Inactive => "warning",
        State::Unknown => "note",
    }
}

fn result(finding: &Finding) -> Value {
    let text = format!(
        "A permanent {} token of Daypass, {}, stands in {} ({}).",
        finding.kind.as_str(),
        finding.hint,
        place_of(&finding.place, finding.line),
        finding.state.as_str(),
    );
    let mut location = json!({ "artifactLocation": artifact(&finding.place) });
    if finding.line > 0 {
        location["region"] = json!({ "startLine": finding.line, "startColumn": finding.column });
    }
    json!({
        "ruleId": rule(finding.kind),
        "level": level(finding),
        "message": { "text": text },
        "locations": [{ "physicalLocation": location }],
        "partialFingerprints": { "daypassValue/v1": fingerprint(finding) },
    })
}

const fn rule(kind: wire::Kind) -> &'static str {
    match kind {
        wire::Kind::Secret => "daypass/secret-token",
        wire::Kind::Public => "daypass/public-token",
    }
}

/// For code hosts: SARIF 2.1.0.
///
/// # Errors
/// When writing fails.
pub fn write_sarif(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Value> = [
        (
            wire::Kind::Secret,
            "A permanent token that belongs on a server",
            "9.0",
        ),
        (wire::Kind::Public, "A permanent token for web pages", "3.0"),
    ]
    .into_iter()
    .map(|(kind, title, severity)| {
        json!({
            "id": rule(kind),
            "shortDescription": { "text": title },
            "help": { "text": ADVICE },
            "properties": { "security-severity": severity, "tags": ["security"] },
        })
    })
    .collect();
    let not_asked = report.not_asked.iter();
    let not_asked = not_asked
        .map(|why| json!({ "level": "warning", "message": { "text": format!("Not asked: {why}") } }));
    let notes: Vec<Value> = report
        .notes
        .iter()
        .map(|note| {
            json!({
                "level": "warning",
                "message": { "text": format!("Not searched: {}", note.text) },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&note.place) } }],
            })
        })
        .chain(not_asked)
        .collect();
    let whole = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "columnKind": "utf16CodeUnits",
            "tool": { "driver": {
                "name": "daypass scan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{
                "executionSuccessful": report.is_complete(),
                "toolExecutionNotifications": notes,
            }],
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wire::Kind;

    use super::*;
    use crate::testing::value;
    use crate::{Gathering, Options, finish, search_files};

    fn report() -> (String, Report) {
        let folder = tempfile::tempdir().unwrap();
        let value = value(Kind::Secret, 40);
        std::fs::write(folder.path().join("a b\u{1b}[31m.js"), format!("\n{value}")).unwrap();
        std::fs::write(folder.path().join(format!("{value}.js")), "").unwrap();
        let escaped = value.replace('_', "%5F");
        std::fs::write(folder.path().join(format!("{escaped}.zip")), b"PK\x03\x04nothing").unwrap();
        let gathering = Arc::new(Gathering::default());
        search_files(&[folder.path().to_path_buf()], Options::default(), &gathering).unwrap();
        (value, finish(gathering))
    }

    fn text(report: &Report, write: fn(&Report, &mut dyn Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_form_of_a_report_has_the_value_in_it() {
        let (value, report) = report();
        assert_eq!((report.findings.len(), report.notes.len()), (3, 1));
        for write in [write_text, write_json, write_sarif] {
            let text = text(&report, write);
            assert!(!text.contains(&value[8..]), "{text}");
            assert!(text.contains(&crate::form::hint(&value)), "{text}");
            assert!(!text.contains('\u{1b}'));
        }
        assert!(!format!("{report:?}").contains(&value[8..]));
    }

    #[test]
    fn names_do_not_look_like_others() {
        assert_eq!(
            printable("a\u{202e}sj.b\u{2066}\u{200b}ø\u{1b}"),
            "a\\u{202e}sj.b\\u{2066}\\u{200b}ø\\u{1b}"
        );
    }

    #[test]
    fn programs_find_what_they_look_for() {
        let (_, report) = report();
        let json: Value = serde_json::from_str(&text(&report, write_json)).unwrap();
        assert_eq!(json["findings"][0]["line"], 2);
        assert_eq!(json["findings"][0]["state"], "not_asked");
        let sarif: Value = serde_json::from_str(&text(&report, write_sarif)).unwrap();
        let run = &sarif["runs"][0];
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .ends_with("a%20b%1B%5B31m.js")
        );
        assert_eq!(place["region"]["startLine"], 2);
        assert_eq!(run["results"][0]["ruleId"], "daypass/secret-token");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["columnKind"], "utf16CodeUnits");
    }

    #[test]
    fn a_server_that_was_not_asked_is_told() {
        let report = Report {
            not_asked: Some("it is away".to_owned()),
            ..Report::default()
        };
        assert!(!report.is_complete());
        for write in [write_text, write_json, write_sarif] {
            assert!(text(&report, write).contains("it is away"));
        }
    }
}
