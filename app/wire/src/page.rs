//! Lists in pages.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// Which page, from 1.
    pub page: u32,
    /// Entries per page, 1 ..= 200.
    pub per_page: u32,
    /// Entries in all.
    pub total: u64,
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// From 1.
    #[serde(default = "first")]
    pub page: u32,
    /// 1 ..= 200.
    #[serde(default = "usual")]
    pub per_page: u32,
}

const fn first() -> u32 {
    1
}

const fn usual() -> u32 {
    50
}

impl Default for PageQuery {
    fn default() -> Self {
        Self {
            page: first(),
            per_page: usual(),
        }
    }
}
