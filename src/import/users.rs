//! users.csv: id, email, given_name, family_name, position, department_id, hired_on, dismissed_on, role.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use entity::dismissal::{self, DismissalState};
use entity::user::{self, UserStatus, email_key};
use entity::{DepartmentId, DismissalId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::lookup;
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::domain::people::create::{Identity, new_row};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

struct Person {
    /// The person's id in the company's own system.
    id: Option<String>,
    who: Identity,
    hired_on: Option<NaiveDate>,
    dismissed_on: Option<NaiveDate>,
}

impl Person {
    /// The key by which a later import finds the person after a change of address: the id, or the imported address.
    fn key(&self) -> String {
        self.id.clone().unwrap_or_else(|| email_key(&self.who.email))
    }
}

/// Imports people: active without a password, or dismissed as of the day they left.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("department_id")).await?;
    let there = Known::of(tx, rows).await?;
    let mut new = New::default();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let mut reasons = Vec::new();
        let department = department_of(row, &departments, &mut reasons);
        let found = read(row, department).and_then(|person| Ok((there.find(&person)?, person)));
        verdicts.push(match found {
            Err(reason) => RowOutcome::rejected(reason),
            Ok((Some(id), person)) => on_existing(tx, id, &person, &there, reasons, run).await?,
            Ok((None, person)) => match new.add(tx, run, person, &mut reasons) {
                Ok(()) => RowOutcome(RowStatus::Added, reasons),
                Err(reason) => RowOutcome::rejected(reason),
            },
        });
    }
    db::insert_all(tx, new.people).await?;
    db::insert_all(tx, new.dismissals).await?;
    Ok(verdicts)
}

fn department_of(
    row: &Row,
    departments: &HashMap<String, Uuid>,
    reasons: &mut Vec<Reason>,
) -> Option<DepartmentId> {
    let wanted = row.get("department_id")?;
    let found = departments.get(wanted).copied().map(DepartmentId);
    if found.is_none() {
        reasons.push(format!("department_id: unknown department {wanted:?}"));
    }
    found
}

/// The rows to be inserted for a batch.
#[derive(Default)]
struct New {
    people: Vec<user::ActiveModel>,
    dismissals: Vec<dismissal::ActiveModel>,
    /// The addresses and ids of the people.
    seen: HashSet<String>,
}

impl New {
    /// Adds a person, unless an earlier row has the address or the id.
    fn add(&mut self, tx: &Tx, run: &Run, person: Person, reasons: &mut Vec<Reason>) -> Result<(), Reason> {
        if !self.seen.insert(email_key(&person.who.email)) {
            return Err(super::twice("email"));
        }
        if person.id.as_ref().is_some_and(|id| !self.seen.insert(id.clone())) {
            return Err(super::twice("id"));
        }
        let left = person
            .dismissed_on
            .map(|day| day.and_time(NaiveTime::MIN).and_utc());
        if left.is_some_and(|left| left > tx.now) {
            reasons.push("dismissed_on: the date is in the future; imported as an active person".to_owned());
        }
        let left = left.filter(|left| *left <= tx.now);
        let status = if left.is_some() {
            UserStatus::Dismissed
        } else {
            UserStatus::Active
        };
        let (id, key) = (UserId(run.id(tx.now)), person.key());
        let mut row = new_row(tx, person.who, status, None);
        row.id = Set(id);
        row.external_id = Set(Some(key));
        row.hired_on = Set(person.hired_on);
        if let Some(left) = left {
            self.dismissals.push(dismissal_of(tx, id, left));
            row.dismissed_at = Set(Some(left));
            row.accepted_at = Set(Some(left));
        }
        self.people.push(row);
        Ok(())
    }
}

/// The existing people among those in a batch of rows.
struct Known {
    by_address: HashMap<String, (UserId, Option<String>)>,
    by_key: HashMap<String, Uuid>,
}

impl Known {
    async fn of(tx: &Tx, rows: &[Row]) -> Outcome<Self> {
        let addresses = || rows.iter().filter_map(|row| row.get("email")).map(email_key);
        let ids = rows.iter().filter_map(|row| row.get("id")).map(str::to_owned);
        let keys: HashSet<String> = addresses().chain(ids).collect();
        Ok(Self {
            by_address: lookup::people_with_keys(tx, addresses()).await?,
            by_key: lookup::imported(tx, "users", keys.iter().map(String::as_str)).await?,
        })
    }

