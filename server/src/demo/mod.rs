//! Made-up data for demonstrations and measurements: an organisation with two years behind it, and crowds of tokens.
//!
//! It fills an empty database only, and nobody knows the value of a secret that it makes. Nothing that answers
//! requests may use it.

mod crowd;
mod organisation;

use std::net::IpAddr;

use wire::{
    ActivityAction, ActivityId, ChangeView, Contact, CreateInterfaceRequest, CreateTokenRequest, Description,
    Door, FieldErrorCode, Grant, InterfaceName, Kind, MaybeRateLimit, Network, Note, Origin, Permissions,
    RateLimit, Reason, SourceKind, TemporaryLifetime, TextError, Timestamp, TokenName, UserId, UserName,
};

use self::organisation::{INTERFACES, PEOPLE, Rhythm, TOKENS, Use};
use crate::domain::activity::{Actor, Who};
use crate::entropy::Entropy;
use crate::secret::{
    Keyring, OneTimeCode, PasswordError, PasswordHashText, Passwords, PlainPassword, PlainToken,
};
use crate::store::{
    NewSecret, SecretSource, Seed, SeedActivity, SeedExposure, SeedHour, SeedInterface, SeedSecret,
    SeedSource, SeedToken, SeedUser, Store, StoreError,
};

const DAY: i64 = 86_400;

/// What fills the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demo {
    /// The organisation.
    Organisation,
    /// So many tokens, for measuring lists.
    Crowd(u32),
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A text of the data breaks a rule.
    #[error("a text of the demonstration: {0}")]
    Text(#[from] TextError),
    /// An origin, a network or a number of the data breaks a rule.
    #[error("a value of the demonstration: {0}")]
    Value(#[from] FieldErrorCode),
    /// An id.
    #[error("an id could not be made")]
    Id,
}

/// Who signs in to the demonstration. The password is told to whoever started it, once.
#[derive(Debug)]
pub struct Welcome {
    /// The name.
    pub name: &'static str,
    /// The password, made for this database.
    pub password: OneTimeCode,
}

/// What the data is made with.
struct Maker<'a> {
    keyring: &'a Keyring,
    entropy: &'a dyn Entropy,
    now: Timestamp,
}

/// Fills an empty database.
///
/// # Errors
/// [`StoreError::NotEmpty`] where there is anything; then nothing was changed.
pub async fn fill(
    store: &Store,
    keyring: &Keyring,
    passwords: &Passwords,
    entropy: &dyn Entropy,
    now: Timestamp,
    demo: Demo,
) -> Result<Welcome, DemoError> {
    let maker = Maker {
        keyring,
        entropy,
        now,
    };
    let password = OneTimeCode::generate_readable(entropy);
    let typed = PlainPassword::new(password.expose_to_its_owner().to_owned());
    let hash = passwords.hash(typed, entropy).await?;
    let mut seed = Seed {
        users: maker.people(hash)?,
        interfaces: maker.interfaces()?,
        ..Seed::default()
    };
    match demo {
        Demo::Organisation => maker.organisation(&mut seed)?,
        Demo::Crowd(count) => crowd::add(&maker, &mut seed, count)?,
    }
    store.seed(seed).await?;
    let (name, _) = PEOPLE[0];
    Ok(Welcome { name, password })
}

/// Permissions, with a plus between them.
fn permissions(text: &str) -> Result<Permissions, DemoError> {
    let read = |word: &str| word.parse().map_err(|()| FieldErrorCode::WrongType);
    Ok(text.split('+').map(read).collect::<Result<_, _>>()?)
}

/// A name of the past, which fits nobody's password.
fn no_password() -> PasswordHashText {
    PasswordHashText::from_column("none".to_owned())
}

