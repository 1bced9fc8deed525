//! Queries on the audit log.

use std::collections::HashMap;

use entity::{AuditEntryId, IntegrationId, Timestamp, UserId, audit_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::confidential;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Author of a change.
#[derive(Debug, Clone, Copy)]
pub enum Author {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
}

/// Filter of the audit log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Row that was changed.
    pub subject: Option<Uuid>,
    /// Author of the change.
    pub actor: Option<Author>,
    /// One of these actions.
    pub action: Option<Vec<String>>,
    /// At or after this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// Returns a page of the audit log, newest first.
///
/// # Errors
/// [`Error::Forbidden`] without the permission; [`Error::BadInput`] for invalid arguments.
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

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    db: &Db,
    ids: &[AuditEntryId],
) -> Result<HashMap<AuditEntryId, audit_entry::Model>, Error> {
    db::by_ids::<audit_entry::Entity, _>(db.read(), audit_entry::Column::Id, ids, |row| row.id).await
}

fn visible_to(actor: &Actor) -> Select<audit_entry::Entity> {
    audit_entry::Entity::find().filter(confidential::hidden_from(actor).not())
}
