//! What holds for the sources as a whole: the arrows between crates and modules, and where a secret may leave.
//!
//! The sources are read as text. That is crude, and enough to stop a slip; somebody who wants to get around it can.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every source file below a folder or under a name, with its path from there; tests left out.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(at: &Path, from: &Path, found: &mut Vec<(String, String)>) {
        let name = at.file_name().unwrap().to_str().unwrap();
        if at.is_dir() {
            if name != "conformance" {
                let mut entries: Vec<_> = fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
                entries.sort();
                for entry in entries {
                    walk(&entry, from, found);
                }
            }
        } else if at.extension().is_some_and(|e| e == "rs") && name != "tests.rs" && name != "conformance.rs"
        {
            let text = fs::read_to_string(at).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let comments = |line: &&str| !line.trim_start().starts_with("//");
            let code: Vec<&str> = code.lines().filter(comments).collect();
            let path = at.strip_prefix(from).unwrap().to_str().unwrap();
            found.push((path.to_owned(), code.join("\n")));
        }
    }
    let at = root().join(folder);
    let mut found = Vec::new();
    walk(&at, &at, &mut found);
    assert!(!found.is_empty(), "{folder}");
    found
}

/// The words that follow `start` in a text, up to the first character that no name has.
fn words_after<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    text.match_indices(start)
        .map(|(at, _)| {
            let rest = &text[at + start.len()..];
            &rest[..rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len())]
        })
        .collect()
}

#[test]
fn arrows_between_crates() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    let mut arrows = BTreeMap::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let dependencies = package["dependencies"].as_array().unwrap();
        let to: BTreeSet<&str> = dependencies
            .iter()
            .map(|d| d["name"].as_str().unwrap())
            // The server's tests use it as a library, with a clock of their own.
            .filter(|d| ours.contains(d) && *d != name)
            .collect();
        arrows.insert(name, to);
        // `csr` and `ssr` unify silently when they meet in one build.
        for dependency in dependencies {
            let leptos = dependency["name"].as_str().unwrap();
            for feature in dependency["features"].as_array().unwrap() {
                let feature = feature.as_str().unwrap();
                let owner = match feature {
                    _ if !leptos.starts_with("leptos") => continue,
                    "csr" | "hydrate" => "frontend",
                    "ssr" => "server",
                    _ => continue,
                };
                assert_eq!(name, owner, "only {owner} names {leptos}/{feature}");
            }
        }
    }
    let to = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(arrows["frontend"], to(&["app"]));
    // `markup` and `catalogue` are the app's macros: they run while the app is built and are no part of it.
    assert!(
        arrows["app"].is_subset(&to(&["catalogue", "markup", "wire"])),
        "{:?}",
        arrows["app"]
    );
    assert_eq!(arrows["wire"], to(&[]));
    assert_eq!(arrows["server"], to(&["scan", "wire"]));
    // The scanner knows the form of a value, and neither the server nor its database.
    assert_eq!(arrows["scan"], to(&["wire"]));
    let tools = ["frontend", "app", "wire", "server", "scan"];
    for (name, arrows) in arrows.iter().filter(|(name, _)| !tools.contains(name)) {
        // The macros look texts up in the catalogue, and the bundle tool cuts it up by language.
        let may = if matches!(*name, "bundle" | "markup") {
            to(&["catalogue"])
        } else {
            to(&[])
        };
        assert!(arrows.is_subset(&may), "{name} is a tool and uses {arrows:?}");
    }
}

