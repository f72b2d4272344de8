//! The export of the list of tokens: first which ones, noted in the activity list, then batch by batch.
//!
//! No transaction stays open while a client reads: whoever reads slowly must not hold the database up. A token that
//! is deleted in the meantime is left out, one that is changed comes as it is then. Never a secret.

use std::collections::HashMap;

use wire::{ActivityAction, ChangeView, TokenId, TokenListQuery, TokenView};

use super::{Store, StoreError, interfaces, record, settings};
use crate::domain::activity::{Act, Actor};

impl Store {
    /// The tokens of an export in the order of the list, without pages. From then on it counts as exported.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_export(
        &self,
        actor: &Actor,
        query: &TokenListQuery,
        format: &'static str,
    ) -> Result<Vec<TokenId>, StoreError> {
        let ids = self.list_token_ids(query).await?;
        let (store, actor, count) = (self.clone(), actor.clone(), ids.len());
        let fact = |field: &str, after: String| ChangeView {
            field: field.to_owned(),
            before: None,
            after: Some(after),
        };
        let mut changes = vec![
            fact("format", format.to_owned()),
            fact("tokens", count.to_string()),
        ];
        changes.extend(filters(query).map(|(name, value)| fact(name, value)));
        self.detached(async move {
            let mut tx = store.write().await?;
            let act = Act::new(ActivityAction::TokensExported, "token").with(changes);
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await
        })
        .await?;
        Ok(ids)
    }

    /// Some tokens as they are now, in the order of the ids; deleted ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_tokens(&self, ids: &[TokenId]) -> Result<Vec<TokenView>, StoreError> {
        let mut tx = self.read().await?;
        let directory = interfaces::load(&mut tx).await?;
        let settings = settings::load(&mut tx).await?;
        let now = self.now();
        let mut found: HashMap<TokenId, TokenView> = record::some(&mut tx, ids)
            .await?
            .iter()
            .map(|r| (r.id.clone(), r.view(&directory, &settings, now)))
            .collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

/// The filters as the contract names them. What was searched for is not told: it may be anything.
fn filters(query: &TokenListQuery) -> impl Iterator<Item = (&'static str, String)> + use<> {
    [
        ("q", query.q.as_ref().map(|_| "…".to_owned())),
        ("status", query.status.map(|s| s.as_str().to_owned())),
        ("kind", query.kind.map(|k| k.as_str().to_owned())),
        ("interface", query.interface.as_ref().map(|_| "…".to_owned())),
        ("permission", query.permission.map(|p| p.as_str().to_owned())),
        ("attention", query.attention.map(|a| a.as_str().to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}
