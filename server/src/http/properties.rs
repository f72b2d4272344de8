//! What holds for every input of the doors, however odd: one function for each kind, which stops where it does not hold.
//!
//! The tests below call them with made-up inputs and with every file of `server/fuzz/corpus`, the fuzz targets in
//! `server/fuzz` with whatever a fuzzer comes up with. Not a part of the program. What holds for some inputs only
//! belongs into the tests beside the code.

#![expect(
    clippy::missing_panics_doc,
    reason = "that is how a property says that it does not hold"
)]

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{
    CreateTokenRequest, InterfaceName, MintRequest, Network, NoRule, Origin, PatchSettingsRequest,
    PatchTokenRequest, PathPattern, PathRule, Permission, contains_token_value,
};

use super::app::Site;
use super::body::parse_json;
use super::client;
use super::credential;
use super::error::ApiError;
use super::form::Form;
use super::headers::Headers;
use super::vimp::wanted;
use crate::config::ProxyHeaders;
use crate::domain::claims::Claims;
use crate::domain::refusal::Refusal;
use crate::secret::{Malformed, PlainToken, Presented, SigningKey, VerifyingKeys, decode_payload};

/// A property, as the fuzz targets and the tests call it.
pub type Property = fn(&[u8]);

/// All of them, by the names of their targets and of the folders of their corpora.
pub const ALL: [(&str, Property); 6] = [
    ("token", token),
    ("jwt", jwt),
    ("forwarded", forwarded),
    ("path_rules", path_rules),
    ("form", form),
    ("json", json),
];

fn text(data: &[u8]) -> &str {
    match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&data[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// What stands in a refusal may be logged and shown: nothing of the form of a token may be repeated in it.
fn tells_no_secret(refusal: &Refusal) {
    let told = format!("{} {:?}", refusal.detail, refusal.errors);
    assert!(
        !contains_token_value(&told),
        "a refusal repeats what may be a secret"
    );
}

/// CRC-32 bit by bit, as its definition has it: nothing of the program's own way of counting it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 * (sum & 1))
        })
    })
}

/// A value is ours exactly if it has our prefix, our length, our characters and the checksum of all before.
pub fn token(data: &[u8]) {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let value = text(data);
    let prefixed = value.starts_with("dps_") || value.starts_with("dpp_");
    let sum = value.as_bytes().last_chunk::<6>().and_then(|sum| {
        sum.iter().try_fold(0_u64, |sum, digit| {
            let digit = DIGITS.iter().position(|d| d == digit)?;
            Some(sum * 62 + digit as u64)
        })
    });
    let body = &value.as_bytes()[..value.len().saturating_sub(6)];
    let ours = prefixed
        && (4 + 32 + 6..=4 + 128 + 6).contains(&value.len())
        && value.as_bytes()[4..].iter().all(u8::is_ascii_alphanumeric)
        && sum == Some(u64::from(crc32(body)));
    match Presented::recognise(value) {
        Ok(Presented::Ours(same)) => assert!(ours && same == value),
        Err(Malformed) => assert!(prefixed && !ours),
        Ok(Presented::Temporary(same)) => {
            assert!(!prefixed && same == value && value.matches('.').count() == 2);
        }
        Ok(Presented::Foreign(same)) => assert!(!prefixed && same == value),
    }
    if ours {
        assert!(contains_token_value(value), "texts of ours could hold it");
    }
    if let Ok(imported) = PlainToken::import(value.to_owned()) {
        assert!(!value.trim().starts_with("dps_") && !value.trim().starts_with("dpp_"));
        assert!((20..=255).contains(&value.trim().len()));
        assert_eq!(imported.hint().chars().count(), 7, "six characters are shown");
    }
}

struct Keys {
    signing: SigningKey,
    verifying: VerifyingKeys,
}

static KEYS: LazyLock<Option<Keys>> = LazyLock::new(|| {
    let signing = SigningKey::from_seed("k1", &[7; 32]).ok()?;
    let mut verifying = VerifyingKeys::default();
    verifying.add("k1", &signing.public_key()).ok()?;
    Some(Keys { signing, verifying })
});

