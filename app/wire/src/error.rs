//! Refusals: the codes of the contract and the problem document (RFC 9457) that carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Grant, Help, TokenId};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// Why a request was refused. The text form is part of the contract and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the contract.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// A short summary that does not change from one occurrence to the next.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// No credential in the request.
    TokenMissing = "token_missing", 401, "No token was sent";
    /// A credential that cannot be one of ours, or two different ones.
    TokenMalformed = "token_malformed", 401, "The token is not well-formed";
    /// A credential that nobody issued.
    TokenUnknown = "token_unknown", 401, "The token is not known";
    /// The token was deactivated.
    TokenInactive = "token_inactive", 401, "The token is inactive";
    /// The token, its secret or its lifetime has ended.
    TokenExpired = "token_expired", 401, "The token has expired";
    /// Only inactive tokens are deleted.
    TokenNotInactive = "token_not_inactive", 409, "The token is not inactive";
    /// A temporary token that was stopped before its time.
    TemporaryTokenStopped = "temporary_token_stopped", 401, "The temporary token was stopped";
    /// No grant on the interface.
    InterfaceNotGranted = "interface_not_granted", 403, "The interface is not granted";
    /// A grant on the interface, without the permission.
    PermissionNotGranted = "permission_not_granted", 403, "The permission is not granted";
    /// A page of an origin that is not on the token's list.
    OriginNotAllowed = "origin_not_allowed", 403, "The origin is not allowed";
    /// A client of a network that is not on the token's list.
    NetworkNotAllowed = "network_not_allowed", 403, "The network is not allowed";
    /// More requests than the limit allows.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// A permanent secret was used from client-side code.
    ExposedInBrowser = "exposed_in_browser", 403, "A permanent token was used in a browser";
    /// A permanent secret was put into a URL.
    TokenInUrl = "token_in_url", 401, "A permanent token was put into a URL";
    /// An owner has switched API access off.
    ApiDisabled = "api_disabled", 403, "API access is switched off";
    /// A request that breaks a rule of the contract.
    InvalidRequest = "invalid_request", 422, "The request is not valid";
    /// Somebody else changed it in the meantime, or the name is taken.
    Conflict = "conflict", 409, "Conflict";
    /// There is no such thing.
    NotFound = "not_found", 404, "Not found";
    /// No session, or one that has ended.
    Unauthenticated = "unauthenticated", 401, "Not signed in";
    /// Signed in, but not allowed; a cross-origin request with our cookie too.
    Forbidden = "forbidden", 403, "Forbidden";
    /// The session is too old for this act.
    ReauthenticationRequired = "reauthentication_required", 403, "Sign in again";
    /// Our fault; the log has the reason under the request id.
    Internal = "internal", 500, "Internal Server Error";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which rule a field breaks. The app translates it; [`FieldErrorCode::detail`] is for programs' logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldErrorCode {
    /// Nothing was given.
    Required,
    /// More characters or entries than allowed.
    TooLong,
    /// Fewer characters than allowed.
    TooShort,
    /// A character that is not shown, or changes how others are shown.
    ControlCharacter,
    /// Something of the form of a permanent token.
    ContainsToken,
    /// The name is in use, or was in use where names are never given twice.
    Taken,
    /// A field that the contract does not know.
    UnknownField,
    /// Not of the kind of value that the field holds.
    WrongType,
    /// A number outside its limits.
    OutOfRange,
    /// A moment that has passed.
    InThePast,
    /// Not scheme, host and port.
    NotAnOrigin,
    /// Not an address or a network in CIDR form.
    NotANetwork,
    /// No interface has this name.
    UnknownInterface,
    /// Not a path, or not of the form that a rule has.
    NotAPath,
    /// The same interface twice.
    Duplicate,
    /// A permission that this kind of token never holds.
    NotForThisKind,
    /// A public token reaches only interfaces that are flagged public.
    InterfaceNotPublic,
    /// A public token needs this.
    PublicNeeds,
    /// Temporary tokens without an end are switched off.
    EndlessNotAllowed,
    /// Two fields that exclude each other.
    Excludes,
    /// Too easy to guess.
    Weak,
}

impl FieldErrorCode {
    /// The rule in a sentence.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Required => "a value is required",
            Self::TooLong => "the value is too long",
            Self::TooShort => "the value is too short",
            Self::ControlCharacter => "control and invisible characters are not allowed",
            Self::ContainsToken => "the text contains something that looks like a permanent token; remove it",
            Self::Taken => "the name is taken; choose another one",
            Self::UnknownField => "there is no such field",
            Self::WrongType => "the value is of the wrong type",
            Self::OutOfRange => "the number is outside its limits",
            Self::InThePast => "the moment has passed; choose a later one",
            Self::NotAnOrigin => "write an origin as scheme, host and port, like https://www.example.org",
            Self::NotANetwork => "write an address or a network, like 192.0.2.0/24",
            Self::NotAPath => "a path such as /press/rocket.webp, or /press/* for all below it, is needed",
            Self::UnknownInterface => "there is no interface with this name",
            Self::Duplicate => "the same entry stands there twice",
            Self::NotForThisKind => "a public token may only read and download",
            Self::InterfaceNotPublic => "a public token reaches only interfaces that are flagged public",
            Self::PublicNeeds => "a public token needs at least one origin, a rate limit and an expiry",
            Self::EndlessNotAllowed => "temporary tokens without an end are switched off in the settings",
            Self::Excludes => "these fields exclude each other; send one of them",
            Self::Weak => "the value is too easy to guess",
        }
    }
}

impl fmt::Display for FieldErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for FieldErrorCode {}

/// A rule that a field breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field as the request names it, with dots and indices: `grants[0].interface`.
    pub field: String,
    /// The rule.
    pub code: FieldErrorCode,
    /// The rule in a sentence, with the limit where it has one.
    pub detail: String,
}

impl FieldError {
    /// A broken rule with its own sentence.
    #[must_use]
    pub fn new(field: impl Into<String>, code: FieldErrorCode) -> Self {
        Self {
            field: field.into(),
            code,
            detail: code.detail().to_owned(),
        }
    }
}

/// A token, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenReference {
    /// Its identity.
    pub id: TokenId,
    /// Its name now.
    pub name: String,
}

/// Tokens that stand in the way of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensInTheWay {
    /// The first of them by name, at most [`TokensInTheWay::MOST`].
    pub items: Vec<TokenReference>,
    /// How many there are.
    pub total: u64,
}

impl TokensInTheWay {
    /// So many are named.
    pub const MOST: u32 = 50;
}

/// A problem document (RFC 9457). `code` is what programs decide on; `title` and `detail` are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where the code is explained, relative to the server: `/api/errors#…`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The summary that goes with the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do next.
    pub detail: String,
    /// The code.
    pub code: ErrorCode,
    /// The rights that are missing, where rights are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Grant>,
    /// The fields that were refused, where fields were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The tokens that stand in the way, where tokens do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_the_way: Option<TokensInTheWay>,
    /// What to do instead, where somebody put a permanent token where it must not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Help>,
    /// The request's id; it leads to the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_text_form() {
        for code in ErrorCode::ALL {
            assert_eq!(
                serde_json::to_string(code).unwrap(),
                format!("\"{}\"", code.as_str())
            );
        }
    }
}
