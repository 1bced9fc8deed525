//! When a recurring task is due: rules of RFC 5545, in UTC. Pure: no database, no clock.

use std::iter::once;

use chrono::SubsecRound;
use chrono_tz::Tz;
use entity::Timestamp;

use crate::domain::recurrence::{Budget, Parts, Rule, SEARCH, canonical};

/// Steps through the occurrences of a rule with a COUNT, which have to be counted: an hourly rule takes two for each.
const COUNTED: u32 = 1_000_000;

/// A rule and the moment that it counts from.
#[derive(Debug, Clone)]
pub struct Recurrence {
    text: String,
    rule: Rule,
}

/// The occurrences next to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// The last one up to the moment.
    pub latest: Option<Timestamp>,
    /// The first one after it.
    pub next: Option<Timestamp>,
}

/// The moment in the whole seconds that rules know.
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(0)
}

impl Recurrence {
    /// Reads a new rule: as [`Recurrence::read`], and refuses what RFC 5545 forbids.
    ///
    /// # Errors
    /// As [`Recurrence::read`], and as [`Parts::check_strictly`].
    pub fn check(text: &str, starts_at: Timestamp) -> Result<Self, String> {
        let recurrence = Self::read(text, starts_at)?;
        recurrence.rule.parts().check_strictly()?;
        Ok(recurrence)
    }

    /// Reads a rule, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// What is wrong with it, in words: it is no RRULE, it ends before it starts, or it comes more often than
    /// once an hour.
    pub fn read(text: &str, starts_at: Timestamp) -> Result<Self, String> {
        let text = canonical(text);
        let parts: Parts = text.parse()?;
        // Whatever is more frequent than this is a mistake, and would bury people in tasks.
        if parts.minutes.len() > 1 || parts.seconds.len() > 1 {
            return Err("it comes more often than once an hour".to_owned());
        }
        if parts.chooses_from_nothing() {
            return Err("BYSETPOS needs another BY… part to choose from".to_owned());
        }
        let rule = Rule::new(parts, whole_seconds(starts_at).with_timezone(&Tz::UTC))?;
        Ok(Self { text, rule })
    }

    /// The rule without `RRULE:`, in capitals.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first occurrence at `from` or after it; `None` when the rule has ended by then, or nothing comes for
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

    /// The occurrences next to `moment`.
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

/// The occurrence to make up for when `moment` has come and the one at `missed` is not made yet: the latest.
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
    fn what_was_missed_is_made_up_once() {
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
    fn bad_rules_are_told_what_is_wrong() {
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

    /// The slowest rules that can be asked for: those that never come.
    #[test]
    fn a_search_ends() {
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