#[test]
fn arrows_between_modules() {
    let allowed: [(&str, &[&str], &[&str]); 9] = [
        // Module, what of the crate it may use beside itself, and what of other crates it must not.
        (
            "domain",
            &["secret"],
            &[
                "tokio",
                "sqlx",
                "axum",
                "leptos",
                "hyper",
                "std::fs",
                "std::net::Tcp",
            ],
        ),
        ("secret", &["entropy"], &["sqlx", "axum", "leptos", "hyper"]),
        (
            "store",
            &["clock", "domain", "entropy", "secret"],
            &["axum", "leptos", "hyper"],
        ),
        ("documents", &[], &["sqlx", "tokio", "axum"]),
        ("reference", &[], &["sqlx", "tokio"]),
        ("jobs", &["domain", "store"], &["axum", "leptos", "sqlx"]),
        ("config", &[], &["axum", "leptos", "sqlx", "tokio"]),
        (
            "demo",
            &["domain", "entropy", "secret", "store"],
            &["axum", "leptos", "sqlx", "std::fs"],
        ),
        (
            "http",
            &[
                "clock",
                "config",
                "documents",
                "domain",
                "entropy",
                "reference",
                "secret",
                "store",
            ],
            &["leptos"],
        ),
    ];
    let mut modules: BTreeSet<String> = ["main", "cli", "lib", "clock", "entropy"]
        .map(str::to_owned)
        .into();
    for (module, may, must_not) in allowed {
        modules.insert(module.to_owned());
        for (path, code) in sources(&format!("server/src/{module}")) {
            assert!(
                !code.contains("crate::{"),
                "{module}/{path}: one `use crate::…` for each module"
            );
            for used in words_after(&code, "crate::") {
                let fine = used == module
                    || may.contains(&used)
                    || used.chars().next().is_some_and(char::is_uppercase);
                assert!(fine, "{module}/{path} uses crate::{used}");
            }
            for foreign in must_not {
                assert!(
                    !code.contains(&format!("{foreign}::")),
                    "{module}/{path} uses {foreign}"
                );
            }
        }
    }
    let present: BTreeSet<String> = fs::read_dir(root().join("server/src"))
        .unwrap()
        .map(|e| {
            e.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(present, modules, "a new module is listed here with its arrows");
    for file in ["clock.rs", "entropy.rs"] {
        let text = fs::read_to_string(root().join("server/src").join(file)).unwrap();
        assert_eq!(words_after(&text, "crate::"), Vec::<&str>::new(), "{file}");
    }
}

/// Everything that gives a secret's text away, counted per file: a new call has to be thought about here.
#[test]
fn secrets_leave_at_known_places_only() {
    let calls = [
        ".expose_in_strongroom(",
        ".expose_to_claimant(",
        ".expose_to_its_owner(",
        ".expose()",
        ".expose_secret(",
    ];
    let mut found = BTreeMap::new();
    for (path, code) in sources("server/src") {
        for call in calls {
            let count = code.matches(call).count();
            if count > 0 {
                found.insert((path.clone(), call), count);
            }
        }
    }
    let expected = [
        // The secret itself: the document that shows it, and nothing else.
        (("http/strongroom.rs", ".expose_in_strongroom("), 1),
        // The secret that a server fetches with a one-time code.
        (("http/claim.rs", ".expose_to_claimant("), 1),
        // The ticket, in the answer to whoever asked for it.
        (("http/admin/tokens.rs", ".expose_to_its_owner("), 1),
        // The session's id, in its cookie.
        (("http/session.rs", ".expose_to_its_owner("), 1),
        // The ticket of the form in which a key is typed, and the code in the command with which a server fetches one.
        (("http/strongroom.rs", ".expose_to_its_owner("), 2),
        // The code of a claim, over the socket of this machine to the command that uses it at once.
        (("http/command_line.rs", ".expose_to_its_owner("), 1),
        // The set-up code and a demonstration's password, on the server's own standard output.
        (("cli/serve.rs", ".expose_to_its_owner("), 2),
        // The password of a demonstration, on its way to its hash.
        (("demo/mod.rs", ".expose_to_its_owner("), 1),
        // The database's address and the master key, on their way from the configuration to where they are used.
        (("cli/open.rs", ".expose()"), 2),
        (("config/database_url.rs", ".expose()"), 2),
        (("config/database_url.rs", ".expose_secret("), 1),
        (("config/load.rs", ".expose()"), 1),
        (("config/mod.rs", ".expose()"), 1),
        (("config/secret_text.rs", ".expose_secret("), 1),
    ];
    let expected: BTreeMap<_, _> = expected
        .map(|((path, call), n)| ((path.to_owned(), call), n))
        .into();
    assert_eq!(found, expected);
}

/// The app talks to the administrators' API and to nothing else, in one file; it never looks into a frame or a window, and
/// listens to no messages. So no route gives it a secret: those of that API are driven one by one in `leak.rs`.
#[test]
fn the_app_asks_the_administrators_api_alone() {
    let mut asks = BTreeSet::new();
    for (path, code) in sources("app/src") {
        for way in [
            "gloo_net",
            "fetch_with",
            "XmlHttpRequest",
            "WebSocket",
            "EventSource",
            "SendBeacon",
            "send_beacon",
        ] {
            if code.contains(way) {
                asks.insert((path.clone(), way));
            }
        }
        for sight in [
            "content_document",
            "content_window",
            "HtmlIFrameElement",
            "\"message\"",
            "post_message",
            "opener()",
            "inner_html(",
        ] {
            assert!(!code.contains(sight), "{path}: {sight}");
        }
    }
    let expected: BTreeSet<(String, &str)> = [("api/mod.rs".to_owned(), "gloo_net")].into();
    assert_eq!(asks, expected);
    let (_, api) = sources("app/src/api/mod.rs").pop().unwrap();
    assert!(api.contains("const BASE: &str = \"/api/admin/v1/\";"));
    let requests = api.matches("RequestBuilder::new(").count();
    assert_eq!(requests, 2, "one that answers at once, one that waits");
    for (path, code) in sources("app/src/api") {
        let absolute = code.matches("\"/").count();
        assert_eq!(
            absolute,
            usize::from(path == "mod.rs"),
            "{path} names an address of its own"
        );
    }
    // What the app and its types are built of knows neither the server nor anything that opens a secret.
    let lock = fs::read_to_string(root().join("app/Cargo.toml")).unwrap()
        + &fs::read_to_string(root().join("app/wire/Cargo.toml")).unwrap();
    for foreign in [
        "server",
        "sqlx",
        "aws-lc-rs",
        "argon2",
        "secrecy",
        "zeroize",
        "reqwest",
        "ring",
    ] {
        let named = lock
            .lines()
            .any(|line| line.split(['=', '.', ' ']).next() == Some(foreign));
        assert!(!named, "{foreign}");
    }
}

/// What the app can receive cannot hold a permanent secret: every field of free text in `wire` is listed here with
/// what stands in it; a new one fails until somebody has said so. All other fields are numbers, words of a list, or
/// texts with a form of their own, which refuse anything in the form of our values.
#[test]
fn no_type_of_the_app_has_room_for_a_secret() {
    let free_text: BTreeMap<&str, &str> = [
        ("ActivityView.address", "an address"),
        ("ActorView.kind", "a word"),
        ("ActorView.name", "a name of ours"),
        ("BulkEffect.detail", "a sentence of ours"),
        ("BulkEffect.name", "a name of ours"),
        (
            "ChangeView.after",
            "a value of a field that is listed here, or a hint",
        ),
        (
            "ChangeView.before",
            "a value of a field that is listed here, or a hint",
        ),
        ("ChangeView.field", "a field's name"),
        ("ClaimView.created_by", "a name of ours"),
        ("ClaimView.ended_from", "an address"),
        ("ClaimView.fetched_from", "an address"),
        ("DealtWith.by", "a name of ours"),
        ("DealtWith.reason", "checked when it was given"),
        ("ExposureView.address", "an address"),
        ("ExposureView.origin", "an origin, masked"),
        ("ExposureView.page", "the address of a page, masked"),
        ("ExposureView.place", "the address of a page or file, masked"),
        ("FieldError.detail", "a sentence of ours"),
        (
            "FieldError.field",
            "a field's name, masked where it looks like a value",
        ),
        (
            "HandoverResponse.ticket",
            "a ticket: opens one document in one session, once",
        ),
        ("Help.code", "code of ours"),
        ("Help.guides", "addresses of ours"),
        (
            "ImportedRow.grants",
            "rights in words, masked where they look like a value",
        ),
        (
            "ImportedRow.name",
            "checked, or masked where it looks like a value",
        ),
        ("InterfaceView.description", "checked when it was given"),
        ("InterfaceView.name", "checked when it was given"),
        ("KnownDigest.digest", "the first 32 bits of a digest"),
        ("MintResponse.token", "a temporary token: what a page may hold"),
        ("MintResponse.token_type", "a word"),
        ("Problem.detail", "a sentence of ours"),
        ("Problem.kind", "an address of ours"),
        ("Problem.request_id", "an id"),
        ("Problem.title", "a sentence of ours"),
        ("SecretView.hint", "prefix, first four and last two characters"),
        ("SigningKeyView.id", "a key id, made by us"),
        ("SiteFinding.hint", "prefix, first four and last two characters"),
        ("SiteFinding.place", "an address, masked"),
        ("SiteSearch.failure", "a sentence of ours, or of TLS"),
        ("SiteSearch.not_searched", "an address, masked, and a reason"),
        ("SubjectView.id", "an id"),
        ("SubjectView.kind", "a word"),
        ("SubjectView.name", "a name of ours"),
        ("TokenListQuery.interface", "what somebody searches for"),
        ("TokenListQuery.q", "what somebody searches for"),
        ("TokenReference.name", "a name of ours"),
        ("TokenView.contact", "checked when it was given"),
        ("TokenView.created_by", "a name of ours"),
        ("TokenView.hint", "prefix, first four and last two characters"),
        ("TokenView.name", "checked when it was given"),
        ("TokenView.note", "checked when it was given"),
        ("TokenView.write_reason", "checked when it was given"),
        ("UsageSource.value", "an address or an origin"),
        ("UserView.name", "a name of ours"),
        ("WhoAmI.name", "a name of ours"),
    ]
    .into();
    let roomy = [
        "String", "str", "Value", "RawValue", "Cow", "Map", "HashMap", "BTreeMap", "u8", "Bytes", "char",
        "OsString",
    ];
    let mut found = BTreeSet::new();
    for (path, code) in sources("app/wire/src") {
        let mut current = String::new();
        for line in code.lines() {
            if let Some(name) = words_after(line, "pub struct ").first() {
                (*name).clone_into(&mut current);
            }
            let field = line
                .trim_start()
                .strip_prefix("pub ")
                .and_then(|l| l.split_once(": "));
            let Some((field, kind)) = field.filter(|(f, _)| !f.contains([' ', '('])) else {
                continue;
            };
            let mut words = kind.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if words.any(|w| roomy.contains(&w)) {
                found.insert(format!("{current}.{field}"));
            }
            assert!(!current.is_empty(), "{path}: {line}");
        }
        for secret in [
            "PlainToken",
            "PlainPassword",
            "OneTimeCode",
            "pub secret:",
            "pub value:",
            "pub password:",
        ] {
            // An address or an origin, as the list above says.
            let known = path == "usage.rs" && secret == "pub value:";
            assert!(known || !code.contains(secret), "{path}: {secret}");
        }
    }
    let listed: BTreeSet<String> = free_text.keys().map(|k| (*k).to_owned()).collect();
    assert_eq!(found, listed);
}

/// The threat model names a test for each claim: every one of them is there. A span such as `http/verify.rs the_browser_rule`
/// names a file and tests in it; one without a file, behind it, others in the same.
#[test]
fn the_threat_model_names_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let mut named = 0;
    let mut file = None;
    for (span, is_test) in spans(&text) {
        let mut words = span.split_whitespace().peekable();
        if let Some(name) = words.next_if(|word| is_source(word)) {
            assert!(name.contains('/'), "{span}: in which folder?");
            file = Some(name).filter(|_| words.peek().is_some());
        } else if !is_test && !words.clone().all(is_name) {
            continue;
        }
        let tests: Vec<&str> = words.collect();
        if tests.is_empty() {
            continue;
        }
        let name = file.unwrap_or_else(|| panic!("{span}: in which file?"));
        named += check_tests(span, name, &tests);
    }
    assert!(named > 130, "{named}");
}

/// What stands in backquotes, and whether it stands where a table names tests: in the last column.
fn spans(text: &str) -> impl Iterator<Item = (&str, bool)> {
    // A span goes on over the end of a line in a sentence, never in a table.
    text.split("\n\n").flat_map(|block| {
        let lines: Vec<&str> = if block.starts_with('|') {
            block.lines().skip(2).collect()
        } else {
            vec![block]
        };
        lines.into_iter().flat_map(|line| {
            let row = line
                .trim_end()
                .strip_suffix('|')
                .filter(|line| line.starts_with('|'));
            let last = row.and_then(|row| row.rfind('|')).unwrap_or(line.len());
            let quotes = line.match_indices('`').map(|(at, _)| at).collect::<Vec<_>>();
            assert!(quotes.len().is_multiple_of(2), "{line}");
            let pairs: Vec<_> = quotes
                .chunks(2)
                .map(|pair| (&line[pair[0] + 1..pair[1]], pair[0] > last))
                .collect();
            pairs
        })
    })
}

fn is_source(word: &str) -> bool {
    [".rs", ".spec.ts", ".test.mjs"]
        .iter()
        .any(|end| word.ends_with(end))
}

/// Whether a word is the name of a test, and of nothing else that the page speaks of.
fn is_name(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.matches('_').count() >= 2 && word.chars().all(fits) && word.starts_with(|c: char| c != '_')
}

/// How many tests of a file are there; all of them have to be.
fn check_tests(span: &str, file: &str, tests: &[&str]) -> usize {
    let (folder, name) = file.split_once('/').unwrap();
    let below = match folder {
        "http" => "server/tests/http",
        "store" => "server/src/store/conformance",
        "wire" => "app/wire/src",
        "journeys" => "end2end/journeys",
        "clients" => "end2end/clients",
        "server" => "server",
        other => &format!("server/src/{other}"),
    };
    let path = root().join(below).join(name);
    let source = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{span}: {}", path.display()));
    if path.extension().is_some_and(|end| end == "rs") {
        for test in tests {
            assert!(source.contains(&format!("fn {test}(")), "{span}: {test}");
        }
        return tests.len();
    }
    // The title of a journey, as it is written there.
    let title = tests.join(" ");
    assert!(source.contains(&title), "{span}");
    1
}
