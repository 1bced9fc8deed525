//! Finds the person of an account, with the same look-ups whoever it is.

use entity::identity::{self, Model as Identity};
use entity::identity_provider::{self, Model as Provider};
use entity::user::{self, Model as User};
use entity::{IdentityProviderId, UserId, directory, directory_person};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::id_token::Account;
use super::rules::{Facts, is_within};
use crate::error::Error;
use crate::store::db::Tx;
use crate::store::input;

/// What [`Facts`] are made of.
pub struct Found {
    people: Vec<User>,
    /// The link of the account.
    pub identity: Option<Identity>,
    in_directory: Option<UserId>,
    namesake: Option<String>,
    links: Vec<Identity>,
    may_create: bool,
    /// The address of the account, if it counts.
    pub address: Option<String>,
}

/// Reads everything that may decide about an account; the people are locked against a dismissal.
///
/// # Errors
/// When the database fails.
pub async fn find(tx: &Tx, provider: &Provider, account: &Account) -> Result<Found, Error> {
    let address = counting_address(provider, account);
    let key = user::email_key(address.as_deref().unwrap_or_default());
    let with_address = user::Entity::find()
        .filter(user::Column::EmailKey.eq(key))
        .one(&tx.conn)
        .await?;
    let in_directory = in_directory(tx, provider, account).await?;
    let linked = link(tx, provider.id, &account.subject).await?;
    let ids: Vec<UserId> = [
        linked.map(|row| row.user_id),
        in_directory,
        with_address.as_ref().map(|person| person.id),
    ]
    .into_iter()
    .flatten()
    .collect();
    let people = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?;
    // Once more: another sign-in may have linked the account while this one waited.
    let identity = link(tx, provider.id, &account.subject).await?;
    let links = identity::Entity::find()
        .filter(identity::Column::UserId.is_in(ids.iter().copied()))
        .filter(identity::Column::ProviderId.in_subquery(active_providers()))
        .all(&tx.conn)
        .await?;
    let known_as = match &with_address {
        Some(person) => {
            directory_person::Entity::find_by_id(person.id)
                .one(&tx.conn)
                .await?
        }
        None => None,
    };
    let known_as = known_as.filter(|row| provider.directory_id == Some(row.directory_id));
    let directories = directory::Entity::find()
        .filter(directory::Column::EndedAt.is_null())
        .count(&tx.conn)
        .await?;
    Ok(Found {
        people,
        identity,
        in_directory,
        namesake: known_as.and_then(|row| row.external_id),
        links,
        may_create: provider.just_in_time && directories == 0,
        address,
    })
}

fn active_providers() -> sea_orm::sea_query::SelectStatement {
    use sea_orm::QueryTrait;
    identity_provider::Entity::find()
        .select_only()
        .column(identity_provider::Column::Id)
        .filter(identity_provider::Column::RetiredAt.is_null())
        .into_query()
}

/// Returns the address of an account if its provider has verified it and speaks for its domain.
fn counting_address(provider: &Provider, account: &Account) -> Option<String> {
    let address = account.person.verified_email.as_deref()?;
    let address = input::email(address, "email").ok()?;
    is_within(&address, provider.domains()).then_some(address)
}

/// Returns the link of an account.
///
/// # Errors
/// When the database fails.
pub async fn link(tx: &Tx, provider: IdentityProviderId, subject: &str) -> Result<Option<Identity>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::ProviderId.eq(provider))
        .filter(identity::Column::Subject.eq(subject))
        .one(&tx.conn)
        .await?)
}

/// Returns the person with the account's external id in the directory of the provider.
async fn in_directory(tx: &Tx, provider: &Provider, account: &Account) -> Result<Option<UserId>, Error> {
    let (Some(directory), Some(id)) = (provider.directory_id, &account.external_id) else {
        return Ok(None);
    };
    let found = directory_person::Entity::find()
        .filter(directory_person::Column::DirectoryId.eq(directory))
        .filter(directory_person::Column::ExternalId.eq(id))
        .filter(directory_person::Column::DeletedAt.is_null())
        .one(&tx.conn)
        .await?;
    Ok(found.map(|row| row.user_id))
}

impl Found {
    /// Returns the facts for the [rules](super::rules).
    pub fn facts(&self, provider: &Provider, account: &Account) -> Facts<'_> {
        let person = |id: Option<UserId>| self.people.iter().find(|person| Some(person.id) == id);
        let key = self.address.as_deref().map(user::email_key);
        let with_address = self
            .people
            .iter()
            .find(|person| Some(&person.email_key) == key.as_ref());
        let has_link = |whose: Option<&User>, here: bool| {
            self.links.iter().any(|row| {
                whose.is_some_and(|person| person.id == row.user_id)
                    && (!here || row.provider_id == provider.id)
            })
        };
        let in_directory = person(self.in_directory);
        Facts {
            linked: person(self.identity.as_ref().map(|row| row.user_id)),
            in_directory,
            with_address,
            has_address: self.address.is_some(),
            is_linked_here: has_link(in_directory, true),
            is_linked_anywhere: has_link(with_address, false),
            is_namesake: self.namesake.is_some() && self.namesake != account.external_id,
            may_create: self.may_create,
        }
    }
}
