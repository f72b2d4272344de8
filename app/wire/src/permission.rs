//! The six permissions and sets of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What may be done with an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See what is there.
    Read,
    /// Fetch originals.
    Download,
    /// Add something new.
    Upload,
    /// Change what is there.
    Edit,
    /// Remove what is there.
    Delete,
    /// Ask what other tokens with grants on this interface may do.
    Introspect,
}

impl Permission {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Download,
        Self::Upload,
        Self::Edit,
        Self::Delete,
        Self::Introspect,
    ];

    /// The word in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Download => "download",
            Self::Upload => "upload",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Introspect => "introspect",
        }
    }

    /// Whether it changes content: upload, edit, delete.
    #[must_use]
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Upload | Self::Edit | Self::Delete)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or(())
    }
}

/// A set of permissions; in JSON a list without repetition, in the order of [`Permission::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u8);

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);

    /// The set as one number, for compact storage; see [`Permissions::from_bits`].
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of a number made by [`Permissions::bits`]; `None` when a bit has no meaning.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits < 1 << 6 { Some(Self(bits)) } else { None }
    }

    /// Whether the permission is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether every permission of `other` is in the set.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with one permission more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    /// The set with one permission less.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    /// What both sets have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either set has.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What this set has and the other has not.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether upload, edit or delete is in the set.
    #[must_use]
    pub fn any_write(self) -> bool {
        self.iter().any(Permission::is_write)
    }

    /// The permissions in order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |p| self.contains(*p))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(iter: I) -> Self {
        iter.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Permission>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_list_in_json_in_a_fixed_order() {
        let set: Permissions = serde_json::from_str(r#"["delete","read","read"]"#).unwrap();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["read","delete"]"#);
        assert!(serde_json::from_str::<Permissions>(r#"["admin"]"#).is_err());
    }

    #[test]
    fn difference_names_what_is_missing() {
        let has: Permissions = [Permission::Read].into_iter().collect();
        let wants = has.with(Permission::Upload);
        assert!(!has.contains_all(wants));
        assert_eq!(
            wants.difference(has).iter().collect::<Vec<_>>(),
            [Permission::Upload]
        );
    }
}
