//! `GET|HEAD|POST /verify?interface=NAME&permission=NAME`: the protected API's question, usually asked by its proxy.
//! Where it names neither, the path rules of the settings say what the original request needs.
//!
//! 204 without a body, or a refusal. Nothing slow may enter: no database, no lock across an await, no log line for
//! what is allowed.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wire::{ErrorCode, FieldError, FieldErrorCode, PathRule, Permission, Permissions};

use super::client::Original;
use super::error::ApiError;
use super::holder::{self, Visit};
use super::{Shared, client};
use crate::domain::index::Outcome;
use crate::domain::interfaces::Interfaces;
use crate::domain::path_rules;
use crate::domain::refusal::Refusal;
use crate::domain::verification::{Holder, Purpose, authorize};

/// Everything but the unreserved characters of RFC 3986 (section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const TOKEN_ID: HeaderName = HeaderName::from_static("x-daypass-token-id");
const TOKEN_NAME: HeaderName = HeaderName::from_static("x-daypass-token-name");
const TOKEN_KIND: HeaderName = HeaderName::from_static("x-daypass-token-kind");
const SUBJECT: HeaderName = HeaderName::from_static("x-daypass-subject");
const INTERFACES: HeaderName = HeaderName::from_static("x-daypass-interfaces");
const PERMISSIONS: HeaderName = HeaderName::from_static("x-daypass-permissions");

/// A longer list of interfaces is left out: proxies refuse answers with long headers as a whole. In bytes.
const LONGEST_HEADER: usize = 4096;

/// What is asked.
#[derive(Debug)]
struct Question {
    interface: String,
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
        && app.index.settings().forward_preflight
    {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let question = match question(parts.uri.query().unwrap_or_default())? {
        Some(question) => question,
        None => by_path(&app.index.settings().path_rules, original)?,
    };
    let queries = [
        parts.uri.query(),
        original.uri.and_then(|u| u.split_once('?')).map(|(_, q)| q),
    ];
    let client = client::address(&parts.headers, peer, &app.site);
    let visit = Visit::through(&parts.headers, queries, client, now);
    let who = visit.accept(app, Purpose::Verify).await?;
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

/// What the original request needs by the path rules.
fn by_path(rules: &[PathRule], original: Original<'_>) -> Result<Question, Refusal> {
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
        interface: rule.interface.as_str().to_owned(),
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
fn question(query: &str) -> Result<Option<Question>, Refusal> {
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
        if place.replace(value.into_owned()).is_some() {
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

fn describe(who: &Holder, interfaces: &Interfaces, permissions: Permissions) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    let mut put = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    put(TOKEN_ID, who.state.id.as_str());
    put(TOKEN_NAME, &encode(&who.state.name));
    put(TOKEN_KIND, who.kind());
    if let Some(subject) = who.claims.as_ref().and_then(|c| c.subject.as_ref()) {
        put(SUBJECT, &encode(subject.as_str()));
    }
    let mut names = String::new();
    for interface in who.rights().filter_map(|(id, _)| interfaces.get(id)) {
        if !names.is_empty() {
            names.push(',');
        }
        names.extend(utf8_percent_encode(interface.name.as_str(), ENCODED));
    }
    if names.len() <= LONGEST_HEADER {
        put(INTERFACES, &names);
    }
    let words: Vec<&str> = permissions.iter().map(Permission::as_str).collect();
    put(PERMISSIONS, &words.join(","));
    put(header::CACHE_CONTROL, "no-store");
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
            (asked.interface.as_str(), asked.permission),
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
