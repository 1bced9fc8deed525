//! Queries on CRM activities. Visible to their responsible person and to those who may read the record.

use std::collections::HashMap;

use entity::crm_activity::{self, Model as CrmActivity};
use entity::crm_rule::CrmOperation;
use entity::{CrmActivityId, CrmItemId, UserId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Filter of activities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmActivityFilter {
    /// Person responsible.
    pub responsible: Option<UserId>,
    /// Record.
    pub item: Option<CrmItemId>,
    /// Completed or not.
    pub completed: Option<bool>,
    /// Whether the responsible person is dismissed.
    pub responsible_dismissed: Option<bool>,
    /// Text in the subject.
    pub search: Option<String>,
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
    let select = visible(db.read(), actor, filter).await?;
    let order = Order::by_id(crm_activity::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns the SQL condition that `$1`, the person of `access`, may see the row of `crm_activities`.
pub fn visible_sql(access: &Access) -> String {
    format!(
        "(crm_activities.responsible_id = $1 OR EXISTS (SELECT 1 FROM crm_items i \
         WHERE i.id = crm_activities.item_id AND {}))",
        access.sql("i", "$1")
    )
}

/// Selects the activities that are visible to the actor and match the filter.
///
/// # Errors
/// As [`activities`].
pub async fn visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &CrmActivityFilter,
) -> Result<Select<crm_activity::Entity>, Error> {
    actor.require_work_access()?;
    let access = Access::load(conn, actor, CrmOperation::Read).await?;
    let mut select = crm_activity::Entity::find();
    if !access.is_unlimited() {
        let sql = visible_sql(&access);
        let visible = sql_condition(conn.get_database_backend(), &sql, &[access.person()]);
        select = select.filter(visible);
    }
    use crm_activity::Column;
    let dismissed = |dismissed| tree::any_dismissed("(crm_activities.responsible_id)", dismissed);
    let condition = Condition::all()
        .add_option(filter.responsible.map(|person| Column::ResponsibleId.eq(person)))
        .add_option(filter.item.map(|item| Column::ItemId.eq(item)))
        .add_option(filter.completed.map(|completed| Column::Completed.eq(completed)))
        .add_option(filter.responsible_dismissed.map(dismissed))
        .add_option(input::search(Column::SearchText, filter.search.as_deref())?);
    Ok(select.filter(condition))
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
