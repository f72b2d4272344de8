//! Tokens from a table: every row is checked, and either all are made or none, in one transaction.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use wire::{
    ActivityAction, ChangeView, FieldError, FieldErrorCode, ImportResponse, ImportedRow, SecretId, TokenId,
};

use super::secrets::NewSecret;
use super::{Pair, Store, StoreError, Tx, interfaces, on, record, settings};
use crate::domain::activity::{Act, Actor};
use crate::domain::changes;
use crate::domain::draft::{Draft, resolve};
use crate::domain::interfaces::Interfaces;
use crate::domain::name::name_key;
use crate::domain::table::TableRow;

const TAKEN_NAMES: Pair = Pair {
    sqlite: "SELECT name_key FROM tokens WHERE deleted_at IS NULL AND name_key IN (SELECT value FROM json_each($1))",
    postgres: "SELECT name_key FROM tokens WHERE deleted_at IS NULL AND name_key IN (SELECT jsonb_array_elements_text($1::jsonb))",
};
const TAKEN_KEYS: Pair = Pair {
    sqlite: "SELECT digest FROM secrets WHERE digest IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT digest FROM secrets WHERE digest IN (SELECT decode(e, 'hex') FROM jsonb_array_elements_text($1::jsonb) e)",
};

/// A row, and the key that comes with it.
#[derive(Debug)]
pub struct NewRow {
    /// What the table says.
    pub row: TableRow,
    /// The key by its digest.
    pub secret: Option<NewSecret>,
}

/// A row that may become a token, if no row has errors.
struct Checked {
    draft: Draft,
    errors: Vec<FieldError>,
}

