//! A grant: an interface, named, and what may be done with it.

use serde::{Deserialize, Serialize};

use crate::{InterfaceName, Permissions};

/// Interface × permissions. A token's rights are its grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The interface's name, compared without regard to case.
    pub interface: InterfaceName,
    /// What may be done with it.
    pub permissions: Permissions,
}
