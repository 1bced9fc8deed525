//! The columns of each list, and its rows.

use std::collections::HashMap;

use chrono::SecondsFormat;
use entity::crm_rule::CrmOperation;
use entity::user::Profile;
use entity::{DepartmentId, Timestamp, UserId, audit_entry, crm_item, handover_entry, task};
use sea_orm::ActiveEnum;
use uuid::Uuid;

use super::Export;
use crate::domain::audit::changes;
use crate::domain::audit::list as audit;
use crate::domain::auth::Actor;
use crate::domain::crm::list as records;
use crate::domain::handover::kinds;
use crate::domain::handover::list as handovers;
use crate::domain::people::list as people;
use crate::domain::people::list::UserOrder;
use crate::domain::search;
use crate::domain::tasks::list as tasks;
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page::{Page, PageArgs};

type Rows = (Vec<Vec<String>>, Option<String>);

/// Returns the names of the columns.
pub fn columns(export: &Export) -> &'static [&'static str] {
    match export {
        Export::People(_) => &[
            "id",
            "externalId",
            "email",
            "givenName",
            "familyName",
            "position",
            "department",
            "role",
            "status",
            "hiredOn",
            "dismissedAt",
        ],
        Export::Audit(_) => &["id", "at", "action", "actor", "subjectId", "changes", "data"],
        Export::Tasks(_) => &[
            "id",
            "externalId",
            "title",
            "status",
            "closed",
            "deadline",
            "creator",
            "responsible",
            "createdAt",
            "updatedAt",
        ],
        Export::CrmItems(_) => &[
            "id",
            "externalId",
            "kind",
            "title",
            "stage",
            "closed",
            "amount",
            "currency",
            "responsible",
            "createdAt",
            "updatedAt",
        ],
        Export::Ledger(..) => &["kind", "itemId", "item", "outcome", "reason", "from", "to", "at"],
    }
}

/// Reads a page of rows, and the cursor of the next page.
///
/// # Errors
/// Those of the list.
pub async fn read(db: &Db, actor: &Actor, export: &Export, args: &PageArgs) -> Result<Rows, Error> {
    match export {
        Export::People(filter) => {
            let page = people::users(db, actor, filter, (UserOrder::Name, false), args).await?;
            of_people(db, page).await
        }
        Export::Audit(filter) => Ok(of_audit(audit::entries(db, actor, filter, args).await?)),
        Export::Tasks(filter) => {
            let page = tasks::tasks(db, actor, filter, args).await?;
            of_tasks(db, page).await
        }
        Export::CrmItems(filter) => {
            let page = records::with_permission(db, actor, CrmOperation::Export, filter, args).await?;
            of_records(db, page).await
        }
        Export::Ledger(id, kind, outcome) => {
            actor.require_ledgers()?;
            if args.after.is_none() && handovers::by_ids(db, &[*id]).await?.is_empty() {
                return Err(Error::NotFound("there is no such handover".to_owned()));
            }
            let page = handovers::entries(db, *id, *kind, *outcome, args).await?;
            of_ledger(db, actor, page).await
        }
    }
}

