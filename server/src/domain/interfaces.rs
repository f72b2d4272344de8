//! The interfaces and their names, as one immutable directory.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use wire::{Grant, InterfaceId, InterfaceName};

use super::name::name_key;
use super::token::TokenGrant;

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its identity.
    pub id: InterfaceId,
    /// Its present name.
    pub name: InterfaceName,
    /// Whether its content is to be treated as public.
    pub public: bool,
}

/// All interfaces. A former name goes on meaning the same interface (it is never given to another one), so that
/// renaming breaks nobody's proxy configuration.
#[derive(Debug, Default)]
pub struct Interfaces {
    by_id: HashMap<InterfaceId, Interface, RandomState>,
    by_name: HashMap<String, InterfaceId, RandomState>,
    by_key: HashMap<String, InterfaceId, RandomState>,
    /// Counts changes; a later directory replaces an earlier one only.
    pub version: i64,
}

impl Interfaces {
    /// Builds the directory from the interfaces and every name that they ever had, in the form of [`name_key`].
    pub fn new(
        version: i64,
        interfaces: impl IntoIterator<Item = Interface>,
        keys: impl IntoIterator<Item = (String, InterfaceId)>,
    ) -> Self {
        let by_id: HashMap<_, _, _> = interfaces.into_iter().map(|i| (i.id.clone(), i)).collect();
        let by_name = by_id
            .values()
            .map(|i| (i.name.as_str().to_owned(), i.id.clone()))
            .collect();
        let by_key = keys
            .into_iter()
            .filter(|(_, id)| by_id.contains_key(id))
            .collect();
        Self {
            by_id,
            by_name,
            by_key,
            version,
        }
    }

    /// The interface of a name, present or former, without regard to case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Interface> {
        let id = self
            .by_name
            .get(name)
            .or_else(|| self.by_key.get(&name_key(name)))?;
        self.by_id.get(id)
    }

    /// The interface of an id.
    #[must_use]
    pub fn get(&self, id: &InterfaceId) -> Option<&Interface> {
        self.by_id.get(id)
    }

    /// Grants with names in place of ids, sorted by name; grants on interfaces that are gone are left out.
    #[must_use]
    pub fn named(&self, grants: &[TokenGrant]) -> Vec<Grant> {
        let mut named: Vec<Grant> = grants
            .iter()
            .filter_map(|g| {
                let interface = self.get(&g.interface)?;
                Some(Grant {
                    interface: interface.name.clone(),
                    permissions: g.permissions,
                })
            })
            .collect();
        named.sort_by_cached_key(|g| name_key(g.interface.as_str()));
        named
    }
}
