//! Reads of recurring tasks, and who may see and change which: those who take part, the heads above them,
//! administrators.

use std::collections::HashMap;

use entity::task_member::MemberRole;
use entity::{TaskTemplateId, UserId, task_template, task_template_member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::auth::Actor;
use crate::db::{self, Db, sql_condition};
use crate::error::Error;
use crate::page::{self, Key, Order, Page, PageArgs};
use crate::people::tree;

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

/// True for the templates in which one of `people` plays a part: SQL of a list in parentheses.
fn with_part_for(people: &str) -> String {
    format!(
        "task_templates.id IN (SELECT t.id FROM task_templates t WHERE t.creator_id IN {people} \
         UNION SELECT t.id FROM task_templates t WHERE t.responsible_id IN {people} \
         UNION SELECT m.template_id FROM task_template_members m WHERE m.user_id IN {people})"
    )
}

/// True for the templates that `$1` may see.
fn visible() -> String {
    with_part_for(&tree::watched_by("$1"))
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
    let mut select = task_template::Entity::find();
    if !actor.is_administrator() {
        select = select.filter(sql_condition(db.backend(), &visible(), &[actor.user_id.into()]));
    }
    if let Some(user) = filter.user {
        let part = with_part_for("($1)");
        select = select.filter(sql_condition(db.backend(), &part, &[user.into()]));
    }
    if let Some(stalled) = filter.stalled {
        let not = if stalled { "" } else { "NOT" };
        select = select.filter(Expr::cust(format!("{not} {STALLED}")));
    }
    let order = Order::by_id(task_template::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| (Key::None, row.id.0)).await
}

/// Whether the actor may see this template.
///
/// # Errors
/// When the database fails.
pub async fn may_see(conn: &impl ConnectionTrait, actor: &Actor, id: TaskTemplateId) -> Result<bool, Error> {
    if actor.is_administrator() {
        return Ok(true);
    }
    let sql = format!(
        "SELECT 1 FROM task_templates WHERE task_templates.id = $2 AND {}",
        visible()
    );
    Ok(!db::query(conn, &sql, [actor.user_id.into(), id.into()])
        .await?
        .is_empty())
}

/// Whether the actor may change this template.
///
/// # Errors
/// When the database fails.
pub async fn may_edit(conn: &impl ConnectionTrait, actor: &Actor, id: TaskTemplateId) -> Result<bool, Error> {
    if actor.is_administrator() {
        return Ok(true);
    }
    let watched = tree::watched_by("$1");
    let sql = format!(
        "SELECT 1 FROM task_templates WHERE id = $2 AND (creator_id IN {watched} OR responsible_id IN {watched})"
    );
    Ok(!db::query(conn, &sql, [actor.user_id.into(), id.into()])
        .await?
        .is_empty())
}

/// The template, if it exists and the actor may see it.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: TaskTemplateId) -> Result<Option<task_template::Model>, Error> {
    if !may_see(db.read(), actor, id).await? {
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
