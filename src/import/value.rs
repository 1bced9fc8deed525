//! Parsers for cell values. The error is the reason, prefixed with the column name.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use entity::Timestamp;
use entity::crm_item::CrmKind;
use entity::task::TaskStatus;
use entity::user::Role;
use rust_decimal::Decimal;
use sea_orm::ActiveEnum;

use super::date::{self, Written};
use super::source::Row;
use crate::domain::crm;
use crate::error::Failure;
use crate::store::input;

/// Why a row is rejected or incomplete.
pub type Reason = String;

/// Turns the failure of a check into a reason.
///
/// # Errors
/// The reason.
pub fn told<T>(column: &str, outcome: Result<T, Failure>) -> Result<T, Reason> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(reasons) => {
            let texts: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
            format!("{column}: {}", texts.join("; "))
        }
        Failure::Broken(error) => format!("{column}: {error}"),
    })
}

/// Parses a line of text of at most `max` characters; line breaks and tabs become spaces.
///
/// # Errors
/// The reason.
pub fn text(row: &Row, column: &str, max: usize) -> Result<Option<String>, Reason> {
    row.get(column)
        .map(|text| {
            told(
                column,
                input::check_line(&text.replace(['\n', '\r', '\t'], " "), max, column),
            )
        })
        .transpose()
}

/// Like [`text()`], but required.
///
/// # Errors
/// The reason.
pub fn needed(row: &Row, column: &str, max: usize) -> Result<String, Reason> {
    text(row, column, max)?.ok_or_else(|| format!("{column}: value required"))
}

/// Parses the id of a row. It is kept verbatim, as later imports find the row by it.
///
/// # Errors
/// The reason.
pub fn key(row: &Row, column: &str, max: usize) -> Result<String, Reason> {
    let found = row
        .get(column)
        .ok_or_else(|| format!("{column}: value required"))?;
    fit_for_key(column, found)?;
    told(column, input::check_line(found, max, column))?;
    Ok(found.trim().to_owned())
}

fn fit_for_key(column: &str, found: &str) -> Result<(), Reason> {
    match text::unfit_for_key(found) {
        Some(reason) => Err(format!("{column}: {reason}")),
        None => Ok(()),
    }
}

/// Parses a required e-mail address.
///
/// # Errors
/// The reason.
pub fn email(row: &Row, column: &str) -> Result<String, Reason> {
    let found = row
        .get(column)
        .ok_or_else(|| format!("{column}: value required"))?;
    fit_for_key(column, found)?;
    told(column, input::email(found, column))
}

/// Parses a date; a time and offset in the cell are ignored.
///
/// # Errors
/// The reason.
pub fn day(row: &Row, column: &str) -> Result<Option<NaiveDate>, Reason> {
    let Some(at) = written(row, column)? else {
        return Ok(None);
    };
    told(column, input::check_timestamp(at.local().and_utc(), column))?;
    Ok(Some(at.day))
}

/// Parses a timestamp. A date alone is midnight; a time without an offset is UTC.
///
/// # Errors
/// The reason.
pub fn moment(row: &Row, column: &str) -> Result<Option<Timestamp>, Reason> {
    let Some(at) = written(row, column)? else {
        return Ok(None);
    };
    told(column, input::check_timestamp(at.utc(), column)).map(Some)
}

/// Parses a timestamp; a time without an offset is local to `zone` (RFC 5545, 3.3.5, form 3).
///
/// # Errors
/// The reason.
pub fn timestamp_in(row: &Row, column: &str, zone: Option<Tz>) -> Result<Option<Timestamp>, Reason> {
    match (written(row, column)?, zone) {
        (Some(at), Some(zone)) if at.offset.is_none() => told(
            column,
            input::check_timestamp(on_clocks_of(zone, at.local()), column),
        )
        .map(Some),
        _ => moment(row, column),
    }
}

/// Converts local to UTC time: an ambiguous time is the earlier one, a skipped time uses the offset before the change.
fn on_clocks_of(zone: Tz, local: NaiveDateTime) -> Timestamp {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => {
            let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1))).fix();
            (local - TimeDelta::seconds(before.local_minus_utc().into())).and_utc()
        }
    }
}

fn written(row: &Row, column: &str) -> Result<Option<Written>, Reason> {
    row.get(column)
        .map(|text| date::parse(text, row.date_format()).map_err(|reason| format!("{column}: {reason}")))
        .transpose()
}

/// Parses a boolean as programs write it (true, yes, 1 …); empty is false.
///
/// # Errors
/// The reason.
pub fn yes(row: &Row, column: &str) -> Result<bool, Reason> {
    match row.get(column).map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "f" | "no" | "n" | "0") => Ok(false),
        Some("true" | "t" | "yes" | "y" | "1") => Ok(true),
        Some(_) => Err(format!("{column}: must be true or false")),
    }
}

