//! Reads of the audit log.

use entity::{AuditEntryId, IntegrationId, Timestamp, UserId, audit_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::confidential;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Who made a change.
#[derive(Debug, Clone, Copy)]
pub enum Author {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this row.
    pub subject: Option<Uuid>,
    /// Of changes by them.
    pub actor: Option<Author>,
    /// One of these actions.
    pub action: Option<Vec<String>>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// A page of the audit log, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] without the permission; [`Error::BadInput`] for arguments that make no sense.
pub async fn entries(
    db: &Db,
    actor: &Actor,
    filter: &AuditFilter,
    args: &PageArgs,
) -> Result<Page<audit_entry::Model>, Error> {
    actor.require(Permission::ReadAuditLog)?;
    let mut select = visible_to(actor);
    if let Some(subject) = filter.subject {
        select = select.filter(audit_entry::Column::SubjectId.eq(subject));
    }
    select = match filter.actor {
        None => select,
        Some(Author::Person(id)) => select.filter(audit_entry::Column::ActorUserId.eq(id)),
        Some(Author::Integration(id)) => select.filter(audit_entry::Column::ActorIntegrationId.eq(id)),
    };
    if let Some(actions) = &filter.action {
        select = select.filter(audit_entry::Column::Action.is_in(actions.iter().map(String::as_str)));
    }
    if let Some(since) = filter.since {
        select = select.filter(audit_entry::Column::At.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(audit_entry::Column::At.lt(until));
    }
    let order = Order::by_id(audit_entry::Column::Id, true);
    let page = page::fetch(db.read(), select, order, args, |row| row.id.0).await?;
    Ok(page.map(|row| confidential::redact(actor, row)))
}

/// An entry by id; `None` when there is none, or none that the actor may read.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: AuditEntryId) -> Result<Option<audit_entry::Model>, Error> {
    let found = visible_to(actor)
        .filter(audit_entry::Column::Id.eq(id))
        .one(db.read())
        .await?;
    Ok(found.map(|row| confidential::redact(actor, row)))
}

fn visible_to(actor: &Actor) -> Select<audit_entry::Entity> {
    audit_entry::Entity::find().filter(confidential::hidden_from(actor).not())
}
