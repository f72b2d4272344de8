//! What holds for every document, whatever it says.

use wire::{
    ErrorCode, Grant, InterfaceName, Kind, Language, Network, Origin, Overlap, Permission, TextError,
    Timestamp, TokenId,
};

use super::strongroom::{
    AlreadyShownPage, ClaimPage, ImportForm, ImportProblem, ImportedPage, Previous, Refusal, RefusedPage,
    ShownPage,
};
use super::*;

const HOSTILE: &str = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>";
const SECRET: &str = "dps_Kq7rV2mX9bTz0LwYc4HnE8sPd3GjA6fUoRi1tQkMf2";
const CODE: &str = "Zk3_vT81-LpqK3vTz81LpqK3vTz81LpqK3vTz81LpqK3";
const SITE: Site<'static> = Site {
    stylesheet: "/assets/style-0.css",
    favicon: "/assets/favicon-0.svg",
    language: Language::English,
};

fn token_id() -> TokenId {
    "01KJ3ZQ0X5V8YB3M6N7P9R2T4W".parse().unwrap()
}

fn grants() -> Vec<Grant> {
    vec![Grant {
        interface: InterfaceName::parse(HOSTILE).unwrap(),
        permissions: [Permission::Read, Permission::Download].into_iter().collect(),
    }]
}

fn shown(previous: Previous<'_>, kind: Kind) -> String {
    shown_in(Language::English, previous, kind)
}

fn shown_in(language: Language, previous: Previous<'_>, kind: Kind) -> String {
    strongroom::shown(&ShownPage {
        site: Site { language, ..SITE },
        place: Place::Frame,
        token_name: HOSTILE,
        kind,
        grants: &grants(),
        value: SECRET,
        previous,
    })
}

fn import(problem: Option<ImportProblem>) -> String {
    import_in(Language::English, problem)
}

fn import_in(language: Language, problem: Option<ImportProblem>) -> String {
    strongroom::import_form(&ImportForm {
        site: Site { language, ..SITE },
        place: Place::Frame,
        token_id: &token_id(),
        token_name: HOSTILE,
        ticket: "tic\"ket",
        overlap: Overlap::from_seconds(3600).unwrap(),
        replaces: true,
        problem,
    })
}

fn claim_in(language: Language, network: Option<&str>, replaces: bool) -> String {
    let network = network.map(|text| Network::parse(text).unwrap());
    strongroom::claim(&ClaimPage {
        site: Site { language, ..SITE },
        place: Place::Frame,
        token_name: HOSTILE,
        issuer: &Origin::parse("https://tokens.example.net").unwrap(),
        code: CODE,
        network: network.as_ref(),
        overlap: Overlap::from_seconds(if network.is_some() { 3600 } else { 0 }).unwrap(),
        replaces,
        expires_at: Timestamp::from_millis(1_772_366_400_000),
    })
}

#[test]
fn a_claim_says_where_how_often_and_what_happens_to_the_secret_before() {
    let first = claim_in(Language::English, None, false);
    let command = format!(
        "<code id=\"claim\">printf code={CODE} | curl -sS --fail-with-body -w '\\n' -d @- https://tokens.example.net/claim</code>"
    );
    assert!(first.contains(&command), "{first}");
    assert!(
        first.contains("any network") && first.contains("12:00 UTC"),
        "{first}"
    );
    assert!(!first.contains("previous secret"), "{first}");
    let other = claim_in(Language::English, Some("192.0.2.0/24"), true);
    assert!(other.contains("only from 192.0.2.0/24"), "{other}");
    assert!(other.contains("for 1 hour from then on"), "{other}");
    assert!(claim_in(Language::English, None, true).contains("stops working at that moment"));
}

/// Every document in every state, filled with hostile text.
fn all() -> Vec<(&'static str, String)> {
    all_in(Language::English)
}

