//! Minting a temporary token: narrower or equal in rights, short-lived, never more than its parent.
//!
//! From a temporary token another one can be minted that is narrower or shorter still, never wider: the same rules, with
//! what it has itself in the place of what its parent has. Which doors offer that is theirs to say.

use wire::{
    ErrorCode, FieldError, FieldErrorCode, Grant, LIMITS, MintRequest, Network, Origin, Permission,
    Permissions, Subject, TemporaryId, TemporaryLifetime, Timestamp,
};

use super::claims::{ClaimedGrant, Claims};
use super::interfaces::Interfaces;
use super::refusal::Refusal;
use super::settings::Settings;
use super::token::{TokenGrant, permissions_on};
use super::verification::Holder;

/// A temporary token before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minted {
    /// What it says.
    pub claims: Claims,
    /// Seconds until it ends; `None` = no end.
    pub expires_in: Option<i64>,
    /// When it ends; `None` = no end.
    pub expires_at: Option<Timestamp>,
    /// Its rights, with names.
    pub grants: Vec<Grant>,
}

/// Decides what a temporary token may be.
///
/// # Errors
/// A refusal that names what was asked for in excess; never silently less.
pub fn mint(
    holder: &Holder,
    interfaces: &Interfaces,
    settings: &Settings,
    issuer: &str,
    request: &MintRequest,
    now: Timestamp,
    jti: TemporaryId,
) -> Result<Minted, Refusal> {
    let parent = &holder.state;
    let grants = narrowed_grants(holder, interfaces, request)?;
    let origins = narrowed_origins(holder, request)?;
    let network = narrowed_network(holder, request)?;
    let subject = kept_subject(holder, request)?;
    let via = via(holder)?;
    let exp = end(holder, settings, request, now)?;
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: parent.id.clone(),
        client_id: parent.id.clone(),
        jti,
        iat: now.seconds(),
        nbf: None,
        exp,
        secret_id: parent.secrets[holder.secret].id.clone(),
        epoch: parent.epoch,
        scope: None,
        grants: grants
            .iter()
            .map(|g| ClaimedGrant {
                interface: g.interface.clone(),
                permissions: g.permissions,
            })
            .collect(),
        origins,
        network,
        subject,
        via,
    };
    Ok(Minted {
        expires_in: exp.map(|end| end - now.seconds()),
        expires_at: exp.map(|end| Timestamp::from_millis(end.saturating_mul(1000))),
        grants: interfaces.named(&grants),
        claims,
    })
}

fn narrowed_grants(
    holder: &Holder,
    interfaces: &Interfaces,
    request: &MintRequest,
) -> Result<Vec<TokenGrant>, Refusal> {
    let own: Vec<TokenGrant> = holder
        .rights()
        .map(|(interface, permissions)| TokenGrant {
            interface: interface.clone(),
            permissions: permissions.without(Permission::Introspect),
        })
        .filter(|g| !g.permissions.is_empty())
        .collect();
    let wanted = match (&request.grants, &request.interfaces, &request.permissions) {
        (None, None, None) => return Ok(own),
        (Some(grants), None, None) => grants.clone(),
        (Some(_), _, _) => {
            return Err(Refusal::fields(vec![FieldError {
                detail: "send either grants, or interfaces and permissions".to_owned(),
                ..FieldError::new("grants", FieldErrorCode::Excludes)
            }]));
        }
        (None, Some(names), permissions) => names
            .iter()
            .map(|name| {
                let all = || {
                    interfaces
                        .find(name.as_str())
                        .map_or(Permissions::NONE, |i| permissions_on(&own, &i.id))
                };
                // An interface without any right is reported below, by the permission that it would have to have.
                let asked: Permissions = permissions
                    .as_ref()
                    .map_or_else(all, |p| p.iter().copied().collect());
                let asked = if permissions.is_none() && asked.is_empty() {
                    asked.with(Permission::Read)
                } else {
                    asked
                };
                Grant {
                    interface: name.clone(),
                    permissions: asked,
                }
            })
            .collect(),
        (None, None, Some(permissions)) => interfaces
            .named(&own)
            .into_iter()
            .map(|g| Grant {
                permissions: permissions.iter().copied().collect(),
                ..g
            })
            .collect(),
    };
    let mut grants: Vec<TokenGrant> = Vec::with_capacity(wanted.len());
    let mut missing = Vec::new();
    let mut nothing_there = true;
    for grant in wanted {
        let found = interfaces.find(grant.interface.as_str());
        let has = found.map_or(Permissions::NONE, |i| permissions_on(&own, &i.id));
        let lacks = grant.permissions.difference(has);
        if !lacks.is_empty() || found.is_none() {
            nothing_there &= has.is_empty();
            let interface = found.map_or(grant.interface, |i| i.name.clone());
            missing.push(Grant {
                interface,
                permissions: lacks,
            });
        } else if let Some(interface) = found
            && !grant.permissions.is_empty()
        {
            match grants.iter_mut().find(|g| g.interface == interface.id) {
                Some(same) => same.permissions = same.permissions.union(grant.permissions),
                None => grants.push(TokenGrant {
                    interface: interface.id.clone(),
                    permissions: grant.permissions,
                }),
            }
        }
    }
    if missing.is_empty() {
        return Ok(grants);
    }
    let code = if nothing_there {
        ErrorCode::InterfaceNotGranted
    } else {
        ErrorCode::PermissionNotGranted
    };
    Err(Refusal::missing(
        code,
        "The token has not all the rights that were asked for. Ask for less, or an administrator for the rights that are named under \"missing\".",
        missing,
    ))
}

