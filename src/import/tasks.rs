//! tasks.csv: id, title, creator_email, responsible_email, participants, observers, status, created_at, deadline.

use std::collections::HashSet;

use entity::task::{self, TaskStatus};
use entity::task_member::{self, MemberRole};
use entity::{TaskId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::lookup::{self, People, nobody};
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// The columns with lists of people, and their role in the task.
const MEMBERS: [(&str, MemberRole); 2] = [
    ("participants", MemberRole::Participant),
    ("observers", MemberRole::Observer),
];

struct Task {
    id: String,
    title: String,
    status: TaskStatus,
    status_text: Option<String>,
    creator: UserId,
    responsible: Option<UserId>,
    created_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

/// Imports tasks. A task without a creator, or whose creator or responsible is unknown, is rejected.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let there = lookup::imported(tx, "tasks", rows.iter().filter_map(|row| row.get("id"))).await?;
    let people = People::of(tx, rows.iter().flat_map(addresses)).await?;
    let mut seen = HashSet::new();
    let (mut tasks, mut members) = (Vec::new(), Vec::new());
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let (named, mut reasons) = read_members(row, &people);
        let read = match read(row, &people) {
            Err(reason) => {
                reasons.insert(0, reason);
                verdicts.push(RowOutcome(RowStatus::Rejected, reasons));
                continue;
            }
            Ok(read) => read,
        };
        if let Some(&taken) = there.get(&read.id) {
            let mut outcome = run.outcome_for_existing(taken, "id");
            if outcome.0 == RowStatus::Unchanged && run.correcting {
                outcome = RowOutcome(complete(tx, TaskId(taken), named).await?, reasons);
            }
            verdicts.push(outcome);
            continue;
        }
        if !seen.insert(read.id.clone()) {
            verdicts.push(RowOutcome::rejected(super::twice("id")));
            continue;
        }
        let created_at = read.created_at.unwrap_or(tx.now);
        let id = TaskId(run.id(created_at));
        tasks.push(new_task(id, created_at, read));
        members.extend(named.into_iter().map(|(role, person)| member(id, role, person)));
        verdicts.push(RowOutcome(RowStatus::Added, reasons));
    }
    db::insert_all(tx, tasks).await?;
    db::insert_all(tx, members).await?;
    Ok(verdicts)
}

fn new_task(id: TaskId, created_at: Timestamp, read: Task) -> task::ActiveModel {
    task::ActiveModel {
        id: Set(id),
        external_id: Set(Some(read.id)),
        search_text: Set(text::search_key(&read.title)),
        title: Set(read.title),
        status: Set(read.status),
        status_text: Set(read.status_text),
        deadline: Set(read.deadline),
        creator_id: Set(read.creator),
        responsible_id: Set(read.responsible),
        created_at: Set(created_at),
        updated_at: Set(created_at),
        ..Default::default()
    }
}

fn member(task: TaskId, role: MemberRole, person: UserId) -> task_member::ActiveModel {
    task_member::ActiveModel {
        task_id: Set(task),
        role: Set(role),
        user_id: Set(person),
    }
}

fn addresses(row: &Row) -> impl Iterator<Item = &str> {
    let single = ["creator_email", "responsible_email"]
        .into_iter()
        .filter_map(|column| row.get(column));
    single.chain(
        MEMBERS
            .into_iter()
            .flat_map(|(column, _)| value::list(row, column)),
    )
}

fn read(row: &Row, people: &People) -> Result<Task, Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let person = |column: &str| {
        row.get(column)
            .map(|address| people.get(address).ok_or_else(|| nobody(column, address)))
            .transpose()
    };
    let (status, status_text) = value::status(row)?;
    let responsible = person("responsible_email")?;
    let creator = person("creator_email")?.ok_or_else(|| "creator_email: value required".to_owned())?;
    Ok(Task {
        id: value::key(row, "id", input::NAME)?,
        title: value::needed(row, "title", input::TITLE)?,
        status,
        status_text,
        creator,
        responsible,
        created_at: value::moment(row, "created_at")?,
        deadline: value::moment(row, "deadline")?,
    })
}

/// Parses participants and observers without duplicates; also returns a problem for each unknown address.
fn read_members(row: &Row, people: &People) -> (HashSet<(MemberRole, UserId)>, Vec<Reason>) {
    let mut unknown = Vec::new();
    let mut named = HashSet::new();
    for (column, role) in MEMBERS {
        for address in value::list(row, column) {
            match people.get(address) {
                Some(person) => drop(named.insert((role, person))),
                None => unknown.push(nobody(column, address)),
            }
        }
    }
    (named, unknown)
}

/// Adds members who were unknown at the first import.
async fn complete(tx: &Tx, task: TaskId, named: HashSet<(MemberRole, UserId)>) -> Outcome<RowStatus> {
    if named.is_empty() {
        return Ok(RowStatus::Unchanged);
    }
    let rows = named.into_iter().map(|(role, person)| member(task, role, person));
    let added = task_member::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    if added == 0 {
        return Ok(RowStatus::Unchanged);
    }
    task::Entity::update_many()
        .col_expr(task::Column::UpdatedAt, Expr::value(tx.now))
        .filter(task::Column::Id.eq(task))
        .exec(&tx.conn)
        .await?;
    Ok(RowStatus::Completed)
}
