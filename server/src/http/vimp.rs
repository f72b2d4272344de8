//! VIMP's form of our methods: parameters in the query or in a form, the key as `apikey`, `GET` and `POST` alike.
//!
//! The key says which application asks; a temporary token beside it, as `token`, is the one that acts. How the two
//! belong together is decided in `credential` and `holder`, for every door.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use wire::{FieldError, FieldErrorCode, InterfaceName, MintRequest, Network, Origin, Permission, Subject};

use super::app::App;
use super::error::ApiError;
use super::form::{Form, is_form};
use super::holder::{self, Visit};
use super::temporary_token::{WISHES, handed_out, refuse_wishes_in_query};
use super::who_am_i::told;
use super::{Shared, body};
use crate::domain::index::Outcome;
use crate::domain::refusal::Refusal;
use crate::domain::verification::Purpose;

/// `GET /api/GetTemporaryToken`: what is asked for stands in the query.
pub(super) async fn get_temporary_token(State(app): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let answer = async {
        let visit = Visit::of(&parts, &app);
        let who = visit.accept(&app, Purpose::Mint).await?;
        let wanted = wanted(&Form::parse(query.as_bytes())).map_err(ApiError::from);
        handed_out(&app, &visit.around, &who, wanted)
    };
    answered(answer.await)
}

/// `POST /api/GetTemporaryToken` with a form in place of JSON.
///
/// # Errors
/// As with JSON.
pub(super) async fn minted_by_form(app: &App, parts: &Parts, content: &[u8]) -> Result<Response, ApiError> {
    let form = Form::parse(content);
    let around = Visit::of(parts, app).around;
    let who = holder::accept_with_form(app, parts, &form, Purpose::Mint, &around).await?;
    let wanted = refuse_wishes_in_query(parts).and_then(|()| wanted(&form));
    handed_out(app, &around, &who, wanted.map_err(ApiError::from))
}

/// `POST /api/WhoAmI`, with or without a form.
pub(super) async fn post_who_am_i(State(app): State<Shared>, request: Request) -> Response {
    let (parts, content) = request.into_parts();
    let content = match body::read(Request::new(content)).await {
        Ok(content) if is_form(&parts.headers) => content,
        Ok(_) => axum::body::Bytes::new(),
        Err(error) => return answered(Err(error)),
    };
    let (form, around) = (Form::parse(&content), Visit::of(&parts, &app).around);
    let accepted = holder::accept_with_form(&app, &parts, &form, Purpose::Verify, &around).await;
    let answer = accepted.map(|who| {
        holder::count(&app, &who, Outcome::Allowed, &around);
        told(&who, &app.index.interfaces())
    });
    answered(answer.map_err(ApiError::from))
}

/// An answer, or the refusal of a holder.
pub(super) fn answered(answer: Result<Response, ApiError>) -> Response {
    match answer {
        Ok(response) => response,
        Err(ApiError::Refused(refusal)) => holder::refuse(refusal, false),
        Err(other) => other.into_response(),
    }
}

fn refused(field: &str, code: FieldErrorCode) -> Refusal {
    Refusal::fields(vec![FieldError::new(field, code)])
}

/// What is asked for: the fields of the JSON body, lists by repeating the name. Other names are refused, as there, and so
/// is a field without a value: whoever left out which permissions, or from where, must not get all of them.
pub(super) fn wanted(form: &Form<'_>) -> Result<MintRequest, Refusal> {
    let mut request = MintRequest::default();
    if let Some(name) = form.repeated(&["interfaces", "permissions", "origins", "token", "apikey"]) {
        return Err(refused(name, FieldErrorCode::Duplicate));
    }
    for (name, value) in form.everything() {
        let wrong = |code| refused(name, code);
        match name {
            // Who asks was found elsewhere, and nobody in particular is nobody.
            "token" | "apikey" => {}
            "subject" if value.is_empty() => {}
            _ if value.is_empty() && WISHES.contains(&name) => return Err(wrong(FieldErrorCode::Required)),
            "lifetime" => {
                request.lifetime = Some(value.parse().map_err(|_| wrong(FieldErrorCode::WrongType))?);
            }
            "interfaces" => {
                let interface = InterfaceName::parse(value).map_err(|e| wrong(e.code))?;
                request.interfaces.get_or_insert_default().push(interface);
            }
            "permissions" => {
                let permission: Permission = value.parse().map_err(|()| wrong(FieldErrorCode::WrongType))?;
                request.permissions.get_or_insert_default().push(permission);
            }
            "origins" => {
                let origin = Origin::parse(value).map_err(wrong)?;
                request.origins.get_or_insert_default().push(origin);
            }
            "network" => request.network = Some(Network::parse(value).map_err(wrong)?),
            "subject" => request.subject = Some(Subject::parse(value).map_err(|e| wrong(e.code))?),
            other => return Err(refused(other, FieldErrorCode::UnknownField)),
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_for_the_same_as_json() {
        let form = "apikey=k&lifetime=60&interfaces=Press+photos&interfaces=Films&permissions=read&subject=";
        let json = r#"{"lifetime":60,"interfaces":["Press photos","Films"],"permissions":["read"]}"#;
        assert_eq!(
            wanted(&Form::parse(form.as_bytes())).unwrap(),
            serde_json::from_str(json).unwrap()
        );
        for (form, field) in [
            ("lifetime=soon", "lifetime"),
            ("lifetime=1&lifetime=2", "lifetime"),
            ("lifetme=1", "lifetme"),
            ("permissions=look", "permissions"),
            ("origins=nowhere", "origins"),
            ("interfaces=a%00", "interfaces"),
            ("lifetme=", "lifetme"),
            ("apikey=k&permissions=", "permissions"),
            ("interfaces=Press+photos&interfaces=", "interfaces"),
            ("lifetime=", "lifetime"),
            ("origins", "origins"),
            ("network=", "network"),
        ] {
            let refusal = wanted(&Form::parse(form.as_bytes())).unwrap_err();
            assert_eq!(refusal.errors[0].field, field, "{form}");
        }
    }
}
