//! Recurrence rules of recurring tasks (RFC 5545), in UTC. Pure: no database, no clock.

use std::iter::once;

use chrono::SubsecRound;
use chrono_tz::Tz;
use entity::Timestamp;

use crate::domain::recurrence::{Budget, Parts, Rule, SEARCH, canonical};

/// Search budget for a rule with a COUNT, whose occurrences must be counted: an hourly rule takes two steps for each.
const COUNTED: u32 = 1_000_000;

/// A rule and its start.
#[derive(Debug, Clone)]
pub struct Recurrence {
    text: String,
    rule: Rule,
}

/// The occurrences next to a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Last occurrence at or before the time.
    pub latest: Option<Timestamp>,
    /// First occurrence after it.
    pub next: Option<Timestamp>,
}

/// Truncates a time to whole seconds, the precision of rules.
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(0)
}

impl Recurrence {
    /// Parses a new rule: as [`Recurrence::read`], and also refuses what RFC 5545 forbids.
    ///
    /// # Errors
    /// As [`Recurrence::read`], and as [`Parts::check_strictly`].
    pub fn check(text: &str, starts_at: Timestamp) -> Result<Self, String> {
        let recurrence = Self::read(text, starts_at)?;
        recurrence.rule.parts().check_strictly()?;
        Ok(recurrence)
    }

    /// Parses a rule, with or without the prefix `RRULE:`.
    ///
    /// # Errors
    /// A message: not an RRULE, ends before it starts, or more often than once an hour.
    pub fn read(text: &str, starts_at: Timestamp) -> Result<Self, String> {
        let text = canonical(text);
        let parts: Parts = text.parse()?;
        // More frequent rules are mistakes, and would flood people with tasks.
        if parts.minutes.len() > 1 || parts.seconds.len() > 1 {
            return Err("the rule occurs more often than once an hour".to_owned());
        }
        if parts.has_only_positions() {
            return Err("BYSETPOS requires another BY… part".to_owned());
        }
        let rule = Rule::new(parts, whole_seconds(starts_at).with_timezone(&Tz::UTC))?;
        Ok(Self { text, rule })
    }

    /// Returns the rule in upper case, without `RRULE:`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the first occurrence at or after `from`; `None` if the rule has ended, or has no occurrence for
    /// centuries.
    pub fn on_or_after(&self, from: Timestamp) -> Option<Timestamp> {
        match self.counted() {
            Some(count) => {
                let mut budget = Budget::new(COUNTED);
                let mut counted = self.rule.from(Timestamp::MIN_UTC, &mut budget).take(count);
                counted.find(|at| *at >= from)
            }
            None => self.rule.from(from, &mut Budget::new(SEARCH)).next(),
        }
    }

    /// Returns the occurrences next to `moment`.
    pub fn around(&self, moment: Timestamp) -> Around {
        let Some(count) = self.counted() else {
            let latest = self.rule.latest(moment, &mut Budget::new(SEARCH));
            let mut budget = Budget::new(SEARCH);
            return Around {
                latest: latest.ok().flatten(),
                next: self.rule.from(moment, &mut budget).find(|at| *at > moment),
            };
        };
        let mut around = Around {
            latest: None,
            next: None,
        };
        let mut budget = Budget::new(COUNTED);
        for at in self.rule.from(Timestamp::MIN_UTC, &mut budget).take(count) {
            if at > moment {
                around.next = Some(at);
                break;
            }
            around.latest = Some(at);
        }
        around
    }

