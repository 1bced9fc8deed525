//! Reads of recurring tasks. Who may see which is decided in [`access`](super::access).

use std::collections::HashMap;

use entity::task_member::MemberRole;
use entity::{TaskTemplateId, UserId, task_template, task_template_member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::access::TEMPLATES;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::{Db, sql_condition};
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// True for the templates that make nothing because their creator or responsible is not active.
pub(super) const STALLED: &str = "EXISTS (SELECT 1 FROM users p WHERE p.status <> 'ACTIVE' \
    AND p.id IN (task_templates.creator_id, task_templates.responsible_id))";

/// Which templates.
#[derive(Debug, Clone, Default)]
pub struct TemplateFilter {
    /// In which this person plays a part.
    pub user: Option<UserId>,
    /// Those that make nothing because somebody has left, or those that do.
    pub stalled: Option<bool>,
}

/// A page of the templates that the actor may see, the newest first.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense.
pub async fn templates(
    db: &Db,
    actor: &Actor,
    filter: &TemplateFilter,
    args: &PageArgs,
) -> Result<Page<task_template::Model>, Error> {
    actor.require_sight_of_work()?;
    let mut select = task_template::Entity::find();
    if !actor.may(Permission::ReadWork) {
        select = select.filter(sql_condition(
            db.backend(),
            &TEMPLATES.visible(),
            &[actor.user_id.into()],
        ));
    }
    if let Some(user) = filter.user {
        let part = TEMPLATES.with_part_for("($1)");
        select = select.filter(sql_condition(db.backend(), &part, &[user.into()]));
    }
    if let Some(stalled) = filter.stalled {
        let not = if stalled { "" } else { "NOT" };
        select = select.filter(Expr::cust(format!("{not} {STALLED}")));
    }
    let order = Order::by_id(task_template::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// The template, if it exists and the actor may see it.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: TaskTemplateId) -> Result<Option<task_template::Model>, Error> {
    if !TEMPLATES.may_see(db.read(), actor, id).await? {
        return Ok(None);
    }
    Ok(task_template::Entity::find_by_id(id).one(db.read()).await?)
}

/// Templates by id, whoever may see them: for what has been seen already, a ledger's subjects for instance.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    db: &Db,
    ids: &[TaskTemplateId],
) -> Result<HashMap<TaskTemplateId, task_template::Model>, Error> {
    let rows = task_template::Entity::find()
        .filter(task_template::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The members of each of these templates.
///
/// # Errors
/// When the database fails.
pub async fn members(
    db: &Db,
    ids: &[TaskTemplateId],
) -> Result<HashMap<TaskTemplateId, Vec<(MemberRole, UserId)>>, Error> {
    let rows = task_template_member::Entity::find()
        .filter(task_template_member::Column::TemplateId.is_in(ids.iter().copied()))
        .order_by_asc(task_template_member::Column::UserId)
        .all(db.read())
        .await?;
    let mut found: HashMap<TaskTemplateId, Vec<(MemberRole, UserId)>> = HashMap::new();
    for row in rows {
        found
            .entry(row.template_id)
            .or_default()
            .push((row.role, row.user_id));
    }
    Ok(found)
}