fn narrowed_origins(holder: &Holder, request: &MintRequest) -> Result<Vec<Origin>, Refusal> {
    let parents = &holder.state.allowed_origins[..];
    let claimed = holder.claims.as_ref().map_or(&[][..], |c| &c.origins);
    // Verification compares with the parent's present ones anyway.
    let own = if claimed.is_empty() { parents } else { claimed };
    let Some(asked) = &request.origins else {
        return Ok(own.to_vec());
    };
    if asked.len() > LIMITS.origins {
        return Err(Refusal::fields(vec![FieldError {
            detail: format!("at most {} origins are allowed", LIMITS.origins),
            ..FieldError::new("origins", FieldErrorCode::TooLong)
        }]));
    }
    if asked.is_empty() {
        return Ok(own.to_vec());
    }
    let foreign: Vec<&str> = asked
        .iter()
        .filter(|o| [parents, claimed].iter().any(|l| !l.is_empty() && !l.contains(o)))
        .map(Origin::as_str)
        .collect();
    if foreign.is_empty() {
        return Ok(asked.clone());
    }
    Err(Refusal::new(
        ErrorCode::OriginNotAllowed,
        format!(
            "The token is not allowed on pages of {}. Ask for other origins, or an administrator to allow these.",
            foreign.join(", ")
        ),
    ))
}

/// Who it is for. A server says so, since the protected API believes it: visitors hold temporary and public tokens and
/// could name anybody. And it is decided once: whoever narrows a temporary token cannot give it to somebody else.
fn kept_subject(holder: &Holder, request: &MintRequest) -> Result<Option<Subject>, Refusal> {
    let refused = |code, detail: &str| {
        Err(Refusal::fields(vec![FieldError {
            detail: detail.to_owned(),
            ..FieldError::new("subject", code)
        }]))
    };
    let kept = holder.claims.as_ref().and_then(|c| c.subject.as_ref());
    match (kept, &request.subject) {
        (Some(kept), Some(asked)) if kept != asked => refused(
            FieldErrorCode::Excludes,
            "the temporary token is for somebody else already; leave subject out",
        ),
        (None, Some(_)) if !holder.by_server => refused(
            FieldErrorCode::NotForThisKind,
            "only a server says who a temporary token is for: with the secret of a token of the kind secret, beside the temporary token where one is exchanged",
        ),
        (kept, asked) => Ok(kept.or(asked.as_ref()).cloned()),
    }
}

fn narrowed_network(holder: &Holder, request: &MintRequest) -> Result<Option<Network>, Refusal> {
    let claimed = holder.claims.as_ref().and_then(|c| c.network);
    let Some(asked) = request.network else {
        return Ok(claimed);
    };
    let allowed = &holder.state.allowed_networks;
    let inside = (allowed.is_empty() || allowed.iter().any(|n| n.holds(&asked)))
        && claimed.is_none_or(|n| n.holds(&asked));
    if inside {
        return Ok(Some(asked));
    }
    Err(Refusal::new(
        ErrorCode::NetworkNotAllowed,
        format!(
            "The token is not allowed from all of {asked}. Ask for another network, or an administrator to allow this one."
        ),
    ))
}

