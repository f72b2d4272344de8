//! The pattern files in `docs/scanners` find what Daypass makes, and nothing shorter. The programs that they are for are not
//! needed: the files are parsed, and their patterns are in a language that all of them share.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use regex::Regex;
use scan::form::{checksum, prefix_of};
use wire::Kind;

const GITLEAKS: &str = include_str!("../../../docs/scanners/gitleaks.toml");
const TRUFFLEHOG: &str = include_str!("../../../docs/scanners/trufflehog.yaml");
const GITHUB: &str = include_str!("../../../docs/scanners/github.txt");

fn value(kind: Kind, random: usize) -> String {
    let mut value = prefix_of(kind).to_owned();
    value.extend("aB3xY9Qw".chars().cycle().take(random));
    let sum = checksum(value.as_bytes());
    value.push_str(std::str::from_utf8(&sum).unwrap());
    value
}

/// What a pattern finds.
fn found(pattern: &str, text: &str) -> Option<String> {
    let captures = Regex::new(pattern).unwrap().captures(text)?;
    Some(captures.get(1)?.as_str().to_owned())
}

fn works(kind: Kind, pattern: &str) {
    for random in [32, 40, 128] {
        let value = value(kind, random);
        for (before, behind) in [
            ("", ""),
            ("const k = \"", "\";"),
            ("Bearer ", "\n"),
            ("?token=", "&x=1"),
        ] {
            let text = format!("{before}{value}{behind}");
            assert_eq!(
                found(pattern, &text).as_deref(),
                Some(value.as_str()),
                "{pattern}"
            );
        }
    }
    let prefix = prefix_of(kind);
    for text in [
        format!("{prefix}{}", "a".repeat(37)),
        format!("{prefix}{}", "a".repeat(200)),
        format!("x{}", value(kind, 40)),
    ] {
        assert_eq!(found(pattern, &text), None, "{pattern}: {text}");
    }
}

fn kind_of(id: &str) -> Kind {
    if id.contains("secret") {
        Kind::Secret
    } else {
        Kind::Public
    }
}

#[test]
fn gitleaks() {
    let config: toml::Table = GITLEAKS.parse().unwrap();
    let rules = config["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    for rule in rules {
        let kind = kind_of(rule["id"].as_str().unwrap());
        works(kind, rule["regex"].as_str().unwrap());
        assert_eq!(rule["keywords"][0].as_str(), Some(prefix_of(kind)));
        assert_eq!(rule["secretGroup"].as_integer(), Some(1));
    }
}

#[test]
fn trufflehog() {
    let mut kinds = 0;
    let mut kind = Kind::Public;
    for line in TRUFFLEHOG.lines() {
        if let Some(name) = line.trim().strip_prefix("- name: ") {
            kind = kind_of(name);
        } else if let Some(pattern) = line.trim().strip_prefix("token: ") {
            works(kind, pattern.trim_matches('\''));
            kinds += 1;
        }
    }
    assert_eq!(kinds, 2);
}

#[test]
fn github() {
    let field = |block: &str, name: &str| {
        let line = block.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].trim().to_owned()
    };
    let blocks: Vec<&str> = GITHUB.split("\n\n").collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let kind = kind_of(&field(block, "Pattern name:"));
        let (before, format, after) = (
            field(block, "Before secret:"),
            field(block, "Secret format:"),
            field(block, "After secret:"),
        );
        works(kind, &format!("(?:{before})({format})(?:{after})"));
    }
}