/// The same in a language.
fn all_in(language: Language) -> Vec<(&'static str, String)> {
    let site = Site { language, ..SITE };
    let at = Timestamp::from_millis(1_772_366_400_000);
    let name = SetupProblem::Name(TextError {
        code: wire::FieldErrorCode::TooLong,
        limit: Some(100),
    });
    let problems = [
        SetupProblem::WrongCode,
        name,
        SetupProblem::PasswordTooShort,
        SetupProblem::PasswordsDiffer,
    ];
    let setup_in = |state| setup(&SetupPage { site, state });
    let login_in = |state| {
        login(&LoginPage {
            site,
            state,
            name: HOSTILE,
            next: HOSTILE,
        })
    };
    let refused = |refusal| {
        strongroom::refused(&RefusedPage {
            site,
            place: Place::Window,
            refusal,
        })
    };
    vec![
        (
            "setup",
            setup_in(SetupState::Open {
                code: HOSTILE,
                name: HOSTILE,
                problems: &[],
            }),
        ),
        (
            "setup, problems",
            setup_in(SetupState::Open {
                code: HOSTILE,
                name: HOSTILE,
                problems: &problems,
            }),
        ),
        ("setup, expired", setup_in(SetupState::CodeExpired)),
        ("setup, closed", setup_in(SetupState::Closed)),
        ("login", login_in(LoginState::First)),
        ("login, failed", login_in(LoginState::Failed)),
        (
            "login, throttled",
            login_in(LoginState::Throttled { seconds: 30 }),
        ),
        ("login, out", login_in(LoginState::SignedOut)),
        ("login, again", login_in(LoginState::Again)),
        ("signed in", signed_in(&SignedInPage { site, name: HOSTILE })),
        ("shown", shown_in(language, Previous::None, Kind::Secret)),
        (
            "shown, public",
            shown_in(language, Previous::Stopped { hint: HOSTILE }, Kind::Public),
        ),
        (
            "shown, overlap",
            shown_in(language, Previous::Until { hint: HOSTILE, at }, Kind::Secret),
        ),
        ("claim", claim_in(language, None, true)),
        ("claim, network", claim_in(language, Some("192.0.2.0/24"), true)),
        ("import", import_in(language, None)),
        ("import, weak", import_in(language, Some(ImportProblem::Weak))),
        (
            "imported",
            strongroom::imported(&ImportedPage {
                site,
                place: Place::Frame,
                token_name: HOSTILE,
                hint: HOSTILE,
                previous: Previous::Until { hint: HOSTILE, at },
            }),
        ),
        (
            "once",
            strongroom::already_shown(&AlreadyShownPage {
                site,
                place: Place::Window,
                token_name: HOSTILE,
            }),
        ),
        ("refused, expired", refused(Refusal::Expired)),
        ("refused, foreign", refused(Refusal::Foreign)),
        ("refused, changed", refused(Refusal::TokenChanged)),
        ("refused, link", refused(Refusal::NotFromHere)),
        (
            "error",
            error(&ErrorPage {
                site,
                status: 404,
                code: ErrorCode::NotFound,
                title: HOSTILE,
                detail: HOSTILE,
                request_id: Some(HOSTILE),
            }),
        ),
        (
            "nothing here",
            nothing_here(&NothingHerePage {
                site,
                request_id: Some(HOSTILE),
            }),
        ),
        (
            "tls",
            tls(&TlsPage {
                site,
                host: HOSTILE,
                listen: "127.0.0.1:8080",
            }),
        ),
    ]
}

#[test]
fn no_document_holds_a_script_or_a_style_or_unescaped_text() {
    for (name, html) in Language::ALL.into_iter().flat_map(all_in) {
        let lower = html.to_lowercase();
        for forbidden in [
            "<script",
            "style=",
            "<style",
            "<img",
            "javascript:",
            " onerror=alert(1)>\"",
            "<iframe",
        ] {
            assert!(!lower.contains(forbidden), "{name}: {forbidden}\n{html}");
        }
        assert!(!html.contains("\"'&<"), "{name}: unescaped\n{html}");
    }
}

#[test]
fn every_document_keeps_browser_services_out() {
    for (name, html) in all() {
        assert!(html.starts_with("<!DOCTYPE html><html"), "{name}: {html}");
        for needed in [
            "lang=\"en\"",
            "translate=\"no\"",
            "<meta name=\"robots\" content=\"noindex\"",
            "spellcheck=\"false\"",
            "href=\"/assets/style-0.css\"",
            "</title>",
            "<h1>",
            "</main>",
        ] {
            assert!(html.contains(needed), "{name}: {needed}\n{html}");
        }
    }
}

#[test]
fn the_strongroom_loads_the_style_sheet_alone() {
    for (name, html) in all() {
        let is_strongroom = ["shown", "claim", "import", "once", "refused"]
            .iter()
            .any(|start| name.starts_with(start));
        assert_eq!(html.contains("rel=\"icon\""), !is_strongroom, "{name}");
    }
}

#[test]
fn a_secret_is_shown_once_and_has_its_id() {
    let html = shown(Previous::None, Kind::Secret);
    assert_eq!(html.matches(SECRET).count(), 1);
    assert!(
        html.contains(&format!("<code id=\"secret\">{SECRET}</code>")),
        "{html}"
    );
    for (name, html) in all().into_iter().filter(|(name, _)| !name.starts_with("shown")) {
        assert!(
            !html.contains(SECRET) && !html.contains("id=\"secret\""),
            "{name}"
        );
    }
}

#[test]
fn a_secret_of_any_printable_characters_is_escaped() {
    let html = strongroom::shown(&ShownPage {
        site: SITE,
        place: Place::Frame,
        token_name: "x",
        kind: Kind::Secret,
        grants: &[],
        value: "a<b>&c\"d'e",
        previous: Previous::None,
    });
    assert!(html.contains(">a&lt;b&gt;&amp;c"), "{html}");
}

