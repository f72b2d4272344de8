//! `GET|HEAD|POST /verify?interface=NAME&permission=NAME`: the protected API's question, usually asked by its proxy.
//! Where it names neither, the path rules of the settings say what the original request needs.
//!
//! 204 without a body, or a refusal. Nothing slow may enter: no database, no lock across an await, no log line for
//! what is allowed.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::{ErrorCode, FieldError, FieldErrorCode, PathRule, Permission, Permissions};

use super::client::Original;
use super::error::ApiError;
use super::holder::{self, Visit};
use super::{Shared, client};
use crate::domain::description::{encode, interface_names};
use crate::domain::index::Outcome;
use crate::domain::interfaces::Interfaces;
use crate::domain::path_rules;
use crate::domain::refusal::Refusal;
use crate::domain::settings::Settings;
use crate::domain::verification::{Holder, Purpose, authorize};

const TOKEN_ID: HeaderName = HeaderName::from_static("x-daypass-token-id");
const TOKEN_NAME: HeaderName = HeaderName::from_static("x-daypass-token-name");
const TOKEN_KIND: HeaderName = HeaderName::from_static("x-daypass-token-kind");
const SUBJECT: HeaderName = HeaderName::from_static("x-daypass-subject");
const INTERFACES: HeaderName = HeaderName::from_static("x-daypass-interfaces");
const PERMISSIONS: HeaderName = HeaderName::from_static("x-daypass-permissions");

/// What is asked.
#[derive(Debug)]
struct Question<'q> {
    interface: Cow<'q, str>,
    permission: Permission,
}

/// Answers.
pub(super) async fn verify(State(app): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let proxied = client::is_proxied(&parts.headers);
    match answer(&app, &parts).await {
        Ok(response) => response,
        Err(ApiError::Refused(refusal)) => holder::refuse(refusal, proxied),
        Err(other) => other.into_response(),
    }
}

async fn answer(app: &Shared, parts: &axum::http::request::Parts) -> Result<Response, ApiError> {
    let now = app.now();
    let peer = client::peer(parts);
    let trusted = client::is_trusted(&app.site, peer);
    let original = client::original(&parts.headers, trusted, &app.site)?;
    if original.method == Some("OPTIONS")
        && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && parts.headers.contains_key(header::ORIGIN)
        && preflights_pass(&app.index.settings())
    {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let question = match question(parts.uri.query().unwrap_or_default()) {
        Ok(Some(question)) => Ok(question),
        Ok(None) => by_path(&app.index.settings().path_rules, original),
        Err(refusal) => Err(refusal),
    };
    let queries = [
        parts.uri.query(),
        original.uri.and_then(|u| u.split_once('?')).map(|(_, q)| q),
    ];
    let client = client::address(&parts.headers, peer, &app.site);
    let visit = Visit::through(&parts.headers, queries, client, now);
    // Also where the question is refused anyway: a secret in a URL or in a browser is out, whatever is asked with it.
    let purpose = match &question {
        Ok(_) => Purpose::Verify,
        Err(_) => Purpose::Notice,
    };
    let (question, who) = match (question, visit.accept(app, purpose).await) {
        (Ok(question), who) => (question, who?),
        (Err(_), Err(refusal)) if goes_before_the_question(refusal.code) => return Err(refusal.into()),
        (Err(refusal), _) => return Err(refusal.into()),
    };
    let interfaces = app.index.interfaces();
    match authorize(&who, &interfaces, &question.interface, question.permission) {
        Ok(permissions) => {
            holder::count(app, &who, Outcome::Allowed, &visit.around);
            Ok((StatusCode::NO_CONTENT, describe(&who, &interfaces, permissions)).into_response())
        }
        Err(refusal) => {
            holder::note_refusal(app, Some(&who.slot), refusal.code, now);
            Err(refusal.into())
        }
    }
}

/// Whether it is answered where the question is refused too: switched off is switched off, and who exposes a secret is
/// told so.
const fn goes_before_the_question(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ApiDisabled | ErrorCode::TokenInUrl | ErrorCode::ExposedInBrowser
    )
}

/// Switched off is switched off, for what comes without a token too.
const fn preflights_pass(settings: &Settings) -> bool {
    settings.forward_preflight && settings.api_enabled
}