/// Of a token that we signed no byte can be changed, its signature is accepted in one form only, and what are claims
/// of ours stays so when it is written and read again.
pub fn jwt(data: &[u8]) {
    let keys = KEYS.as_ref();
    assert!(keys.is_some(), "keys can be made");
    let Some(Keys { signing, verifying }) = keys else {
        return;
    };
    // As it comes; then a token of ours, with claims as they come, in which bytes were changed as they come.
    let presented = text(data);
    if let Ok(payload) = verifying.check(presented) {
        claims(payload);
        // Neither padding, nor spare bits, nor another case: there is one way to write a signature.
        let (signed, signature) = presented.rsplit_once('.').unwrap_or_default();
        let canonical = URL_SAFE_NO_PAD.decode(signature);
        assert!(
            canonical.is_ok_and(|bytes| bytes.len() == 64 && URL_SAFE_NO_PAD.encode(bytes) == signature),
            "another form of a signature was accepted"
        );
        assert!(signed.ends_with(payload));
    }
    let Ok(signed) = signing.sign(&serde_json::json!({ "iss": presented })) else {
        return;
    };
    assert!(signed.len() > crate::secret::LONGEST_TOKEN || verifying.check(&signed).is_ok());
    let mut changed = signed.clone().into_bytes();
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % changed.len();
        changed[at] = change[2];
    }
    if let Ok(changed) = String::from_utf8(changed)
        && changed != signed
    {
        assert!(verifying.check(&changed).is_err(), "a changed token was accepted");
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(presented)
        && let Ok(signed) = signing.sign(&value)
        && let Ok(payload) = verifying.check(&signed)
    {
        claims(payload);
    }
}

fn claims(payload: &str) {
    let Ok(claims) = decode_payload::<Claims>(payload) else {
        return;
    };
    same_again(&claims);
}

/// What was read is the same when it is written and read again.
fn same_again<T: Serialize + DeserializeOwned + PartialEq>(value: &T) {
    let again = serde_json::to_string(value).and_then(|text| serde_json::from_str::<T>(&text));
    assert!(
        again.is_ok_and(|again| again == *value),
        "written and read again it is something else"
    );
}

static SITE: LazyLock<Option<Site>> = LazyLock::new(|| {
    Some(Site {
        issuer: Origin::parse("http://127.0.0.1:8080").ok()?,
        own_origins: Vec::new(),
        trusted_proxies: vec![
            Network::parse("127.0.0.0/8").ok()?,
            Network::parse("10.0.0.0/8").ok()?,
            Network::parse("fd00::/8").ok()?,
        ],
        proxy_headers: ProxyHeaders::Original,
        listen: String::new(),
        report_keys: None,
        sites_reach: scan::Reach::Public,
    })
});

