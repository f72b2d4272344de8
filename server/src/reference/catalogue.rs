//! The methods as data: what the pages show and what `/api/openapi.json` says, from one table.
//!
//! A method that is not here is not documented, and a test compares the table with the routes. Prose that only people
//! need, and examples, belong to `methods`.

use serde_json::{Value, json};
use wire::{ErrorCode as C, InterfaceName, LIMITS, Permission, Subject};

use super::errors::explained;

/// Where a field of a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the JSON body; or, at the same method, in a form under the same name.
    Json,
    /// In a form.
    Form,
    /// In the query.
    Query,
    /// In the query of a `GET`, in the form of a `POST`.
    Either,
    /// In a header.
    Header,
    /// In each object of the list that is the JSON body.
    Listed,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// Everybody.
    Nobody,
    /// Whoever has a token.
    Token,
    /// A client by its id and secret; of an exchange also nobody but the holder of the token itself.
    Client,
    /// A client by its id and secret, or a bearer token.
    ClientOrBearer,
}

/// What comes back when all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// 204, without a body.
    Nothing,
    /// 204, or the 200 that was asked for, with headers that say who it is.
    Described,
    /// 200, without a body.
    Done,
    /// JSON of this schema.
    Json(&'static str),
    /// JSON text.
    Text,
    /// `true` or `false` as JSON.
    YesOrNo,
    /// `<string>` of XML.
    Xml,
    /// The secret as plain text; as JSON to who asks for that.
    Secret,
    /// `ok` as plain text.
    Plain,
}

/// A field of a request.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// Where it stands.
    pub(super) place: Place,
    /// Whether it is needed.
    pub(super) needed: bool,
    /// What it holds, with its limits.
    pub(super) holds: String,
    /// What it means.
    pub(super) means: &'static str,
    /// The same as JSON Schema.
    pub(super) schema: Value,
}

impl Field {
    /// Whether it may be left out, and not be sent without a value: a wish for a temporary token.
    pub(super) fn is_never_without_value(&self) -> bool {
        matches!(self.place, Place::Json | Place::Query)
            && matches!(
                self.name,
                "lifetime" | "interfaces" | "permissions" | "origins" | "network"
            )
    }
}

/// A method.
#[derive(Debug, Clone)]
pub(super) struct Method {
    /// Its name for programs; the verb is put behind it where there are two.
    pub(super) id: &'static str,
    /// The verbs; `HEAD` works wherever `GET` does.
    pub(super) verbs: &'static [&'static str],
    /// Its path.
    pub(super) path: &'static str,
    /// What it is for, in a line.
    pub(super) summary: &'static str,
    /// Who may ask.
    pub(super) credential: Credential,
    /// What may be sent.
    pub(super) fields: Vec<Field>,
    /// What comes back.
    pub(super) answer: Answer,
    /// The refusals that it is known for.
    pub(super) refusals: Refusals,
}