fn rows<T>(page: Page<T>, row: impl Fn(T) -> Vec<String>) -> Rows {
    let last = page.items.last().map(|(_, cursor)| cursor.to_string());
    let next = last.filter(|_| page.has_next);
    (page.items.into_iter().map(|(item, _)| row(item)).collect(), next)
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The e-mail addresses of people: a name may belong to several.
async fn addresses(
    db: &Db,
    people: Vec<Option<UserId>>,
) -> Result<impl Fn(Option<UserId>) -> String + use<>, Error> {
    let mut ids: Vec<UserId> = people.into_iter().flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let found: HashMap<UserId, Profile> = people::by_ids(db, &ids).await?;
    Ok(move |id: Option<UserId>| {
        let person = id.and_then(|id| found.get(&id));
        person.map(|person| person.email.clone()).unwrap_or_default()
    })
}

async fn of_people(db: &Db, page: Page<Profile>) -> Result<Rows, Error> {
    let departments = page.items.iter().filter_map(|(person, _)| person.department_id);
    let mut ids: Vec<DepartmentId> = departments.collect();
    ids.sort_unstable();
    ids.dedup();
    let departments = people::departments_by_ids(db, &ids).await?;
    let ids: Vec<UserId> = page.items.iter().map(|(person, _)| person.id).collect();
    let dismissed = people::dismissal_times(db, &ids).await?;
    Ok(rows(page, |person| {
        let department = person.department_id.and_then(|id| departments.get(&id));
        vec![
            person.id.to_string(),
            text(person.external_id),
            person.email,
            text(person.given_name),
            text(person.family_name),
            text(person.position),
            text(department.map(|department| &department.name)),
            people::role_name(person.role).to_owned(),
            person.status.to_value(),
            text(person.hired_on),
            text(dismissed.get(&person.id).copied().map(time)),
        ]
    }))
}

fn of_audit(page: Page<audit_entry::Model>) -> Rows {
    rows(page, |entry| {
        let changes = changes::of(&entry)
            .into_iter()
            .map(|(field, before, after)| format!("{field}: {} → {}", text(before), text(after)));
        let subject = entry.subject_type.as_ref().zip(entry.subject_id);
        vec![
            entry.id.to_string(),
            time(entry.at),
            entry.action.clone(),
            entry.actor.clone(),
            text(subject.map(|(prefix, id)| entity::id::with_prefix(prefix, id))),
            changes.collect::<Vec<_>>().join("; "),
            entry.data.clone(),
        ]
    })
}

async fn of_tasks(db: &Db, page: Page<task::Model>) -> Result<Rows, Error> {
    let people = page
        .items
        .iter()
        .flat_map(|(task, _)| [Some(task.creator_id), task.responsible_id])
        .collect();
    let address = addresses(db, people).await?;
    Ok(rows(page, |task| {
        vec![
            task.id.to_string(),
            text(task.external_id),
            task.title,
            task.status.to_value(),
            task.closed.to_string(),
            text(task.deadline.map(time)),
            address(Some(task.creator_id)),
            address(task.responsible_id),
            time(task.created_at),
            time(task.updated_at),
        ]
    }))
}

async fn of_records(db: &Db, page: Page<crm_item::Model>) -> Result<Rows, Error> {
    let people = page
        .items
        .iter()
        .map(|(record, _)| record.responsible_id)
        .collect();
    let address = addresses(db, people).await?;
    Ok(rows(page, |record| {
        vec![
            record.id.to_string(),
            text(record.external_id),
            record.kind.to_value(),
            record.title,
            text(record.stage),
            record.closed.to_string(),
            text(record.amount),
            text(record.currency),
            address(record.responsible_id),
            time(record.created_at),
            time(record.updated_at),
        ]
    }))
}

async fn of_ledger(db: &Db, actor: &Actor, page: Page<handover_entry::Model>) -> Result<Rows, Error> {
    let mut of_types: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for (entry, _) in &page.items {
        let prefix = kinds::of(entry.kind).subject();
        of_types.entry(prefix).or_default().push(entry.subject_id);
    }
    let mut names: HashMap<Uuid, String> = HashMap::new();
    for (prefix, ids) in of_types {
        names.extend(search::names(db, actor, prefix, &ids).await?);
    }
    let people = page
        .items
        .iter()
        .flat_map(|(entry, _)| [entry.from_id, entry.to_id])
        .collect();
    let address = addresses(db, people).await?;
    Ok(rows(page, |entry| {
        let prefix = kinds::of(entry.kind).subject();
        vec![
            kinds::name(entry.kind),
            entity::id::with_prefix(prefix, entry.subject_id),
            text(names.get(&entry.subject_id)),
            entry.outcome.to_value(),
            text(entry.reason),
            address(entry.from_id),
            address(entry.to_id),
            time(entry.at),
        ]
    }))
}