/// Nothing that a visitor can add to a proxy's headers changes what is believed. The first line is the peer's address,
/// each of the others a header.
pub fn forwarded(data: &[u8]) {
    let Some(site) = SITE.as_ref() else {
        panic!("the site is a right one");
    };
    let mut lines = data.split(|byte| *byte == b'\n');
    let peer: Option<IpAddr> = lines.next().and_then(|line| text(line).trim().parse().ok());
    let peer = peer.map(|peer| peer.to_canonical());
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let trusted = client::is_trusted(site, peer);
    let address = client::address(Headers::of(&headers), peer, site);
    if !trusted {
        assert_eq!(address, peer, "nobody else is believed");
    }
    // A visitor's own hop stands further left than those of the proxies.
    let mut longer = headers.clone();
    let first = headers.get("x-forwarded-for").map(HeaderValue::as_bytes);
    let forged = [b"198.51.100.77, ", first.unwrap_or_default()].concat();
    if let (Some(_), Ok(forged)) = (first, HeaderValue::from_bytes(&forged)) {
        let others: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .skip(1)
            .cloned()
            .collect();
        longer.insert("x-forwarded-for", forged);
        for other in others {
            longer.append("x-forwarded-for", other);
        }
        if address.is_none() || !client::is_trusted(site, address) {
            assert_eq!(client::address(Headers::of(&longer), peer, site), address);
        }
    }
    // The other family of headers, and everything from elsewhere, is as if it was not there.
    let mut bare = headers.clone();
    bare.remove("x-forwarded-uri");
    bare.remove("x-forwarded-method");
    let original = client::original(Headers::of(&headers), trusted, site);
    match (&original, client::original(Headers::of(&bare), trusted, site)) {
        (Ok(one), Ok(other)) => assert_eq!((one.uri, one.method), (other.uri, other.method)),
        (one, other) => assert!(one.is_err() && other.is_err()),
    }
    if let Ok(original) = original {
        for (found, name) in [
            (original.uri, "x-original-uri"),
            (original.method, "x-original-method"),
        ] {
            assert_eq!(
                found.is_some(),
                trusted && headers.contains_key(name),
                "{name} is believed"
            );
            assert!(
                found.is_none() || headers.get_all(name).iter().count() == 1,
                "{name} is there once"
            );
        }
    } else {
        assert!(trusted);
    }
}

/// Everything that has a meaning in a path or a URI.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'?')
    .add(b'#')
    .add(b';')
    .add(b'a')
    .add(b'.');

/// However a path is written, the same rule answers; it is the first that would; and no path that servers read in
/// several ways has any. The first line is the method, the second the URI, each of the others the methods of a rule,
/// with commas between, a space, and its path.
pub fn path_rules(data: &[u8]) {
    let text = text(data);
    let mut lines = text.split('\n');
    let (method, uri) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let Ok(interface) = InterfaceName::parse("Press") else {
        panic!("the name is a right one");
    };
    let mut rules = Vec::new();
    for line in lines {
        let (methods, path) = line.split_once(' ').unwrap_or(("", line));
        let Ok(path) = PathPattern::parse(path) else {
            continue;
        };
        let methods = wire::Method::ALL
            .into_iter()
            .filter(|m| methods.split(',').any(|word| word == m.as_str()));
        rules.push(PathRule {
            path,
            methods: methods.collect(),
            interface: interface.clone(),
            permission: Permission::Read,
        });
        rules.iter().for_each(same_again);
    }
    let verdict = PathRule::first(&rules, uri, method);
    let without_rules = PathRule::first(&[], uri, method);
    assert_eq!(
        verdict == Err(NoRule::Ambiguous),
        without_rules == Err(NoRule::Ambiguous),
        "whether a path has one meaning has nothing to do with the rules"
    );
    if method == "HEAD" {
        assert_eq!(verdict, PathRule::first(&rules, uri, "GET"));
    }
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    assert_eq!(
        verdict,
        PathRule::first(&rules, &format!("{path}?/../"), method),
        "a query changes nothing"
    );
    if verdict == Err(NoRule::Ambiguous) {
        return;
    }
    let Ok(decoded) = percent_decode_str(path).decode_utf8() else {
        panic!("a path of one meaning is text");
    };
    let segments: Vec<&str> = decoded.split('/').skip(1).collect();
    assert!(decoded.starts_with('/') && !decoded.contains(['\\', ';']));
    assert_eq!(
        decoded.matches('/').count(),
        path.matches('/').count(),
        "no hidden slash"
    );
    assert!(!segments.iter().any(|s| matches!(*s, "." | "..")));
    let inner = &segments[..segments.len().saturating_sub(1)];
    assert!(!inner.iter().any(|s| s.is_empty()));
    let encoded = utf8_percent_encode(&decoded, ENCODED).to_string();
    assert_eq!(
        verdict,
        PathRule::first(&rules, &encoded, method),
        "written otherwise"
    );
    if let Ok(at) = verdict {
        assert_eq!(
            PathRule::first(&rules[..at], uri, method),
            Err(NoRule::Uncovered),
            "the first one"
        );
        assert_eq!(PathRule::first(&rules[at..=at], uri, method), Ok(0), "by itself");
    }
}

