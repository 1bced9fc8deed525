//! Recurrence rules: RFC 5545 RRULEs, in UTC. Pure: no database, no clock.

use std::iter::once;

use chrono::{Datelike, SubsecRound, Utc};
use entity::Timestamp;
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

/// Longest rule, in characters.
const LONGEST: usize = 500;
/// Most occurrences that are looked at to find one: more than a hundred years of an hourly rule.
const MOST: usize = 1_000_000;

/// A rule and the moment that it counts from.
#[derive(Debug, Clone)]
pub struct Recurrence {
    text: String,
    occurrences: RRuleSet,
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
    /// Reads a rule, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// What is wrong with it, in words: it is no RRULE, it ends before it starts, or it comes more often than
    /// once an hour.
    pub fn read(text: &str, starts_at: Timestamp) -> Result<Self, String> {
        let text = text.trim().to_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if text.len() > LONGEST {
            return Err(format!("it can have at most {LONGEST} characters"));
        }
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b";=,+-".contains(&byte);
        // The library would leave out BYEASTER, which is not of RFC 5545, without a word.
        if !text.bytes().all(known) || text.contains("BYEASTER") {
            return Err("it is not an RRULE of RFC 5545, FREQ=WEEKLY;BYDAY=MO for instance".to_owned());
        }
        let rule: RRule<Unvalidated> = text
            .parse()
            .map_err(|wrong: rrule::RRuleError| wrong.to_string())?;
        // Whatever is more frequent than this is a mistake, and would bury people in tasks.
        let frequent = matches!(rule.get_freq(), Frequency::Minutely | Frequency::Secondly);
        if frequent || rule.get_by_minute().len() > 1 || rule.get_by_second().len() > 1 {
            return Err("it comes more often than once an hour".to_owned());
        }
        let selects = |part: &str| part.starts_with("BY") && !part.starts_with("BYSETPOS");
        if !rule.get_by_set_pos().is_empty() && !text.split(';').any(selects) {
            return Err("BYSETPOS needs another BY… to choose from".to_owned());
        }
        if rule.get_interval() == 0 {
            return Err("INTERVAL must be 1 or more".to_owned());
        }
        let occurrences = rule
            .build(whole_seconds(starts_at).with_timezone(&Tz::UTC))
            .map_err(|wrong| wrong.to_string())?;
        Ok(Self {
            text: text.to_owned(),
            occurrences: occurrences.limit(),
        })
    }

    /// The rule without `RRULE:`, in capitals.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first occurrence at `from` or after it; `None` when the rule has ended by then.
    pub fn on_or_after(&self, from: Timestamp) -> Option<Timestamp> {
        self.all().find(|&at| at >= from)
    }

    /// The occurrences next to `moment`.
    pub fn around(&self, moment: Timestamp) -> Around {
        let mut latest = None;
        for at in self.all() {
            if at > moment {
                return Around {
                    latest,
                    next: Some(at),
                };
            }
            latest = Some(at);
        }
        Around { latest, next: None }
    }

    /// All of them, as far as anybody looks: both databases end with the year 9999.
    fn all(&self) -> impl Iterator<Item = Timestamp> {
        self.occurrences
            .into_iter()
            .take(MOST)
            .map(|at| at.with_timezone(&Utc))
            .take_while(|at| at.year() <= 9999)
    }
}

/// The next occurrence after `after` of a rule that counts from `starts_at`.
///
/// # Errors
/// As [`Recurrence::read`].
pub fn next_after(text: &str, starts_at: Timestamp, after: Timestamp) -> Result<Option<Timestamp>, String> {
    Ok(Recurrence::read(text, starts_at)?.around(after).next)
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
            assert_eq!(next_after(rule, start, at(after)), Ok(next.map(at)), "{rule}");
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
            "BYDAY=MO",
            "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY",
            "FREQ=DAILY\nEXDATE:20260101T000000Z",
            &format!("FREQ=DAILY;BYMONTH={}1", "1,".repeat(300)),
        ] {
            assert!(Recurrence::read(rule, start).is_err(), "{rule}");
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
