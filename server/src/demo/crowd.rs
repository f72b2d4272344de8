//! Crowds of tokens for measuring lists: names, states, ages and rights that differ as they do in life.

use wire::{
    Contact, CreateTokenRequest, Grant, InterfaceName, Kind, MaybeRateLimit, Note, Origin, RateLimit, Reason,
    TemporaryLifetime, TokenName,
};

use super::organisation::INTERFACES;
use super::{DAY, DemoError, Maker, permissions};
use crate::store::{Seed, SeedHour, SeedToken};

const PRODUCTS: [&str; 12] = [
    "WordPress",
    "Newsletter",
    "Mobile app",
    "Kiosk",
    "Intranet",
    "Archive sync",
    "Partner feed",
    "Print export",
    "Video player",
    "Search",
    "Webshop",
    "Screen",
];
const PLACES: [&str; 10] = [
    "Bergen",
    "Oslo",
    "Tromsø",
    "Ålesund",
    "Stavanger",
    "Hamar",
    "Bodø",
    "Voss",
    "Molde",
    "Arendal",
];
const RIGHTS: [&str; 5] = [
    "read",
    "read+download",
    "read+download",
    "read+upload",
    "read+download+upload+edit",
];

/// Adds so many tokens: one in ten is inactive, one in twenty has expired, one in twenty waits for its secret, one in
/// fifty is public.
pub(super) fn add(maker: &Maker<'_>, seed: &mut Seed, count: u32) -> Result<(), DemoError> {
    let Some(owner) = seed.users.first().map(|u| u.id.clone()) else {
        return Err(DemoError::Id);
    };
    let this_hour = maker.now.seconds().div_euclid(3600);
    for number in 0..count {
        let at = |list: usize, salt: u32| usize::try_from(number.wrapping_mul(salt) >> 3).unwrap_or(0) % list;
        let age = i64::from(number % 900);
        let created_at = maker.now.plus_seconds(-age * DAY - i64::from(number % 86_399));
        let public = number % 50 == 7;
        let kind = if public { Kind::Public } else { Kind::Secret };
        let name = format!(
            "{} {} {number:06}",
            PRODUCTS[at(PRODUCTS.len(), 7)],
            PLACES[at(PLACES.len(), 13)]
        );
        let mut grants = Vec::new();
        for (offset, rights) in RIGHTS.iter().enumerate().take(1 + at(3, 5)) {
            let (interface, _, _, _) = INTERFACES[(at(INTERFACES.len(), 11) + offset) % INTERFACES.len()];
            grants.push(Grant {
                interface: InterfaceName::parse(interface)?,
                permissions: permissions(rights)?,
            });
        }
        if public {
            let open = INTERFACES
                .iter()
                .find(|(_, _, public, _)| *public)
                .map_or("", |(name, ..)| *name);
            grants = vec![Grant {
                interface: InterfaceName::parse(open)?,
                permissions: permissions("read")?,
            }];
        }
        let ends = match number % 20 {
            3 => Some(maker.now.plus_seconds(-DAY * i64::from(number % 300 + 1))),
            5 => Some(maker.now.plus_seconds(DAY * i64::from(number % 200 + 1))),
            _ if public => Some(maker.now.plus_seconds(DAY * 200)),
            _ => None,
        };
        let waits = number % 20 == 11;
        let used = !waits && number % 6 != 0;
        let last_used_at = used.then(|| {
            maker
                .now
                .plus_seconds(-i64::from(number % 120) * DAY / 2 - i64::from(number % 3599))
                .max(created_at)
        });
        let mut secrets = Vec::new();
        if !waits {
            let mut secret = maker.secret(kind, created_at)?;
            secret.last_used_at = last_used_at;
            secrets.push(secret);
        }
        let hours = (number % 100 == 1).then(|| {
            (0..30 * 24)
                .step_by(3)
                .map(|back| SeedHour {
                    hour: this_hour - back,
                    outcome: "allowed",
                    count: u64::from(number % 90 + 1),
                })
                .collect()
        });
        seed.tokens.push(SeedToken {
            id: maker.id(created_at)?,
            made: CreateTokenRequest {
                name: TokenName::parse(&name)?,
                kind,
                grants,
                temporary_lifetime: TemporaryLifetime::Default,
                expires_at: ends,
                allowed_origins: if public {
                    vec![Origin::parse("https://www.example.org")?]
                } else {
                    Vec::new()
                },
                allowed_networks: Vec::new(),
                rate_limit: RateLimit::new(60, 60)
                    .filter(|_| public)
                    .map_or(MaybeRateLimit::Default, MaybeRateLimit::Limited),
                note: Note::default(),
                contact: Contact::default(),
                write_reason: Reason::default(),
            },
            created_at,
            created_by: owner.clone(),
            last_used_at,
            deactivated_at: (number % 10 == 9).then_some(maker.now),
            secrets,
            exposures: Vec::new(),
            hours: hours.unwrap_or_default(),
            sources: Vec::new(),
        });
    }
    Ok(())
}