/// A form asks for what JSON could ask for too, and holds one credential or none.
pub fn form(data: &[u8]) {
    let form = Form::parse(data);
    let pairs: Vec<(&str, &str)> = form.pairs().collect();
    let written = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&pairs)
        .finish();
    assert_eq!(
        Form::parse(written.as_bytes()).pairs().collect::<Vec<_>>(),
        pairs,
        "written and read again"
    );
    match wanted(&form) {
        Ok(request) => same_again(&request),
        Err(refusal) => tells_no_secret(&refusal),
    }
    let values = |name: &'static str| -> BTreeSet<&str> { form.all(name).collect() };
    let (tokens, keys) = (values("token"), values("apikey"));
    match credential::find(Headers::of(&HeaderMap::new()), [None, None], Some(&form)) {
        Ok(found) => {
            assert!(
                tokens.len() <= 1 && keys.len() <= 1,
                "which one is meant is a guess"
            );
            assert!(!found.in_url && !found.value.is_empty());
            let told = format!("{found:?}");
            assert!(!contains_token_value(&told));
        }
        Err(refusal) => tells_no_secret(&refusal),
    }
    let query = text(data);
    match credential::find(Headers::of(&HeaderMap::new()), [Some(query), None], None) {
        Ok(found) => assert!(found.in_url && !found.value.is_empty()),
        Err(refusal) => tells_no_secret(&refusal),
    }
}

/// A body is read as what it says and nothing more, and what is refused does not come back.
pub fn json(data: &[u8]) {
    body::<MintRequest>(data);
    body::<CreateTokenRequest>(data);
    body::<PatchTokenRequest>(data);
    body::<PatchSettingsRequest>(data);
}

