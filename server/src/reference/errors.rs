//! `/api/errors`: every code that an answer can carry, with what it means and what to do. Problem documents point here.

use leptos::prelude::*;
use wire::ErrorCode;

use super::code::{Language, code};
use super::frame::{Entry, Page, Section, p, rich};

const CONTENTS: &[Entry] = &[("form", "What a refusal looks like"), ("codes", "Codes")];

/// What a code means, and what to do then.
pub(super) const fn explained(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::TokenMissing => (
            "The request carries no token.",
            "Send it as `Authorization: Bearer …`. Some web servers drop this header before a program sees it: then use `X-Api-Key`.",
        ),
        ErrorCode::TokenMalformed => (
            "What was sent cannot be a token of this server, or two different tokens were sent.",
            "Copy the token again, whole and without spaces or quotes. Send it in one place only.",
        ),
        ErrorCode::TokenUnknown => (
            "Nobody issued this token here, or it was deleted.",
            "Check that it belongs to this server and not to another one. Lost the right one? An administrator can replace it.",
        ),
        ErrorCode::TokenInactive => (
            "An administrator switched the token off, and its temporary tokens with it.",
            "Ask an administrator. Trying again does not help.",
        ),
        ErrorCode::TokenExpired => (
            "The token, its secret or its lifetime has ended.",
            "A temporary token: ask your server for a new one. A permanent one: it was replaced or has an end; ask an administrator.",
        ),
        ErrorCode::TokenNotInactive => (
            "Only inactive tokens can be deleted.",
            "Deactivate it first, so that whoever still uses it is noticed before it is gone for good.",
        ),
        ErrorCode::TemporaryTokenStopped => (
            "The temporary token was stopped before its time: its parent was switched off or replaced, or all its temporary tokens were stopped.",
            "Ask your server for a new one, once. If that fails too, its answer says why.",
        ),
        ErrorCode::InterfaceNotGranted => (
            "The token has no rights on the interface, or there is no such interface.",
            "Check the name. `missing` says which right to ask an administrator for.",
        ),
        ErrorCode::PermissionNotGranted => (
            "The token has rights on the interface, but not this one.",
            "`missing` says which right to ask an administrator for; or ask for less.",
        ),
        ErrorCode::OriginNotAllowed => (
            "The token is bound to pages of certain origins, and the request comes from another one or does not say.",
            "Call from an allowed page. An `<img>` names its page only in the `Referer`: with `Referrer-Policy: no-referrer` it is refused.",
        ),
        ErrorCode::NetworkNotAllowed => (
            "The token is bound to networks, and the request comes from elsewhere.",
            "Call from an allowed network, or ask an administrator to add yours.",
        ),
        ErrorCode::RateLimited => (
            "More requests than the token's limit, or, where no token is needed, than one address may send.",
            "Wait as many seconds as `Retry-After` says. Keep a temporary token until it ends instead of asking for one per page.",
        ),
        ErrorCode::ExposedInBrowser => (
            "A permanent token arrived with headers that browsers send: it is probably in a page, where everybody can read it. Administrators see this.",
            "Keep it on your server and give the page a temporary token. If a proxy adds the token to its visitors' requests, let it drop `Origin` and `Sec-Fetch-…`.",
        ),
        ErrorCode::TokenInUrl => (
            "A permanent token stood in a URL. URLs are logged and shared. Administrators see this.",
            "Send it in a header, or use a temporary token in URLs. Ask for the secret to be replaced.",
        ),
        ErrorCode::ApiDisabled => (
            "An administrator switched API access off, for all tokens.",
            "Try again later. No token was changed.",
        ),
        ErrorCode::InvalidRequest => (
            "A field or parameter breaks a rule, or is not known.",
            "`errors` names each field and its rule.",
        ),
        ErrorCode::Conflict => (
            "It does not go with what is there now: somebody else changed it in the meantime, the name is taken, or a one-time code was used already.",
            "Read it again, and repeat the change on what you find; or choose another name, or ask for a new code.",
        ),
        ErrorCode::NotFound => (
            "There is nothing at this address.",
            "Check the address. Upper and lower case differ.",
        ),
        ErrorCode::Unauthenticated => (
            "An administrator's method was called without a session.",
            "Sign in. Tokens do not open these methods.",
        ),
        ErrorCode::Forbidden => (
            "The caller is known, but may not do this: a temporary token cannot ask for another one, nobody who holds a public token can end it, and a page of another origin cannot act for an administrator. Or a one-time code opens nothing, or a report is not signed as it should be.",
            "`detail` says which of these it is.",
        ),
        ErrorCode::ReauthenticationRequired => (
            "The session is too old for this act.",
            "Sign in again, then repeat it.",
        ),
        ErrorCode::Internal => (
            "Something went wrong in Daypass itself.",
            "Try again. If it stays, give an administrator the `request_id`: it leads to the reason in the log.",
        ),
    }
}

const PROBLEM: &str = r#"HTTP/1.1 403 Forbidden
Content-Type: application/problem+json

{
  "type": "/api/errors#permission_not_granted",
  "title": "The permission is not granted",
  "status": 403,
  "detail": "The token has not all the rights that were asked for. …",
  "code": "permission_not_granted",
  "missing": [{ "interface": "Press photos", "permissions": ["upload"] }],
  "request_id": "01KJ3ZQ0X5V8YB3M6N7P9R2T4W"
}"#;

/// The page.
#[component]
pub(super) fn Errors() -> impl IntoView {
    let rows: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|&code| {
            let (meaning, next) = explained(code);
            view! {
                <tr id=code.as_str()>
                    <th scope="row">
                        <a class="anchor" href=format!("#{code}")>
                            <code>{code.as_str()}</code>
                        </a>
                        <small>{format!("{} · {}", code.status(), code.title())}</small>
                    </th>
                    <td data-label="Meaning"><div>{rich(meaning)}</div></td>
                    <td data-label="What to do"><div>{rich(next)}</div></td>
                </tr>
            }
        })
        .collect();
    view! {
        <Page
            path="/api/errors"
            title="Errors"
            lead="Every refusal has a code that never changes its meaning. Decide on the code; show title and detail to people."
            contents=CONTENTS
        >
            <Section id="form" title="What a refusal looks like">
                {p("Refusals are problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). `code` is for programs, `detail` says what happened this time and what to do next. `missing` is there where a right is missing, `errors` where fields were refused.")}
                {code(Language::Json, "A refusal", PROBLEM)}
                {p("[verify](/api#verify) answers a proxy without a body; there the code stands in the header `X-Daypass-Code`. Bodies over 64 KiB are refused with status 413, and while the server is starting or too busy it answers 503.")}
            </Section>
            <Section id="codes" title="Codes">
                <div class="card">
                    <table class="list cards params codes">
                        <caption class="sr">"Codes, what they mean, and what to do"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Code and status"</th>
                                <th scope="col">"Meaning"</th>
                                <th scope="col">"What to do"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Section>
        </Page>
    }
}
