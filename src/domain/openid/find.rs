//! Finds the person of an account, with the same look-ups whoever it is.

use entity::identity::{self, LinkedBy, Model as Identity};
use entity::identity_provider::{self, Model as Provider};
use entity::settings::SINGLE_ROW_ID;
use entity::user::{self, Model as User};
use entity::{IdentityProviderId, UserId, directory, directory_exemption, directory_person, settings};
use sea_orm::sea_query::{LockType, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

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
    elsewhere: Vec<Identity>,
    in_directory: Option<UserId>,
    is_identified: bool,
    namesake: Option<String>,
    links: Vec<Identity>,
    is_given_up: bool,
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
        .filter(user::Column::EmailKey.eq(&key))
        .one(&tx.conn)
        .await?;
    let in_directory = in_directory(tx, provider, account).await?;
    let linked = of_issuer(tx, &provider.issuer, &account.subject).await?;
    let ids: Vec<UserId> = linked
        .iter()
        .map(|row| row.user_id)
        .chain(in_directory.as_ref().map(|row| row.user_id))
        .chain(with_address.as_ref().map(|person| person.id))
        .collect();
    let people = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?;
    // Once more: another sign-in may have linked the account while this one waited, or somebody has unlinked it.
    let linked = of_issuer(tx, &provider.issuer, &account.subject).await?;
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        linked.into_iter().partition(|row| row.provider_id == provider.id);
    let links = identity::Entity::find()
        .filter(identity::Column::UserId.is_in(ids.iter().copied()))
        .filter(identity::Column::ProviderId.in_subquery(active_providers()))
        .all(&tx.conn)
        .await?;
    let namesake = match &with_address {
        Some(person) => known_as(tx, provider, person.id).await?,
        None => None,
    };
    let may_create = provider.just_in_time && !has_directories(tx).await?;
    Ok(Found {
        people,
        identity: here.into_iter().next(),
        elsewhere,
        is_identified: is_identified(tx, in_directory.as_ref()).await?,
        in_directory: in_directory.map(|row| row.user_id),
        namesake,
        links,
        is_given_up: may_create && is_given_up(tx, &key).await?,
        may_create,
        address,
    })
}

/// Returns the external id by which the directory of a provider knows a person.
async fn known_as(tx: &Tx, provider: &Provider, person: UserId) -> Result<Option<String>, Error> {
    let row = directory_person::Entity::find_by_id(person).one(&tx.conn).await?;
    let row = row.filter(|row| provider.directory_id == Some(row.directory_id));
    Ok(row.and_then(|row| row.external_id))
}

async fn has_directories(tx: &Tx) -> Result<bool, Error> {
    let directories = directory::Entity::find()
        .filter(directory::Column::EndedAt.is_null())
        .count(&tx.conn)
        .await?;
    Ok(directories > 0)
}

/// Returns whether the external id is enough to know this person by.
async fn is_identified(tx: &Tx, row: Option<&directory_person::Model>) -> Result<bool, Error> {
    let Some(row) = row.filter(|row| row.identifies) else {
        return Ok(false);
    };
    let exemption = directory_exemption::Entity::find_by_id(row.user_id)
        .one(&tx.conn)
        .await?;
    let settings = settings::Entity::find_by_id(SINGLE_ROW_ID).one(&tx.conn).await?;
    let is_break_glass = settings.is_some_and(|settings| settings.break_glass().contains(&row.user_id));
    Ok(exemption.is_none() && !is_break_glass)
}

/// Returns whether a leaver has given up the address with this key: see [`user::given_up_key`].
async fn is_given_up(tx: &Tx, key: &str) -> Result<bool, Error> {
    let given_up: Vec<String> = user::Entity::find()
        .select_only()
        .column(user::Column::Email)
        .filter(user::Column::EmailKey.starts_with(user::GIVEN_UP))
        .into_tuple()
        .all(&tx.conn)
        .await?;
    Ok(given_up.iter().any(|email| user::email_key(email) == key))
}

fn active_providers() -> SelectStatement {
    identity_provider::Entity::find()
        .select_only()
        .column(identity_provider::Column::Id)
        .filter(identity_provider::Column::RetiredAt.is_null())
        .into_query()
}

/// Returns the address of an account if its provider has verified it and speaks for its domain.
///
/// An address that counts can link people, or create them.
pub fn counting_address(provider: &Provider, account: &Account) -> Option<String> {
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

/// Returns the links of an account at all providers with this issuer, also at retired ones: it is the same account there.
///
/// # Errors
/// When the database fails.
pub async fn of_issuer(tx: &Tx, issuer: &str, subject: &str) -> Result<Vec<Identity>, Error> {
    let providers = identity_provider::Entity::find()
        .select_only()
        .column(identity_provider::Column::Id)
        .filter(identity_provider::Column::Issuer.eq(issuer))
        .into_query();
    Ok(identity::Entity::find()
        .filter(identity::Column::ProviderId.in_subquery(providers))
        .filter(identity::Column::Subject.eq(subject))
        .order_by_asc(identity::Column::Id)
        .all(&tx.conn)
        .await?)
}

/// Returns the person with the account's external id in the directory of the provider.
async fn in_directory(
    tx: &Tx,
    provider: &Provider,
    account: &Account,
) -> Result<Option<directory_person::Model>, Error> {
    let (Some(directory), Some(id)) = (provider.directory_id, &account.external_id) else {
        return Ok(None);
    };
    Ok(directory_person::Entity::find()
        .filter(directory_person::Column::DirectoryId.eq(directory))
        .filter(directory_person::Column::ExternalId.eq(id))
        .filter(directory_person::Column::DeletedAt.is_null())
        .one(&tx.conn)
        .await?)
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
        let elsewhere: Vec<(&User, LinkedBy)> = self
            .elsewhere
            .iter()
            .filter_map(|row| Some((person(Some(row.user_id))?, row.linked_by)))
            .collect();
        let first = elsewhere.first().copied();
        let leaver = elsewhere.iter().find(|(person, _)| !person.is_active()).copied();
        let linked_elsewhere = leaver.or(first);
        let known = linked_elsewhere.map(|(person, _)| person).or(in_directory);
        Facts {
            linked: person(self.identity.as_ref().map(|row| row.user_id)),
            linked_elsewhere,
            is_disputed: elsewhere
                .iter()
                .any(|(person, _)| first.is_some_and(|(other, _)| other.id != person.id)),
            in_directory,
            is_identified: self.is_identified,
            with_address,
            has_address: self.address.is_some(),
            is_linked_here: has_link(known, true),
            is_linked_anywhere: has_link(with_address, false),
            is_namesake: self.namesake.is_some() && self.namesake != account.external_id,
            is_given_up: self.is_given_up,
            may_create: self.may_create,
        }
    }
}
