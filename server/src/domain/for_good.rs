//! One property of the whole domain: what was stopped for good never works again, whatever happens in whatever order, and
//! what works can be ended. Beside it stands a model of a few lines that says what has to work, so that refusing everything
//! would not do.

use proptest::prelude::*;
use ulid::Ulid;
use wire::{InterfaceId, MintRequest, Permission, Permissions, Subject, TemporaryLifetime, Timestamp};

use super::claims::Claims;
use super::index::tests::state;
use super::index::{Index, Keys};
use super::interfaces::Interfaces;
use super::introspection::visible;
use super::minting::mint;
use super::settings::Settings;
use super::stopped::Stop;
use super::token::{SecretState, TokenGrant, TokenState, permissions_on};
use super::verification::{Credential, Holder, Purpose, Rejected, Surroundings, authenticate, identify};
use crate::secret::{Keyring, MasterKey, SigningKey, VerifyingKeys};

const ISSUER: &str = "https://daypass.example";
const INTERFACE: &str = "01ARZ3NDEKTSV4RRFFQ69G5FA1";
/// The longest lifetime of the settings, in seconds.
const LONGEST: i64 = 100;
const SUBJECTS: [&str; 2] = ["kari", "ola"];

/// What happens. Numbers choose among what there is at that moment.
#[derive(Debug, Clone)]
enum Step {
    Mint {
        secret: usize,
        subject: Option<usize>,
        lifetime: Option<i64>,
    },
    Exchange(usize),
    StopOne(usize),
    StopSubject(usize),
    StopAll,
    Deactivate,
    Activate,
    Replace {
        overlap: i64,
    },
    EndSecret(usize),
    Expiry(Option<i64>),
    Endless(bool),
    /// Seconds pass.
    Wait(i64),
    /// Upkeep.
    Forget,
    /// Somebody who read the database before publishes it late.
    Late(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0_usize..8;
    prop_oneof![
        4 => (which(), prop::option::of(0_usize..2), prop::option::of(1_i64..LONGEST))
            .prop_map(|(secret, subject, lifetime)| Step::Mint { secret, subject, lifetime }),
        3 => which().prop_map(Step::Exchange),
        1 => which().prop_map(Step::StopOne),
        1 => (0_usize..2).prop_map(Step::StopSubject),
        1 => Just(Step::StopAll),
        1 => Just(Step::Deactivate),
        2 => Just(Step::Activate),
        1 => (0_i64..40).prop_map(|overlap| Step::Replace { overlap: (overlap - 20).max(0) }),
        1 => which().prop_map(Step::EndSecret),
        1 => prop::option::of(1_i64..60).prop_map(Step::Expiry),
        1 => any::<bool>().prop_map(Step::Endless),
        3 => (0_i64..40).prop_map(Step::Wait),
        1 => Just(Step::Forget),
        2 => which().prop_map(Step::Late),
    ]
}

/// A temporary token, and whether the model has seen it stopped.
struct Pass {
    value: String,
    claims: Claims,
    is_stopped: bool,
}

struct World {
    index: Index,
    keyring: Keyring,
    key: SigningKey,
    now: Timestamp,
    token: TokenState,
    settings: Settings,
    /// Values of the secrets, in the order of `token.secrets`.
    values: Vec<String>,
    passes: Vec<Pass>,
    /// The last moment of a stop of each subject.
    subjects: [Option<Timestamp>; 2],
    /// Whether tokens without an end were ever allowed.
    ever_endless: bool,
    /// What was read from the database at some moment.
    read: Vec<TokenState>,
    stops: Vec<(Stop, Option<Timestamp>)>,
    made: u128,
}

impl World {
    fn new() -> Self {
        let key = SigningKey::from_seed("k", &[7; 32]).unwrap();
        let mut verifying = VerifyingKeys::default();
        verifying.add("k", &key.public_key()).unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let again = SigningKey::from_seed("k", &[7; 32]).unwrap();
        let index = Index::default();
        index.publish_keys(Keys::new(vec![(now, again)], verifying, 1));
        let mut token = state(1, false);
        token.temporary_lifetime = TemporaryLifetime::Endless;
        token.grants = vec![TokenGrant {
            interface: INTERFACE.parse().unwrap(),
            permissions: [Permission::Read].into_iter().collect(),
        }];
        let master = MasterKey::parse(&format!("{}A", "AB".repeat(21))).unwrap();
        let mut world = Self {
            index,
            keyring: Keyring::derive(&master).unwrap(),
            key,
            now,
            token,
            settings: Settings {
                maximum_temporary_lifetime: LONGEST,
                default_temporary_lifetime: LONGEST,
                ..Settings::default()
            },
            values: Vec::new(),
            passes: Vec::new(),
            subjects: [None; 2],
            ever_endless: false,
            read: Vec::new(),
            stops: Vec::new(),
            made: 0,
        };
        world.index.publish_settings(world.settings.clone());
        world.replace(0);
        world
    }

