//! When an event takes place: its first occurrence and, for a recurring one, those that its rule adds.
//!
//! A rule is the value of an RRULE (RFC 5545), reckoned on the clocks of the event's time zone: nine o'clock stays
//! nine o'clock when summer time begins. To keep a calendar quick to look at, rules are held to this:
//!
//! - at most one occurrence a day, at the time of day of the first one,
//! - the first occurrence is one of the rule's own,
//! - a rule with an end has at most [`MAX_OCCURRENCES`].

use chrono::{DateTime, Datelike, Days, SubsecRound, TimeDelta};
use chrono_tz::Tz;
use entity::{Timestamp, event};
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use crate::error::{Code, Outcome, refuse};

/// Most occurrences of a rule that ends.
pub const MAX_OCCURRENCES: usize = 10_000;
/// Longest rule, in bytes.
const LONGEST: usize = 500;
/// Occurrences of an endless rule that are looked at to find one in a window.
const EXAMINED: usize = 50_000;
/// What a rule may be made of.
const PARTS: [&str; 11] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "WKST",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
];

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

/// Checks when an event takes place, and finds its end.
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
        Some(rule) => last_start(rule, starts_at, zone)?.map(|last| last + (ends_at - starts_at)),
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

/// A rule as it is kept: in capitals, without the name of the property.
fn canonical(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    text.strip_prefix("RRULE:").unwrap_or(&text).to_owned()
}

/// The start of the last occurrence, `None` for a rule without an end.
fn last_start(rule: &str, starts_at: Timestamp, zone: Tz) -> Outcome<Option<Timestamp>> {
    let invalid = |message: String| refuse(Code::Invalid, "recurrence", message);
    let parsed = match parse(rule) {
        Ok(parsed) => parsed,
        Err(message) => return invalid(message),
    };
    if starts_at.year() < 1970 {
        return invalid("an event that recurs can't begin before 1970".to_owned());
    }
    let first = starts_at.with_timezone(&rrule::Tz::from(zone));
    let ends = parsed.get_count().is_some() || parsed.get_until().is_some();
    let set = match parsed.build(first) {
        Ok(set) => set.limit(),
        Err(cause) => return invalid(format!("this is no rule of RFC 5545: {cause}")),
    };
    let mut occurrences = (&set).into_iter();
    if occurrences.next() != Some(first) {
        return invalid("startsAt is not one of the times of this rule".to_owned());
    }
    if !ends {
        return Ok(None);
    }
    let mut last = first;
    for (number, next) in (2..).zip(occurrences) {
        if number > MAX_OCCURRENCES {
            return invalid(format!(
                "a rule that ends can have at most {MAX_OCCURRENCES} occurrences"
            ));
        }
        last = next;
    }
    Ok(Some(last.to_utc()))
}