    fn counted(&self) -> Option<usize> {
        let count = self.rule.parts().count?;
        Some(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// Returns the latest occurrence up to `moment`, if the one at `missed` has not been processed yet.
///
/// # Errors
/// As [`Recurrence::read`].
pub fn to_make(
    text: &str,
    starts_at: Timestamp,
    missed: Timestamp,
    moment: Timestamp,
) -> Result<(Timestamp, Option<Timestamp>), String> {
    let around = Recurrence::read(text, starts_at)?.around(moment);
    let latest = once(missed).chain(around.latest).max().unwrap_or(missed);
    Ok((latest, around.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_occurrence() {
        let start = at("2026-01-05T09:30:00.123456Z");
        for (rule, after, next) in [
            ("FREQ=DAILY", "2026-01-05T09:29:59Z", Some("2026-01-05T09:30:00Z")),
            ("freq=daily", "2026-01-05T09:30:00Z", Some("2026-01-06T09:30:00Z")),
            (
                "RRULE:FREQ=WEEKLY;BYDAY=MO",
                "2026-01-05T09:30:00Z",
                Some("2026-01-12T09:30:00Z"),
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                "2026-01-05T00:00:00Z",
                Some("2026-01-30T09:30:00Z"),
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=31",
                "2026-01-31T23:00:00Z",
                Some("2026-03-31T09:30:00Z"),
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2",
                "2026-01-13T00:00:00Z",
                Some("2026-01-19T09:30:00Z"),
            ),
            (
                "FREQ=HOURLY;BYHOUR=8,16",
                "2026-01-05T10:00:00Z",
                Some("2026-01-05T16:30:00Z"),
            ),
            ("FREQ=DAILY;COUNT=2", "2026-01-06T09:30:00Z", None),
            ("FREQ=DAILY;UNTIL=20260107T000000Z", "2026-01-06T10:00:00Z", None),
        ] {
            let found = Recurrence::read(rule, start).map(|rule| rule.around(at(after)).next);
            assert_eq!(found, Ok(next.map(at)), "{rule}");
        }
    }

    #[test]
    fn missed_occurrences_are_made_up_for_once() {
        let start = at("2026-01-05T09:00:00Z");
        let made = |missed, moment| to_make("FREQ=DAILY", start, at(missed), at(moment));
        assert_eq!(
            made("2026-01-06T09:00:00Z", "2026-01-20T12:00:00Z"),
            Ok((at("2026-01-20T09:00:00Z"), Some(at("2026-01-21T09:00:00Z"))))
        );
        assert_eq!(
            made("2026-01-06T09:00:00Z", "2026-01-06T09:00:00Z"),
            Ok((at("2026-01-06T09:00:00Z"), Some(at("2026-01-07T09:00:00Z"))))
        );
        assert_eq!(
            to_make(
                "FREQ=DAILY;COUNT=3",
                start,
                at("2026-01-06T09:00:00Z"),
                at("2026-02-01T00:00:00Z")
            ),
            Ok((at("2026-01-07T09:00:00Z"), None))
        );
    }

    #[test]
    fn invalid_rules_are_explained() {
        let start = at("2026-01-05T09:00:00Z");
        for rule in [
            "",
            "every monday",
            "FREQ=SOMETIMES",
            "FREQ=SECONDLY",
            "FREQ=MINUTELY;INTERVAL=60",
            "FREQ=HOURLY;BYMINUTE=0,30",
            "FREQ=DAILY;BYSECOND=0,1",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=99999",
            "FREQ=DAILY;BYHOUR=25",
            "FREQ=DAILY;BYSETPOS=1",
            "FREQ=DAILY;UNTIL=20250101T000000Z",
            "FREQ=YEARLY;BYEASTER=1",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=DAILY;BYDAY=MO,-1TU",
            "FREQ=HOURLY;BYDAY=2FR",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO",
            "FREQ=DAILY;COUNT=2;UNTIL=20301231T000000Z",
            "FREQ=MONTHLY;BYMONTHDAY=0",
            "BYDAY=MO",
            "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY",
            "FREQ=DAILY\nEXDATE:20260101T000000Z",
            &format!("FREQ=DAILY;BYMONTH={}1", "1,".repeat(300)),
        ] {
            assert!(Recurrence::check(rule, start).is_err(), "{rule}");
        }
        for rule in [
            "FREQ=MONTHLY;BYDAY=-5MO",
            "FREQ=YEARLY;BYDAY=53MO",
            "FREQ=WEEKLY;BYDAY=MO",
        ] {
            assert!(Recurrence::check(rule, start).is_ok(), "{rule}");
        }
    }

    /// The slowest accepted rules: those that never occur.
    #[test]
    fn searches_are_bounded() {
        let start = at("2026-01-05T09:00:00Z");
        for rule in [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=HOURLY;INTERVAL=24;BYHOUR=10",
        ] {
            let begun = std::time::Instant::now();
            let found = Recurrence::read(rule, start).map(|rule| rule.on_or_after(start));
            println!("{rule}: {:?}", begun.elapsed());
            assert_eq!(found, Ok(None), "{rule}");
        }
    }
}