impl Store {
    /// Makes a token of each row, if nothing is wrong with any; `dry_run` only says what would happen.
    ///
    /// # Errors
    /// When the database fails. What is wrong with rows stands in the answer.
    pub async fn import_tokens(
        &self,
        actor: &Actor,
        rows: Vec<NewRow>,
        dry_run: bool,
    ) -> Result<ImportResponse, StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        self.detached(async move {
            let mut tx = if dry_run {
                store.read().await?
            } else {
                store.write().await?
            };
            let directory = interfaces::load(&mut tx).await?;
            let checked = store.check_rows(&mut tx, &rows, &directory).await?;
            let apply = !dry_run && checked.iter().all(|c| c.errors.is_empty());
            let mut made = Vec::new();
            if apply {
                for (new, checked) in rows.iter().zip(&checked) {
                    made.push(
                        store
                            .make(&mut tx, &actor, new, &checked.draft, &directory)
                            .await?,
                    );
                }
                let records = record::some(&mut tx, &made).await?;
                tx.commit().await?;
                for record in records {
                    store.inner.index.publish(record.into_state());
                }
            }
            let mut made = made.into_iter();
            let rows = rows
                .into_iter()
                .zip(checked)
                .map(|(new, checked)| ImportedRow {
                    line: new.row.line,
                    name: new.row.shown_name,
                    grants: new.row.shown_grants,
                    has_digest: new.secret.is_some(),
                    id: made.next(),
                    errors: checked.errors,
                })
                .collect();
            Ok(ImportResponse { applied: apply, rows })
        })
        .await
    }

    /// Every rule that each row breaks, by column.
    async fn check_rows(
        &self,
        tx: &mut Tx,
        rows: &[NewRow],
        directory: &Interfaces,
    ) -> Result<Vec<Checked>, StoreError> {
        let settings = settings::load(tx).await?;
        let now = self.now();
        let keys: Vec<Option<String>> = rows
            .iter()
            .map(|new| new.row.name.as_ref().map(|name| name_key(name.as_str())))
            .collect();
        let taken_names: HashSet<String> = {
            let list = Value::from(keys.iter().flatten().map(String::as_str).collect::<Vec<_>>()).to_string();
            on!(tx, c, sql = TAKEN_NAMES => sqlx::query_scalar::<_, String>(sql).bind(list.as_str()).fetch_all(c).await?)
                .into_iter()
                .collect()
        };
        let taken_keys: HashSet<Vec<u8>> = {
            let digests = rows.iter().filter_map(|new| new.secret.as_ref());
            let list = Value::from(digests.map(|s| s.digest.to_hex()).collect::<Vec<_>>()).to_string();
            on!(tx, c, sql = TAKEN_KEYS => sqlx::query_scalar::<_, Vec<u8>>(sql).bind(list.as_str()).fetch_all(c).await?)
                .into_iter()
                .collect()
        };
        let mut lines_of_names: HashMap<&str, u64> = HashMap::new();
        let mut lines_of_keys: HashMap<&[u8], u64> = HashMap::new();
        let mut checked = Vec::with_capacity(rows.len());
        for (NewRow { row, secret }, key) in rows.iter().zip(&keys) {
            let mut errors = row.errors.clone();
            let mut wrong = |field: &str, code, detail: String| {
                errors.push(FieldError {
                    detail,
                    ..FieldError::new(field, code)
                });
            };
            if let Some(key) = key {
                if taken_names.contains(key) {
                    wrong(
                        "name",
                        FieldErrorCode::Taken,
                        FieldErrorCode::Taken.detail().to_owned(),
                    );
                }
                if let Some(line) = lines_of_names.insert(key, row.line) {
                    wrong(
                        "name",
                        FieldErrorCode::Duplicate,
                        format!("line {line} has the same name"),
                    );
                }
            }
            if let Some(secret) = secret {
                // Whose it is stays untold.
                if taken_keys.contains(secret.digest.as_bytes()) {
                    let detail = "the key is a token's already; every token needs a key of its own";
                    wrong("sha256", FieldErrorCode::Taken, detail.to_owned());
                }
                if let Some(line) = lines_of_keys.insert(secret.digest.as_bytes(), row.line) {
                    wrong(
                        "sha256",
                        FieldErrorCode::Duplicate,
                        format!("line {line} has the same key"),
                    );
                }
            }
            let mut draft = draft_of(row);
            match resolve(&row.grants, directory) {
                Ok(grants) => draft.grants = grants,
                Err(broken) => errors.extend(broken.into_iter().map(of_column)),
            }
            let broken = draft.broken_rules(None, &settings, directory, now);
            // A column that cannot be read was told of already; what its default breaks says nothing.
            let unread: HashSet<String> = row.errors.iter().map(|e| e.field.clone()).collect();
            errors.extend(
                broken
                    .into_iter()
                    .map(of_column)
                    .filter(|e| !unread.contains(&e.field)),
            );
            draft.settle();
            checked.push(Checked { draft, errors });
        }
        Ok(checked)
    }

    /// Makes one token, with its key where it has one.
    async fn make(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        new: &NewRow,
        draft: &Draft,
        directory: &Interfaces,
    ) -> Result<TokenId, StoreError> {
        let name = new
            .row
            .name
            .as_ref()
            .ok_or(StoreError::Inconsistent("a row without a name"))?;
        let id = self.insert_token(tx, actor, name, draft).await?;
        let mut entries = vec![(
            ActivityAction::TokenCreated,
            changes::of_creation(draft, directory),
        )];
        if let Some(secret) = &new.secret {
            let secret_id: SecretId = self.new_id()?;
            self.insert_secret(tx, &secret_id, &id, secret, self.now())
                .await?;
            let hint = ChangeView {
                field: "secret".to_owned(),
                before: None,
                after: Some(secret.hint.clone()),
            };
            entries.push((secret.source.action(), vec![hint]));
        }
        self.log_change(tx, "token", id.as_str(), 1).await?;
        for (action, changes) in entries {
            let act = Act::new(action, "token")
                .to(id.as_str(), name.as_str())
                .with(changes);
            self.record(tx, actor, act).await?;
        }
        Ok(id)
    }
}

fn draft_of(row: &TableRow) -> Draft {
    Draft {
        kind: row.kind,
        grants: Vec::new(),
        temporary_lifetime: row.temporary_lifetime,
        expires_at: row.expires_at,
        allowed_origins: row.allowed_origins.clone(),
        allowed_networks: row.allowed_networks.clone(),
        rate_limit: row.rate_limit,
        note: row.note.clone(),
        contact: row.contact.clone(),
        write_reason: row.write_reason.clone(),
    }
}

/// `grants[2].interface` as the column `grants`, its third entry.
fn of_column(error: FieldError) -> FieldError {
    let Some((column, rest)) = error.field.split_once('[') else {
        return error;
    };
    let entry = rest
        .split_once(']')
        .and_then(|(number, _)| number.parse::<usize>().ok())
        .map_or_else(String::new, |number| format!("entry {}: ", number + 1));
    FieldError {
        field: column.to_owned(),
        code: error.code,
        detail: format!("{entry}{}", error.detail),
    }
}
