//! The occurrences of rules, compared with those that others find: the `rrule` library, which walks, and a table that
//! python-dateutil wrote.

use proptest::prelude::*;
use rrule::RRuleSet;

use super::*;

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn rule(text: &str, start: DateTime<Tz>) -> Rule {
    Rule::new(text.parse().unwrap(), start).unwrap()
}

/// A rule of any kind, in the order of the clocks: `(text, hourly)`.
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
        .prop_map(
            |(freq, interval, months, month_days, year_days, days, nth, hours, positions, sunday)| {
                let name = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][freq];
                let mut text = format!("FREQ={name};INTERVAL={interval}");
                let mut add = |part: &str, numbers: Vec<String>| {
                    if !numbers.is_empty() {
                        text = format!("{text};{part}={}", numbers.join(","));
                    }
                };
                let words =
                    |numbers: &std::collections::BTreeSet<i32>| numbers.iter().map(i32::to_string).collect();
                add("BYMONTH", words(&months));
                if freq != 2 {
                    add("BYMONTHDAY", words(&month_days));
                }
                if [0, 4].contains(&freq) && month_days.is_empty() {
                    add("BYYEARDAY", words(&year_days));
                }
                // Only a month and a year have a first Monday.
                let number = nth
                    .filter(|_| freq >= 3)
                    .map_or_else(String::new, |n| format!("{}", n - 3));
                let number = if number == "0" { String::new() } else { number };
                let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
                add(
                    "BYDAY",
                    days.iter()
                        .map(|day| format!("{number}{}", names[*day]))
                        .collect(),
                );
                add("BYHOUR", words(&hours));
                let chosen =
                    [months, month_days, hours].iter().any(|list| !list.is_empty()) || !days.is_empty();
                if freq != 0 && chosen {
                    add("BYSETPOS", words(&positions));
                }
                if sunday {
                    text.push_str(";WKST=SU");
                }
                text
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// From wherever a search begins, it finds what a walk from the start finds.
    #[test]
    fn a_search_finds_what_a_walk_finds(
        text in any_rule(), day in 0..1_500_i64, hour in 0..24_i64, gap in 0..5_000_i64, berlin in any::<bool>(),
    ) {
        let zone = if berlin { Tz::Europe__Berlin } else { Tz::UTC };
        let start = (at("2018-01-01T00:30:00Z") + TimeDelta::days(day) + TimeDelta::hours(hour)).with_timezone(&zone);
        // The library counts hours by the clocks of the zone in a way of its own.
        prop_assume!(!(berlin && text.contains("HOURLY")));
        let found = rule(&text, start);
        let written = start.naive_local().format("%Y%m%dT%H%M%S");
        let walk: RRuleSet = format!("DTSTART;TZID={zone}:{written}\nRRULE:{text}").parse().unwrap();
        let to = start.to_utc() + TimeDelta::days(7_000);
        let all: Vec<Timestamp> = (&walk.limit()).into_iter().map(|at| at.to_utc()).take_while(|at| *at < to).collect();
        let from = start.to_utc() + TimeDelta::days(gap);

        let mut budget = Budget::new(SEARCH);
        let searched: Vec<Timestamp> = found.from(from, &mut budget).take_while(|at| *at < to).take(30).collect();
        let walked: Vec<Timestamp> = all.iter().copied().filter(|at| *at >= from).take(30).collect();
        prop_assert_eq!(&searched, &walked, "{} from {}", text, from);

        let latest = found.latest(from, &mut Budget::new(SEARCH)).unwrap();
        prop_assert_eq!(latest, all.iter().copied().rfind(|at| *at <= from), "{} up to {}", text, from);
    }
}

/// Each line: zone, start on its clocks, rule, a moment, and the next five occurrences (fewer where the rule has none up
/// to 2150). Written by python-dateutil from rules drawn at random. The library of time zones knows no summer time after
/// 2100.
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
fn clocks_that_change() {
    let berlin = |text: &str| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        Tz::Europe__Berlin.from_local_datetime(&local).earliest().unwrap()
    };
    for (start, rule_text, expected) in [
        // 02:30 is left out on 29 March: it is 03:30 then.
        (
            "2026-03-28T02:30",
            "FREQ=DAILY",
            ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"],
        ),
        // 02:30 comes twice on 25 October: the first is meant.
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
fn what_never_comes_is_given_up() {
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