/// Splits a list at semicolons.
pub fn list<'a>(row: &'a Row, column: &str) -> impl Iterator<Item = &'a str> {
    row.get(column)
        .into_iter()
        .flat_map(|text| text.split(';'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Parses an exact amount of money.
///
/// # Errors
/// The reason.
pub fn amount(row: &Row) -> Result<Option<String>, Reason> {
    row.get("amount")
        .map(|text| {
            Decimal::from_str_exact(text)
                .map(crm::amount_text)
                .map_err(|_| "amount: must be a decimal number such as 1250.50".to_owned())
        })
        .transpose()
}

/// Parses an ISO 4217 currency code.
///
/// # Errors
/// The reason.
pub fn currency(row: &Row) -> Result<Option<String>, Reason> {
    row.get("currency")
        .map(|text| told("currency", crm::check_currency(&text.to_uppercase(), "currency")))
        .transpose()
}

/// Parses the kind of a CRM record.
///
/// # Errors
/// The reason.
pub fn kind(row: &Row) -> Result<CrmKind, Reason> {
    CrmKind::try_from_value(&row.get("kind").unwrap_or_default().to_uppercase())
        .map_err(|_| "kind: must be one of LEAD, DEAL, CONTACT, COMPANY, QUOTE, INVOICE".to_owned())
}

/// Parses the role; anything but an administrator is an employee.
pub fn role(row: &Row) -> Role {
    match row.get("role").map(str::to_lowercase).as_deref() {
        Some("administrator" | "admin") => Role::Administrator,
        _ => Role::Employee,
    }
}

/// Returns the role verbatim if it is unknown.
pub fn unknown_role(row: &Row) -> Option<&str> {
    let known = ["administrator", "admin", "employee", "user", "member"];
    row.get("role")
        .filter(|text| !known.contains(&text.to_lowercase().as_str()))
}

/// Task statuses as other systems name them.
const STATUS_WORDS: &[(TaskStatus, &[&str])] = &[
    (
        TaskStatus::Pending,
        &[
            "pending",
            "new",
            "open",
            "to do",
            "todo",
            "backlog",
            "planned",
            "not started",
            "draft",
            "proposed",
        ],
    ),
    (
        TaskStatus::Pending,
        &["provisional", "implementable", "approved", "accepted", "assigned"],
    ),
    (
        TaskStatus::InProgress,
        &[
            "in progress",
            "active",
            "started",
            "doing",
            "ongoing",
            "under way",
        ],
    ),
    (
        TaskStatus::AwaitingControl,
        &[
            "awaiting control",
            "awaiting review",
            "in review",
            "review",
            "waiting for approval",
        ],
    ),
    (
        TaskStatus::Deferred,
        &["deferred", "on hold", "postponed", "paused", "blocked"],
    ),
    (
        TaskStatus::Completed,
        &[
            "completed",
            "complete",
            "done",
            "closed",
            "finished",
            "resolved",
            "implemented",
        ],
    ),
    (
        TaskStatus::Declined,
        &[
            "declined",
            "rejected",
            "cancelled",
            "canceled",
            "withdrawn",
            "abandoned",
            "removed",
        ],
    ),
    (
        TaskStatus::Declined,
        &["replaced", "superseded", "obsolete", "duplicate"],
    ),
];

/// Stages that mean a record is closed.
const CLOSED_STAGES: &[&str] = &[
    "closed",
    "won",
    "closed won",
    "lost",
    "closed lost",
    "shipped",
    "delivered",
    "paid",
    "completed",
    "complete",
    "done",
    "converted",
    "junk",
    "rejected",
    "declined",
    "cancelled",
    "canceled",
    "success",
    "failed",
];

/// Converts to lower case and replaces everything but letters and digits with single spaces.
fn words(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Parses the status: the closest known one, and the original text if it differs.
///
/// A task with an unknown status is open: a forgotten task hurts more than one that is reviewed twice.
///
/// # Errors
/// When the text is too long.
pub fn status(row: &Row) -> Result<(TaskStatus, Option<String>), Reason> {
    let Some(text) = text(row, "status", input::NAME)? else {
        return Ok((TaskStatus::Pending, None));
    };
    let status = nearest_status(&text);
    let ours = status.to_value() == text.to_uppercase();
    Ok((status, (!ours).then_some(text)))
}

fn nearest_status(text: &str) -> TaskStatus {
    let found = words(text);
    let known = || {
        STATUS_WORDS
            .iter()
            .flat_map(|(status, words)| words.iter().map(move |word| (*status, *word)))
    };
    let meant = |wanted: &str| known().find(|(_, word)| *word == wanted);
    let first = found.split(' ').next().unwrap_or_default();
    let several = text.contains('|');
    let misspelt = || {
        known().filter(|(_, word)| word.len() >= 6).find(|(_, word)| {
            [found.as_str(), first]
                .iter()
                .any(|text| strsim::osa_distance(word, text) <= 1)
        })
    };
    let nearest = meant(&found)
        .or_else(|| meant(first).filter(|_| !several))
        .or_else(|| misspelt().filter(|_| !several));
    nearest.map_or(TaskStatus::Pending, |(status, _)| status)
}

/// Whether a record at this stage is closed.
pub fn is_closed(stage: Option<&str>) -> bool {
    stage.is_some_and(|stage| CLOSED_STAGES.contains(&words(stage).as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_in_other_words_is_the_nearest_of_ours() {
        for (text, status) in [
            ("PENDING", TaskStatus::Pending),
            ("IN_PROGRESS", TaskStatus::InProgress),
            ("awaiting-control", TaskStatus::AwaitingControl),
            ("COMPLETE", TaskStatus::Completed),
            ("REJECTED", TaskStatus::Declined),
            ("implemented (alpha)", TaskStatus::Completed),
            ("imlpemented (beta)", TaskStatus::Completed),
            ("incomplete", TaskStatus::Pending),
            ("provisional|implementable|implemented", TaskStatus::Pending),
            ("to be decided", TaskStatus::Pending),
            ("?", TaskStatus::Pending),
        ] {
            assert_eq!(nearest_status(text), status, "{text}");
        }
    }

    #[test]
    fn a_stage_may_say_that_it_is_over() {
        for (stage, closed) in [
            (None, false),
            (Some("Negotiation"), false),
            (Some("CLOSED_WON"), true),
        ] {
            assert_eq!(is_closed(stage), closed, "{stage:?}");
        }
    }
}
