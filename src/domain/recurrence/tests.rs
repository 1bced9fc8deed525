//! Compares occurrences with two references: the `rrule` library, which iterates, and a table written by
//! python-dateutil.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rrule::RRuleSet;

use super::*;

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn rule(text: &str, start: DateTime<Tz>) -> Rule {
    Rule::new(text.parse().unwrap(), start).unwrap()
}

/// Input for generating a rule: index of its frequency, interval, months, days of the month, days of the year,
/// weekdays, which of these (3 for each), hours, positions, and whether weeks begin on Sunday.
type Parts = (
    usize,
    u16,
    BTreeSet<i32>,
    BTreeSet<i32>,
    BTreeSet<i32>,
    BTreeSet<usize>,
    Option<i32>,
    BTreeSet<i32>,
    BTreeSet<i32>,
    bool,
);

/// Generates rules of any kind.
fn any_rule() -> impl Strategy<Value = String> {
    let list = |least: i32, most: i32, negative: bool| {
        let one =
            (least..=most, any::<bool>()).prop_map(move |(n, minus)| if negative && minus { -n } else { n });
        proptest::collection::btree_set(one, 0..4)
    };
    (
        0..5_usize,
        1..5_u16,
        list(1, 12, false),
        list(1, 31, true),
        list(1, 366, true),
        proptest::collection::btree_set(0..7_usize, 0..4),
        proptest::option::of(1..6_i32),
        list(0, 23, false),
        list(1, 6, true),
        any::<bool>(),
    )
        .prop_map(written)
}

fn written(parts: Parts) -> String {
    let (freq, interval, months, month_days, year_days, days, nth, hours, positions, sunday) = parts;
    let name = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][freq];
    let mut text = format!("FREQ={name};INTERVAL={interval}");
    let mut add = |part: &str, numbers: Vec<String>| {
        if !numbers.is_empty() {
            text = format!("{text};{part}={}", numbers.join(","));
        }
    };
    let words = |numbers: &BTreeSet<i32>| numbers.iter().map(i32::to_string).collect();
    add("BYMONTH", words(&months));
    if freq != 2 {
        add("BYMONTHDAY", words(&month_days));
    }
    if [0, 4].contains(&freq) && month_days.is_empty() {
        add("BYYEARDAY", words(&year_days));
    }
    // Only months and years have a first Monday.
    let number = nth.filter(|n| freq >= 3 && *n != 3);
    let number = number.map_or_else(String::new, |n| format!("{}", n - 3));
    let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let by_day = days.iter().map(|day| format!("{number}{}", names[*day]));
    add("BYDAY", by_day.collect());
    add("BYHOUR", words(&hours));
    let chosen = [months, month_days, hours].iter().any(|list| !list.is_empty()) || !days.is_empty();
    if freq != 0 && chosen {
        add("BYSETPOS", words(&positions));
    }
    if sunday {
        text.push_str(";WKST=SU");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// A search from any time finds the same as iterating from the start.
    #[test]
    fn a_search_finds_the_same_as_iteration(
        text in any_rule(), day in 0..1_500_i64, hour in 0..24_i64, gap in 0..5_000_i64, berlin in any::<bool>(),
    ) {
        let zone = if berlin { Tz::Europe__Berlin } else { Tz::UTC };
        let start = (at("2018-01-01T00:30:00Z") + TimeDelta::days(day) + TimeDelta::hours(hour)).with_timezone(&zone);
        // The library refuses a start that the clocks show twice.
        prop_assume!(zone.from_local_datetime(&start.naive_local()).single().is_some());
        // The library counts hours in local time differently.
        prop_assume!(!(berlin && text.contains("HOURLY")));
        let found = rule(&text, start);
        let written = start.naive_local().format("%Y%m%dT%H%M%S");
        let walk: RRuleSet = format!("DTSTART;TZID={zone}:{written}\nRRULE:{text}").parse().unwrap();
        // Where the start is within a week, the library (as python-dateutil) counts BYSETPOS from the start, but from
        // the first day of the period everywhere else, as RFC 5545 has it.
        let comparable = match text.contains("WEEKLY") && text.contains("BYSETPOS") {
            true => found.week_of(start.date_naive()).and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(8),
            false => start.to_utc(),
        };
        let to = start.to_utc() + TimeDelta::days(7_000);
        let all: Vec<Timestamp> = (&walk.limit())
            .into_iter()
            .map(|at| at.to_utc())
            .skip_while(|at| *at < comparable)
            .take_while(|at| *at < to)
            .collect();
        let from = start.to_utc() + TimeDelta::days(gap);

        let mut budget = Budget::new(SEARCH);
        let searched = found.from(from, &mut budget).skip_while(|at| *at < comparable);
        let searched: Vec<Timestamp> = searched.take_while(|at| *at < to).take(30).collect();
        let walked: Vec<Timestamp> = all.iter().copied().filter(|at| *at >= from).take(30).collect();
        prop_assert_eq!(&searched, &walked, "{} from {}", text, from);

        let latest = found.latest(from, &mut Budget::new(SEARCH)).unwrap().filter(|at| *at >= comparable);
        prop_assert_eq!(latest, all.iter().copied().rfind(|at| *at <= from), "{} up to {}", text, from);
    }
}