/// Reads a rule, and refuses what the library would let pass.
fn parse(rule: &str) -> Result<RRule<Unvalidated>, String> {
    if rule.len() > LONGEST {
        return Err(format!("a rule can have at most {LONGEST} characters"));
    }
    let mut seen = Vec::new();
    for part in rule.split(';') {
        let Some((name, _)) = part.split_once('=') else {
            return Err(format!("{part:?} is no part of a rule, as FREQ=WEEKLY is"));
        };
        if ["BYHOUR", "BYMINUTE", "BYSECOND"].contains(&name) {
            return Err(format!(
                "{name} is not taken: the time of day is that of startsAt"
            ));
        }
        if !PARTS.contains(&name) {
            return Err(format!("a rule has no part {name:?}"));
        }
        if seen.contains(&name) {
            return Err(format!("{name} is there twice"));
        }
        seen.push(name);
    }
    if seen.contains(&"COUNT") && seen.contains(&"UNTIL") {
        return Err("a rule ends by COUNT or by UNTIL, not by both".to_owned());
    }
    let until = rule.split(';').find_map(|part| part.strip_prefix("UNTIL="));
    if until.is_some_and(|until| !until.ends_with('Z')) {
        return Err("UNTIL has to be a moment in UTC, as 20261231T235959Z is".to_owned());
    }
    let parsed: RRule<Unvalidated> = rule
        .parse()
        .map_err(|cause| format!("this is no rule of RFC 5545: {cause}"))?;
    if matches!(
        parsed.get_freq(),
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly
    ) {
        return Err("FREQ has to be DAILY, WEEKLY, MONTHLY or YEARLY".to_owned());
    }
    Ok(parsed)
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
/// ends at the same moment is over then.
pub fn occurs_within(row: &event::Model, from: Timestamp, to: Timestamp) -> bool {
    let Some(starts_at) = row.starts_at else {
        return false;
    };
    let length = row
        .ends_at
        .map_or(TimeDelta::zero(), |ends_at| ends_at - starts_at);
    let within = |start: Timestamp| start < to && (start + length > from || start >= from);
    let Some(rule) = &row.recurrence else {
        return within(starts_at);
    };
    let Ok(zone) = zone(row.timezone.as_deref()) else {
        return within(starts_at);
    };
    let Some(set) = from_nearby(rule, starts_at.with_timezone(&zone), from - length) else {
        return within(starts_at);
    };
    (&set)
        .into_iter()
        .take(EXAMINED)
        .map(|start| start.to_utc())
        .take_while(|start| *start < to && row.over_at.is_none_or(|over_at| *start + length <= over_at))
        .any(within)
}

/// The occurrences of a rule as if it had no COUNT, those long before `from` left out where that is easy: by the day
/// and by the week a rule can begin whole intervals later and says the same.
fn from_nearby(rule: &str, first: DateTime<Tz>, from: Timestamp) -> Option<RRuleSet> {
    let uncounted: Vec<&str> = rule
        .split(';')
        .filter(|part| !part.starts_with("COUNT="))
        .collect();
    let parsed = parse(&uncounted.join(";")).ok()?;
    let step = match parsed.get_freq() {
        Frequency::Daily => 1,
        Frequency::Weekly => 7,
        _ => 0,
    } * u64::from(parsed.get_interval());
    let gap = u64::try_from((from - first.to_utc()).num_days()).unwrap_or(0);
    let mut begin = first;
    if step > 0 && gap > 4 * step {
        // Two intervals are left, in which whatever begins in the middle of one is through.
        let later = first.naive_local() + Days::new((gap / step - 2) * step);
        begin = later
            .and_local_timezone(first.timezone())
            .single()
            .unwrap_or(first);
        if parsed
            .get_until()
            .is_some_and(|until| until.to_utc() < begin.to_utc())
        {
            begin = first;
        }
    }
    let zone = rrule::Tz::from(first.timezone());
    parsed.build(begin.with_timezone(&zone)).ok().map(RRuleSet::limit)
}

#[cfg(test)]
mod tests {
    use entity::{CalendarId, EventId, UserId};
    use proptest::prelude::*;
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
            ("", "is no part of a rule"),
            ("every other week", "is no part of a rule"),
            ("FREQ=SOMETIMES", "no rule of RFC 5545"),
            ("BYDAY=MO", "no rule of RFC 5545"),
            ("FREQ=HOURLY", "FREQ has to be"),
            ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not taken"),
            ("FREQ=DAILY;BYWEEKDAY=MO", "has no part"),
            ("FREQ=DAILY;COUNT=3;COUNT=4", "COUNT is there twice"),
            ("FREQ=DAILY;COUNT=3;UNTIL=20260107T135959Z", "not by both"),
            ("FREQ=DAILY;UNTIL=20260107", "moment in UTC"),
            ("FREQ=DAILY;UNTIL=20200107T135959Z", "no rule of RFC 5545"),
            ("FREQ=DAILY;INTERVAL=-1", "no rule of RFC 5545"),
            ("FREQ=DAILY;INTERVAL=0", "startsAt"),
            ("FREQ=DAILY;COUNT=0", "startsAt"),
            ("FREQ=DAILY;COUNT=4294967295", "at most 10000"),
            ("FREQ=WEEKLY;BYDAY=TU", "startsAt is not one"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "startsAt is not one"),
            ("FREQ=DAILY\nDTSTART:20200101T000000Z", "no rule of RFC 5545"),
            ("FREQ=DAILY;COUNT=2\r\nX-EVIL:1", "no rule of RFC 5545"),
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
            assert_eq!(occurs_within(&row, at(from), at(to)), found, "{from}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is left out to be quick changes nothing.
        #[test]
        fn a_nearby_beginning_finds_what_the_whole_rule_finds(
            count in proptest::option::of(1..400_usize), weekly in any::<bool>(), interval in 1..9_u16,
            days in 0..127_u8, gap in 0..3_000_i64, hour in 0..24_i64, wkst in any::<bool>(),
        ) {
            let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
            let (freq, list): (_, Vec<&str>) = if weekly {
                ("WEEKLY", (0..7).filter(|n| days >> n & 1 == 1 || *n == 0).map(|n| names[n]).collect())
            } else {
                ("DAILY", names.to_vec())
            };
            let wkst = if wkst { ";WKST=SU" } else { "" };
            let count = count.map_or_else(String::new, |count| format!(";COUNT={count}"));
            let rule = format!("FREQ={freq};INTERVAL={interval};BYDAY={}{wkst}{count}", list.join(","));
            let start = at("2018-01-01T00:00:00Z") + TimeDelta::hours(hour);
            let from = start + TimeDelta::days(gap);
            let to = from + TimeDelta::days(1);
            let mut row = event(start, &rule, "Europe/Berlin");
            let local = start.with_timezone(&Tz::Europe__Berlin);
            // An hour before midnight in UTC it is Tuesday in Berlin: the rule has to begin on a day of its own.
            prop_assume!(local.weekday() == chrono::Weekday::Mon);
            row.over_at = over_at(&row);
            let start = local.format("%Y%m%dT%H%M%S");
            let set: RRuleSet = format!("DTSTART;TZID=Europe/Berlin:{start}\nRRULE:{rule}").parse().unwrap();
            let mut starts = (&set).into_iter().map(|start| start.to_utc()).take_while(|start| *start < to);
            let slow = starts.any(|start| start + TimeDelta::hours(1) > from);
            prop_assert_eq!(occurs_within(&row, from, to), slow, "{} {}", rule, from);
        }
    }
}
