//! users.csv: email, given_name, family_name, position, department_id, hired_on, dismissed_on, role.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use entity::dismissal::{self, DismissalState};
use entity::user::{self, UserStatus, email_key};
use entity::{DepartmentId, DismissalId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::lookup::{self, People};
use super::source::Row;
use super::value::{self, Reason};
use super::{Fate, Run, Verdict};
use crate::db::{self, Tx};
use crate::error::Outcome;
use crate::input;
use crate::people::create::{Identity, new_row};

struct Person {
    who: Identity,
    hired_on: Option<NaiveDate>,
    dismissed_on: Option<NaiveDate>,
}

/// Makes people: active without a password, or dismissed since the day on which they left.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("department_id")).await?;
    let there = People::of(tx, named("email")).await?;
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
        if let Some(id) = there.get(&person.who.email) {
            let mut verdict = run.verdict_on_existing(id.0, "email");
            if verdict.0 == Fate::Unchanged && run.mending {
                verdict = Verdict(complete(tx, id, person.who.department_id).await?, reasons);
            }
            verdicts.push(verdict);
            continue;
        }
        if !seen.insert(email_key(&person.who.email)) {
            verdicts.push(Verdict::rejected(super::twice("email")));
            continue;
        }
        let left = person
            .dismissed_on
            .map(|day| day.and_time(NaiveTime::MIN).and_utc());
        if left.is_some_and(|left| left > tx.now) {
            reasons.push(
                "dismissed_on: it is still to come: this person is active until they are dismissed"
                    .to_owned(),
            );
        }
        let left = left.filter(|left| *left <= tx.now);
        let status = if left.is_some() {
            UserStatus::Dismissed
        } else {
            UserStatus::Active
        };
        let mut fresh = new_row(tx, person.who, status, None);
        fresh.hired_on = Set(person.hired_on);
        if let (Some(left), Set(id)) = (left, &fresh.id) {
            dismissals.push(dismissal_of(tx, *id, left));
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

fn dismissal_of(tx: &Tx, person: UserId, left: entity::Timestamp) -> dismissal::ActiveModel {
    dismissal::ActiveModel {
        id: Set(DismissalId(tx.new_id())),
        user_id: Set(person),
        state: Set(DismissalState::InForce),
        effective_at: Set(left),
        reason: Set(None),
        requested_by_id: Set(None),
        handover_id: Set(None),
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
    Ok(Person {
        who: Identity {
            email: value::email(row, "email")?,
            given_name: name("given_name")?,
            family_name: name("family_name")?,
            position: name("position")?,
            department_id: None,
            role: value::role(row),
        },
        hired_on: value::day(row, "hired_on")?,
        dismissed_on: value::day(row, "dismissed_on")?,
    })
}
