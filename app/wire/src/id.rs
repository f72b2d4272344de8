//! Identifiers: ULIDs as text, one type per thing they name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id has 26 characters, digits and capital letters without I, L, O and U")
    }
}

impl std::error::Error for IdError {}

const LENGTH: usize = 26;

/// Crockford's base32 in capitals; the first character carries three bits only.
fn is_ulid(text: &str) -> bool {
    text.len() == LENGTH
        && text.as_bytes()[0] <= b'7'
        && text.bytes().all(|b| {
            b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U'))
        })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_ulid(text) { Ok(Self(text.to_owned())) } else { Err(IdError) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                if is_ulid(&text) { Ok(Self(text)) } else { Err(IdError) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

id!(
    /// Names a token.
    TokenId
);
id!(
    /// Names one version of a token's value; a temporary token carries it.
    SecretId
);
id!(
    /// Names an interface; temporary tokens carry it, so that renaming one changes nothing for them.
    InterfaceId
);
id!(
    /// Names an administrator.
    UserId
);
id!(
    /// Names an entry of the activity list.
    ActivityId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_a_ulid_and_nothing_else() {
        assert!("01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<TokenId>().is_ok());
        for wrong in [
            "",
            "01arz3ndektsv4rrffq69g5fav",
            "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01ARZ3NDEKTSV4RRFFQ69G5FAI",
            "../../etc/passwd-and-so-on",
        ] {
            assert_eq!(wrong.parse::<TokenId>(), Err(IdError), "{wrong}");
        }
    }
}