/// Each line: zone, local start, rule, a time, and the next five occurrences (fewer if the rule has none up to 2150).
/// Written by python-dateutil from random rules. The time zone library has no summer time after 2100.
const TABLE: &str = include_str!("occurrences.txt");

#[test]
fn the_occurrences_are_those_of_dateutil() {
    let mut wrong = Vec::new();
    for line in TABLE.lines() {
        let mut fields = line.split(' ');
        let mut next = || fields.next().unwrap();
        let (zone, start, text, from) = (next(), next(), next(), next());
        let zone: Tz = zone.parse().unwrap();
        let start = NaiveDateTime::parse_from_str(start, "%Y-%m-%dT%H:%M").unwrap();
        let start = zone.from_local_datetime(&start).earliest().unwrap();
        let from = at(&from.replace('Z', ":00Z"));
        let mut budget = Budget::new(SEARCH);
        let found = rule(text, start);
        let found: Vec<String> = found
            .from(from, &mut budget)
            .take_while(|at| at.year() <= 2150)
            .take(5)
            .map(|at| at.format("%Y-%m-%dT%H:%MZ").to_string())
            .collect();
        let expected: Vec<&str> = fields.collect();
        if found != expected {
            wrong.push(format!("{line}\n  found {found:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        TABLE.lines().count(),
        wrong.join("\n")
    );
}

#[test]
fn daylight_saving_changes() {
    let berlin = |text: &str| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        Tz::Europe__Berlin.from_local_datetime(&local).earliest().unwrap()
    };
    for (start, rule_text, expected) in [
        // 02:30 doesn't exist on 29 March: it becomes 03:30.
        (
            "2026-03-28T02:30",
            "FREQ=DAILY",
            ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"],
        ),
        // 02:30 occurs twice on 25 October: the first one counts.
        (
            "2026-10-24T02:30",
            "FREQ=DAILY",
            ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
        ),
    ] {
        let found = rule(rule_text, berlin(start));
        let mut budget = Budget::new(SEARCH);
        let found: Vec<String> = found
            .from(at("2026-01-01T00:00:00Z"), &mut budget)
            .take(3)
            .map(|at| at.format("%Y-%m-%dT%H:%M").to_string())
            .collect();
        assert_eq!(found, expected, "{start}");
    }
}

#[test]
fn a_search_for_nothing_gives_up() {
    let start = at("2026-01-05T09:00:00Z").with_timezone(&Tz::UTC);
    for text in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=10",
        "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    ] {
        let found = rule(text, start);
        assert_eq!(
            found.from(start.to_utc(), &mut Budget::new(SEARCH)).next(),
            None,
            "{text}"
        );
    }
}

/// RFC 5545 counts positions within the whole period, also within the one that the rule starts in.
#[test]
fn positions_count_from_the_first_day_of_the_week() {
    let start = at("2018-09-18T00:30:00Z").with_timezone(&Tz::UTC);
    for (text, expected) in [
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2018-09-24T00:30:00Z"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2018-09-19T00:30:00Z"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1", "2018-09-21T00:30:00Z"),
    ] {
        let first = rule(text, start)
            .from(start.to_utc(), &mut Budget::new(SEARCH))
            .next();
        assert_eq!(first, Some(at(expected)), "{text}");
    }
}