impl Maker<'_> {
    fn id<T: std::str::FromStr>(&self, at: Timestamp) -> Result<T, DemoError> {
        self.entropy.new_id(at).ok_or(DemoError::Id)
    }

    /// So many days ago, at some minute of the working day.
    fn days_ago(&self, days: i64) -> Timestamp {
        let midnight = self.now.seconds().div_euclid(DAY) - days;
        let second = i64::from(self.below(8 * 3600)) + 7 * 3600;
        let at = Timestamp::from_millis((midnight * DAY + second) * 1000);
        at.min(self.now.plus_seconds(-i64::from(self.below(3000)) - 60))
    }

    /// A random number below another one.
    fn below(&self, most: u32) -> u32 {
        u32::from_be_bytes(self.entropy.bytes()) % most.max(1)
    }

    fn people(&self, first: PasswordHashText) -> Result<Vec<SeedUser>, DemoError> {
        let hashes = std::iter::once(first).chain(std::iter::repeat_with(no_password));
        PEOPLE
            .iter()
            .zip(hashes)
            .map(|((name, days), password_hash)| {
                let created_at = self.days_ago(*days);
                Ok(SeedUser {
                    id: self.id(created_at)?,
                    name: UserName::parse(name)?,
                    password_hash,
                    created_at,
                })
            })
            .collect()
    }

    fn interfaces(&self) -> Result<Vec<SeedInterface>, DemoError> {
        INTERFACES
            .iter()
            .map(|(name, description, public, days)| {
                let created_at = self.days_ago(*days);
                Ok(SeedInterface {
                    id: self.id(created_at)?,
                    made: CreateInterfaceRequest {
                        name: InterfaceName::parse(name)?,
                        description: Description::parse(description)?,
                        public: *public,
                    },
                    created_at,
                })
            })
            .collect()
    }

    /// A secret whose value is forgotten at once.
    fn secret(&self, kind: Kind, created_at: Timestamp) -> Result<SeedSecret, DemoError> {
        let value = PlainToken::generate(kind, 40, self.entropy);
        let pepper = self.keyring.pepper();
        Ok(SeedSecret {
            id: self.id(created_at)?,
            new: NewSecret {
                digest: pepper.digest(&value),
                pepper_id: pepper.id().to_owned(),
                hint: value.hint(),
                source: SecretSource::Generated,
                leak_prefix: Some(value.leak_prefix()),
            },
            created_at,
            expires_at: None,
            last_used_at: None,
        })
    }

    fn organisation(&self, seed: &mut Seed) -> Result<(), DemoError> {
        for person in &seed.users {
            let act = (
                ActivityAction::UserCreated,
                "user",
                person.id.as_str(),
                person.name.as_str(),
            );
            let entry = self.entry(Who::CommandLine, person.created_at, act, Vec::new())?;
            seed.activity.push(entry);
        }
        for interface in &seed.interfaces {
            let name = interface.made.name.as_str();
            let act = (
                ActivityAction::InterfaceCreated,
                "interface",
                interface.id.as_str(),
                name,
            );
            let entry = self.entry(who(&seed.users[0]), interface.created_at, act, Vec::new())?;
            seed.activity.push(entry);
        }
        for data in TOKENS {
            let token = self.token(data, &seed.users)?;
            self.history(data, &token, seed)?;
            seed.tokens.push(token);
        }
        for days in 0..45 {
            let person = &seed.users[usize::try_from(self.below(3)).unwrap_or(0)];
            if self.below(10) < 6 {
                let entry = SeedActivity {
                    subject_id: None,
                    subject_name: None,
                    ..self.entry(
                        who(person),
                        self.days_ago(days),
                        (ActivityAction::SessionCreated, "session", "", ""),
                        Vec::new(),
                    )?
                };
                seed.activity.push(entry);
            }
        }
        Ok(())
    }

    fn token(&self, data: &organisation::Token, users: &[SeedUser]) -> Result<SeedToken, DemoError> {
        let created_at = self.days_ago(data.made);
        let grants = data.grants.iter().map(|(interface, words)| {
            Ok(Grant {
                interface: InterfaceName::parse(interface)?,
                permissions: permissions(words)?,
            })
        });
        let rate_limit = match data.rate {
            None => MaybeRateLimit::Default,
            Some((requests, seconds)) => {
                MaybeRateLimit::Limited(RateLimit::new(requests, seconds).ok_or(FieldErrorCode::OutOfRange)?)
            }
        };
        let made = CreateTokenRequest {
            name: TokenName::parse(data.name)?,
            kind: data.kind,
            grants: grants.collect::<Result<_, DemoError>>()?,
            temporary_lifetime: TemporaryLifetime::from_number(data.lifetime)
                .ok_or(FieldErrorCode::OutOfRange)?,
            expires_at: data.ends.map(|days| self.now.plus_seconds(days * DAY)),
            allowed_origins: data
                .origins
                .iter()
                .map(|o| Origin::parse(o))
                .collect::<Result<_, _>>()?,
            allowed_networks: data
                .networks
                .iter()
                .map(|n| Network::parse(n))
                .collect::<Result<_, _>>()?,
            rate_limit,
            note: Note::parse(data.note)?,
            contact: Contact::parse(data.contact)?,
            write_reason: Reason::parse(data.reason)?,
        };
        let hours = data.used.map(|used| self.hours(&used)).unwrap_or_default();
        let last_used_at = hours
            .iter()
            .filter(|h| h.outcome == "allowed")
            .map(|h| h.hour)
            .max()
            .map(|hour| {
                Timestamp::from_millis(hour * 3_600_000 + i64::from(self.below(3_600_000))).min(self.now)
            });
        let mut secrets = Vec::new();
        if let Some(days) = data.secret {
            let mut current = self.secret(data.kind, self.days_ago(days).max(created_at))?;
            current.last_used_at = last_used_at;
            if let Some(hours) = data.overlap {
                let mut previous = self.secret(data.kind, created_at)?;
                previous.expires_at = Some(self.now.plus_seconds(hours * 3600));
                previous.last_used_at = last_used_at.map(|at| at.plus_seconds(-7200));
                secrets.push(previous);
            }
            secrets.insert(0, current);
        }
        let exposures = data.seen.map(|seen| SeedExposure {
            door: if seen.origin.is_empty() {
                Door::Url
            } else {
                Door::Browser
            },
            origin: seen.origin.to_owned(),
            page: seen.page.to_owned(),
            address: "192.0.2.77".to_owned(),
            first_seen_at: self.days_ago(seen.since),
            last_seen_at: self.days_ago(seen.until),
            count: seen.count,
        });
        Ok(SeedToken {
            id: self.id(created_at)?,
            created_at,
            created_by: users[data.by].id.clone(),
            last_used_at,
            deactivated_at: data.off.map(|days| self.days_ago(days)),
            secrets,
            exposures: exposures.into_iter().collect(),
            sources: data
                .used
                .map(|used| sources(&used, &hours, data, self.now))
                .unwrap_or_default(),
            hours,
            made,
        })
    }

    /// The use of the last 60 days, hour by hour, as the rhythm has it, never twice the same.
    fn hours(&self, used: &Use) -> Vec<SeedHour> {
        let this_hour = self.now.seconds().div_euclid(3600);
        let (first, last) = (this_hour - used.since * 24, this_hour - used.until * 24);
        let mut hours = Vec::new();
        for hour in first..=last {
            let chance = f64::from(self.below(1000)) / 1000.0;
            let expected = used.per_day * share(used.rhythm, hour) * (0.7 + 0.6 * chance);
            // Less than one request in an hour is one now and then.
            let extra = f64::from(self.below(1000)) / 1000.0 < expected.fract();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small positive number"
            )]
            let allowed = expected as u64 + u64::from(extra);
            let some = |one_in: u64| {
                let all = allowed.checked_div(one_in).unwrap_or(0);
                let rest = allowed.checked_rem(one_in).unwrap_or(0);
                all + u64::from(one_in > 0 && u64::from(self.below(u32::MAX)) % one_in < rest)
            };
            let counts = [
                ("allowed", allowed),
                ("refused", some(used.refused_one_in)),
                ("minted", some(used.minted_one_in)),
            ];
            hours.extend(
                counts
                    .into_iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(outcome, count)| SeedHour { hour, outcome, count }),
            );
        }
        hours
    }

    /// What the activity list tells of a token.
    fn history(
        &self,
        data: &organisation::Token,
        token: &SeedToken,
        seed: &mut Seed,
    ) -> Result<(), DemoError> {
        let by = who(&seed.users[data.by]);
        let (id, name) = (token.id.as_str(), token.made.name.as_str());
        let mut tell = |at, action, who: Who, changes| -> Result<(), DemoError> {
            seed.activity
                .push(self.entry(who, at, (action, "token", id, name), changes)?);
            Ok(())
        };
        let change = |field: String, after: String| ChangeView {
            field,
            before: None,
            after: Some(after),
        };
        let granted = data
            .grants
            .iter()
            .map(|(interface, words)| change(format!("grants: {interface}"), words.replace('+', ", ")));
        tell(
            token.created_at,
            ActivityAction::TokenCreated,
            by.clone(),
            granted.collect(),
        )?;
        for secret in &token.secrets {
            let hint = change("secret".to_owned(), secret.new.hint.clone());
            tell(
                secret.created_at,
                ActivityAction::SecretGenerated,
                by.clone(),
                vec![hint],
            )?;
        }
        if let Some(at) = token.deactivated_at {
            tell(at, ActivityAction::TokenDeactivated, by, Vec::new())?;
        }
        for exposure in &token.exposures {
            let page = Some(exposure.page.clone()).filter(|page| !page.is_empty());
            let seen = ChangeView {
                field: exposure.door.as_str().to_owned(),
                before: None,
                after: page,
            };
            tell(
                exposure.first_seen_at,
                ActivityAction::ExposureRecorded,
                Who::System,
                vec![seen],
            )?;
        }
        Ok(())
    }

    fn entry(
        &self,
        who: Who,
        at: Timestamp,
        (action, subject_kind, id, name): (ActivityAction, &'static str, &str, &str),
        changes: Vec<ChangeView>,
    ) -> Result<SeedActivity, DemoError> {
        let id_of_entry: ActivityId = self.id(at)?;
        let address = matches!(who, Who::User { .. }).then(|| IpAddr::from([10, 20, 4, 90]));
        Ok(SeedActivity {
            id: id_of_entry,
            at,
            actor: Actor { who, address },
            action,
            subject_kind,
            subject_id: Some(id.to_owned()),
            subject_name: Some(name.to_owned()),
            changes,
        })
    }
}

