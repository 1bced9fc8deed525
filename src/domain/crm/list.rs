//! Queries on CRM records. [`access`](super::access) decides on visibility.

use std::collections::HashMap;

use entity::crm_item::{self, CrmKind};
use entity::crm_rule::CrmOperation;
use entity::{CrmItemId, DepartmentId, Timestamp, UserId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Select};

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Filter of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmItemFilter {
    /// One of these kinds.
    pub kind: Option<Vec<CrmKind>>,
    /// Person responsible.
    pub responsible: Option<UserId>,
    /// Whether the responsible person is dismissed.
    pub responsible_dismissed: Option<bool>,
    /// Whether it has no responsible person.
    pub unassigned: Option<bool>,
    /// One of these stages.
    pub stage: Option<Vec<String>>,
    /// Closed or open.
    pub closed: Option<bool>,
    /// Text in the title.
    pub search: Option<String>,
    /// Department of the responsible person, subdepartments included.
    pub department: Option<DepartmentId>,
    /// Changed at or after this time.
    pub updated_since: Option<Timestamp>,
}

/// Returns a page of the records visible to the actor, newest first.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn crm_items(
    db: &Db,
    actor: &Actor,
    filter: &CrmItemFilter,
    args: &PageArgs,
) -> Result<Page<crm_item::Model>, Error> {
    with_permission(db, actor, CrmOperation::Read, filter, args).await
}

/// As [`crm_items`], for the records on which the actor may do `operation`.
///
/// # Errors
/// As [`crm_items`].
pub async fn with_permission(
    db: &Db,
    actor: &Actor,
    operation: CrmOperation,
    filter: &CrmItemFilter,
    args: &PageArgs,
) -> Result<Page<crm_item::Model>, Error> {
    let select = permitted(db.read(), actor, operation, filter).await?;
    let order = Order::by_id(crm_item::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Selects the records on which the actor may do `operation`, and that match the filter.
///
/// # Errors
/// As [`crm_items`].
pub async fn permitted(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    operation: CrmOperation,
    filter: &CrmItemFilter,
) -> Result<Select<crm_item::Entity>, Error> {
    actor.require_work_access()?;
    let backend = conn.get_database_backend();
    let access = Access::load(conn, actor, operation).await?;
    let mut select = crm_item::Entity::find();
    if !access.is_unlimited() {
        let mut readable = access.sql("crm_items", "$1");
        if let Some(few) = access.few(conn).await? {
            readable = format!("{few} AND {readable}");
        }
        select = select.filter(sql_condition(backend, &readable, &[access.person()]));
    }
    Ok(select.filter(matching(backend, filter)?))
}

/// Returns the condition of a filter, regardless of visibility.
fn matching(backend: DbBackend, filter: &CrmItemFilter) -> Result<Condition, Error> {
    use crm_item::Column;
    let dismissed = |dismissed| tree::any_dismissed("(crm_items.responsible_id)", dismissed);
    let unassigned = |unassigned| match unassigned {
        true => Column::ResponsibleId.is_null(),
        false => Column::ResponsibleId.is_not_null(),
    };
    let of_department = |department: DepartmentId| {
        let sql = format!("crm_items.responsible_id IN {}", tree::people_below("$1"));
        sql_condition(backend, &sql, &[department.into()])
    };
    let (kinds, stages) = (filter.kind.as_ref(), filter.stage.as_ref());
    Ok(Condition::all()
        .add_option(kinds.map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
        .add_option(filter.responsible.map(|person| Column::ResponsibleId.eq(person)))
        .add_option(filter.responsible_dismissed.map(dismissed))
        .add_option(filter.unassigned.map(unassigned))
        .add_option(stages.map(|stages| Column::Stage.is_in(stages.iter().map(String::as_str))))
        .add_option(filter.closed.map(|closed| Column::Closed.eq(closed)))
        .add_option(input::search(Column::SearchText, filter.search.as_deref())?)
        .add_option(filter.department.map(of_department))
        .add_option(filter.updated_since.map(|since| Column::UpdatedAt.gte(since))))
}

/// Returns records by id, without a permission check: for records already known to be visible, such as subjects of a
/// ledger.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[CrmItemId]) -> Result<HashMap<CrmItemId, crm_item::Model>, Error> {
    db::by_ids::<crm_item::Entity, _>(db.read(), crm_item::Column::Id, ids, |row| row.id).await
}
