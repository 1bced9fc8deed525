//! Who may sign in with a password, where an identity provider is used instead.

use entity::settings::{Model as Settings, PasswordSignIn, SINGLE_ROW_ID};
use entity::user::{self, Model as User, Role, UserStatus};
use entity::{identity, identity_provider, settings};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::error::{Code, Error, Outcome, Refusal, refuse};
use crate::store::db::Tx;

/// How many break-glass accounts there have to be.
const BREAK_GLASS: usize = 2;
/// Maximum number of break-glass accounts.
pub const MAX_BREAK_GLASS: usize = 10;

/// Returns whether a person may sign in with a password. Break-glass people may as long as they are administrators. If
/// none of them is left, because
/// they were dismissed or demoted, administrators may: a failure of the identity provider locks nobody out for good.
///
/// # Errors
/// When the database fails.
pub async fn allows(tx: &Tx, person: &User) -> Result<bool, Error> {
    let settings = settings::Entity::find_by_id(SINGLE_ROW_ID).one(&tx.conn).await?;
    let settings = settings.ok_or_else(|| Error::internal("the settings are missing"))?;
    let is_administrator = person.role == Role::Administrator;
    match settings.password_sign_in {
        PasswordSignIn::Everybody => Ok(true),
        _ if is_administrator && settings.break_glass().contains(&person.id) => Ok(true),
        PasswordSignIn::Administrators => Ok(is_administrator),
        PasswordSignIn::Nobody if is_administrator => Ok(usable(tx, &settings).await?.is_empty()),
        PasswordSignIn::Nobody => Ok(false),
    }
}

/// Returns the refusal for somebody who may not, once it is certain that it is them.
pub fn refusal() -> Refusal {
    let message = "signing in with a password is switched off for you: use your identity provider";
    Refusal::new(Code::SignInFailed, "", message)
}

/// Checks settings that are about to be saved. Break-glass accounts are active administrators with a password; if nobody
/// else may sign in with a password, there have to be two of them, and an active administrator who is linked to an
/// account of an identity provider.
///
/// # Errors
/// [`Code::Invalid`] for a break-glass account; [`Code::BreakGlassNeeded`].
pub async fn check(tx: &Tx, settings: &Settings) -> Outcome<()> {
    let usable = usable(tx, settings).await?;
    for (place, id) in settings.break_glass().iter().enumerate() {
        if !usable.iter().any(|person| person.id == *id) {
            let message = "a break-glass account is an active administrator with a password";
            return refuse(Code::Invalid, &format!("breakGlassIds.{place}"), message);
        }
    }
    if settings.password_sign_in != PasswordSignIn::Nobody {
        return Ok(());
    }
    if usable.len() < BREAK_GLASS {
        let message = "name two break-glass accounts, who can always sign in with a password";
        return refuse(Code::BreakGlassNeeded, "breakGlassIds", message);
    }
    match has_linked_administrator(tx).await? {
        true => Ok(()),
        false => {
            let message = "first an administrator has to link an account of an identity provider";
            refuse(Code::BreakGlassNeeded, "passwordSignIn", message)
        }
    }
}

/// Checks, after a link or a provider was taken away, that an administrator is still linked to an account of an identity
/// provider, if only break-glass people may sign in with a password. Serialized by the settings.
///
/// # Errors
/// [`Code::BreakGlassNeeded`] for `field`.
pub async fn keep_linked_administrator(tx: &Tx, field: &str) -> Outcome<()> {
    let settings = settings::Entity::find_by_id(SINGLE_ROW_ID)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let is_off = settings.is_some_and(|settings| settings.password_sign_in == PasswordSignIn::Nobody);
    if !is_off || has_linked_administrator(tx).await? {
        return Ok(());
    }
    let message = "no administrator could sign in with an identity provider any more: allow passwords first";
    refuse(Code::BreakGlassNeeded, field, message)
}

/// Returns the break-glass people who can sign in and put things right.
async fn usable(tx: &Tx, settings: &Settings) -> Result<Vec<User>, Error> {
    Ok(user::Entity::find()
        .filter(user::Column::Id.is_in(settings.break_glass()))
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .filter(user::Column::PasswordHash.is_not_null())
        .all(&tx.conn)
        .await?)
}

async fn has_linked_administrator(tx: &Tx) -> Result<bool, Error> {
    let providers = identity_provider::Entity::find()
        .select_only()
        .column(identity_provider::Column::Id)
        .filter(identity_provider::Column::RetiredAt.is_null())
        .into_query();
    let linked = identity::Entity::find()
        .select_only()
        .column(identity::Column::UserId)
        .filter(identity::Column::ProviderId.in_subquery(providers))
        .into_query();
    let found = user::Entity::find()
        .filter(user::Column::Id.in_subquery(linked))
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .count(&tx.conn)
        .await?;
    Ok(found > 0)
}
