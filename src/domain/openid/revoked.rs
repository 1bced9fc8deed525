//! Who was signed out lately: a sign-in that began before is not completed, even if its answer arrives afterwards.

use chrono::TimeDelta;
use entity::user::Model as User;
use entity::{IdentityProviderId, Timestamp, UserId, sign_in_revocation};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::id_token::Account;
use crate::domain::auth::secret::fingerprint;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::expired;

/// How long it is remembered: longer than any sign-in can take.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// Who was signed out.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// A person, whatever they sign in with.
    Person(UserId),
    /// An account, by its `sub`.
    Account(IdentityProviderId, &'a str),
    /// A session at the provider, by its `sid`.
    Session(IdentityProviderId, &'a str),
}

impl Whom<'_> {
    fn hash(self) -> String {
        fingerprint(&match self {
            Self::Person(id) => format!("person {id}"),
            Self::Account(provider, subject) => format!("account {provider} {subject}"),
            Self::Session(provider, session) => format!("session {provider} {session}"),
        })
    }
}

/// Remembers that somebody is signed out now.
///
/// # Errors
/// When the database fails.
pub async fn remember(tx: &Tx, whom: Whom<'_>) -> Result<(), Error> {
    expired::delete(tx, "sign_in_revocations", "hash").await?;
    let sql = "INSERT INTO sign_in_revocations (hash, revoked_at, expires_at) VALUES ($1, $2, $3) \
               ON CONFLICT (hash) DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at";
    let values = [whom.hash().into(), tx.now.into(), (tx.now + REMEMBERED).into()];
    db::execute(&tx.conn, sql, values).await?;
    Ok(())
}

/// Returns whether the person or the account was signed out after a sign-in began.
///
/// # Errors
/// When the database fails.
pub async fn is_revoked(
    tx: &Tx,
    provider: IdentityProviderId,
    account: &Account,
    person: Option<&User>,
    began_at: Timestamp,
) -> Result<bool, Error> {
    let whom = [
        Some(Whom::Account(provider, &account.subject)),
        account.session.as_deref().map(|id| Whom::Session(provider, id)),
        person.map(|person| Whom::Person(person.id)),
    ];
    let hashes = whom.into_iter().flatten().map(Whom::hash);
    let found = sign_in_revocation::Entity::find()
        .filter(sign_in_revocation::Column::Hash.is_in(hashes))
        .filter(sign_in_revocation::Column::RevokedAt.gte(began_at))
        .count(&tx.conn)
        .await?;
    Ok(found > 0)
}
