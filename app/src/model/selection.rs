//! Which tokens of the list are selected, over pages and filters alike, with the version that each was seen in.
//!
//! Only the choice itself. What is done with it belongs to the page.

use wire::{BulkToken, TokenId};

/// The most tokens that one act takes.
pub(crate) const MOST: usize = 1000;

/// The selected tokens, in the order in which they were selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    tokens: Vec<BulkToken>,
    /// The one that was clicked last: a range begins there.
    last: Option<TokenId>,
}

impl Selection {
    pub(crate) fn tokens(&self) -> &[BulkToken] {
        &self.tokens
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.tokens.iter().any(|token| token.id.as_str() == id)
    }

    /// How many of the selected are not among these rows.
    pub(crate) fn elsewhere(&self, rows: &[BulkToken]) -> usize {
        let there = |token: &&BulkToken| !rows.iter().any(|row| row.id == token.id);
        self.tokens.iter().filter(there).count()
    }

    /// Selects rows, or no longer. What is beyond the limit stays out; whether all found room.
    pub(crate) fn set(&mut self, rows: &[BulkToken], on: bool) -> bool {
        if !on {
            self.tokens
                .retain(|token| !rows.iter().any(|row| row.id == token.id));
            return true;
        }
        for row in rows {
            if !self.has(row.id.as_str()) {
                if self.tokens.len() == MOST {
                    return false;
                }
                self.tokens.push(row.clone());
            }
        }
        true
    }

    /// A row was clicked; with `range`, everything between it and the one that was clicked before.
    pub(crate) fn click(&mut self, rows: &[BulkToken], id: &str, on: bool, range: bool) -> bool {
        let place = |id: &str| rows.iter().position(|row| row.id.as_str() == id);
        let Some(here) = place(id) else { return true };
        let other = self
            .last
            .as_ref()
            .filter(|_| range)
            .and_then(|last| place(last.as_str()));
        let other = other.unwrap_or(here);
        self.last = Some(rows[here].id.clone());
        self.set(&rows[here.min(other)..=here.max(other)], on)
    }

    /// The rows have come anew: what is selected among them is meant as it is now.
    pub(crate) fn renew(&mut self, rows: &[BulkToken]) {
        for token in &mut self.tokens {
            if let Some(row) = rows.iter().find(|row| row.id == token.id) {
                token.version = row.version;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: std::ops::Range<u32>, version: i64) -> Vec<BulkToken> {
        ids.map(|n| BulkToken {
            id: format!("01ARZ3NDEKTSV4RRFFQ69{n:05}").parse().unwrap(),
            version,
        })
        .collect()
    }

    #[test]
    fn a_range_goes_from_the_last_click_to_this_one_both_ways() {
        let page = rows(0..6, 1);
        let mut selection = Selection::default();
        assert!(selection.click(&page, page[4].id.as_str(), true, true));
        assert!(selection.click(&page, page[2].id.as_str(), true, true));
        assert_eq!(selection.tokens().len(), 3);
        assert!(selection.click(&page, page[3].id.as_str(), false, false));
        assert!(!selection.has(page[3].id.as_str()));
        assert!(selection.click(&page, page[5].id.as_str(), false, true));
        assert_eq!(selection.tokens(), &page[2..3]);
    }

    #[test]
    fn it_outlives_a_page_and_takes_newer_versions() {
        let mut selection = Selection::default();
        assert!(selection.set(&rows(0..2, 1), true));
        selection.renew(&rows(1..3, 7));
        let versions: Vec<_> = selection.tokens().iter().map(|token| token.version).collect();
        assert_eq!(versions, [1, 7]);
        assert_eq!(selection.elsewhere(&rows(1..3, 7)), 1);
        // A range that began on another page begins here.
        assert!(selection.click(&rows(50..60, 1), rows(55..56, 1)[0].id.as_str(), true, true));
        assert_eq!(selection.tokens().len(), 3);
    }

    #[test]
    fn it_is_no_larger_than_an_act_may_be() {
        let mut selection = Selection::default();
        assert!(selection.set(&rows(0..999, 1), true));
        assert!(!selection.set(&rows(990..1010, 1), true));
        assert_eq!(selection.tokens().len(), MOST);
    }
}
