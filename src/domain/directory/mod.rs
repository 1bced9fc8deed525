//! The company's directory, such as Okta or Entra ID: it says who works here, by SCIM 2.0 (RFC 7643 and RFC 7644).
//!
//! Messages are pure: [`schema`], [`document`], [`filter`], [`patch`] and [`mapping`] know nothing of the database. An
//! operation reads a document, checks it ([`save_person`]), and applies it in one transaction; `active: false` is a
//! dismissal in that transaction ([`activity`]), and [`handover`] follows by the policy of the directory.

mod activity;
pub mod admin;
pub mod body;
pub mod create_person;
pub mod discovery;
pub mod document;
mod fault;
pub mod filter;
pub mod groups;
pub mod handover;
mod identifies;
pub mod list;
pub mod list_people;
pub mod mapping;
mod matching;
mod notes;
pub mod patch;
pub mod person;
pub mod policy;
pub mod problem;
pub mod projection;
pub mod protocol;
pub mod query;
pub mod refusals;
pub mod resource;
mod save_person;
pub mod schema;
mod taken;
pub mod write_person;

use entity::directory::{self, Model as Directory};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

pub use self::fault::Fault;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;

/// Returns the directory that an integration is.
///
/// # Errors
/// [`Error::Forbidden`] without PROVISION_PEOPLE, for a person, and for an integration without a directory.
pub async fn of_actor(conn: &impl ConnectionTrait, actor: &Actor) -> Result<Directory, Error> {
    let Some(integration) = &actor.integration else {
        return Err(Error::Forbidden("the token of a directory"));
    };
    actor.require(Permission::ProvisionPeople)?;
    let found = directory::Entity::find()
        .filter(directory::Column::IntegrationId.eq(integration.id))
        .filter(directory::Column::EndedAt.is_null())
        .one(conn)
        .await?;
    found.ok_or(Error::Forbidden("a directory for this integration"))
}

#[cfg(test)]
mod demands;
