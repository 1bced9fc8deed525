//! Whether the ID and the address that a directory has given a person are enough to know them by when they sign in.
//!
//! Whoever has the token of a directory can write any ID and any address to any person. So they count at a sign-in only if
//! an administrator has written them, or the directory for a person whom it has made and who has never signed in.

use entity::directory_person::Model as Link;
use entity::user::Model as User;
use entity::{audit_entry, identity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::person::Person;
use crate::domain::auth::Actor;
use crate::domain::people::create;
use crate::error::Error;
use crate::store::db::Tx;
use crate::store::journal::Action;

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
        Some(link) if link.external_id.is_none() && is_made_here(link, person) => {
            has_never_signed_in(tx, person).await
        }
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
    let person = &before.user;
    match &before.link {
        // Linked by an administrator, who has seen the address.
        None if actor.integration.is_none() => after.email_identifies = true,
        // Most requests leave it: they ask nothing of the database.
        _ if after.email_key == person.email_key => {}
        Some(link) if is_made_here(link, person) && has_never_signed_in(tx, person).await? => {}
        _ => create::note_address(actor, person, after),
    }
    Ok(())
}

/// Returns whether the directory has made the person, and their ID is still the first one.
fn is_made_here(link: &Link, person: &User) -> bool {
    link.identifies && link.created_at == person.created_at
}

async fn has_never_signed_in(tx: &Tx, person: &User) -> Result<bool, Error> {
    if person.password_hash.is_some() {
        return Ok(false);
    }
    let account = identity::Entity::find()
        .filter(identity::Column::UserId.eq(person.id))
        .one(&tx.conn)
        .await?;
    if account.is_some() {
        return Ok(false);
    }
    // An account may have been unlinked.
    let linked = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(person.id.0))
        .filter(audit_entry::Column::Action.eq(Action::IdentityLinked.as_str()))
        .one(&tx.conn)
        .await?;
    Ok(linked.is_none())
}
