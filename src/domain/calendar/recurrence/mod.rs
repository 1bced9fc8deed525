//! When an event takes place: its first occurrence and, for a recurring one, those that its rule adds.
//!
//! A rule is the value of an RRULE (RFC 5545), followed on the clocks of the event's time zone: nine o'clock stays
//! nine o'clock when summer time begins. To keep a calendar quick to look at, rules are held to this:
//!
//! - at most one occurrence a day, at the time of day of the first one,
//! - the first occurrence is one of the rule's own,
//! - a rule with an end has at most [`MAX_OCCURRENCES`], the last of them in the year 9999 or before.

use chrono::{Datelike, SubsecRound, TimeDelta};
use chrono_tz::Tz;
use entity::{Timestamp, event};

use crate::domain::recurrence::{Budget, Frequency, Parts, Rule, Spent, canonical};
use crate::error::{Code, Outcome, refuse};
use crate::runtime::compute;

/// Most occurrences of a rule that ends.
pub const MAX_OCCURRENCES: usize = 10_000;
/// Steps that the check of one rule may take, about ten milliseconds: enough for 10,000 occurrences that are fifty days
/// apart.
const CHECK: u32 = 500_000;
/// Steps to see whether the start is an occurrence: more than the days of a year.
const FIRST: u32 = 1_000;
/// What reading a rule costs, in steps.
const READ: u32 = 50;

/// When an event takes place, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// When it begins, the first time.
    pub starts_at: Timestamp,
    /// When it ends, the first time.
    pub ends_at: Timestamp,
    /// The rule of a recurring one.
    pub recurrence: Option<String>,
    /// The time zone whose clocks it follows.
    pub timezone: Option<String>,
    /// When its last occurrence ends; `None` where there is no last one.
    pub over_at: Option<Timestamp>,
}

/// As [`check`], away from the threads that answer requests where there is a rule to look at.
///
/// # Errors
/// As [`check`].
pub async fn check_aside(
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

/// Checks when an event takes place, and finds its end. A rule may take some milliseconds.
///
/// # Errors
/// [`Code::Invalid`] that names the field.
pub fn check(
    starts_at: Timestamp,
    ends_at: Timestamp,
    recurrence: Option<&str>,
    timezone: Option<&str>,
) -> Outcome<Timing> {
    // Other programs read whole seconds only.
    let (starts_at, ends_at) = (starts_at.trunc_subsecs(0), ends_at.trunc_subsecs(0));
    if ends_at < starts_at {
        return refuse(Code::Invalid, "endsAt", "it ends before it begins");
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

/// The time zone of this IANA name, UTC for none.
///
/// # Errors
/// [`Code::Invalid`].
pub fn zone(name: Option<&str>) -> Outcome<Tz> {
    match name.map(str::parse) {
        None => Ok(Tz::UTC),
        Some(Ok(zone)) => Ok(zone),
        Some(Err(_)) => refuse(
            Code::Invalid,
            "timezone",
            "this is no time zone of the IANA database, as Europe/Berlin is",
        ),
    }
}

/// The start of the last occurrence, `None` for a rule without an end.
fn last_start(text: &str, starts_at: Timestamp, zone: Tz) -> Result<Option<Timestamp>, String> {
    let parts = read(text)?;
    if starts_at.year() < 1970 {
        return Err("an event that recurs can't begin before 1970".to_owned());
    }
    let (count, until) = (parts.count, parts.until);
    let rule = Rule::new(parts, starts_at.with_timezone(&zone))?;
    if rule.from(starts_at, &mut Budget::new(FIRST)).next() != Some(starts_at) {
        return Err("startsAt is not one of the times of this rule".to_owned());
    }
    let too_many = || format!("a rule that ends can have at most {MAX_OCCURRENCES} occurrences");
    let wanted = match (count, until) {
        (None, None) => return Ok(None),
        (Some(count), _) => usize::try_from(count).unwrap_or(usize::MAX),
        // One more than there may be.
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
    if occurrences.is_spent() {
        return Err("its occurrences are too far apart for a rule that ends".to_owned());
    }
    match (count, found == wanted) {
        (Some(_), false) => Err("its last occurrence would come after the year 9999".to_owned()),
        (None, true) => Err(too_many()),
        _ => Ok(Some(last)),
    }
}

/// Reads a rule, and refuses what events do not take.
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
        return Err("FREQ has to be DAILY, WEEKLY, MONTHLY or YEARLY".to_owned());
    }
    Ok(parts)
}

/// What `over_at` of a stored event has to be.
pub fn over_at(row: &event::Model) -> Option<Timestamp> {
    // Words that are no rule may mean that it recurs: what is forgotten hurts more than what is looked at twice.
    if row.recurrence_text.is_some() {
        return None;
    }
    let (rule, zone) = (row.recurrence.as_deref(), row.timezone.as_deref());
    check(row.starts_at?, row.ends_at?, rule, zone).ok()?.over_at
}

/// Whether an event has an occurrence that begins before `to` and is not over by `from`. An event that begins and
/// ends at the same moment has ended then. An event whose rule can't be read has its first occurrence only.
///
/// # Errors
/// When the budget is spent.
pub fn occurs_within(
    row: &event::Model,
    from: Timestamp,
    to: Timestamp,
    budget: &mut Budget,
) -> Result<bool, Spent> {
    if !budget.take(READ) {
        return Err(Spent);
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
    // Where a COUNT ends, `over_at` says.
    let last = row.over_at.map_or(to, |over_at| over_at - length);
    let mut occurrences = rule.between(from - length, Some(to), budget);
    let found = occurrences
        .by_ref()
        .take_while(|start| *start <= last)
        .any(within);
    match occurrences.is_spent() {
        true => Err(Spent),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests;
