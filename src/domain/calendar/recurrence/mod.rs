//! Times of an event: its first occurrence and, if recurring, those of its rule.
//!
//! A rule is the value of an RRULE (RFC 5545), evaluated in the local time of the event's time zone: nine o'clock stays
//! nine o'clock when summer time begins. To keep queries on a calendar fast, rules are restricted:
//!
//! - at most one occurrence a day, at the time of day of the first one,
//! - the start is an occurrence of the rule,
//! - a rule with an end has at most [`MAX_OCCURRENCES`], the last of them not after the year 9999.

use chrono::{Datelike, SubsecRound, TimeDelta};
use chrono_tz::Tz;
use entity::{Timestamp, event};

use crate::domain::recurrence::{Budget, BudgetExhausted, Frequency, Parts, Rule, canonical};
use crate::error::{Code, Outcome, refuse};
use crate::runtime::compute;

/// Maximum number of occurrences of a rule with an end.
pub const MAX_OCCURRENCES: usize = 10_000;
/// Step budget for checking one rule, about ten milliseconds: enough for 10,000 occurrences that are fifty days apart.
const CHECK: u32 = 500_000;
/// Steps for checking whether the start is an occurrence: more than the days of a year.
const FIRST: u32 = 1_000;
/// Cost of parsing a rule, in steps.
const READ: u32 = 50;

/// Times of an event, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Start of the first occurrence.
    pub starts_at: Timestamp,
    /// End of the first occurrence.
    pub ends_at: Timestamp,
    /// Recurrence rule.
    pub recurrence: Option<String>,
    /// Time zone in which the rule is evaluated.
    pub timezone: Option<String>,
    /// End of the last occurrence; `None` if there is no last one.
    pub over_at: Option<Timestamp>,
}

/// As [`check`], but off the threads that serve requests if there is a rule.
///
/// # Errors
/// As [`check`].
pub async fn check_offloaded(
    starts_at: Timestamp,
    ends_at: Timestamp,
    recurrence: Option<String>,
    timezone: Option<String>,
) -> Outcome<Timing> {
    if recurrence.is_none() {
        return check(starts_at, ends_at, None, timezone.as_deref());
    }
    compute::run(move || check(starts_at, ends_at, recurrence.as_deref(), timezone.as_deref())).await?
}

/// Checks the times of an event, and finds its end. A rule may take some milliseconds.
///
/// # Errors
/// [`Code::Invalid`] for the field.
pub fn check(
    starts_at: Timestamp,
    ends_at: Timestamp,
    recurrence: Option<&str>,
    timezone: Option<&str>,
) -> Outcome<Timing> {
    // iCalendar has whole seconds only.
    let (starts_at, ends_at) = (starts_at.trunc_subsecs(0), ends_at.trunc_subsecs(0));
    if ends_at < starts_at {
        return refuse(Code::Invalid, "endsAt", "it must not end before it starts");
    }
    let zone = zone(timezone)?;
    let recurrence = recurrence.map(canonical);
    let over_at = match &recurrence {
        None => Some(ends_at),
        Some(rule) => match last_start(rule, starts_at, zone) {
            Ok(last) => last.map(|last| last + (ends_at - starts_at)),
            Err(message) => return refuse(Code::Invalid, "recurrence", message),
        },
    };
    Ok(Timing {
        starts_at,
        ends_at,
        recurrence,
        timezone: timezone.map(str::to_owned),
        over_at,
    })
}

/// Returns the time zone with this IANA name; defaults to UTC.
///
/// # Errors
/// [`Code::Invalid`].
pub fn zone(name: Option<&str>) -> Outcome<Tz> {
    name.map_or(Ok(Tz::UTC), |name| check_zone(name, "timezone"))
}

/// Returns the time zone with this IANA name.
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_zone(name: &str, field: &str) -> Outcome<Tz> {
    match name.parse() {
        Ok(zone) => Ok(zone),
        Err(_) => refuse(
            Code::Invalid,
            field,
            "not an IANA time zone, such as Europe/Berlin",
        ),
    }
}

