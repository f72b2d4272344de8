//! A grant: an interface, named, and what may be done with it.

use serde::{Deserialize, Serialize};

use crate::object::objects;
use crate::{InterfaceName, Permissions};

/// Interface × permissions. A token's rights are its grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Grant {
    /// The interface's name, compared without regard to case.
    pub interface: InterfaceName,
    /// What may be done with it.
    pub permissions: Permissions,
}
objects!(Grant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_object_and_no_list() {
        let grant: Grant = serde_json::from_str(r#"{"interface":"Press","permissions":["read"]}"#).unwrap();
        let text = serde_json::to_string(&grant).unwrap();
        assert_eq!(text, r#"{"interface":"Press","permissions":["read"]}"#);
        let error = serde_json::from_str::<Grant>(r#"["Press",["read"]]"#).unwrap_err();
        assert!(error.to_string().contains("expected an object"), "{error}");
    }
}
