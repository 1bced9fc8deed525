//! Creates due tasks: one for each template whose next occurrence has come, exactly once, by any process.
//!
//! There is no message for it: the template stores when it is due. In one transaction its row is locked, the task is
//! created, and the row advances to the next occurrence; another process skips a locked row, and later finds it
//! advanced.
//!
//! A template whose creator or responsible person is not active creates nothing and keeps the occurrence that it
//! missed. Once both are active again, one task is created for the latest missed occurrence.

use std::sync::Arc;
use std::time::Duration;

use entity::task::{self, TaskStatus};
use entity::task_member::MemberRole;
use entity::{TaskId, TaskTemplateId, Timestamp, UserId, task_template, task_template_member, user};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use tokio::sync::watch;

use super::template_list::STALLED;
use super::{members, recurrence};

use crate::error::{Error, Outcome};
use crate::runtime::compute;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Interval for polling due templates.
const POLL: Duration = Duration::from_secs(2);
/// Templates per query.
const PAGE: u64 = 100;

/// Creates due tasks until `stop` is true, then finishes the current one.
pub async fn work(db: Db, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match make_due(&db).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(cause) => tracing::error!(cause = ?cause, "failed to create recurring tasks"),
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Creates the tasks of one page of due templates; returns how many. Zero means that nothing is left.
///
/// # Errors
/// When the database fails. A failing template is logged, and doesn't block the others.
pub async fn make_due(db: &Db) -> Result<u64, Error> {
    let ids: Vec<TaskTemplateId> = task_template::Entity::find()
        .select_only()
        .column(task_template::Column::Id)
        .filter(due(db.clock().now()))
        .order_by_asc(task_template::Column::NextRunAt)
        .limit(PAGE)
        .into_tuple()
        .all(db.read())
        .await?;
    let mut made = 0;
    for id in ids {
        match make_next(db, id).await {
            Ok(true) => made += 1,
            Ok(false) => {}
            Err(cause) => tracing::error!(template = %id, ?cause, "failed to create a recurring task"),
        }
    }
    Ok(made)
}

/// Returns the condition for templates due at `now`.
fn due(now: Timestamp) -> Condition {
    Condition::all()
        .add(task_template::Column::NextRunAt.lte(now))
        .add(Expr::cust(format!("NOT {STALLED}")))
}

/// Creates the next task of one template, if it is still due.
async fn make_next(db: &Db, id: TaskTemplateId) -> Outcome<bool> {
    let Some(occurrences) = &occurrences(db, id).await? else {
        return Ok(false);
    };
    db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        let found = task_template::Entity::find_by_id(id)
            .filter(due(tx.now))
            .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
            .one(&tx.conn)
            .await?;
        let Some(template) = found else { return Ok(false) };
        // Changed since its occurrences were computed: the next poll finds it again.
        if !occurrences.match_template(&template) {
            return Ok(false);
        }
        let members = task_template_member::Entity::find()
            .filter(task_template_member::Column::TemplateId.eq(id))
            .all(&tx.conn)
            .await?;
        let holders = [template.creator_id, template.responsible_id];
        let people = members.iter().map(|member| member.user_id).chain(holders);
        let active = lock_active(tx, people.collect()).await?;
        // Somebody was dismissed while this waited for their row: the template is now stalled.
        if !holders.iter().all(|holder| active.contains(holder)) {
            return Ok(false);
        }
        let (occurrence, next) = (occurrences.due, occurrences.next);

        let task = TaskId(tx.new_id());
        insert(tx, task, &template).await?;
        for role in [MemberRole::Participant, MemberRole::Observer] {
            let people: Vec<UserId> = members
                .iter()
                .filter(|member| member.role == role && active.contains(&member.user_id))
                .map(|member| member.user_id)
                .collect();
            members::set(tx, task, role, &people).await?;
        }
        task_template::Entity::update_many()
            .col_expr(task_template::Column::NextRunAt, Expr::value(next))
            .filter(task_template::Column::Id.eq(id))
            .exec(&tx.conn)
            .await?;
        let data = json!({
            "responsible": template.responsible_id.to_string(),
            "template": id.to_string(),
            "occurrence": occurrence,
        });
        let author = Author::Program("recurring task");
        journal::record(tx, &author, Action::TaskCreated, Some(task.into()), data).await?;
        Ok(true)
    })
    .await
}

/// Occurrences of a template, computed before it is locked.
struct Occurrences {
    template: task_template::Model,
    /// The latest occurrence that has come; its task is created.
    due: Timestamp,
    next: Option<Timestamp>,
}

impl Occurrences {
    fn match_template(&self, template: &task_template::Model) -> bool {
        let what = |row: &task_template::Model| (row.recurrence.clone(), row.starts_at, row.next_run_at);
        what(&self.template) == what(template)
    }
}

async fn occurrences(db: &Db, id: TaskTemplateId) -> Result<Option<Occurrences>, Error> {
    let found = task_template::Entity::find_by_id(id).one(db.read()).await?;
    let now = db.clock().now();
    let Some(template) = found else { return Ok(None) };
    let Some(missed) = template.next_run_at else {
        return Ok(None);
    };
    let (rule, starts_at) = (template.recurrence.clone(), template.starts_at);
    let found = compute::run(move || recurrence::to_make(&rule, starts_at, missed, now)).await?;
    let (due, next) = found.map_err(Error::Internal)?;
    Ok(Some(Occurrences { template, due, next }))
}

/// Returns the active ones among these people, and locks them: none can be dismissed before this transaction commits.
async fn lock_active(tx: &Tx, people: Vec<UserId>) -> Result<Vec<UserId>, Error> {
    let rows = user::Entity::find()
        .filter(user::Column::Id.is_in(people))
        .order_by_asc(user::Column::Id)
        .lock(LockType::Share)
        .all(&tx.conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter(user::Model::is_active)
        .map(|row| row.id)
        .collect())
}

async fn insert(tx: &Tx, id: TaskId, template: &task_template::Model) -> Result<(), Error> {
    let row = task::ActiveModel {
        id: Set(id),
        title: Set(template.title.clone()),
        search_text: Set(template.search_text.clone()),
        status: Set(TaskStatus::Pending),
        creator_id: Set(template.creator_id),
        responsible_id: Set(Some(template.responsible_id)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        ..Default::default()
    };
    task::Entity::insert(row).exec_without_returning(&tx.conn).await?;
    Ok(())
}