/// What the original request needs by the path rules.
fn by_path<'q>(rules: &[PathRule], original: Original<'_>) -> Result<Question<'q>, Refusal> {
    let (false, Some(uri)) = (rules.is_empty(), original.uri) else {
        return Err(required("interface"));
    };
    // Without the method, an upload could pass for a look.
    let method = original.method.ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            "The proxy names the original address without the method. Path rules need both.",
        )
    })?;
    let rule = path_rules::find(rules, uri, method)?;
    Ok(Question {
        interface: rule.interface.as_str().to_owned().into(),
        permission: rule.permission,
    })
}

fn required(field: &str) -> Refusal {
    Refusal::fields(vec![FieldError {
        detail: "name interface and permission, as in /verify?interface=Press%20photos&permission=read"
            .to_owned(),
        ..FieldError::new(field, FieldErrorCode::Required)
    }])
}

/// What the proxy names; `None` where it names neither interface nor permission.
fn question(query: &str) -> Result<Option<Question<'_>>, Refusal> {
    let refuse = |field: &str, code, detail: &str| {
        Refusal::fields(vec![FieldError {
            detail: detail.to_owned(),
            ..FieldError::new(field, code)
        }])
    };
    let (mut interface, mut permission) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "interface" => &mut interface,
            "permission" => &mut permission,
            "token" | "apikey" => continue,
            other => {
                return Err(refuse(
                    other,
                    FieldErrorCode::UnknownField,
                    "ask with interface and permission only",
                ));
            }
        };
        if place.replace(value).is_some() {
            return Err(refuse(
                &name,
                FieldErrorCode::Duplicate,
                "ask for one interface and one permission",
            ));
        }
    }
    if interface.is_none() && permission.is_none() {
        return Ok(None);
    }
    let interface = interface
        .filter(|i| !i.is_empty())
        .ok_or_else(|| required("interface"))?;
    let permission = permission.ok_or_else(|| required("permission"))?;
    let permission = permission.parse().map_err(|()| {
        refuse(
            "permission",
            FieldErrorCode::WrongType,
            "a permission is read, download, upload, edit, delete or introspect",
        )
    })?;
    Ok(Some(Question {
        interface,
        permission,
    }))
}

/// The words of every set of permissions, by its number.
static PERMISSION_WORDS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| {
    (0..=u8::MAX)
        .map_while(Permissions::from_bits)
        .map(|set| {
            let words: Vec<&str> = set.iter().map(Permission::as_str).collect();
            HeaderValue::try_from(words.join(",")).unwrap_or(HeaderValue::from_static(""))
        })
        .collect()
});

fn describe(who: &Holder, interfaces: &Interfaces, permissions: Permissions) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    let known = who.slot.describe(&who.state, interfaces);
    headers.insert(TOKEN_ID, known.id.clone());
    headers.insert(TOKEN_NAME, known.name.clone());
    headers.insert(TOKEN_KIND, HeaderValue::from_static(who.kind()));
    if let Some(subject) = who.claims.as_ref().and_then(|c| c.subject.as_ref())
        && let Ok(subject) = HeaderValue::try_from(encode(subject.as_str()).to_string())
    {
        headers.insert(SUBJECT, subject);
    }
    // A temporary token may have rights on fewer interfaces than the token behind it.
    let names = if who.rights().count() == who.state.grants.len() {
        known.interfaces.clone()
    } else {
        interface_names(who.rights().map(|(id, _)| id), interfaces)
    };
    if let Some(names) = names {
        headers.insert(INTERFACES, names);
    }
    if let Some(words) = PERMISSION_WORDS.get(usize::from(permissions.bits())) {
        headers.insert(PERMISSIONS, words.clone());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    holder::tell_limits(&mut headers, who.standings.iter().flatten());
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_exact() {
        let asked = question("interface=Press%20photos&permission=read&token=x")
            .unwrap()
            .unwrap();
        assert!(question("token=x").unwrap().is_none());
        assert_eq!(
            (&*asked.interface, asked.permission),
            ("Press photos", Permission::Read)
        );
        for wrong in [
            "interface=a",
            "permission=read",
            "interface=&permission=read",
            "interface=a&permission=look",
            "interface=a&interface=b&permission=read",
            "interface=a&permission=read&permission=read",
            "interface=a&permission=read&colour=red",
        ] {
            assert_eq!(
                question(wrong).unwrap_err().code,
                ErrorCode::InvalidRequest,
                "{wrong}"
            );
        }
    }
}