fn body<T: Serialize + DeserializeOwned + PartialEq>(data: &[u8]) {
    match parse_json::<T>(data) {
        Ok(value) => {
            let whole = serde_json::from_slice::<serde_json::Value>(data);
            assert!(
                whole.is_ok_and(|whole| whole.is_object()),
                "only an object is a body"
            );
            same_again(&value);
        }
        Err(ApiError::Refused(refusal)) => tells_no_secret(&refusal),
        Err(other) => panic!("a body is at fault, not the server: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a fuzzer has found, or might, is tried each time.
    #[test]
    fn the_corpora_hold() {
        for (name, property) in ALL {
            let folder = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
            let files: Vec<_> = std::fs::read_dir(&folder)
                .unwrap_or_else(|error| panic!("{folder}: {error}"))
                .map(|file| file.unwrap().path())
                .collect();
            assert!(files.len() >= 4, "{folder} has too few");
            for file in files {
                property(&std::fs::read(&file).unwrap());
            }
            assert!(
                std::path::Path::new(&format!(
                    "{}/fuzz/fuzz_targets/{name}.rs",
                    env!("CARGO_MANIFEST_DIR")
                ))
                .exists(),
                "{name} has a target"
            );
        }
    }

    fn joined(
        parts: impl Strategy<Value = Vec<String>>,
        between: &'static str,
    ) -> impl Strategy<Value = Vec<u8>> {
        parts.prop_map(move |parts| parts.join(between).into_bytes())
    }

    /// Texts of words that mean something, in any order, and of anything else.
    fn words(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
        let word = prop_oneof![
            4 => prop::sample::select(words).prop_map(str::to_owned),
            1 => "\\PC{0,6}",
        ];
        prop::collection::vec(word, 0..most).prop_map(|words| words.concat())
    }

    fn a_value() -> impl Strategy<Value = String> {
        ("dp[sp]_", "[0-9A-Za-z]{30,130}").prop_map(|(prefix, rest)| {
            let body = format!("{prefix}{rest}");
            let mut sum = u64::from(crc32(body.as_bytes()));
            let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            let mut tail = [b'0'; 6];
            for place in tail.iter_mut().rev() {
                *place = digits[usize::try_from(sum % 62).unwrap()];
                sum /= 62;
            }
            format!("{body}{}", std::str::from_utf8(&tail).unwrap())
        })
    }

    const SECRET: &str = "dps_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";

    /// JSON with the names and the kinds of value that the contract has, put together in any way.
    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let name = || {
            prop::sample::select(
                &[
                    "name",
                    "kind",
                    "grants",
                    "interface",
                    "interfaces",
                    "permissions",
                    "permission",
                    "lifetime",
                    "origins",
                    "network",
                    "subject",
                    "temporary_lifetime",
                    "expires_at",
                    "allowed_origins",
                    "allowed_networks",
                    "rate_limit",
                    "requests",
                    "per_seconds",
                    "version",
                    "note",
                    "contact",
                    "path_rules",
                    "path",
                    "methods",
                    "default_rate_limit",
                    "key_length",
                    "api_enabled",
                    SECRET,
                ][..],
            )
        };
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            (-2_i64..100).prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            prop::sample::select(
                &[
                    "",
                    " ",
                    "Press",
                    "read",
                    "upload",
                    "public",
                    "secret",
                    "unlimited",
                    "/press/*",
                    "GET",
                    "https://a.example",
                    "http://A.example:80/",
                    "192.0.2.0/24",
                    "::1",
                    "2026-03-01T12:00:00.000Z",
                    "kari",
                    SECRET,
                ][..]
            )
            .prop_map(serde_json::Value::from),
            "\\PC{0,8}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::vec((name(), inner), 0..6).prop_map(|members| {
                    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                    serde_json::Value::Object(members.collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn tokens(data in prop_oneof![
            joined(prop::collection::vec(a_value(), 1), ""),
            joined(prop::collection::vec(words(&["dps_", "dpp_", "eyJ", ".", "0", "Zz9", " "], 40), 1), ""),
            prop::collection::vec(any::<u8>(), 0..300),
        ]) {
            token(&data);
        }

        /// Right ones are among them.
        #[test]
        fn right_values_are_ours(value in a_value()) {
            token(value.as_bytes());
            let right = (42..=138).contains(&value.len());
            prop_assert_eq!(Presented::recognise(&value).is_ok(), right);
        }

        #[test]
        fn signed_tokens(data in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            any_json().prop_map(|value| value.to_string().into_bytes()),
        ]) {
            jwt(&data);
        }

        #[test]
        fn forwarded_headers(data in joined(prop::collection::vec(words(&[
            "127.0.0.1", "10.0.0.7", "203.0.113.9", "::ffff:203.0.113.9", "[2001:db8::1]:443", "fd00::1", ", ", ",",
            ":4711", "X-Forwarded-For: ", "x-original-uri: ", "X-Original-Method: ", "x-forwarded-uri: ",
            "x-forwarded-method: ", "/press/a", "GET",
        ], 6), 0..8), "\n")) {
            forwarded(&data);
        }

        #[test]
        fn paths(data in joined(prop::collection::vec(words(&[
            "GET", "HEAD", "POST", ",", " ", "/", "press", "*", ".", "..", "%2e", "%2F", "%5c", "\\", ";", "?", "#", "%",
            "%C3%A6", "æ", "%25", "%00", "a", "%61",
        ], 8), 0..8), "\n")) {
            path_rules(&data);
        }

        #[test]
        fn forms(data in joined(prop::collection::vec(words(&[
            "token", "apikey", "lifetime", "interfaces", "permissions", "origins", "network", "subject", "=", "=", "&",
            "read", "60", "Press+photos", "https%3A%2F%2Fa.example", "%00", "%", "192.0.2.7", SECRET,
        ], 12), 0..6), "&")) {
            form(&data);
        }

        #[test]
        fn bodies(value in any_json(), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
            let text = value.to_string().into_bytes();
            json(if whole { &text } else { &text[..cut.index(text.len() + 1)] });
        }

        #[test]
        fn anything(data in prop::collection::vec(any::<u8>(), 0..200)) {
            for (_, property) in ALL {
                property(&data);
            }
        }
    }
}
