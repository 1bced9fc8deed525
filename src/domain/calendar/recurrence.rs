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
/// ends at the same moment is over then. An event whose rule can't be read has its first occurrence only.
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
mod tests {
    use chrono::DateTime;
    use entity::{CalendarId, EventId, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::error::Failure;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn ends(rule: &str, zone: Option<&str>) -> Result<Option<String>, String> {
        // A Monday, nine o'clock in New York.
        let start = at("2026-01-05T14:00:00Z");
        match check(start, start + TimeDelta::hours(1), Some(rule), zone) {
            Ok(timing) => Ok(timing.over_at.map(|at| at.to_rfc3339())),
            Err(Failure::Refused(reasons)) => {
                Err(format!("{}: {}", reasons[0].field.join("."), reasons[0].message))
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_occurrence_is_found_on_the_clocks_of_the_place() {
        let (here, there) = (None, Some("America/New_York"));
        for (rule, zone, over) in [
            ("FREQ=WEEKLY", here, None),
            ("rrule:freq=weekly;byday=mo,we", there, None),
            ("FREQ=WEEKLY;COUNT=3", here, Some("2026-01-19T15:00:00+00:00")),
            // Summer time begins on 8 March.
            ("FREQ=WEEKLY;COUNT=10", there, Some("2026-03-09T14:00:00+00:00")),
            ("FREQ=WEEKLY;COUNT=10", here, Some("2026-03-09T15:00:00+00:00")),
            (
                "FREQ=DAILY;UNTIL=20260107T140000Z",
                there,
                Some("2026-01-07T15:00:00+00:00"),
            ),
            (
                "FREQ=DAILY;UNTIL=20260107T135959Z",
                there,
                Some("2026-01-06T15:00:00+00:00"),
            ),
            (
                "FREQ=MONTHLY;BYDAY=1MO;COUNT=2",
                there,
                Some("2026-02-02T15:00:00+00:00"),
            ),
            ("FREQ=YEARLY;COUNT=100", here, Some("2125-01-05T15:00:00+00:00")),
        ] {
            assert_eq!(ends(rule, zone).unwrap().as_deref(), over, "{rule}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said() {
        for (rule, said) in [
            ("", "not a part of a rule"),
            ("every other week", "not a part of a rule"),
            ("FREQ=SOMETIMES", "FREQ has to be"),
            ("BYDAY=MO", "FREQ is missing"),
            ("FREQ=HOURLY", "FREQ has to be DAILY"),
            ("FREQ=SECONDLY", "more often than once an hour"),
            ("FREQ=DAILY;BYHOUR=9", "BYHOUR can't be used"),
            ("FREQ=DAILY;BYWEEKDAY=MO", "has no part"),
            ("FREQ=DAILY;COUNT=3;COUNT=4", "COUNT is there twice"),
            ("FREQ=DAILY;COUNT=3;UNTIL=20260107T135959Z", "not by both"),
            ("FREQ=DAILY;UNTIL=20260107", "moment in UTC"),
            ("FREQ=DAILY;UNTIL=20200107T135959Z", "before the start"),
            ("FREQ=DAILY;INTERVAL=-1", "between 1 and 65535"),
            ("FREQ=DAILY;INTERVAL=0", "between 1 and 65535"),
            ("FREQ=DAILY;COUNT=0", "1 or more"),
            ("FREQ=DAILY;COUNT=4294967295", "at most 10000"),
            ("FREQ=DAILY;UNTIL=99991231T000000Z", "at most 10000"),
            ("FREQ=YEARLY;COUNT=10000", "after the year 9999"),
            ("FREQ=WEEKLY;BYDAY=TU", "startsAt is not one"),
            ("FREQ=WEEKLY;BYMONTHDAY=5", "can't be used with FREQ=WEEKLY"),
            ("FREQ=DAILY;BYYEARDAY=5", "can't be used with FREQ=DAILY"),
            ("FREQ=MONTHLY;BYWEEKNO=5", "only be used with FREQ=YEARLY"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "1 to 31 or -31 to -1"),
            ("FREQ=MONTHLY;BYDAY=0MO", "list of days"),
            ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY or YEARLY"),
            ("FREQ=DAILY;BYDAY=-1MO", "FREQ=MONTHLY or YEARLY"),
            ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "BYWEEKNO"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "startsAt is not one"),
            ("FREQ=DAILY\nDTSTART:20200101T000000Z", "FREQ has to be"),
            ("FREQ=DAILY;COUNT=2\r\nX-EVIL:1", "COUNT has to be"),
        ] {
            let answer = ends(rule, None).expect_err(rule);
            assert!(
                answer.starts_with("recurrence: ") && answer.contains(said),
                "{rule:?}: {answer}"
            );
        }
        assert!(
            ends("FREQ=DAILY", Some("PT (Pacific Time)"))
                .unwrap_err()
                .starts_with("timezone: ")
        );
    }

    fn event(start: Timestamp, rule: &str, zone: &str) -> event::Model {
        event::Model {
            id: EventId(Uuid::nil()),
            external_id: None,
            calendar_id: CalendarId(Uuid::nil()),
            organizer_id: UserId(Uuid::nil()),
            title: String::new(),
            location: None,
            starts_at: Some(start),
            ends_at: Some(start + TimeDelta::hours(1)),
            recurrence: Some(rule.to_owned()),
            recurrence_text: None,
            timezone: Some(zone.to_owned()),
            over_at: None,
            created_at: start,
            updated_at: start,
        }
    }

    #[test]
    fn a_window_sees_the_hour_as_the_clocks_show_it() {
        let row = event(at("2026-03-02T14:00:00Z"), "FREQ=WEEKLY", "America/New_York");
        for (from, to, found) in [
            ("2026-03-02T14:59:59Z", "2026-03-02T15:00:00Z", true),
            ("2026-03-02T15:00:00Z", "2026-03-09T13:00:00Z", false),
            // From the second Monday of March on, nine o'clock is an hour earlier in UTC.
            ("2026-03-09T13:00:00Z", "2026-03-09T13:00:01Z", true),
            ("2026-03-09T14:00:00Z", "2026-03-09T15:00:00Z", false),
            ("2046-03-12T13:30:00Z", "2046-03-12T13:40:00Z", true),
            ("2026-03-01T00:00:00Z", "2026-03-02T14:00:00Z", false),
        ] {
            let mut budget = Budget::new(200);
            assert_eq!(
                occurs_within(&row, at(from), at(to), &mut budget),
                Ok(found),
                "{from}"
            );
        }
    }

    /// A look costs what lies in the window, not what lies before it, and a rule that never comes is soon judged.
    #[test]
    fn a_look_a_hundred_years_later_costs_what_one_at_the_start_does() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=3;BYDAY=TH",
            "FREQ=MONTHLY;BYDAY=-1TH",
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
            "FREQ=YEARLY;INTERVAL=4;BYMONTHDAY=29;BYMONTH=2",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH",
        ] {
            let row = event(at("1972-02-24T09:00:00Z"), rule, "UTC");
            for year in [1973, 2126, 9990] {
                let from = at(&format!("{year}-03-01T00:00:00Z"));
                let mut budget = Budget::new(1_000);
                occurs_within(&row, from, from + TimeDelta::days(62), &mut budget).unwrap();
                assert!(budget.left() > 900, "{rule} in {year}: {} left", budget.left());
            }
        }
        let mut spent = Budget::new(1_000);
        let row = event(
            at("1972-02-24T09:00:00Z"),
            "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=4",
            "UTC",
        );
        let far = occurs_within(
            &row,
            at("2026-01-01T00:00:00Z"),
            at("9999-01-01T00:00:00Z"),
            &mut spent,
        );
        assert_eq!(far, Err(Spent));
    }

    /// The slowest rules that can be asked for.
    #[test]
    fn a_check_ends_soon() {
        for (rule, start) in [
            (
                "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH;COUNT=10000",
                "2024-02-29T00:00:00Z",
            ),
            (
                "FREQ=YEARLY;BYYEARDAY=366;BYDAY=TH;UNTIL=99991231T000000Z",
                "2020-12-31T00:00:00Z",
            ),
            (
                "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTHDAY=28;COUNT=10000",
                "2026-12-28T00:00:00Z",
            ),
            (
                "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=1,366;COUNT=10000",
                "2024-01-01T00:00:00Z",
            ),
            ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2024-02-28T00:00:00Z"),
        ] {
            let begun = std::time::Instant::now();
            let refused = check(at(start), at(start), Some(rule), None).is_err();
            println!("{rule}: {refused}, {:?}", begun.elapsed());
            // Half a million steps, in a build that is not optimised, on a busy machine.
            assert!(begun.elapsed().as_millis() < 10_000, "{rule}");
        }
    }
}
