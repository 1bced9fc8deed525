//! Queries on CRM activities. Visible to their responsible person and to those who may read the record.

use std::collections::HashMap;

use entity::crm_activity::{self, Model as CrmActivity};
use entity::crm_rule::CrmOperation;
use entity::{CrmActivityId, CrmItemId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::access::Access;
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Filter of activities.
#[derive(Debug, Clone, Default)]
pub struct CrmActivityFilter {
    /// Person responsible.
    pub responsible: Option<UserId>,
    /// Record.
    pub item: Option<CrmItemId>,
    /// Completed or not.
    pub completed: Option<bool>,
}

/// Returns a page of the activities visible to the actor, newest first.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn activities(
    db: &Db,
    actor: &Actor,
    filter: &CrmActivityFilter,
    args: &PageArgs,
) -> Result<Page<CrmActivity>, Error> {
    actor.require_work_access()?;
    let access = Access::load(db.read(), actor, CrmOperation::Read).await?;
    let mut select = crm_activity::Entity::find();
    if !access.is_unlimited() {
        let sql = format!(
            "(crm_activities.responsible_id = $1 OR EXISTS (SELECT 1 FROM crm_items i \
             WHERE i.id = crm_activities.item_id AND {}))",
            access.sql("i", "$1")
        );
        select = select.filter(sql_condition(db.backend(), &sql, &[access.person()]));
    }
    if let Some(responsible) = filter.responsible {
        select = select.filter(crm_activity::Column::ResponsibleId.eq(responsible));
    }
    if let Some(item) = filter.item {
        select = select.filter(crm_activity::Column::ItemId.eq(item));
    }
    if let Some(completed) = filter.completed {
        select = select.filter(crm_activity::Column::Completed.eq(completed));
    }
    let order = Order::by_id(crm_activity::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns whether the actor may see this activity.
///
/// # Errors
/// When the database fails.
pub async fn may_see(conn: &impl ConnectionTrait, actor: &Actor, row: &CrmActivity) -> Result<bool, Error> {
    if row.responsible_id == actor.user_id {
        return Ok(true);
    }
    Access::load(conn, actor, CrmOperation::Read)
        .await?
        .allows(conn, row.item_id)
        .await
}

/// Returns activities by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[CrmActivityId]) -> Result<HashMap<CrmActivityId, CrmActivity>, Error> {
    db::by_ids::<crm_activity::Entity, _>(db.read(), crm_activity::Column::Id, ids, |row| row.id).await
}
