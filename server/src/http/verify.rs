//! `GET|HEAD|POST /verify?interface=NAME&permission=NAME`: the protected API's question, usually asked by its proxy.
//! Where it names neither, the path rules of the settings say what the original request needs.
//!
//! 204 (or the 200 that is asked for) without a body, or a refusal. Nothing slow may enter: no database, no lock across
//! an await, no log line for what is allowed.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use foldhash::fast::RandomState;
use papaya::HashMap;
use wire::{ErrorCode, FieldError, FieldErrorCode, PathRule, Permission, Permissions};

use super::client::Original;
use super::error::ApiError;
use super::headers::{Headers, Name};
use super::holder::{self, Visit};
use super::{Shared, client};
use crate::domain::description::{INTERFACES, TOKEN_KIND, encode, interface_names};
use crate::domain::index::Outcome;
use crate::domain::interfaces::Interfaces;
use crate::domain::path_rules;
use crate::domain::refusal::Refusal;
use crate::domain::settings::Settings;
use crate::domain::verification::{Holder, Purpose, authorize};

const SUBJECT: HeaderName = HeaderName::from_static("x-daypass-subject");
const PERMISSIONS: HeaderName = HeaderName::from_static("x-daypass-permissions");

/// What is asked.
#[derive(Debug)]
struct Question {
    interface: Box<str>,
    permission: Permission,
    /// How a yes is said.
    yes: StatusCode,
    /// Whether nothing stood beside it in the query, above all no token.
    stood_alone: bool,
}

/// Questions as they were asked, and read: a proxy asks the same few again and again. Only those that were answered yes
/// are kept, so that nobody can fill this without a token, and none that held a token itself.
#[derive(Debug, Default)]
pub(super) struct Questions(HashMap<Box<str>, Arc<Question>, RandomState>);

impl Questions {
    /// So many are kept: more than a web server has places to guard.
    const MOST: usize = 1000;
    /// The longest that is kept, in bytes.
    const LONGEST: usize = 512;

    fn find(&self, query: &str) -> Option<Arc<Question>> {
        self.0.pin().get(query).cloned()
    }

    fn keep(&self, query: &str, question: Arc<Question>) {
        if query.len() <= Self::LONGEST && self.0.len() < Self::MOST {
            self.0.pin().insert(query.into(), question);
        }
    }
}

/// Answers.
pub(super) async fn verify(State(app): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let headers = Headers::of(&parts.headers);
    match answer(&app, &parts, headers).await {
        Ok(response) => response,
        Err(ApiError::Refused(refusal)) => holder::refuse(refusal, client::is_proxied(headers)),
        Err(other) => other.into_response(),
    }
}