#[test]
fn passwords_and_keys_are_never_filled_in() {
    for (name, html) in all() {
        for input in html
            .split("<input ")
            .skip(1)
            .map(|rest| rest.split_once('>').unwrap().0)
        {
            assert!(
                input.contains("autocomplete=") || input.contains("name=\"next\""),
                "{name}: {input}"
            );
            if input.contains("type=\"password\"") || input.contains("name=\"key\"") {
                assert!(!input.contains("value="), "{name}: {input}");
            }
            if input.contains("name=\"key\"") {
                assert!(input.contains("autocomplete=\"off\""), "{name}: {input}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_description_exists() {
    for (name, html) in all() {
        for id in html
            .split("<input id=\"")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0)
        {
            assert!(html.contains(&format!("<label for=\"{id}\"")), "{name}: {id}");
        }
        for ids in html
            .split("aria-describedby=\"")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0)
        {
            for id in ids.split(' ') {
                assert!(html.contains(&format!("id=\"{id}\"")), "{name}: {id}");
            }
        }
        for id in html
            .split("href=\"#")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0)
        {
            assert!(html.contains(&format!("id=\"{id}\"")), "{name}: {id}");
        }
    }
}

#[test]
fn errors_are_announced_and_typed_names_stay() {
    let failed = login(&LoginPage {
        site: SITE,
        state: LoginState::Failed,
        name: "Kari",
        next: "/tokens",
    });
    assert!(failed.contains("role=\"alert\""));
    assert!(failed.contains("Name or password is wrong."));
    assert!(failed.contains("value=\"Kari\""));
    assert!(failed.contains("value=\"/tokens\""));
    let weak = import(Some(ImportProblem::Weak));
    assert!(weak.contains("role=\"alert\"") && weak.contains("too easy to guess"));
    assert!(weak.contains("aria-invalid=\"true\""));
}

#[test]
fn nothing_in_a_sandbox_asks_for_the_focus() {
    for html in [
        import(None),
        import(Some(ImportProblem::Weak)),
        shown(Previous::None, Kind::Secret),
    ] {
        assert!(!html.contains("autofocus"), "{html}");
    }
}

#[test]
fn the_import_form_carries_its_ticket_and_overlap() {
    let html = import(None);
    assert!(
        html.contains("action=\"/strongroom/01KJ3ZQ0X5V8YB3M6N7P9R2T4W/import\""),
        "{html}"
    );
    assert!(html.contains("value=\"tic&quot;ket\""), "{html}");
    assert!(html.contains("name=\"overlap\" value=\"3600\""), "{html}");
}

/// The texts of a document, without what other people wrote and without examples for programs.
fn texts_of(html: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut skip = None;
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if matches!(name, "code" | "pre") && skip.is_none() {
            skip = Some(name.to_owned());
        }
        if tag.starts_with('/') && skip.as_deref() == tag.strip_prefix('/') {
            skip = None;
        }
        let text = text.trim();
        if skip.is_none() && !text.is_empty() {
            texts.push(text.to_owned());
        }
    }
    texts
}

/// What is the same in all languages: names of ours, hostile texts, numbers, and words that happen to be alike.
fn is_alike(text: &str) -> bool {
    let alike = ["Daypass", "Name", "Status 404", "."];
    alike.contains(&text) || text.starts_with("&lt;script") || text.contains(CODE)
}

#[test]
fn every_document_speaks_every_language() {
    let english = all();
    for language in Language::ALL {
        let documents = all_in(language);
        for ((name, html), (_, other)) in documents.iter().zip(&english) {
            assert!(
                html.contains(&format!("<html lang=\"{}\"", language.tag())),
                "{name}"
            );
            assert_eq!(
                html.matches("<input").count(),
                other.matches("<input").count(),
                "{name}"
            );
            // The same holes: what other people wrote stands there as often.
            let holes = |html: &str| html.matches("alert(1)").count();
            // An error is told of in the words of the answer, which are English, or in the language's own.
            if *name != "error" {
                assert_eq!(holes(html), holes(other), "{language:?}: {name}");
            }
            if language == Language::English {
                continue;
            }
            let left_over = texts_of(other);
            for text in texts_of(html) {
                assert!(
                    is_alike(&text) || !left_over.contains(&text),
                    "{language:?}, {name}: left in English: {text}"
                );
            }
        }
    }
}

#[test]
fn every_text_uses_what_it_is_given() {
    for language in Language::ALL {
        let site = Site { language, ..SITE };
        let t = site.texts();
        let with = [
            t.login.throttled_advice,
            t.login.done_as,
            t.setup.too_many_codes,
            t.strongroom.title,
            t.strongroom.in_use_lead,
            t.strongroom.already_lead,
            t.claim.title,
            t.claim.network,
            t.claim.goes_on,
            t.import.title,
            t.import.goes_on,
            t.refusals.nothing_changed,
            t.tls.open,
        ];
        for text in with {
            assert!(text("MARK").contains("MARK"), "{language:?}: {}", text("MARK"));
        }
        let numbers = [
            t.common.more_interfaces,
            t.setup.password_hint,
            t.setup.name_too_long,
            t.setup.password_too_short,
            t.setup.password_too_long,
            t.errors.status,
        ];
        for text in numbers {
            assert!(text(4711).contains("4711"), "{language:?}: {}", text(4711));
        }
        for code in ErrorCode::ALL {
            let words = (t.errors.of_code)(*code);
            assert_eq!(words.is_none(), language == Language::English);
        }
    }
}
