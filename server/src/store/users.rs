//! Administrators.

use wire::{ActivityAction, Language, Timestamp, UserId, UserName, UserView};

use super::error::on_unique;
use super::{CodePurpose, Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor};
use crate::domain::name::name_key;
use crate::secret::{CodeDigest, PasswordHashText};

const COUNT: &str = "SELECT COUNT(*) FROM users";
const INSERT: &str = "INSERT INTO users (id, name, name_key, password_hash, created_at, version) VALUES ($1, $2, $3, $4, $5, 1)";
const FIND: &str = "SELECT id, name, password_hash, created_at FROM users WHERE name_key = $1";
const SPEAK: &str = "UPDATE users SET language = $1, version = version + 1 WHERE id = $2";

/// An administrator to be created.
#[derive(Debug)]
pub struct NewUser {
    /// Unique without regard to case.
    pub name: UserName,
    /// The password's hash.
    pub password_hash: PasswordHashText,
}

/// An administrator.
#[derive(Debug, Clone)]
pub struct User {
    /// Its identity.
    pub id: UserId,
    /// The name to sign in with.
    pub name: String,
    /// The password's hash.
    pub password_hash: PasswordHashText,
    /// When it was created.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: String,
    name: String,
    password_hash: String,
    created_at: i64,
}

async fn any_user(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?) > 0)
}

impl Store {
    /// Whether an administrator exists.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_user(&self) -> Result<bool, StoreError> {
        any_user(&mut self.read().await?).await
    }

    /// The administrator of a name, without regard to case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>, StoreError> {
        // In nobody's name, and PostgreSQL refuses it.
        if name.contains('\0') {
            return Ok(None);
        }
        let mut tx = self.read().await?;
        let row = on!(tx, c => sqlx::query_as::<_, UserRow>(FIND).bind(name_key(name.trim())).fetch_optional(c).await?);
        row.map(|r| {
            Ok(User {
                id: r.id.parse().map_err(|_| StoreError::Inconsistent("users.id"))?,
                name: r.name,
                password_hash: PasswordHashText::from_column(r.password_hash),
                created_at: Timestamp::from_millis(r.created_at),
            })
        })
        .transpose()
    }

    /// Creates an administrator.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], or when the database fails.
    pub async fn create_user(&self, actor: &Actor, new: NewUser) -> Result<UserView, StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let view = store.insert_user(&mut tx, &actor, &new).await?;
            tx.commit().await?;
            Ok(view)
        })
        .await
    }

    /// Creates the first administrator with the one-time code that the server printed.
    ///
    /// # Errors
    /// [`StoreError::AlreadySetUp`] when an administrator exists, [`StoreError::Code`] for a wrong, used or expired
    /// code, or when the database fails.
    pub async fn set_up(
        &self,
        actor: &Actor,
        code: &CodeDigest,
        new: NewUser,
    ) -> Result<UserView, StoreError> {
        let (store, actor, code) = (self.clone(), actor.clone(), code.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            if any_user(&mut tx).await? {
                return Err(StoreError::AlreadySetUp);
            }
            store.use_code(&mut tx, CodePurpose::SetUp, &code).await?;
            let view = store.insert_user(&mut tx, &actor, &new).await?;
            tx.commit().await?;
            Ok(view)
        })
        .await
    }

    /// Remembers the language that an administrator chose; `None` = that of the browser. It touches nobody else, so
    /// the activity list does not tell of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn choose_language(&self, user: &UserId, language: Option<Language>) -> Result<(), StoreError> {
        let (store, user) = (self.clone(), user.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let changed = on!(tx, c => sqlx::query(SPEAK)
                .bind(language.map(Language::tag))
                .bind(user.as_str())
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
            if changed == 0 {
                return Err(StoreError::NotFound("user"));
            }
            tx.commit().await
        })
        .await
    }

    async fn insert_user(&self, tx: &mut Tx, actor: &Actor, new: &NewUser) -> Result<UserView, StoreError> {
        let id: UserId = self.new_id()?;
        let now = self.now();
        on!(tx, c => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(new.name.as_str())
            .bind(name_key(new.name.as_str()))
            .bind(new.password_hash.as_column())
            .bind(now.millis())
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| on_unique(e, "users_name_key", "users.name_key", StoreError::NameTaken))?;
        let act = Act::new(ActivityAction::UserCreated, "user").to(id.as_str(), new.name.as_str());
        self.record(tx, actor, act).await?;
        Ok(UserView {
            id,
            name: new.name.as_str().to_owned(),
            created_at: now,
            language: None,
        })
    }
}