/// Returns the start of the last occurrence; `None` for a rule without an end.
fn last_start(text: &str, starts_at: Timestamp, zone: Tz) -> Result<Option<Timestamp>, String> {
    let parts = read(text)?;
    if starts_at.year() < 1970 {
        return Err("a recurring event can't start before 1970".to_owned());
    }
    let (count, until) = (parts.count, parts.until);
    let rule = Rule::new(parts, starts_at.with_timezone(&zone))?;
    if rule.from(starts_at, &mut Budget::new(FIRST)).next() != Some(starts_at) {
        return Err("startsAt is not one of the times of this rule".to_owned());
    }
    let too_many = || format!("a rule with an end can have at most {MAX_OCCURRENCES} occurrences");
    let wanted = match (count, until) {
        (None, None) => return Ok(None),
        (Some(count), _) => usize::try_from(count).unwrap_or(usize::MAX),
        // One more than allowed.
        (None, Some(_)) => MAX_OCCURRENCES + 1,
    };
    if count.is_some() && wanted > MAX_OCCURRENCES {
        return Err(too_many());
    }
    let mut budget = Budget::new(CHECK);
    let mut occurrences = rule.from(starts_at, &mut budget);
    let (mut last, mut found) = (starts_at, 0);
    for at in occurrences.by_ref().take(wanted) {
        last = at;
        found += 1;
    }
    if occurrences.is_exhausted() {
        return Err("the occurrences are too far apart for a rule with an end".to_owned());
    }
    match (count, found == wanted) {
        (Some(_), false) => Err("the last occurrence would be after the year 9999".to_owned()),
        (None, true) => Err(too_many()),
        _ => Ok(Some(last)),
    }
}

/// Parses a rule, and refuses what events don't support.
fn read(text: &str) -> Result<Parts, String> {
    let parts: Parts = text.parse()?;
    for (name, list) in [
        ("BYHOUR", &parts.hours),
        ("BYMINUTE", &parts.minutes),
        ("BYSECOND", &parts.seconds),
    ] {
        if !list.is_empty() {
            return Err(format!(
                "{name} can't be used: the time of day is that of startsAt"
            ));
        }
    }
    parts.check_strictly()?;
    if parts.frequency == Frequency::Hourly {
        return Err("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY".to_owned());
    }
    Ok(parts)
}

/// Computes `over_at` of a stored event.
pub fn over_at(row: &event::Model) -> Option<Timestamp> {
    // A text that is not a rule may describe a recurrence: missing an event is worse than checking it in vain.
    if row.recurrence_text.is_some() {
        return None;
    }
    let (rule, zone) = (row.recurrence.as_deref(), row.timezone.as_deref());
    check(row.starts_at?, row.ends_at?, rule, zone).ok()?.over_at
}

/// Returns whether an event has an occurrence that starts before `to` and has not ended by `from`. An occurrence of
/// zero length ends when it starts. An event with an invalid rule has only its first occurrence.
///
/// # Errors
/// When the budget is exhausted.
pub fn occurs_within(
    row: &event::Model,
    from: Timestamp,
    to: Timestamp,
    budget: &mut Budget,
) -> Result<bool, BudgetExhausted> {
    if !budget.take(READ) {
        return Err(BudgetExhausted);
    }
    let Some(starts_at) = row.starts_at else {
        return Ok(false);
    };
    let length = row
        .ends_at
        .map_or(TimeDelta::zero(), |ends_at| ends_at - starts_at);
    let within = |start: Timestamp| start < to && (start + length > from || start >= from);
    let rule = row.recurrence.as_deref().and_then(|text| {
        let zone = zone(row.timezone.as_deref()).ok()?;
        Rule::new(read(text).ok()?, starts_at.with_timezone(&zone)).ok()
    });
    let Some(rule) = rule else {
        return Ok(within(starts_at));
    };
    // `over_at` accounts for COUNT.
    let last = row.over_at.map_or(to, |over_at| over_at - length);
    let mut occurrences = rule.between(from - length, Some(to), budget);
    let found = occurrences
        .by_ref()
        .take_while(|start| *start <= last)
        .any(within);
    match occurrences.is_exhausted() {
        true => Err(BudgetExhausted),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests;