    /// An id that was made now.
    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(&mut self) -> T {
        self.made += 1;
        let millis = u64::try_from(self.now.millis()).unwrap();
        Ulid::from_parts(millis, self.made).to_string().parse().unwrap()
    }

    fn publish(&mut self) {
        self.token.version += 1;
        self.read.push(self.token.clone());
        self.index.publish(self.token.clone());
    }

    fn publish_stop(&mut self, stop: Stop, until: Option<Timestamp>) {
        self.stops.push((stop.clone(), until));
        self.index.publish_stop(&self.token.id, stop, until);
    }

    /// As in the store: the one before goes on for the overlap, those before it end.
    fn replace(&mut self, overlap: i64) {
        let end = self.now.plus_seconds(overlap);
        for secret in &mut self.token.secrets {
            let most = if secret.expires_at.is_none() {
                end
            } else {
                self.now
            };
            secret.expires_at = Some(secret.expires_at.map_or(most, |own| own.min(most)));
        }
        let value = format!("a key of somebody's own, number {}", self.values.len());
        let secret = SecretState {
            id: self.id(),
            digest: self.keyring.pepper().digest_presented(&value),
            expires_at: None,
            last_used: std::sync::Arc::default(),
        };
        self.token.secrets.push(secret);
        self.values.push(value);
        self.publish();
    }

    fn raise_epoch(&mut self) {
        self.token.epoch += 1;
        self.publish();
        self.passes.iter_mut().for_each(|pass| pass.is_stopped = true);
    }

    fn around(&self) -> Surroundings<'static> {
        Surroundings {
            origin: None,
            referer: None,
            fetch_metadata: false,
            client: None,
            now: self.now,
        }
    }

    fn accept(&self, value: &str, purpose: Purpose) -> Result<Holder, Box<Rejected>> {
        let credential = Credential { value, in_url: false };
        let (pepper, around) = (self.keyring.pepper(), self.around());
        authenticate(&self.index, pepper, ISSUER, credential, purpose, &around)
    }

    fn mint_from(&mut self, value: &str, subject: Option<usize>, lifetime: Option<i64>) {
        let Ok(holder) = self.accept(value, Purpose::Mint) else {
            return;
        };
        let request = MintRequest {
            subject: subject.map(|n| Subject::parse(SUBJECTS[n]).unwrap()),
            lifetime,
            ..MintRequest::default()
        };
        let (jti, now) = (self.id(), self.now);
        let interfaces = Interfaces::default();
        let minted = mint(&holder, &interfaces, &self.settings, ISSUER, &request, now, jti);
        // Narrowing ends after some steps, and a lifetime may be more than is left.
        let Ok(minted) = minted else { return };
        let claims = minted.claims;
        let first = claims.via.first().unwrap_or(&claims.jti).made_at();
        let is_stopped = self.stopped_for(&claims).is_some_and(|at| first <= at);
        self.passes.push(Pass {
            value: self.key.sign(&claims).unwrap(),
            claims,
            is_stopped,
        });
    }

    fn stopped_for(&self, claims: &Claims) -> Option<Timestamp> {
        let subject = claims.subject.as_ref()?;
        let at = SUBJECTS.iter().position(|name| *name == subject.as_str())?;
        self.subjects[at]
    }

    /// Until when anything that was minted until now may last.
    fn until(&self) -> Option<Timestamp> {
        (!self.ever_endless).then(|| self.now.plus_seconds(LONGEST))
    }

