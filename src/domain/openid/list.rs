//! Queries on identity providers.

use std::collections::HashMap;

use entity::identity_provider::{self, Model as Provider};
use entity::{IdentityProviderId, identity};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, Tx};

/// Returns the providers that people can sign in with, by creation. For everybody, also strangers.
///
/// # Errors
/// When the database fails.
pub async fn providers(db: &Db) -> Result<Vec<Provider>, Error> {
    Ok(identity_provider::Entity::find()
        .filter(identity_provider::Column::RetiredAt.is_null())
        .order_by_asc(identity_provider::Column::Id)
        .all(db.read())
        .await?)
}

/// Returns a provider, unless it is retired.
///
/// # Errors
/// When the database fails.
pub async fn active(db: &Db, id: IdentityProviderId) -> Result<Option<Provider>, Error> {
    let found = identity_provider::Entity::find_by_id(id).one(db.read()).await?;
    Ok(found.filter(|row| row.retired_at.is_none()))
}

/// Returns the active providers with this issuer and client.
///
/// # Errors
/// When the database fails.
pub async fn by_client(db: &Db, issuer: &str, client: &str) -> Result<Option<Provider>, Error> {
    // PostgreSQL refuses to search for NUL.
    if issuer.contains('\0') || client.contains('\0') {
        return Ok(None);
    }
    Ok(identity_provider::Entity::find()
        .filter(identity_provider::Column::Issuer.eq(issuer))
        .filter(identity_provider::Column::ClientId.eq(client))
        .filter(identity_provider::Column::RetiredAt.is_null())
        .one(db.read())
        .await?)
}

/// Locks a provider, so that it can't be changed or retired before the transaction ends; returns it as it is now. `None`
/// if it is retired, or if what the account was read by has changed: the client, or the claim with the external id.
///
/// # Errors
/// When the database fails.
pub async fn lock_active(tx: &Tx, before: &Provider) -> Result<Option<Provider>, Error> {
    let found = identity_provider::Entity::find_by_id(before.id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    Ok(found.filter(|row| {
        row.retired_at.is_none()
            && row.client_id == before.client_id
            && row.external_id_claim == before.external_id_claim
    }))
}

/// Locks a provider against sign-ins: those that are being completed have ended, others wait.
///
/// # Errors
/// When the database fails.
pub async fn lock_against_sign_ins(tx: &Tx, id: IdentityProviderId) -> Result<(), Error> {
    identity_provider::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    Ok(())
}

/// Returns providers by id, retired ones too.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    db: &Db,
    ids: &[IdentityProviderId],
) -> Result<HashMap<IdentityProviderId, Provider>, Error> {
    let column = identity_provider::Column::Id;
    db::by_ids::<identity_provider::Entity, _>(db.read(), column, ids, |row| row.id).await
}

/// Returns linked accounts by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn identities_by_ids(
    db: &Db,
    ids: &[entity::IdentityId],
) -> Result<HashMap<entity::IdentityId, identity::Model>, Error> {
    let column = identity::Column::Id;
    db::by_ids::<identity::Entity, _>(db.read(), column, ids, |row| row.id).await
}
