//! Reads of CRM records. Who may see which stands in [`access`](super::access).

use std::collections::HashMap;

use entity::crm_item::{self, CrmKind};
use entity::crm_rule::CrmOperation;
use entity::{CrmItemId, DepartmentId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Which records.
#[derive(Debug, Clone, Default)]
pub struct CrmItemFilter {
    /// What they are about.
    pub kind: Option<Vec<CrmKind>>,
    /// Whose they are.
    pub responsible: Option<UserId>,
    /// Whose responsible person is dismissed, or is not.
    pub responsible_dismissed: Option<bool>,
    /// Without a responsible person, or with one.
    pub unassigned: Option<bool>,
    /// In one of these stages.
    pub stage: Option<Vec<String>>,
    /// Closed ones, or open ones.
    pub closed: Option<bool>,
    /// In the title.
    pub search: Option<String>,
    /// Whose responsible person is in this department or below.
    pub department: Option<DepartmentId>,
    /// Changed at this moment or later.
    pub updated_since: Option<Timestamp>,
}

/// A page of the records that the actor may see, the newest first.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense.
pub async fn crm_items(
    db: &Db,
    actor: &Actor,
    filter: &CrmItemFilter,
    args: &PageArgs,
) -> Result<Page<crm_item::Model>, Error> {
    actor.require_sight_of_work()?;
    let access = Access::load(db.read(), actor, CrmOperation::Read).await?;
    let mut select = crm_item::Entity::find();
    if !access.is_unlimited() {
        let mut readable = access.sql("crm_items", "$1");
        if let Some(few) = access.few(db.read()).await? {
            readable = format!("{few} AND {readable}");
        }
        select = select.filter(sql_condition(db.backend(), &readable, &[access.person()]));
    }
    if let Some(kinds) = &filter.kind {
        select = select.filter(crm_item::Column::Kind.is_in(kinds.iter().copied()));
    }
    if let Some(responsible) = filter.responsible {
        select = select.filter(crm_item::Column::ResponsibleId.eq(responsible));
    }
    if let Some(dismissed) = filter.responsible_dismissed {
        let not = if dismissed { "" } else { "NOT" };
        select = select.filter(Expr::cust(format!(
            "{not} EXISTS (SELECT 1 FROM users h WHERE h.id = crm_items.responsible_id AND h.status = 'DISMISSED')"
        )));
    }
    if let Some(unassigned) = filter.unassigned {
        let column = crm_item::Column::ResponsibleId;
        select = select.filter(if unassigned {
            column.is_null()
        } else {
            column.is_not_null()
        });
    }
    if let Some(stages) = &filter.stage {
        select = select.filter(crm_item::Column::Stage.is_in(stages.iter().map(String::as_str)));
    }
    if let Some(closed) = filter.closed {
        select = select.filter(crm_item::Column::Closed.eq(closed));
    }
    if let Some(pattern) = filter
        .search
        .as_deref()
        .map(input::search_pattern)
        .transpose()?
        .flatten()
    {
        select =
            select.filter(Expr::col(crm_item::Column::SearchText).like(LikeExpr::new(pattern).escape('\\')));
    }
    if let Some(department) = filter.department {
        let people = tree::people_below("$1");
        select = select.filter(sql_condition(
            db.backend(),
            &format!("crm_items.responsible_id IN {people}"),
            &[department.into()],
        ));
    }
    if let Some(since) = filter.updated_since {
        select = select.filter(crm_item::Column::UpdatedAt.gte(since));
    }
    let order = Order::by_id(crm_item::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Records by id, whoever may see them: for what has been seen already, a ledger's subjects for instance.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[CrmItemId]) -> Result<HashMap<CrmItemId, crm_item::Model>, Error> {
    let rows = crm_item::Entity::find()
        .filter(crm_item::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