    fn happens(&mut self, step: &Step) {
        match *step {
            Step::Mint {
                secret,
                subject,
                lifetime,
            } => {
                let value = self.values[secret % self.values.len()].clone();
                self.mint_from(&value, subject, lifetime);
            }
            Step::Exchange(n) if !self.passes.is_empty() => {
                let value = self.passes[n % self.passes.len()].value.clone();
                self.mint_from(&value, None, None);
            }
            Step::StopOne(n) if !self.passes.is_empty() => {
                let claims = self.passes[n % self.passes.len()].claims.clone();
                let until = claims.exp.map(|end| Timestamp::from_millis(end * 1000));
                for pass in &mut self.passes {
                    let own = pass.claims.jti == claims.jti || pass.claims.via.contains(&claims.jti);
                    pass.is_stopped |= own;
                }
                self.publish_stop(Stop::Token(claims.jti), until);
            }
            Step::StopSubject(n) => {
                let subject = Subject::parse(SUBJECTS[n]).unwrap();
                self.subjects[n] = Some(self.now);
                for pass in &mut self.passes {
                    pass.is_stopped |= pass.claims.subject.as_ref() == Some(&subject);
                }
                let until = self.until();
                self.publish_stop(Stop::Subject(subject, self.now), until);
            }
            Step::StopAll => self.raise_epoch(),
            Step::Deactivate => {
                self.token.deactivated = true;
                self.raise_epoch();
            }
            Step::Activate => {
                self.token.deactivated = false;
                self.publish();
            }
            Step::Replace { overlap } => self.replace(overlap),
            Step::EndSecret(n) => {
                let at = n % self.token.secrets.len();
                let end = &mut self.token.secrets[at].expires_at;
                *end = Some(end.map_or(self.now, |own| own.min(self.now)));
                self.publish();
            }
            Step::Expiry(seconds) => {
                self.token.expires_at = seconds.map(|s| self.now.plus_seconds(s - 20));
                self.publish();
            }
            Step::Endless(on) => {
                self.settings.allow_endless_temporary_tokens = on;
                self.settings.version += 1;
                self.ever_endless |= on;
                self.index.publish_settings(self.settings.clone());
            }
            Step::Wait(seconds) => self.now = self.now.plus_seconds(seconds),
            Step::Forget => self.index.forget_ended_stops(&self.token.id, self.now),
            Step::Late(n) => {
                self.index.publish(self.read[n % self.read.len()].clone());
                if let Some((stop, until)) = self.stops.get(n).cloned() {
                    self.index.publish_stop(&self.token.id, stop, until);
                }
            }
            Step::Exchange(_) | Step::StopOne(_) => {}
        }
        // What has ended by the clock has ended for good.
        for pass in &mut self.passes {
            let secret = self.token.secrets.iter().find(|s| s.id == pass.claims.secret_id);
            let ended = pass.claims.exp.is_some_and(|end| end * 1000 <= self.now.millis());
            pass.is_stopped |= ended || !secret.unwrap().is_live(self.now);
        }
    }

    fn parent_works(&self) -> bool {
        !self.token.deactivated && self.token.expires_at.is_none_or(|end| self.now < end)
    }

    /// Whether a value works. What works can be ended, and both ways of ending it say the same of it.
    fn ask(&self, value: &str) -> Result<bool, TestCaseError> {
        let asked = self.accept(value, Purpose::Verify);
        let ended = self.accept(value, Purpose::Revoke);
        let known = identify(&self.index, self.keyring.pepper(), ISSUER, value, self.now);
        let code = |answer: &Result<Holder, Box<Rejected>>| answer.as_ref().err().map(|r| r.refusal.code);
        prop_assert_eq!(code(&ended), code(&known));
        if let Ok(holder) = &asked {
            prop_assert_eq!(code(&known), None, "it works and cannot be ended");
            // What is told to an API that introspects is what /verify decides by.
            let interface: InterfaceId = INTERFACE.parse().unwrap();
            let all = [TokenGrant {
                interface: interface.clone(),
                permissions: Permission::ALL.into_iter().collect(),
            }];
            let told: Permissions = permissions_on(&visible(&all, &holder.grants()), &interface);
            prop_assert_eq!(told, holder.permissions_on(&interface));
        }
        Ok(asked.is_ok())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for (value, secret) in self.values.iter().zip(&self.token.secrets) {
            let works = self.parent_works() && secret.is_live(self.now);
            prop_assert_eq!(self.ask(value)?, works);
        }
        for pass in &self.passes {
            let endless = pass.claims.exp.is_none();
            let works = self.parent_works()
                && !pass.is_stopped
                && (!endless || self.settings.allow_endless_temporary_tokens);
            prop_assert_eq!(self.ask(&pass.value)?, works, "{:?}", pass.claims);
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn what_was_stopped_for_good_never_works_again(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.happens(step);
            world.check()?;
        }
    }
}