/// How a method refuses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusals {
    /// With problem documents, for these codes.
    Problems(&'static [C]),
    /// In OAuth's words.
    Words(&'static [OAuthWord]),
}

/// A word of OAuth's in which a method refuses, with a status. A test beside the doors compares these with what they answer.
#[derive(Debug)]
pub(super) struct OAuthWord {
    /// The word, as `error` has it.
    pub(super) error: &'static str,
    /// The status that it comes with here.
    pub(super) status: u16,
    /// What it means here.
    pub(super) means: &'static str,
    /// What to do then.
    pub(super) next: &'static str,
    /// Our codes behind it, to which `error_uri` leads.
    pub(super) codes: &'static [C],
}

impl Method {
    /// The words of OAuth's in which it refuses; none where its refusals are problem documents.
    pub(super) const fn words(&self) -> &'static [OAuthWord] {
        match self.refusals {
            Refusals::Words(words) => words,
            Refusals::Problems(_) => &[],
        }
    }

    /// The codes of its refusals.
    pub(super) fn codes(&self) -> Vec<C> {
        match self.refusals {
            Refusals::Problems(codes) => codes.to_vec(),
            Refusals::Words(words) => {
                let is_behind = |code: &C| words.iter().any(|word| word.codes.contains(code));
                C::ALL.iter().copied().filter(is_behind).collect()
            }
        }
    }

    /// What a code means at this method, and what to do then. Where nothing is said here it is what it means everywhere.
    pub(super) fn explained(&self, code: C) -> (&'static str, &'static str) {
        match (self.id, code) {
            (
                "GetTemporaryToken"
                | "GetTemporaryTokenByQuery"
                | "LoginGetTemporaryToken"
                | "V4GetTemporaryToken",
                C::Forbidden,
            ) => (
                "A temporary token cannot ask for another one here.",
                "Let your server ask, with the permanent token; or narrow this one by a token exchange ([token](/api#oauth-token)).",
            ),
            ("RevokeToken", C::Forbidden) => (
                "A public token is in the hands of every visitor, so none of them can end it.",
                "Ask an administrator to deactivate it.",
            ),
            ("RevokeToken", C::RateLimited) => (
                "So many temporary tokens were ended from one network that the next one has to wait.",
                "Wait as many seconds as `Retry-After` says, or let your server end it with its own secret ([revoke](/api#oauth-revoke)).",
            ),
            ("claim", C::Forbidden) => (
                "Nobody issued this code, or its ten minutes are over. Nothing was changed.",
                "Copy the whole command again from the dialog in Daypass, or ask an administrator for a new code.",
            ),
            ("claim", C::Conflict) => (
                "The code was used already, was cancelled, or a newer one has taken its place; or its token was switched off meanwhile. Nothing is given out twice.",
                "`detail` says which of these it is. Ask an administrator for a new code. If somebody else has used it, the secret has to be replaced at once.",
            ),
            ("claim", C::ExposedInBrowser) => (
                "A browser sent the code. Nothing was given out, and the code is void now. Administrators see this.",
                "Ask an administrator for a new code, and send it from your server.",
            ),
            ("claim", C::NetworkNotAllowed) => (
                "The code may be used from another network only. Nothing was given out, and the code is void now. Administrators see this.",
                "Ask an administrator for a new code, for the network that your server is in.",
            ),
            ("claim", C::RateLimited) => (
                "Many wrong codes came from your address. A right one never waits.",
                "Wait as many seconds as `Retry-After` says, then copy the whole command again from the dialog in Daypass.",
            ),
            ("TokenDigests", C::InvalidRequest) => (
                "`range` is missing, or is not five hexadecimal digits in lower case; or there is another parameter.",
                "Send the first five digits of SHA-256 of what was found, never the token itself.",
            ),
            ("TokenDigests", C::RateLimited) => (
                "Too many questions from your address.",
                "Wait as many seconds as `Retry-After` says.",
            ),
            ("ReportLeakedToken", C::Forbidden) => (
                "The report is not signed, its signature is wrong, or the key is not known.",
                "`detail` says which of these it is. What is signed are the bytes of the body, as they are sent.",
            ),
            ("ReportLeakedToken", C::NotFound) => (
                "This server takes no reports: its operator has named nobody's keys.",
                "Tell the operator in another way.",
            ),
            ("ReportLeakedToken", C::InvalidRequest) => (
                "The body is no list of the described form, or holds too many tokens for one report.",
                "Send a list, and many tokens in several reports.",
            ),
            ("ReportLeakedToken", C::RateLimited) => (
                "Too many reports from your address.",
                "Wait as many seconds as `Retry-After` says.",
            ),
            (_, C::RateLimited) if self.credential != Credential::Nobody => (
                "More requests than the token's limit.",
                "Wait as many seconds as `Retry-After` says. Keep a temporary token until it ends instead of asking for one per page.",
            ),
            _ => explained(code),
        }
    }

    /// Whether its errors are those of RFC 6749.
    pub(super) const fn speaks_oauth(&self) -> bool {
        matches!(self.refusals, Refusals::Words(_))
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// A text that is not empty.
fn some_text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

/// A text of at most so many characters. In JSON an empty one is refused; in forms and queries it counts as left out.
fn limited(place: Place, most: usize) -> Value {
    let shortest = usize::from(place == Place::Json);
    json!({ "type": "string", "minLength": shortest, "maxLength": most })
}

fn field(
    name: &'static str,
    place: Place,
    holds: impl Into<String>,
    means: &'static str,
    schema: Value,
) -> Field {
    Field {
        name,
        place,
        needed: false,
        holds: holds.into(),
        means,
        schema,
    }
}

fn needed(
    name: &'static str,
    place: Place,
    holds: impl Into<String>,
    means: &'static str,
    schema: Value,
) -> Field {
    Field {
        needed: true,
        ..field(name, place, holds, means, schema)
    }
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The fields that ask for a temporary token.
fn wishes(place: Place) -> Vec<Field> {
    let year = LIMITS.longest_temporary_lifetime;
    let mut fields = vec![field(
        "lifetime",
        place,
        format!("seconds, 1 to {year}"),
        "How long it lasts. More than the parent allows is refused; the parent's own end may cut it short.",
        json!({ "type": "integer", "minimum": 1, "maximum": year }),
    )];
    if place == Place::Json {
        fields.push(field(
            "grants",
            place,
            format!("up to {} of `{{interface, permissions}}`", LIMITS.grants),
            "Exactly these rights. Not together with the next two.",
            json!({ "type": "array", "items": named("Grant"), "maxItems": LIMITS.grants }),
        ));
    }
    fields.extend([
        field(
            "interfaces",
            place,
            "list of names",
            "Only these of the parent's interfaces.",
            json!({ "type": "array", "items": limited(Place::Json, InterfaceName::MAX) }),
        ),
        field(
            "permissions",
            place,
            "list of permissions",
            "Only these, on each of the interfaces.",
            json!({ "type": "array", "items": named("Permission") }),
        ),
        field(
            "origins",
            place,
            format!("up to {}, like `https://www.example.org`", LIMITS.origins),
            "Pages that it works from. Where the parent has origins: some of those.",
            json!({ "type": "array", "items": some_text(), "maxItems": LIMITS.origins }),
        ),
        field(
            "network",
            place,
            "an address or a network, like `192.0.2.0/24`",
            "Where it works from, your visitor's address for instance. Where the parent has networks: inside those.",
            some_text(),
        ),
        field(
            "subject",
            place,
            format!("1 to {} characters", Subject::MAX),
            "Who in your system it is for. It travels to the protected API and gives no rights. Only a server says it, with the secret of a token of the kind `secret`.",
            limited(place, Subject::MAX),
        ),
    ]);
    fields
}

fn key_and_token(place: Place) -> [Field; 2] {
    [
        field(
            "apikey",
            place,
            "a token",
            "The credential, where no header can be sent. Beside `token`: the application that the temporary token belongs to.",
            text(),
        ),
        field(
            "token",
            place,
            "a token",
            "The credential. A permanent secret in a URL is refused.",
            text(),
        ),
    ]
}

fn oauth_target() -> Value {
    json!({ "type": "array", "items": text() })
}

const HOLDERS: &[C] = &[
    C::TokenMissing,
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenInactive,
    C::TokenExpired,
    C::TokenInUrl,
    C::TemporaryTokenStopped,
    C::ExposedInBrowser,
    C::OriginNotAllowed,
    C::NetworkNotAllowed,
    C::ApiDisabled,
    C::RateLimited,
    C::Internal,
];
const MINTING: &[C] = &[
    C::TokenMissing,
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenInactive,
    C::TokenExpired,
    C::TokenInUrl,
    C::TemporaryTokenStopped,
    C::InterfaceNotGranted,
    C::PermissionNotGranted,
    C::OriginNotAllowed,
    C::NetworkNotAllowed,
    C::InvalidRequest,
    C::Forbidden,
    C::ExposedInBrowser,
    C::ApiDisabled,
    C::RateLimited,
    C::Internal,
];
const REVOKING: &[C] = &[
    C::TokenMissing,
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenExpired,
    C::TokenInUrl,
    C::TemporaryTokenStopped,
    C::ExposedInBrowser,
    C::OriginNotAllowed,
    C::NetworkNotAllowed,
    C::Forbidden,
    C::ApiDisabled,
    C::InvalidRequest,
    C::RateLimited,
    C::Internal,
];
const VERIFYING: &[C] = &[
    C::TokenMissing,
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenInactive,
    C::TokenExpired,
    C::TokenInUrl,
    C::TemporaryTokenStopped,
    C::InterfaceNotGranted,
    C::PermissionNotGranted,
    C::OriginNotAllowed,
    C::NetworkNotAllowed,
    C::ExposedInBrowser,
    C::ApiDisabled,
    C::InvalidRequest,
    C::RateLimited,
    C::Internal,
];

/// What may be wrong with a credential at OAuth's doors. None at all, or one in the URL, is told without a code of ours.
const NOT_ACCEPTED: &[C] = &[
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenInactive,
    C::TokenExpired,
    C::TemporaryTokenStopped,
];
/// The same where tokens are ended: one that is off for now is accepted there.
const ENDED: &[C] = &[
    C::TokenMalformed,
    C::TokenUnknown,
    C::TokenExpired,
    C::TemporaryTokenStopped,
];
/// Known, but not welcome in this way.
const NOT_LIKE_THIS: &[C] = &[
    C::OriginNotAllowed,
    C::NetworkNotAllowed,
    C::ExposedInBrowser,
    C::ApiDisabled,
];

const NO_CLIENT: OAuthWord = OAuthWord {
    error: "invalid_client",
    status: 401,
    means: "The client says nothing of itself, or its id and secret are not accepted.",
    next: "The id is the token's, as `WhoAmI` tells it, and the secret the permanent token; a temporary one is none.",
    codes: NOT_ACCEPTED,
};
const NO_BEARER: OAuthWord = OAuthWord {
    error: "invalid_token",
    status: 401,
    means: "You asked with a bearer token, and that one is not accepted.",
    next: "The code says whether a new one helps.",
    codes: NOT_ACCEPTED,
};
const TOO_LARGE: OAuthWord = OAuthWord {
    error: "invalid_request",
    status: 413,
    means: "The body is larger than 64 KiB.",
    next: "Nothing that these methods know is that long.",
    codes: &[],
};
const NO_DATABASE: OAuthWord = OAuthWord {
    error: "temporarily_unavailable",
    status: 503,
    means: "The database does not answer. Nothing was changed.",
    next: "Wait as many seconds as `Retry-After` says, and try again.",
    codes: &[],
};
const OUR_FAULT: OAuthWord = OAuthWord {
    error: "server_error",
    status: 500,
    means: "Something went wrong in Daypass itself.",
    next: "Try again. If it stays, tell an administrator: the server's log has the reason.",
    codes: &[C::Internal],
};

const TOKEN_WORDS: &[OAuthWord] = &[
    OAuthWord {
        error: "invalid_request",
        status: 400,
        means: "A parameter is missing, stands there twice or breaks a rule, a secret stands in the URL, or the `subject_token` is not accepted.",
        next: "`error_description` says which of these it is.",
        codes: &[
            C::TokenMalformed,
            C::TokenUnknown,
            C::TokenInactive,
            C::TokenExpired,
            C::TemporaryTokenStopped,
            C::OriginNotAllowed,
            C::InvalidRequest,
        ],
    },
    TOO_LARGE,
    NO_CLIENT,
    OAuthWord {
        error: "invalid_scope",
        status: 400,
        means: "`scope` cannot be read, or asks for rights that the token does not have.",
        next: "`error_description` names what is missing: ask for less, or an administrator for that.",
        codes: &[C::InterfaceNotGranted, C::PermissionNotGranted],
    },
    OAuthWord {
        error: "invalid_target",
        status: 400,
        means: "`resource` or `audience` is not this server.",
        next: "Leave them out, or send this server's address.",
        codes: &[],
    },
    OAuthWord {
        error: "unsupported_grant_type",
        status: 400,
        means: "`grant_type` is none of the two.",
        next: "Send one of those above.",
        codes: &[],
    },
    OAuthWord {
        error: "unauthorized_client",
        status: 403,
        means: "The token is known, but not for this: from this page, network or browser, for a `network` that is not inside its own, for one more exchange after many, or while API access is off.",
        next: "The code says which of these it is.",
        codes: &[
            C::OriginNotAllowed,
            C::NetworkNotAllowed,
            C::ExposedInBrowser,
            C::ApiDisabled,
            C::Forbidden,
        ],
    },
    OAuthWord {
        error: "temporarily_unavailable",
        status: 429,
        means: "More requests than the token's limit.",
        next: "Wait as many seconds as `Retry-After` says. Keep a temporary token until it ends instead of asking for one per page.",
        codes: &[C::RateLimited],
    },
    NO_DATABASE,
    OUR_FAULT,
];

const INTROSPECT_WORDS: &[OAuthWord] = &[
    OAuthWord {
        error: "invalid_request",
        status: 400,
        means: "A parameter is missing, stands there twice or breaks a rule, or a secret stands in the URL.",
        next: "`error_description` says which of these it is. What is wrong with the token that you ask about is no error: it is not active.",
        codes: &[],
    },
    TOO_LARGE,
    NO_CLIENT,
    NO_BEARER,
    OAuthWord {
        error: "insufficient_scope",
        status: 403,
        means: "The token that asks has the permission `introspect` nowhere; a temporary or public one never has.",
        next: "Ask an administrator for it, on the interfaces that your API serves.",
        codes: &[C::PermissionNotGranted],
    },
    OAuthWord {
        error: "unauthorized_client",
        status: 403,
        means: "The token that asks is known, but not from this page, network or browser; or API access is off.",
        next: "The code says which of these it is.",
        codes: NOT_LIKE_THIS,
    },
    OAuthWord {
        error: "temporarily_unavailable",
        status: 429,
        means: "More requests than the limit of the token that asks, or of the one that it asks about.",
        next: "Wait as many seconds as `Retry-After` says; the token that you ask about may be active all the same.",
        codes: &[C::RateLimited],
    },
    NO_DATABASE,
    OUR_FAULT,
];

const REVOKE_WORDS: &[OAuthWord] = &[
    OAuthWord {
        error: "invalid_request",
        status: 400,
        means: "`token` is missing, a parameter stands there twice, or a secret stands in the URL.",
        next: "`error_description` says which of these it is.",
        codes: &[],
    },
    TOO_LARGE,
    OAuthWord {
        codes: ENDED,
        ..NO_CLIENT
    },
    OAuthWord {
        codes: ENDED,
        ..NO_BEARER
    },
    OAuthWord {
        error: "unauthorized_client",
        status: 400,
        means: "The token belongs to another client than the one that asks.",
        next: "Let its own client end it, or send it without a client.",
        codes: &[],
    },
    OAuthWord {
        error: "unauthorized_client",
        status: 403,
        means: "The token that asks, or that is to be ended without a client, is known, but not from this page, network or browser; or API access is off.",
        next: "The code says which of these it is.",
        codes: NOT_LIKE_THIS,
    },
    OAuthWord {
        error: "unsupported_token_type",
        status: 400,
        means: "It is a public token, which every visitor has, so none of them can end it.",
        next: "Ask an administrator to deactivate it.",
        codes: &[],
    },
    OAuthWord {
        error: "temporarily_unavailable",
        status: 429,
        means: "So many temporary tokens were ended from one network that the next one has to wait.",
        next: "Wait as many seconds as `Retry-After` says, or ask with id and secret of the token behind it.",
        codes: &[C::RateLimited],
    },
    NO_DATABASE,
    OUR_FAULT,
];

/// All methods, in the order of the reference.
pub(super) fn methods() -> Vec<Method> {
    let mut all = ours();
    all.extend(oauth());
    all.extend(imageshop());
    all.extend(scanners());
    all.extend(open());
    all
}

/// The method of this name; the first one where there are two.
pub(super) fn method(id: &str) -> Option<Method> {
    methods().into_iter().find(|m| m.id == id)
}

fn ours() -> Vec<Method> {
    let permissions: Vec<&str> = Permission::ALL.into_iter().map(Permission::as_str).collect();
    vec![
        Method {
            id: "GetTemporaryToken",
            verbs: &["POST"],
            path: "/api/GetTemporaryToken",
            summary: "Makes a temporary token from a permanent one",
            credential: Credential::Token,
            fields: wishes(Place::Json),
            answer: Answer::Json("MintResponse"),
            refusals: Refusals::Problems(MINTING),
        },
        Method {
            id: "GetTemporaryTokenByQuery",
            verbs: &["GET"],
            path: "/api/GetTemporaryToken",
            summary: "The same by GET; lists by repeating the name",
            credential: Credential::Token,
            fields: wishes(Place::Query)
                .into_iter()
                .chain(key_and_token(Place::Query))
                .collect(),
            answer: Answer::Json("MintResponse"),
            refusals: Refusals::Problems(MINTING),
        },
        Method {
            id: "WhoAmI",
            verbs: &["GET", "POST"],
            path: "/api/WhoAmI",
            summary: "Says what the token that is sent is and may do now",
            credential: Credential::Token,
            fields: key_and_token(Place::Either).into(),
            answer: Answer::Json("WhoAmI"),
            refusals: Refusals::Problems(HOLDERS),
        },
        Method {
            id: "RevokeToken",
            verbs: &["POST"],
            path: "/api/RevokeToken",
            summary: "Ends the secret or the temporary token that it is sent with",
            credential: Credential::Token,
            fields: Vec::new(),
            answer: Answer::Nothing,
            refusals: Refusals::Problems(REVOKING),
        },
        Method {
            id: "verify",
            verbs: &["GET", "POST"],
            path: "/verify",
            summary: "May this token do that?",
            credential: Credential::Token,
            fields: vec![
                field(
                    "interface",
                    Place::Query,
                    "a name, percent-encoded",
                    "What is asked for belongs to this interface. Left out together with `permission`: the path rules say it.",
                    some_text(),
                ),
                field(
                    "permission",
                    Place::Query,
                    "a permission; `read` is the usual one",
                    "What is to be done there.",
                    json!({ "type": "string", "minLength": 1, "enum": permissions }),
                ),
                field(
                    "status",
                    Place::Query,
                    "`204` or `200`",
                    "What a yes is answered with, where the one who asks takes nothing but 200 for one, as Envoy does. Left out: 204.",
                    json!({ "type": "string", "enum": ["204", "200"] }),
                ),
                field(
                    "token",
                    Place::Query,
                    "a temporary or public token",
                    "Where the visitor's token stands in the URL. From a proxy it is read from the visitor's own URL.",
                    text(),
                ),
                field(
                    "apikey",
                    Place::Query,
                    "a temporary or public token",
                    "Another name for it; beside `token`, the application that the temporary token belongs to.",
                    text(),
                ),
            ],
            answer: Answer::Described,
            refusals: Refusals::Problems(VERIFYING),
        },
    ]
}

fn oauth() -> Vec<Method> {
    let client = || {
        [
            field(
                "client_id",
                Place::Form,
                "id",
                "The token's id, where it is not in the Authorization header (Basic).",
                text(),
            ),
            field(
                "client_secret",
                Place::Form,
                "a permanent token",
                "Its secret. One way to authenticate only: header or body.",
                text(),
            ),
        ]
    };
    let mut asking = vec![
        needed(
            "grant_type",
            Place::Form,
            "`client_credentials` or `urn:ietf:params:oauth:grant-type:token-exchange`",
            "Mint from your own secret, or narrow a token that you have.",
            json!({ "type": "string", "enum": ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"] }),
        ),
        field(
            "scope",
            Place::Form,
            "`interface:permission` pairs, spaces between",
            "The rights; names are percent-encoded: `Press%20photos:read`. Left out: all that it can have.",
            text(),
        ),
        field(
            "subject_token",
            Place::Form,
            "a token",
            "Of an exchange: the permanent or temporary token that is to be narrowed.",
            text(),
        ),
        field(
            "subject_token_type",
            Place::Form,
            "`urn:ietf:params:oauth:token-type:access_token`; of a temporary one also `…:jwt`",
            "Of an exchange: what `subject_token` is.",
            text(),
        ),
        field(
            "requested_token_type",
            Place::Form,
            "`urn:ietf:params:oauth:token-type:access_token` or `…:jwt`",
            "Of an exchange: what comes back; it is the same.",
            text(),
        ),
        field(
            "resource",
            Place::Form,
            "this server's address",
            "Anything else is refused (`invalid_target`). May be repeated.",
            oauth_target(),
        ),
        field(
            "audience",
            Place::Form,
            "this server's address",
            "As `resource`.",
            oauth_target(),
        ),
    ];
    asking.extend(client());
    asking.extend(
        wishes(Place::Form)
            .into_iter()
            .filter(|f| matches!(f.name, "lifetime" | "network" | "subject")),
    );
    asking.push(field(
        "origins",
        Place::Form,
        format!("up to {}, spaces between", LIMITS.origins),
        "Pages that it works from.",
        text(),
    ));
    let mut about = vec![
        needed(
            "token",
            Place::Form,
            "a token",
            "The token that was sent to you.",
            some_text(),
        ),
        field(
            "token_type_hint",
            Place::Form,
            "text",
            "Ignored: a token tells what it is.",
            text(),
        ),
        field(
            "origin",
            Place::Form,
            "like `https://www.example.org`",
            "The page that the token was sent from, as its request named it. A token that is bound to pages is not active without.",
            text(),
        ),
        field(
            "referer",
            Place::Form,
            "like `https://www.example.org/page`",
            "The same, where its request named no origin: images and links have a referer only.",
            text(),
        ),
        field(
            "client_ip",
            Place::Form,
            "an address",
            "Who sent you the token. One that is bound to networks is not active without.",
            text(),
        ),
    ];
    about.extend(client());
    let mut ending = vec![
        needed(
            "token",
            Place::Form,
            "a token",
            "The token that is to be ended.",
            some_text(),
        ),
        field(
            "token_type_hint",
            Place::Form,
            "text",
            "Ignored: a token tells what it is.",
            text(),
        ),
    ];
    ending.extend(client());
    vec![
        Method {
            id: "token",
            verbs: &["POST"],
            path: "/oauth2/token",
            summary: "Mints or narrows a temporary token, for OAuth libraries (RFC 6749, RFC 8693)",
            credential: Credential::Client,
            fields: asking,
            answer: Answer::Json("AccessToken"),
            refusals: Refusals::Words(TOKEN_WORDS),
        },
        Method {
            id: "introspect",
            verbs: &["POST"],
            path: "/oauth2/introspect",
            summary: "What a token may do, for the protected API (RFC 7662)",
            credential: Credential::ClientOrBearer,
            fields: about,
            answer: Answer::Json("Introspection"),
            refusals: Refusals::Words(INTROSPECT_WORDS),
        },
        Method {
            id: "revoke",
            verbs: &["POST"],
            path: "/oauth2/revoke",
            summary: "Ends a token (RFC 7009)",
            credential: Credential::ClientOrBearer,
            fields: ending,
            answer: Answer::Done,
            refusals: Refusals::Words(REVOKE_WORDS),
        },
    ]
}

fn imageshop() -> Vec<Method> {
    let fields = || {
        vec![
            field(
                "token",
                Place::Either,
                "a token",
                "The credential, where it is not in the header `Token`. A permanent secret in a URL is refused.",
                text(),
            ),
            field(
                "privateKey",
                Place::Either,
                "text",
                "Taken and ignored: one secret is enough.",
                text(),
            ),
        ]
    };
    let method = |id, path, summary, answer, codes| Method {
        id,
        verbs: &["GET", "POST"],
        path,
        summary,
        credential: Credential::Token,
        fields: fields(),
        answer,
        refusals: Refusals::Problems(codes),
    };
    vec![
        method(
            "LoginGetTemporaryToken",
            "/Login/GetTemporaryToken",
            "Imageshop's form of GetTemporaryToken",
            Answer::Text,
            MINTING,
        ),
        method(
            "LoginWhoAmI",
            "/Login/WhoAmI",
            "Imageshop's form of WhoAmI: the token's name",
            Answer::Text,
            HOLDERS,
        ),
        method(
            "LoginCanUpload",
            "/Login/CanUpload",
            "Whether the token may upload anywhere",
            Answer::YesOrNo,
            HOLDERS,
        ),
        method(
            "V4GetTemporaryToken",
            "/V4.asmx/GetTemporaryToken",
            "Imageshop's older form, answered in XML",
            Answer::Xml,
            MINTING,
        ),
    ]
}

fn scanners() -> Vec<Method> {
    vec![
        Method {
            id: "TokenDigests",
            verbs: &["GET"],
            path: "/api/TokenDigests",
            summary: "Whether a token that was found works, without sending it",
            credential: Credential::Nobody,
            fields: vec![needed(
                "range",
                Place::Query,
                "five hexadecimal digits",
                "The first 20 bits of SHA-256 of what was found.",
                json!({ "type": "string", "pattern": "^[0-9a-f]{5}$" }),
            )],
            answer: Answer::Json("TokenDigests"),
            refusals: Refusals::Problems(&[C::ApiDisabled, C::InvalidRequest, C::RateLimited, C::Internal]),
        },
        Method {
            id: "ReportLeakedToken",
            verbs: &["POST"],
            path: "/api/ReportLeakedToken",
            summary: "Reports tokens that stand in public, as GitHub's partner programme does",
            credential: Credential::Nobody,
            fields: vec![
                needed(
                    "Github-Public-Key-Identifier",
                    Place::Header,
                    "an identifier",
                    "The key that the body is signed with.",
                    text(),
                ),
                needed(
                    "Github-Public-Key-Signature",
                    Place::Header,
                    "base64",
                    "The signature of the body's bytes.",
                    text(),
                ),
                needed("token", Place::Listed, "a token", "What was found.", text()),
                needed(
                    "type",
                    Place::Listed,
                    "text",
                    "The name of the pattern; it comes back.",
                    text(),
                ),
                field("url", Place::Listed, "an address", "Where it stands.", text()),
                field(
                    "source",
                    Place::Listed,
                    "text",
                    "What kind of place that is; ignored.",
                    text(),
                ),
            ],
            answer: Answer::Json("LeakVerdicts"),
            refusals: Refusals::Problems(&[
                C::Forbidden,
                C::NotFound,
                C::InvalidRequest,
                C::RateLimited,
                C::Internal,
            ]),
        },
    ]
}

fn open() -> Vec<Method> {
    let method = |id, path, summary, answer| Method {
        id,
        verbs: &["GET"],
        path,
        summary,
        credential: Credential::Nobody,
        fields: Vec::new(),
        answer,
        refusals: Refusals::Problems(&[C::Internal]),
    };
    vec![
        Method {
            id: "claim",
            verbs: &["POST"],
            path: "/claim",
            summary: "Fetches a secret once, with the one-time code of a handover",
            credential: Credential::Nobody,
            fields: vec![needed(
                "code",
                Place::Json,
                "43 characters",
                "The one-time code from the dialog in Daypass. It works once, for ten minutes, and never from a browser.",
                text(),
            )],
            answer: Answer::Secret,
            refusals: Refusals::Problems(&[
                C::Forbidden,
                C::Conflict,
                C::ExposedInBrowser,
                C::NetworkNotAllowed,
                C::InvalidRequest,
                C::RateLimited,
                C::Internal,
            ]),
        },
        method(
            "jwks",
            "/.well-known/jwks.json",
            "The public keys that check temporary tokens offline (RFC 7517)",
            Answer::Json("KeySet"),
        ),
        method(
            "oauth-authorization-server",
            "/.well-known/oauth-authorization-server",
            "Where OAuth's methods are and what they understand (RFC 8414)",
            Answer::Json("Metadata"),
        ),
        method(
            "openapi",
            "/api/openapi.json",
            "This description",
            Answer::Json("Description"),
        ),
        method("health", "/health", "Whether the server answers", Answer::Plain),
    ]
}