/// The most steps of narrowing, so that tokens stay short.
const MOST_STEPS: usize = 8;

/// The temporary tokens that it comes from: it dies with each of them.
fn via(holder: &Holder) -> Result<Vec<TemporaryId>, Refusal> {
    let Some(claims) = &holder.claims else {
        return Ok(Vec::new());
    };
    if claims.via.len() >= MOST_STEPS {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            format!(
                "A temporary token is narrowed at most {MOST_STEPS} times. Start from the permanent token."
            ),
        ));
    }
    Ok(claims.via.iter().chain([&claims.jti]).cloned().collect())
}

/// When the temporary token ends, in seconds since 1970.
fn end(
    holder: &Holder,
    settings: &Settings,
    request: &MintRequest,
    now: Timestamp,
) -> Result<Option<i64>, Refusal> {
    let parent = &holder.state;
    let longest = match parent.temporary_lifetime {
        TemporaryLifetime::Default => Some(settings.default_temporary_lifetime),
        TemporaryLifetime::Seconds(seconds) => Some(seconds.min(settings.maximum_temporary_lifetime)),
        TemporaryLifetime::Endless if settings.allow_endless_temporary_tokens => None,
        TemporaryLifetime::Endless => Some(settings.maximum_temporary_lifetime),
    };
    let lifetime = match (request.lifetime, longest) {
        (None, longest) => longest,
        (Some(asked), longest) if asked >= 1 && longest.is_none_or(|l| asked <= l) => Some(asked),
        (Some(_), longest) => {
            let most = longest.map_or_else(String::new, |l| {
                format!(" and at most {l}, the most that this token allows")
            });
            return Err(Refusal::fields(vec![FieldError {
                detail: format!("a lifetime is at least 1 second{most}"),
                ..FieldError::new("lifetime", FieldErrorCode::OutOfRange)
            }]));
        }
    };
    let own = lifetime.map(|l| now.seconds().saturating_add(l));
    let parents = parent.expires_at.map(Timestamp::seconds);
    let narrowed = holder.claims.as_ref().and_then(|c| c.exp);
    Ok([own, parents, narrowed].into_iter().flatten().min())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::index::Index;
    use crate::domain::index::tests::state;
    use crate::domain::interfaces::Interface;
    use crate::domain::token::{SecretState, TokenState};
    use crate::secret::TokenDigest;
    use proptest::prelude::*;
    use wire::InterfaceName;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_500);

    fn set(list: &[Permission]) -> Permissions {
        list.iter().copied().collect()
    }

    fn directory() -> Interfaces {
        let press = Interface {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FA1".parse().unwrap(),
            name: InterfaceName::parse("Press").unwrap(),
            public: false,
        };
        let open = Interface {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FA2".parse().unwrap(),
            name: InterfaceName::parse("Open").unwrap(),
            public: true,
        };
        let keys = [
            ("press".to_owned(), press.id.clone()),
            ("open".to_owned(), open.id.clone()),
        ];
        Interfaces::new(1, [press, open], keys)
    }

    fn holder(change: impl FnOnce(&mut TokenState)) -> Holder {
        let mut parent = state(1, false);
        parent.secrets.push(SecretState {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAS".parse().unwrap(),
            digest: TokenDigest::from_bytes(&[1; 32]).unwrap(),
            expires_at: None,
            last_used: Arc::default(),
        });
        parent.grants = vec![TokenGrant {
            interface: "01ARZ3NDEKTSV4RRFFQ69G5FA1".parse().unwrap(),
            permissions: set(&[Permission::Read, Permission::Download, Permission::Introspect]),
        }];
        change(&mut parent);
        let index = Index::default();
        index.publish(parent);
        let slot = index.by_id(&state(1, false).id).unwrap();
        let state = slot.state();
        Holder {
            slot,
            state,
            secret: 0,
            claims: None,
            by_server: true,
            standings: [None; 2],
        }
    }

    fn jti() -> TemporaryId {
        "01ARZ3NDEKTSV4RRFFQ69G5FAJ".parse().unwrap()
    }

    fn ask(holder: &Holder, request: &MintRequest) -> Result<Minted, Refusal> {
        mint(
            holder,
            &directory(),
            &Settings::default(),
            "https://me",
            request,
            NOW,
            jti(),
        )
    }

    #[test]
    fn has_the_parents_rights_but_introspect() {
        let minted = ask(&holder(|_| ()), &MintRequest::default()).unwrap();
        assert_eq!(minted.grants.len(), 1);
        assert_eq!(
            minted.grants[0].permissions,
            set(&[Permission::Read, Permission::Download])
        );
        assert_eq!(minted.expires_in, Some(900));
    }

    #[test]
    fn asking_for_more_names_what_is_missing() {
        let request = MintRequest {
            interfaces: Some(vec![
                InterfaceName::parse("press").unwrap(),
                InterfaceName::parse("Open").unwrap(),
            ]),
            permissions: Some(vec![Permission::Read, Permission::Upload]),
            ..MintRequest::default()
        };
        let refusal = ask(&holder(|_| ()), &request).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::PermissionNotGranted);
        assert_eq!(refusal.missing[0].permissions, set(&[Permission::Upload]));
        assert_eq!(
            refusal.missing[1].permissions,
            set(&[Permission::Read, Permission::Upload])
        );
        let request = MintRequest {
            interfaces: Some(vec![InterfaceName::parse("Open").unwrap()]),
            ..MintRequest::default()
        };
        assert_eq!(
            ask(&holder(|_| ()), &request).unwrap_err().code,
            ErrorCode::InterfaceNotGranted
        );
    }

    #[test]
    fn introspect_is_never_minted() {
        let request = MintRequest {
            permissions: Some(vec![Permission::Introspect]),
            ..MintRequest::default()
        };
        assert_eq!(
            ask(&holder(|_| ()), &request).unwrap_err().code,
            ErrorCode::PermissionNotGranted
        );
    }

    #[test]
    fn lifetimes_are_at_most_the_parents() {
        let asked = |lifetime| MintRequest {
            lifetime: Some(lifetime),
            ..MintRequest::default()
        };
        let lasting = |lifetime| holder(move |p| p.temporary_lifetime = lifetime);
        let hour = lasting(TemporaryLifetime::Seconds(3600));
        assert_eq!(ask(&hour, &asked(60)).unwrap().expires_in, Some(60));
        assert_eq!(ask(&hour, &asked(3600)).unwrap().expires_in, Some(3600));
        for wrong in [3601, 0, -1, i64::MAX, i64::MIN] {
            assert_eq!(
                ask(&hour, &asked(wrong)).unwrap_err().errors[0].field,
                "lifetime",
                "{wrong}"
            );
        }
        let endless = lasting(TemporaryLifetime::Endless);
        assert_eq!(
            ask(&endless, &MintRequest::default()).unwrap().expires_in,
            Some(86_400)
        );
        let settings = Settings {
            allow_endless_temporary_tokens: true,
            ..Settings::default()
        };
        let free = mint(
            &endless,
            &directory(),
            &settings,
            "https://me",
            &MintRequest::default(),
            NOW,
            jti(),
        );
        assert_eq!(free.unwrap().claims.exp, None);
    }

    #[test]
    fn never_outlives_the_parent() {
        let soon = holder(|p| p.expires_at = Some(NOW.plus_seconds(10)));
        let minted = ask(&soon, &MintRequest::default()).unwrap();
        assert_eq!(minted.expires_in, Some(10));
        assert!(minted.expires_at.unwrap() <= NOW.plus_seconds(10));
    }

    #[test]
    fn origins_are_narrowed_only() {
        let origin = |text: &str| Origin::parse(text).unwrap();
        let bound =
            holder(|p| p.allowed_origins = vec![origin("https://a.example"), origin("https://b.example")]);
        assert_eq!(
            ask(&bound, &MintRequest::default()).unwrap().claims.origins.len(),
            2
        );
        let some = |list: &[&str]| MintRequest {
            origins: Some(list.iter().map(|o| origin(o)).collect()),
            ..MintRequest::default()
        };
        assert_eq!(
            ask(&bound, &some(&["https://a.example"]))
                .unwrap()
                .claims
                .origins
                .len(),
            1
        );
        assert_eq!(ask(&bound, &some(&[])).unwrap().claims.origins.len(), 2);
        assert_eq!(
            ask(&bound, &some(&["https://c.example"])).unwrap_err().code,
            ErrorCode::OriginNotAllowed
        );
        assert_eq!(
            ask(&holder(|_| ()), &some(&["https://c.example"]))
                .unwrap()
                .claims
                .origins
                .len(),
            1
        );
    }

    /// What somebody holds who was given this.
    fn exchanged(parent: &Holder, minted: &Minted) -> Holder {
        Holder {
            claims: Some(Arc::new(minted.claims.clone())),
            by_server: false,
            ..parent.clone()
        }
    }

    #[test]
    fn from_a_temporary_token_only_something_narrower_is_minted() {
        let origin = |text: &str| Origin::parse(text).unwrap();
        let parent = holder(|_| ());
        let first = ask(
            &parent,
            &MintRequest {
                lifetime: Some(60),
                permissions: Some(vec![Permission::Read]),
                origins: Some(vec![origin("https://a.example"), origin("https://b.example")]),
                subject: Some(Subject::parse("kari").unwrap()),
                ..MintRequest::default()
            },
        )
        .unwrap();
        let held = exchanged(&parent, &first);

        let same = ask(&held, &MintRequest::default()).unwrap();
        assert_eq!(same.grants, first.grants);
        assert_eq!(same.claims.origins, first.claims.origins);
        assert_eq!(same.claims.subject, first.claims.subject);
        assert_eq!(
            same.claims.via,
            std::slice::from_ref(&first.claims.jti),
            "it dies with what it came from"
        );
        assert_eq!(same.expires_in, Some(60), "never longer than what it came from");
        let shorter = MintRequest {
            lifetime: Some(5),
            origins: Some(vec![origin("https://b.example")]),
            ..MintRequest::default()
        };
        let shorter = ask(&held, &shorter).unwrap();
        assert_eq!((shorter.expires_in, shorter.claims.origins.len()), (Some(5), 1));

        let refused = |request: MintRequest| ask(&held, &request).unwrap_err();
        let wider = refused(MintRequest {
            permissions: Some(vec![Permission::Read, Permission::Download]),
            ..MintRequest::default()
        });
        assert_eq!(wider.code, ErrorCode::PermissionNotGranted);
        assert_eq!(wider.missing[0].permissions, set(&[Permission::Download]));
        let elsewhere = refused(MintRequest {
            origins: Some(vec![origin("https://c.example")]),
            ..MintRequest::default()
        });
        assert_eq!(elsewhere.code, ErrorCode::OriginNotAllowed);
        let somebody_else = refused(MintRequest {
            subject: Some(Subject::parse("ola").unwrap()),
            ..MintRequest::default()
        });
        assert_eq!(somebody_else.errors[0].field, "subject");
    }

    #[test]
    fn a_server_alone_says_who_it_is_for() {
        let parent = holder(|_| ());
        let wish = |name| MintRequest {
            subject: Some(Subject::parse(name).unwrap()),
            ..MintRequest::default()
        };
        let nobodys = exchanged(&parent, &ask(&parent, &MintRequest::default()).unwrap());
        let refused = ask(&nobodys, &wish("director")).unwrap_err();
        assert_eq!(
            (refused.code, refused.errors[0].field.as_str()),
            (ErrorCode::InvalidRequest, "subject")
        );
        let vouched = Holder {
            by_server: true,
            ..nobodys
        };
        let named = ask(&vouched, &wish("kari")).unwrap();
        assert_eq!(named.claims.subject, wish("kari").subject);
        // What it is for already may be said again.
        let hers = exchanged(&parent, &named);
        assert_eq!(
            ask(&hers, &wish("kari")).unwrap().claims.subject,
            named.claims.subject
        );
        let hers = Holder {
            by_server: true,
            ..hers
        };
        assert_eq!(ask(&hers, &wish("ola")).unwrap_err().errors[0].field, "subject");
    }

    #[test]
    fn the_network_lies_within_the_parents() {
        let network = |text: &str| wire::Network::parse(text).unwrap();
        let office = holder(|p| p.allowed_networks = vec![network("192.0.2.0/24"), network("2001:db8::/32")]);
        let asked = |text| MintRequest {
            network: Some(network(text)),
            ..MintRequest::default()
        };
        for inside in [
            "192.0.2.0/24",
            "192.0.2.7",
            "192.0.2.128/25",
            "::ffff:192.0.2.7",
            "2001:db8:1::/48",
        ] {
            assert_eq!(
                ask(&office, &asked(inside)).unwrap().claims.network,
                Some(network(inside))
            );
        }
        for outside in ["192.0.2.0/23", "192.0.3.7", "0.0.0.0/0", "::/0", "2001:db9::1"] {
            assert_eq!(
                ask(&office, &asked(outside)).unwrap_err().code,
                ErrorCode::NetworkNotAllowed,
                "{outside}"
            );
        }
        assert!(ask(&holder(|_| ()), &asked("0.0.0.0/0")).is_ok());
        assert_eq!(
            ask(&office, &MintRequest::default()).unwrap().claims.network,
            None
        );
    }

    fn permissions() -> impl Strategy<Value = Permissions> {
        (0_u8..64).prop_map(|bits| Permissions::from_bits(bits).unwrap())
    }

    fn wish() -> impl Strategy<Value = MintRequest> {
        let name = || prop::sample::select(vec!["Press", "open", "Nowhere"]);
        let named = move || name().prop_map(|n| InterfaceName::parse(n).unwrap());
        let grant = (named(), permissions()).prop_map(|(interface, permissions)| Grant {
            interface,
            permissions,
        });
        let list = permissions().prop_map(|set| set.iter().collect::<Vec<_>>());
        let address = prop::sample::select(vec!["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "::/0"]);
        let origins = prop::sample::subsequence(vec!["https://a.example", "https://b.example"], 0..=2);
        (
            prop::option::of(-5_i64..4000),
            prop::option::of(prop::collection::vec(grant, 0..4)),
            prop::option::of(prop::collection::vec(named(), 0..3)),
            prop::option::of(list),
            prop::option::of(origins),
            prop::option::of(address),
        )
            .prop_map(
                |(lifetime, grants, interfaces, permissions, origins, network)| MintRequest {
                    lifetime,
                    grants,
                    interfaces,
                    permissions,
                    origins: origins.map(|list| list.iter().map(|o| Origin::parse(o).unwrap()).collect()),
                    network: network.map(|n| Network::parse(n).unwrap()),
                    subject: None,
                },
            )
    }

    proptest! {
        /// Whatever is asked for, and however often what was got is narrowed again: rights, end, origins and network
        /// are within those of what it came from, and within the parent's.
        #[test]
        fn what_is_minted_is_always_a_part(
            own in [permissions(), permissions()],
            lifetime in 1_i64..4000,
            bound in any::<bool>(),
            wishes in prop::collection::vec(wish(), 1..5),
        ) {
            let mut from = holder(|parent| {
                let ids = ["01ARZ3NDEKTSV4RRFFQ69G5FA1", "01ARZ3NDEKTSV4RRFFQ69G5FA2"];
                parent.grants = ids
                    .into_iter()
                    .zip(own)
                    .map(|(id, permissions)| TokenGrant { interface: id.parse().unwrap(), permissions })
                    .collect();
                parent.temporary_lifetime = TemporaryLifetime::Seconds(lifetime);
                if bound {
                    parent.allowed_origins = vec![Origin::parse("https://a.example").unwrap()];
                    parent.allowed_networks = vec![Network::parse("192.0.2.0/24").unwrap()];
                }
            });
            for wish in &wishes {
                let Ok(minted) = ask(&from, wish) else { continue };
                let claims = &minted.claims;
                for grant in &claims.grants {
                    prop_assert!(from.permissions_on(&grant.interface).contains_all(grant.permissions));
                    prop_assert!(from.state.permissions_on(&grant.interface).contains_all(grant.permissions));
                    prop_assert!(!grant.permissions.contains(Permission::Introspect));
                }
                let end = claims.exp.unwrap();
                prop_assert!(end <= NOW.seconds() + lifetime);
                let before = from.claims.as_deref();
                prop_assert!(before.is_none_or(|c| c.exp.is_some_and(|e| end <= e)));
                if bound {
                    prop_assert!(!claims.origins.is_empty());
                    prop_assert!(claims.origins.iter().all(|o| from.state.allowed_origins.contains(o)));
                }
                if let Some(before) = before {
                    prop_assert!(before.origins.is_empty() || claims.origins.iter().all(|o| before.origins.contains(o)));
                    prop_assert!(before.origins.is_empty() || !claims.origins.is_empty());
                    prop_assert!(before.network.is_none_or(|n| claims.network.is_some_and(|own| n.holds(&own))));
                    prop_assert!(claims.via.contains(&before.jti));
                }
                from = exchanged(&from, &minted);
            }
        }
    }
}