    /// Finds the person of a row by id, or else by address.
    fn find(&self, person: &Person) -> Result<Option<UserId>, Reason> {
        let by_key = self.by_key.get(&person.key()).copied().map(UserId);
        let by_address = self.by_address.get(&email_key(&person.who.email));
        match (by_key, by_address) {
            (Some(one), Some((other, _))) if one != *other && person.id.is_some() => {
                Err("email: the address belongs to a person with another id".to_owned())
            }
            // Without an id, the row refers to the current owner of the address.
            (_, Some((id, _))) if person.id.is_none() => Ok(Some(*id)),
            (Some(id), _) => Ok(Some(id)),
            (None, Some((id, key))) if key.as_deref().is_none_or(is_address) => Ok(Some(*id)),
            (None, Some(_)) => Err("email: the address belongs to a person with another id".to_owned()),
            (None, None) => Ok(None),
        }
    }
}

/// Whether a person was imported without an id, so that one can be assigned.
fn is_address(key: &str) -> bool {
    key.contains('@')
}

/// Handles a row whose person exists: assigns an id that was unknown before, and fills what the first import left
/// empty.
async fn on_existing(
    tx: &Tx,
    id: UserId,
    person: &Person,
    there: &Known,
    reasons: Vec<Reason>,
    run: &Run,
) -> Outcome<RowOutcome> {
    let mut outcome = run.outcome_for_existing(id.0, if person.id.is_some() { "id" } else { "email" });
    if outcome.0 != RowStatus::Unchanged {
        return Ok(outcome);
    }
    if let Some(key) = person.id.as_ref().filter(|key| !there.by_key.contains_key(*key)) {
        user::Entity::update_many()
            .col_expr(user::Column::ExternalId, Expr::value(key.clone()))
            .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
            .filter(user::Column::Id.eq(id))
            .exec(&tx.conn)
            .await?;
        outcome.0 = RowStatus::Completed;
    }
    if run.correcting {
        if complete(tx, id, person.who.department_id).await? == RowStatus::Completed {
            outcome.0 = RowStatus::Completed;
        }
        outcome.1 = reasons;
    }
    Ok(outcome)
}

fn dismissal_of(tx: &Tx, person: UserId, left: entity::Timestamp) -> dismissal::ActiveModel {
    dismissal::ActiveModel {
        id: Set(DismissalId(tx.new_id())),
        user_id: Set(person),
        state: Set(DismissalState::InForce),
        effective_at: Set(left),
        reason: Set(None),
        requested_by_id: Set(None),
        keep_secret_ids: Set(None),
        directory_id: Set(None),
        requested_by_integration_id: Set(None),
        requested_by_secret_id: Set(None),
        handover_id: Set(None),
        return_id: Set(None),
        ended_at: Set(None),
        created_at: Set(tx.now),
        moves: Set(None),
        failure: Set(None),
    }
}

/// Assigns a department that was unknown at the first import.
async fn complete(tx: &Tx, person: UserId, department: Option<DepartmentId>) -> Outcome<RowStatus> {
    let Some(department) = department else {
        return Ok(RowStatus::Unchanged);
    };
    let changed = user::Entity::update_many()
        .col_expr(user::Column::DepartmentId, Expr::value(department))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person))
        .filter(user::Column::DepartmentId.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(if changed.rows_affected == 1 {
        RowStatus::Completed
    } else {
        RowStatus::Unchanged
    })
}

fn read(row: &Row, department_id: Option<DepartmentId>) -> Result<Person, Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let name = |column| value::text(row, column, input::NAME);
    let (hired_on, dismissed_on) = (value::day(row, "hired_on")?, value::day(row, "dismissed_on")?);
    if let (Some(hired), Some(dismissed)) = (hired_on, dismissed_on)
        && dismissed < hired
    {
        return Err("dismissed_on: must not be before hired_on".to_owned());
    }
    Ok(Person {
        id: row
            .get("id")
            .map(|_| value::key(row, "id", input::NAME))
            .transpose()?,
        who: Identity {
            email: value::email(row, "email")?,
            given_name: name("given_name")?,
            family_name: name("family_name")?,
            position: name("position")?,
            department_id,
            role: value::role(row),
        },
        hired_on,
        dismissed_on,
    })
}
