//! Names and addresses that somebody else has.

use entity::directory::Model as Directory;
use entity::directory_person::{self, Model as Link};
use entity::user::{self, Model as User, UserStatus};
use entity::{DirectoryId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::Fault;
use super::mapping::Mapped;
use super::problem::{Kind, Problem};
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::store::db::Tx;
use crate::store::journal::{self, Action};

/// Returns the problem of a user name or an external id that somebody else has, where a key of the database tells.
pub(super) fn name() -> Problem {
    Problem::new(Kind::Uniqueness, "another user has this userName or externalId")
}

/// Returns the problem of a user name that somebody else has.
pub(super) fn user_name() -> Problem {
    Problem::new(Kind::Uniqueness, "another user has this userName")
}

/// Returns the problem of an external id that somebody else has.
pub(super) fn external_id() -> Problem {
    Problem::new(Kind::Uniqueness, "another user has this externalId")
}

/// Returns the problem of an address that somebody else has.
pub(super) fn address() -> Problem {
    Problem::new(Kind::Uniqueness, "another person has this e-mail address")
}

/// Checks that nobody but `own` has the names and the address. Returns the leaver whom a directory has deleted and who has
/// to [give up the address](give_up_address): a namesake must not be taken for them.
///
/// # Errors
/// [`Kind::Uniqueness`].
pub(super) async fn check_names(
    tx: &Tx,
    directory: &Directory,
    mapped: &Mapped,
    own: Option<UserId>,
) -> Result<Option<UserId>, Fault> {
    let is_other = |id: UserId| own != Some(id);
    if by_name(&tx.conn, &mapped.user_name)
        .await?
        .is_some_and(|link| is_other(link.user_id))
    {
        return Err(user_name().into());
    }
    let holder = by_external_id(&tx.conn, directory.id, mapped.external_id.as_deref()).await?;
    if holder.is_some_and(|link| is_other(link.user_id)) {
        return Err(external_id().into());
    }
    // People who are linked to no directory are found by their address in place of a name.
    if user::email_key(&mapped.user_name) != user::email_key(&mapped.email)
        && let Some(namesake) = by_address(tx, &mapped.user_name).await?
        && is_other(namesake.id)
        && directory_person::Entity::find_by_id(namesake.id)
            .one(&tx.conn)
            .await?
            .is_none()
    {
        return Err(user_name().into());
    }
    let Some(holder) = by_address(tx, &mapped.email)
        .await?
        .filter(|user| is_other(user.id))
    else {
        return Ok(None);
    };
    match is_deleted(tx, &holder).await? {
        true => Ok(Some(holder.id)),
        false => Err(address().into()),
    }
}

/// Finds who has a user name in any directory.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_name(conn: &impl ConnectionTrait, user_name: &str) -> Result<Option<Link>, Error> {
    Ok(directory_person::Entity::find()
        .filter(directory_person::Column::UserNameKey.eq(text::name_key(user_name)))
        .filter(directory_person::Column::DeletedAt.is_null())
        .one(conn)
        .await?)
}

/// Finds who has an external id in a directory.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_external_id(
    conn: &impl ConnectionTrait,
    directory: DirectoryId,
    external_id: Option<&str>,
) -> Result<Option<Link>, Error> {
    let Some(external_id) = external_id else {
        return Ok(None);
    };
    Ok(directory_person::Entity::find()
        .filter(directory_person::Column::DirectoryId.eq(directory))
        .filter(directory_person::Column::ExternalId.eq(external_id))
        .filter(directory_person::Column::DeletedAt.is_null())
        .one(conn)
        .await?)
}

async fn by_address(tx: &Tx, email: &str) -> Result<Option<User>, Error> {
    Ok(user::Entity::find()
        .filter(user::Column::EmailKey.eq(user::email_key(email)))
        .one(&tx.conn)
        .await?)
}

/// Returns whether a directory has deleted this person.
async fn is_deleted(tx: &Tx, person: &User) -> Result<bool, Error> {
    let link = directory_person::Entity::find_by_id(person.id)
        .one(&tx.conn)
        .await?;
    let deleted = link.is_some_and(|link| link.deleted_at.is_some());
    Ok(deleted && person.status == UserStatus::Dismissed)
}

/// Frees the address of a leaver, which is still displayed.
///
/// # Errors
/// [`Kind::Uniqueness`] if they are back.
pub(super) async fn give_up_address(tx: &Tx, actor: &Actor, person: UserId) -> Result<(), Fault> {
    let freed = user::Entity::update_many()
        .col_expr(user::Column::EmailKey, Expr::value(user::given_up_key(person)))
        .filter(user::Column::Id.eq(person))
        .filter(user::Column::Status.eq(UserStatus::Dismissed))
        .exec(&tx.conn)
        .await?;
    if freed.rows_affected == 0 {
        return Err(address().into());
    }
    let (action, subject) = (Action::AddressGivenUp, Some(person.into()));
    journal::record(tx, &actor.author(), action, subject, json!({})).await?;
    Ok(())
}
