//! Numbers that people give, and their limits: lifetimes, overlaps, rate limits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::object::objects;

/// The limits that forms and server share.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest lifetime of a temporary token, in seconds: one year. The setting may say less.
    pub longest_temporary_lifetime: i64,
    /// Longest overlap of a replaced secret, in seconds: 30 days.
    pub longest_overlap: i64,
    /// Most origins of one token.
    pub origins: usize,
    /// Most networks of one token.
    pub networks: usize,
    /// Most grants of one token.
    pub grants: usize,
    /// Most requests of a rate limit.
    pub rate_requests: u32,
    /// Longest period of a rate limit, in seconds: one day.
    pub rate_seconds: u32,
    /// Shortest random part of a generated value, in characters.
    pub shortest_key: u16,
    /// Longest random part of a generated value, in characters.
    pub longest_key: u16,
    /// Shortest password of an administrator, in characters.
    pub shortest_password: usize,
    /// Longest password of an administrator, in characters.
    pub longest_password: usize,
    /// Largest body of a request, in bytes.
    pub body: usize,
    /// Largest table of tokens, in bytes.
    pub table: usize,
    /// Most rows of a table of tokens.
    pub table_rows: usize,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    longest_temporary_lifetime: 31_536_000,
    longest_overlap: 2_592_000,
    origins: 20,
    networks: 20,
    grants: 1000,
    rate_requests: 1_000_000,
    rate_seconds: 86_400,
    shortest_key: 32,
    longest_key: 128,
    shortest_password: 12,
    longest_password: 256,
    body: 65_536,
    table: 1_048_576,
    table_rows: 1000,
};

/// How long temporary tokens of a token live, in seconds: `-1` is the configured default, `0` has no end (allowed
/// only while the setting `allow_endless_temporary_tokens` is on).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TemporaryLifetime {
    /// `-1`: whatever the settings say at the moment of minting.
    #[default]
    Default,
    /// `0`: no end.
    Endless,
    /// That many seconds.
    Seconds(i64),
}

impl TemporaryLifetime {
    /// From the number of the contract; `None` outside -1 ..= one year.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            -1 => Some(Self::Default),
            0 => Some(Self::Endless),
            1.. if number <= LIMITS.longest_temporary_lifetime => Some(Self::Seconds(number)),
            _ => None,
        }
    }

    /// The number of the contract.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Default => -1,
            Self::Endless => 0,
            Self::Seconds(seconds) => seconds,
        }
    }
}

impl Serialize for TemporaryLifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

impl<'de> Deserialize<'de> for TemporaryLifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_number(i64::deserialize(deserializer)?).ok_or_else(|| {
            serde::de::Error::custom(
                "a lifetime is -1 (the default), 0 (no end) or a number of seconds up to 31536000 (one year)",
            )
        })
    }
}

/// How long a replaced secret goes on working, in seconds, 0 ..= 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Overlap(i64);

impl Overlap {
    /// From seconds; `None` outside the limits.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (0..=LIMITS.longest_overlap)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RateLimitNumbers")]
pub struct RateLimit {
    /// Requests, 1 ..= 1,000,000.
    pub requests: u32,
    /// Seconds, 1 ..= 86,400.
    pub per_seconds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
struct RateLimitNumbers {
    requests: u32,
    per_seconds: u32,
}
objects!(RateLimitNumbers);

impl TryFrom<RateLimitNumbers> for RateLimit {
    type Error = &'static str;

    fn try_from(n: RateLimitNumbers) -> Result<Self, &'static str> {
        Self::new(n.requests, n.per_seconds)
            .ok_or("a rate limit has 1 to 1000000 requests in 1 to 86400 seconds")
    }
}

impl RateLimit {
    /// `None` outside the limits.
    #[must_use]
    pub fn new(requests: u32, per_seconds: u32) -> Option<Self> {
        ((1..=LIMITS.rate_requests).contains(&requests) && (1..=LIMITS.rate_seconds).contains(&per_seconds))
            .then_some(Self {
                requests,
                per_seconds,
            })
    }
}

/// A token's rate limit; in JSON `null`, `"unlimited"` or `{requests, per_seconds}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MaybeRateLimit {
    /// `null`: the setting's default.
    #[default]
    Default,
    /// `"unlimited"`: none.
    Unlimited,
    /// Its own.
    Limited(RateLimit),
}

impl Serialize for MaybeRateLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_none(),
            Self::Unlimited => serializer.serialize_str("unlimited"),
            Self::Limited(limit) => limit.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MaybeRateLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "a rate limit is null, \"unlimited\" or {\"requests\": 1–1000000, \"per_seconds\": 1–86400}"
        )]
        enum Form {
            Limit(RateLimit),
            Word(Word),
        }
        #[derive(Deserialize)]
        enum Word {
            #[serde(rename = "unlimited")]
            Unlimited,
        }
        Ok(match Option::<Form>::deserialize(deserializer)? {
            None => Self::Default,
            Some(Form::Word(Word::Unlimited)) => Self::Unlimited,
            Some(Form::Limit(limit)) => Self::Limited(limit),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_have_two_special_numbers() {
        assert_eq!(
            TemporaryLifetime::from_number(-1),
            Some(TemporaryLifetime::Default)
        );
        assert_eq!(
            TemporaryLifetime::from_number(0),
            Some(TemporaryLifetime::Endless)
        );
        assert_eq!(
            TemporaryLifetime::from_number(900),
            Some(TemporaryLifetime::Seconds(900))
        );
        assert_eq!(TemporaryLifetime::from_number(-2), None);
        assert_eq!(TemporaryLifetime::from_number(31_536_001), None);
    }

    #[test]
    fn rate_limits_have_three_forms() {
        let read = |text| serde_json::from_str::<MaybeRateLimit>(text);
        assert_eq!(read("null").unwrap(), MaybeRateLimit::Default);
        assert_eq!(read("\"unlimited\"").unwrap(), MaybeRateLimit::Unlimited);
        let own = read(r#"{"requests":10,"per_seconds":60}"#).unwrap();
        assert_eq!(
            own,
            MaybeRateLimit::Limited(RateLimit {
                requests: 10,
                per_seconds: 60
            })
        );
        assert_eq!(
            serde_json::to_string(&own).unwrap(),
            r#"{"requests":10,"per_seconds":60}"#
        );
        for wrong in [
            "\"none\"",
            "5",
            r#"{"requests":0,"per_seconds":60}"#,
            r#"{"requests":1}"#,
            "[10,60]",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
