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
fn the_last_occurrence_is_found_in_local_time() {
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
fn errors_explain_what_is_wrong_with_a_rule() {
    for (rule, said) in [
        ("", "not a part of a rule"),
        ("every other week", "not a part of a rule"),
        ("FREQ=SOMETIMES", "FREQ must be"),
        ("BYDAY=MO", "FREQ is missing"),
        ("FREQ=HOURLY", "FREQ must be DAILY"),
        ("FREQ=SECONDLY", "occurs more often than once an hour"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR can't be used"),
        ("FREQ=DAILY;BYWEEKDAY=MO", "unknown part"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "duplicate COUNT"),
        (
            "FREQ=DAILY;COUNT=3;UNTIL=20260107T135959Z",
            "can't be used together",
        ),
        ("FREQ=DAILY;UNTIL=20260107", "time in UTC"),
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
        ("FREQ=MONTHLY;BYDAY=0MO", "list of weekdays"),
        ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY or YEARLY"),
        ("FREQ=DAILY;BYDAY=-1MO", "FREQ=MONTHLY or YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "BYWEEKNO"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "startsAt is not one"),
        ("FREQ=DAILY\nDTSTART:20200101T000000Z", "FREQ must be"),
        ("FREQ=DAILY;COUNT=2\r\nX-EVIL:1", "COUNT must be"),
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
        search_text: String::new(),
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
fn windows_respect_daylight_saving() {
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

/// The cost depends on the window, not on what lies before it, and a rule that never occurs is recognized quickly.
#[test]
fn the_cost_does_not_depend_on_the_age_of_a_rule() {
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
    assert_eq!(far, Err(BudgetExhausted));
}

/// The slowest accepted rules.
#[test]
fn checks_are_bounded() {
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
        // Half a million steps, in an unoptimized build, on a busy machine.
        assert!(begun.elapsed().as_millis() < 10_000, "{rule}");
    }
}