async fn answer(app: &Shared, parts: &Parts, headers: Headers<'_>) -> Result<Response, ApiError> {
    let now = app.now();
    let peer = client::peer(parts);
    let trusted = client::is_trusted(&app.site, peer);
    let original = client::original(headers, trusted, &app.site)?;
    let query = parts.uri.query().unwrap_or_default();
    let known = app.questions.find(query);
    let asked = match &known {
        Some(question) => Ok((Some(question.clone()), question.yes)),
        None => question(query),
    };
    let yes = asked.as_ref().map_or(StatusCode::NO_CONTENT, |(_, yes)| *yes);
    if original.method == Some("OPTIONS")
        && headers.has(Name::RequestMethod)
        && headers.has(Name::Origin)
        && preflights_pass(&app.index.settings())
    {
        return Ok(yes.into_response());
    }
    let question = match asked {
        Ok((Some(question), _)) => Ok(question),
        Ok((None, _)) => by_path(&app.index.settings().path_rules, original),
        Err(refusal) => Err(refusal),
    };
    let queries = [
        // What was asked before holds no token.
        known.is_none().then_some(query),
        original.uri.and_then(|u| u.split_once('?')).map(|(_, q)| q),
    ];
    let client = client::address(headers, peer, &app.site);
    let visit = Visit::through(headers, queries, client, now);
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
            if known.is_none() && question.stood_alone {
                app.questions.keep(query, question);
            }
            Ok((yes, describe(&who, &interfaces, permissions)).into_response())
        }
        Err(refusal) => {
            holder::note_refusal(app, Some(&who), refusal.code, now);
            Err(refusal.telling(&who.standings).into())
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
fn by_path(rules: &[PathRule], original: Original<'_>) -> Result<Arc<Question>, Refusal> {
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
    Ok(Arc::new(Question {
        interface: rule.interface.as_str().into(),
        permission: rule.permission,
        yes: StatusCode::NO_CONTENT,
        stood_alone: false,
    }))
}

fn required(field: &str) -> Refusal {
    Refusal::fields(vec![FieldError {
        detail: "name interface and permission, as in /verify?interface=Press%20photos&permission=read"
            .to_owned(),
        ..FieldError::new(field, FieldErrorCode::Required)
    }])
}

/// What the proxy names; `None` where it names neither interface nor permission. And the status of a yes: Envoy takes
/// nothing but 200 for one.
fn question(query: &str) -> Result<(Option<Arc<Question>>, StatusCode), Refusal> {
    let refuse = |field: &str, code, detail: &str| {
        Refusal::fields(vec![FieldError {
            detail: detail.to_owned(),
            ..FieldError::new(field, code)
        }])
    };
    let (mut interface, mut permission, mut status) = (None, None, None);
    let mut stood_alone = true;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "interface" => &mut interface,
            "permission" => &mut permission,
            "status" => &mut status,
            "token" | "apikey" => {
                stood_alone = false;
                continue;
            }
            other => {
                return Err(refuse(
                    other,
                    FieldErrorCode::UnknownField,
                    "ask with interface, permission and status only",
                ));
            }
        };
        if place.replace(value).is_some() {
            return Err(refuse(
                &name,
                FieldErrorCode::Duplicate,
                "ask for one interface, one permission and one status",
            ));
        }
    }
    let yes = match status.as_deref() {
        None | Some("" | "204") => StatusCode::NO_CONTENT,
        Some("200") => StatusCode::OK,
        Some(_) => {
            return Err(refuse(
                "status",
                FieldErrorCode::WrongType,
                "a yes is answered with 204 or with 200",
            ));
        }
    };
    if interface.is_none() && permission.is_none() {
        return Ok((None, yes));
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
    let question = Question {
        interface: interface.into(),
        permission,
        yes,
        stood_alone,
    };
    Ok((Some(Arc::new(question)), yes))
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
    let mut headers = who.slot.describe(&who.state, interfaces).headers.clone();
    if let Some(claims) = &who.claims {
        headers.insert(TOKEN_KIND, HeaderValue::from_static(who.kind()));
        if let Some(subject) = &claims.subject
            && let Ok(subject) = HeaderValue::try_from(encode(subject.as_str()).to_string())
        {
            headers.insert(SUBJECT, subject);
        }
        // It may have rights on fewer interfaces than the token behind it.
        if who.rights().count() != who.state.grants.len() {
            match interface_names(who.rights().map(|(id, _)| id), interfaces) {
                Some(names) => headers.insert(INTERFACES, names),
                None => headers.remove(INTERFACES),
            };
        }
    }
    if let Some(words) = PERMISSION_WORDS.get(usize::from(permissions.bits())) {
        headers.insert(PERMISSIONS, words.clone());
    }
    holder::tell_limits(&mut headers, &who.standings);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_kept_as_they_were_asked() {
        let questions = Questions::default();
        let query = "interface=Press%20photos&permission=read";
        assert!(questions.find(query).is_none());
        questions.keep(query, question(query).unwrap().0.unwrap());
        let known = questions.find(query).unwrap();
        assert_eq!(
            (&*known.interface, known.permission),
            ("Press photos", Permission::Read)
        );
        assert!(known.stood_alone);
        for other in [
            "interface=Press%20photos&permission=upload",
            "interface=Press%20photos&permission=read&token=x",
        ] {
            assert!(questions.find(other).is_none());
        }
        assert!(
            !question(&format!("{query}&%74oken=x"))
                .unwrap()
                .0
                .unwrap()
                .stood_alone
        );
        for number in 0..2 * Questions::MOST {
            let query = format!("interface={number}&permission=read");
            questions.keep(&query, question(&query).unwrap().0.unwrap());
        }
        assert_eq!(questions.0.len(), Questions::MOST);
        let long = format!("interface={}&permission=read", "x".repeat(Questions::LONGEST));
        let few = Questions::default();
        few.keep(&long, question(&long).unwrap().0.unwrap());
        assert_eq!(few.0.len(), 0);
    }

    #[test]
    fn questions_are_exact() {
        let (asked, yes) = question("interface=Press%20photos&permission=read&token=x").unwrap();
        let asked = asked.unwrap();
        assert_eq!(yes, StatusCode::NO_CONTENT);
        assert!(question("token=x").unwrap().0.is_none());
        for (query, status) in [("status=200", 200), ("status=204", 204), ("status=", 204)] {
            assert_eq!(question(query).unwrap().1, status, "{query}");
        }
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
            "interface=a&permission=read&status=302",
            "interface=a&permission=read&status=200&status=200",
            "status=2",
        ] {
            assert_eq!(
                question(wrong).unwrap_err().code,
                ErrorCode::InvalidRequest,
                "{wrong}"
            );
        }
    }
}
