//! Queries on recurring tasks. [`access`](super::access) decides on visibility.

use std::collections::HashMap;

use entity::task_member::MemberRole;
use entity::{TaskTemplateId, UserId, task_template, task_template_member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::access::TEMPLATES;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// SQL condition for templates that create nothing because their creator or responsible person is not active.
pub(super) const STALLED: &str = "EXISTS (SELECT 1 FROM users p WHERE p.status <> 'ACTIVE' \
    AND p.id IN (task_templates.creator_id, task_templates.responsible_id))";

/// Filter of templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// This person has a role in it.
    pub user: Option<UserId>,
    /// Whether it creates nothing because somebody was dismissed.
    pub stalled: Option<bool>,
    /// Text in the title.
    pub search: Option<String>,
}

/// Returns a page of the templates visible to the actor, newest first.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn templates(
    db: &Db,
    actor: &Actor,
    filter: &TemplateFilter,
    args: &PageArgs,
) -> Result<Page<task_template::Model>, Error> {
    let select = visible(db.read(), actor, filter)?;
    let order = Order::by_id(task_template::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Selects the templates that are visible to the actor and match the filter.
///
/// # Errors
/// As [`templates`].
pub fn visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &TemplateFilter,
) -> Result<Select<task_template::Entity>, Error> {
    actor.require_work_access()?;
    let backend = conn.get_database_backend();
    let mut select = task_template::Entity::find();
    if !actor.may(Permission::ReadWork) {
        let visible = sql_condition(backend, &TEMPLATES.visible(), &[actor.user_id.into()]);
        select = select.filter(visible);
    }
    if let Some(user) = filter.user {
        let part = TEMPLATES.has_role_of("($1)");
        select = select.filter(sql_condition(backend, &part, &[user.into()]));
    }
    if let Some(stalled) = filter.stalled {
        let not = if stalled { "" } else { "NOT" };
        select = select.filter(Expr::cust(format!("{not} {STALLED}")));
    }
    let search = input::search(task_template::Column::SearchText, filter.search.as_deref())?;
    Ok(select.filter(Condition::all().add_option(search)))
}

/// Returns templates by id, without a permission check: for templates already known to be visible, such as subjects of
/// a ledger.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    db: &Db,
    ids: &[TaskTemplateId],
) -> Result<HashMap<TaskTemplateId, task_template::Model>, Error> {
    db::by_ids::<task_template::Entity, _>(db.read(), task_template::Column::Id, ids, |row| row.id).await
}

/// Returns the members of each template.
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
