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
use super::{Fate, Run, Verdict};
use crate::domain::people::create::{Identity, new_row};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

struct Person {
    /// The id that the company's own system has for them.
    id: Option<String>,
    who: Identity,
    hired_on: Option<NaiveDate>,
    dismissed_on: Option<NaiveDate>,
}

impl Person {
    /// What a later import finds them by, even when their address has changed since: the id, or the address as imported.
    fn key(&self) -> String {
        self.id.clone().unwrap_or_else(|| email_key(&self.who.email))
    }
}

/// Makes people: active without a password, or dismissed since the day on which they left.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("department_id")).await?;
    let there = Known::of(tx, rows).await?;
    let mut seen = HashSet::new();
    let (mut people, mut dismissals) = (Vec::new(), Vec::new());
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let mut person = match read(row) {
            Err(reason) => {
                verdicts.push(Verdict::rejected(reason));
                continue;
            }
            Ok(person) => person,
        };
        let mut reasons = Vec::new();
        if let Some(wanted) = row.get("department_id") {
            person.who.department_id = departments.get(wanted).copied().map(DepartmentId);
            if person.who.department_id.is_none() {
                reasons.push(format!("department_id: there is no department {wanted:?}"));
            }
        }
        match there.find(&person) {
            Ok(None) => {}
            Ok(Some(id)) => {
                verdicts.push(on_existing(tx, id, &person, &there, reasons, run).await?);
                continue;
            }
            Err(reason) => {
                verdicts.push(Verdict::rejected(reason));
                continue;
            }
        }
        if !seen.insert(email_key(&person.who.email)) {
            verdicts.push(Verdict::rejected(super::twice("email")));
            continue;
        }
        if person.id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            verdicts.push(Verdict::rejected(super::twice("id")));
            continue;
        }
        let left = person
            .dismissed_on
            .map(|day| day.and_time(NaiveTime::MIN).and_utc());
        if left.is_some_and(|left| left > tx.now) {
            reasons.push(
                "dismissed_on: it is in the future: this person is active until they are dismissed"
                    .to_owned(),
            );
        }
        let left = left.filter(|left| *left <= tx.now);
        let status = if left.is_some() {
            UserStatus::Dismissed
        } else {
            UserStatus::Active
        };
        let (id, key) = (UserId(run.id(tx.now)), person.key());
        let mut fresh = new_row(tx, person.who, status, None);
        fresh.id = Set(id);
        fresh.external_id = Set(Some(key));
        fresh.hired_on = Set(person.hired_on);
        if let Some(left) = left {
            dismissals.push(dismissal_of(tx, id, left));
            fresh.dismissed_at = Set(Some(left));
            fresh.accepted_at = Set(Some(left));
        }
        people.push(fresh);
        verdicts.push(Verdict(Fate::Added, reasons));
    }
    db::insert_all(tx, people).await?;
    db::insert_all(tx, dismissals).await?;
    Ok(verdicts)
}

/// Who is there of the people of some rows.
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

    /// The person of a row: by the id, or else by the address.
    fn find(&self, person: &Person) -> Result<Option<UserId>, Reason> {
        let by_key = self.by_key.get(&person.key()).copied().map(UserId);
        let by_address = self.by_address.get(&email_key(&person.who.email));
        match (by_key, by_address) {
            (Some(one), Some((other, _))) if one != *other && person.id.is_some() => {
                Err("email: somebody with another id has this address".to_owned())
            }
            // Without an id a row means whoever has the address now.
            (_, Some((id, _))) if person.id.is_none() => Ok(Some(*id)),
            (Some(id), _) => Ok(Some(id)),
            (None, Some((id, key))) if key.as_deref().is_none_or(is_address) => Ok(Some(*id)),
            (None, Some(_)) => Err("email: somebody with another id has this address".to_owned()),
            (None, None) => Ok(None),
        }
    }
}

/// Whether somebody's first import knew their address alone: then they can be given an id.
fn is_address(key: &str) -> bool {
    key.contains('@')
}

/// What to do about a row whose person is there: give them the id that was not known before, and what their first import
/// had to leave empty.
async fn on_existing(
    tx: &Tx,
    id: UserId,
    person: &Person,
    there: &Known,
    reasons: Vec<Reason>,
    run: &Run,
) -> Outcome<Verdict> {
    let mut verdict = run.verdict_on_existing(id.0, if person.id.is_some() { "id" } else { "email" });
    if verdict.0 != Fate::Unchanged {
        return Ok(verdict);
    }
    if let Some(key) = person.id.as_ref().filter(|key| !there.by_key.contains_key(*key)) {
        user::Entity::update_many()
            .col_expr(user::Column::ExternalId, Expr::value(key.clone()))
            .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
            .filter(user::Column::Id.eq(id))
            .exec(&tx.conn)
            .await?;
        verdict.0 = Fate::Completed;
    }
    if run.correcting {
        if complete(tx, id, person.who.department_id).await? == Fate::Completed {
            verdict.0 = Fate::Completed;
        }
        verdict.1 = reasons;
    }
    Ok(verdict)
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

/// Puts somebody whose department was unknown into it.
async fn complete(tx: &Tx, person: UserId, department: Option<DepartmentId>) -> Outcome<Fate> {
    let Some(department) = department else {
        return Ok(Fate::Unchanged);
    };
    let changed = user::Entity::update_many()
        .col_expr(user::Column::DepartmentId, Expr::value(department))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person))
        .filter(user::Column::DepartmentId.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(if changed.rows_affected == 1 {
        Fate::Completed
    } else {
        Fate::Unchanged
    })
}

fn read(row: &Row) -> Result<Person, Reason> {
    row.misshapen().map_or(Ok(()), Err)?;
    let name = |column| value::text(row, column, input::NAME);
    let (hired_on, dismissed_on) = (value::day(row, "hired_on")?, value::day(row, "dismissed_on")?);
    if let (Some(hired), Some(dismissed)) = (hired_on, dismissed_on)
        && dismissed < hired
    {
        return Err("dismissed_on: it is before hired_on".to_owned());
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
            department_id: None,
            role: value::role(row),
        },
        hired_on,
        dismissed_on,
    })
}
