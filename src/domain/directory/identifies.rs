//! Whether the ID and the address that a directory has given a person are enough to know them by when they sign in.
//!
//! Whoever has the token of a directory can write any ID to any person. So an ID counts at a sign-in only if it was
//! written by an administrator, or for a person whom the directory has made, before they had a password or an account of
//! an identity provider. A changed ID counts no more; a changed address only for such a person.

use entity::directory_person::Model as Link;
use entity::identity;
use entity::user::Model as User;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::person::Person;
use crate::domain::auth::Actor;
use crate::domain::people::create;
use crate::error::Error;
use crate::store::db::Tx;

/// Returns whether the ID identifies the person once it is saved. `before` is their link to the directory so far.
///
/// # Errors
/// When the database fails.
pub(super) async fn identifies(
    tx: &Tx,
    actor: &Actor,
    person: &User,
    before: Option<&Link>,
    external_id: Option<&str>,
) -> Result<bool, Error> {
    match before {
        // Linked by an administrator, who may decide this.
        None if actor.integration.is_none() => Ok(true),
        // Made by this request: nobody was here to be taken over.
        None => Ok(person.created_at == tx.now),
        Some(link) if link.external_id.as_deref() == external_id => Ok(link.identifies),
        Some(link) if link.external_id.is_none() && link.identifies => cannot_sign_in(tx, person).await,
        Some(_) => Ok(false),
    }
}

/// Notes in `after` whether the address identifies the person once it is saved.
///
/// # Errors
/// When the database fails.
pub(super) async fn note_address(
    tx: &Tx,
    actor: &Actor,
    before: &Person,
    after: &mut User,
) -> Result<(), Error> {
    let is_made_here = before.link.as_ref().is_some_and(|link| link.identifies);
    if !(is_made_here && cannot_sign_in(tx, &before.user).await?) {
        create::note_address(actor, &before.user, after);
    }
    Ok(())
}

/// Returns whether a person has neither a password nor an account of an identity provider.
async fn cannot_sign_in(tx: &Tx, person: &User) -> Result<bool, Error> {
    if person.password_hash.is_some() {
        return Ok(false);
    }
    let account = identity::Entity::find()
        .filter(identity::Column::UserId.eq(person.id))
        .one(&tx.conn)
        .await?;
    Ok(account.is_none())
}
