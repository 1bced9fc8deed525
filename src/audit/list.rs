//! Reads of the audit log.

use entity::{Timestamp, UserId, audit_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::auth::{Actor, Permission};
use crate::db::Db;
use crate::error::Error;
use crate::page::{self, Order, Page, PageArgs};

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this row.
    pub subject: Option<Uuid>,
    /// Done by this person.
    pub actor: Option<UserId>,
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
    let mut select = audit_entry::Entity::find();
    if let Some(subject) = filter.subject {
        select = select.filter(audit_entry::Column::SubjectId.eq(subject));
    }
    if let Some(person) = filter.actor {
        select = select.filter(audit_entry::Column::ActorUserId.eq(person));
    }
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
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}
