//! Why somebody should look at a token: the one definition of each reason, and its thresholds.
//!
//! The list's filter and the overview say the same in SQL (`store/token_list.rs`) with the moments of [`Bounds`]; a
//! test of the store's suite compares both. Nothing that depends on anything but the token, the settings and the time
//! may enter: two people who look at the same moment see the same reasons.

use wire::{Attention, Status, Timestamp};

use super::settings::Settings;

const DAY_MS: i64 = 86_400_000;

/// How close a token's own end is when it "expires soon": 14 days, in milliseconds.
pub const EXPIRES_SOON_MS: i64 = 14 * DAY_MS;

/// How long after its secret was handed over a token without any use is "never used": 7 days, in milliseconds.
pub const NEVER_USED_MS: i64 = 7 * DAY_MS;

/// How long ago the last use of an "unused" token is: 90 days, in milliseconds.
pub const UNUSED_MS: i64 = 90 * DAY_MS;

/// To how many interfaces a token with "broad rights" may write, at least.
pub const BROAD_INTERFACES: usize = 3;

/// The thresholds as moments, for one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The time of the reading.
    pub now: Timestamp,
    /// An own end before this moment is soon.
    pub expires_before: Timestamp,
    /// A current secret made before this moment is due for rotation.
    pub rotated_before: Timestamp,
    /// A current secret made before this moment should have been used by now.
    pub handed_over_before: Timestamp,
    /// A last use before this moment is long ago.
    pub used_before: Timestamp,
}

impl Bounds {
    /// The thresholds at a moment.
    #[must_use]
    pub fn at(now: Timestamp, settings: &Settings) -> Self {
        let away = |millis: i64| Timestamp::from_millis(now.millis().saturating_add(millis));
        Self {
            now,
            expires_before: away(EXPIRES_SOON_MS),
            rotated_before: away(-i64::from(settings.rotation_age_days) * DAY_MS),
            handed_over_before: away(-NEVER_USED_MS),
            used_before: away(-UNUSED_MS),
        }
    }
}

/// What the reasons are derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The state at the time of the reading.
    pub status: Status,
    /// Whether an exposure of one of its secrets is recorded.
    pub exposed: bool,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// When its current secret, the one without an end, was made.
    pub secret_created_at: Option<Timestamp>,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// To how many interfaces it may write.
    pub writable_interfaces: usize,
}

/// The reasons that a token has, the most urgent first. Only active tokens have any: no other can be used.
#[must_use]
pub fn attention(facts: &Facts, bounds: &Bounds) -> Vec<Attention> {
    if facts.status != Status::Active {
        return Vec::new();
    }
    let made_before = |bound| facts.secret_created_at.is_some_and(|made| made < bound);
    Attention::ALL
        .into_iter()
        .filter(|reason| match reason {
            Attention::Exposed => facts.exposed,
            Attention::ExpiresSoon => facts.expires_at.is_some_and(|end| end < bounds.expires_before),
            Attention::RotationDue => made_before(bounds.rotated_before),
            Attention::NeverUsed => facts.last_used_at.is_none() && made_before(bounds.handed_over_before),
            Attention::Unused => facts.last_used_at.is_some_and(|used| used < bounds.used_before),
            Attention::BroadRights => facts.writable_interfaces >= BROAD_INTERFACES,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);

    fn days(days: i64) -> Timestamp {
        NOW.plus_seconds(days * 86_400)
    }

    fn fine() -> Facts {
        Facts {
            status: Status::Active,
            exposed: false,
            expires_at: Some(days(14)),
            secret_created_at: Some(days(-365)),
            last_used_at: Some(days(-90)),
            writable_interfaces: 2,
        }
    }

    fn of(facts: &Facts) -> Vec<Attention> {
        attention(facts, &Bounds::at(NOW, &Settings::default()))
    }

    #[test]
    fn on_the_threshold_all_is_well() {
        assert!(of(&fine()).is_empty());
        let unused = Facts {
            secret_created_at: Some(days(-7)),
            last_used_at: None,
            ..fine()
        };
        assert!(of(&unused).is_empty());
    }

    #[test]
    fn a_millisecond_beyond_is_a_reason() {
        let before = |moment: Timestamp| Some(Timestamp::from_millis(moment.millis() - 1));
        let cases = [
            (
                Facts {
                    exposed: true,
                    ..fine()
                },
                Attention::Exposed,
            ),
            (
                Facts {
                    expires_at: before(days(14)),
                    ..fine()
                },
                Attention::ExpiresSoon,
            ),
            (
                Facts {
                    secret_created_at: before(days(-365)),
                    ..fine()
                },
                Attention::RotationDue,
            ),
            (
                Facts {
                    secret_created_at: before(days(-7)),
                    last_used_at: None,
                    ..fine()
                },
                Attention::NeverUsed,
            ),
            (
                Facts {
                    last_used_at: before(days(-90)),
                    ..fine()
                },
                Attention::Unused,
            ),
            (
                Facts {
                    writable_interfaces: 3,
                    ..fine()
                },
                Attention::BroadRights,
            ),
        ];
        for (facts, reason) in cases {
            assert_eq!(of(&facts), [reason]);
        }
    }

    #[test]
    fn only_active_tokens_have_reasons_and_the_most_urgent_is_first() {
        let bad = Facts {
            exposed: true,
            expires_at: Some(days(1)),
            secret_created_at: Some(days(-400)),
            last_used_at: None,
            writable_interfaces: 9,
            ..fine()
        };
        assert_eq!(
            of(&bad),
            [
                Attention::Exposed,
                Attention::ExpiresSoon,
                Attention::RotationDue,
                Attention::NeverUsed,
                Attention::BroadRights
            ]
        );
        for status in [Status::AwaitingSecret, Status::Inactive, Status::Expired] {
            assert!(of(&Facts { status, ..bad }).is_empty());
        }
    }
}
