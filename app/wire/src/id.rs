//! Identifiers: ULIDs as text, one type per thing they name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

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

/// The bytes of a ULID: Crockford's base32 in capitals; the first character carries three bits only.
fn read(text: &str) -> Option<[u8; LENGTH]> {
    let bytes: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
    let fits = bytes[0] <= b'7'
        && bytes.iter().all(|b| {
            b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U'))
        });
    fits.then_some(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; LENGTH]);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                // Only `read` makes one, from text.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read(text).map(Self).ok_or(IdError)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
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
    /// Names a temporary token (its `jti`). Its first ten characters are the moment of minting.
    TemporaryId
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
id!(
    /// Names a claim. It is not the claim's code.
    ClaimId
);
id!(
    /// Names a site that is watched.
    SiteId
);

impl TemporaryId {
    /// When it was made: the first 48 bits.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let value = |b: &u8| {
            (0_i64..)
                .zip(DIGITS)
                .find(|(_, d)| *d == b)
                .map_or(0, |(value, _)| value)
        };
        Timestamp::from_millis(self.0[..10].iter().fold(0, |sum, b| sum * 32 + value(b)))
    }
}

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

    #[test]
    fn a_temporary_tokens_id_tells_when_it_was_made() {
        // The example of the ULID specification.
        let id: TemporaryId = "01ARYZ6S41TSV4RRFFQ69G5FAV".parse().unwrap();
        assert_eq!(id.made_at(), Timestamp::from_millis(1_469_918_176_385));
    }
}