fn who(user: &SeedUser) -> Who {
    let id: UserId = user.id.clone();
    Who::User {
        id,
        name: user.name.as_str().to_owned(),
    }
}

/// Which share of a usual day's requests comes in this hour (of UTC; Bergen is an hour or two ahead).
fn share(rhythm: Rhythm, hour: i64) -> f64 {
    const READERS: [u32; 24] = [
        8, 4, 3, 3, 8, 30, 70, 80, 65, 55, 55, 60, 55, 50, 50, 55, 60, 65, 75, 85, 80, 55, 30, 15,
    ];
    const OFFICE: [u32; 24] = [
        0, 0, 0, 0, 1, 10, 60, 120, 140, 130, 90, 110, 120, 110, 60, 25, 12, 8, 6, 4, 2, 0, 0, 0,
    ];
    // 1970 began on a Thursday.
    let weekend = (hour.div_euclid(24) + 3).rem_euclid(7) >= 5;
    let of_day = usize::try_from(hour.rem_euclid(24)).unwrap_or(0);
    let of = |table: &[u32; 24]| f64::from(table[of_day]) / f64::from(table.iter().sum::<u32>());
    match rhythm {
        Rhythm::Office if weekend => of(&OFFICE) * 0.12,
        Rhythm::Office => of(&OFFICE),
        Rhythm::Readers if weekend => of(&READERS) * 0.75,
        Rhythm::Readers => of(&READERS),
        Rhythm::Nightly => {
            if of_day == 1 {
                0.9
            } else if of_day == 2 {
                0.1
            } else {
                0.0
            }
        }
        Rhythm::Steady => 1.0 / 24.0,
    }
}

/// Where the requests came from: the busiest address first, and the token's origins.
fn sources(used: &Use, hours: &[SeedHour], data: &organisation::Token, now: Timestamp) -> Vec<SeedSource> {
    let all: u64 = hours
        .iter()
        .filter(|h| h.outcome == "allowed")
        .map(|h| h.count)
        .sum();
    let last = |minutes: i64| now.plus_seconds(-used.until * DAY - minutes * 60);
    let addresses = used.addresses.iter().map(|a| (SourceKind::Address, *a));
    let origins = data.origins.iter().map(|o| (SourceKind::Origin, *o));
    let mut rest = all;
    let mut minutes = 0;
    addresses
        .chain(origins)
        .map(|(kind, value)| {
            rest -= rest * 2 / 5;
            minutes += 7;
            SeedSource {
                kind,
                value: value.to_owned(),
                last_seen_at: last(minutes),
                count: rest.max(1),
            }
        })
        .collect()
}
