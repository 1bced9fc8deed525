//! Time zones for iCalendar: a VTIMEZONE with every change of the offset.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};
use entity::Timestamp;

use super::ics::Lines;

/// Offset and name in effect from some time on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Observance {
    /// Seconds east of Greenwich.
    offset: i32,
    summer: bool,
    name: String,
}

fn observance(zone: Tz, at: NaiveDateTime) -> Observance {
    let offset = zone.offset_from_utc_datetime(&at);
    Observance {
        offset: offset.fix().local_minus_utc(),
        summer: !offset.dst_offset().is_zero(),
        name: offset.abbreviation().unwrap_or_default().to_owned(),
    }
}

/// Writes the offsets of `zone` from the year of `from` to the year of `to`.
pub fn write(lines: &mut Lines, zone: Tz, from: Timestamp, to: Timestamp) {
    // A day earlier, because in half of the world the year begins before midnight UTC.
    let mut at = first_of_year(from - TimeDelta::days(1));
    let end = to.naive_utc();
    let mut now = observance(zone, at);
    // Times of the changes, in the local time before, grouped by the old and the new offset.
    let mut changes: BTreeMap<(i32, Observance), Vec<NaiveDateTime>> = BTreeMap::new();
    changes.insert(
        (now.offset, now.clone()),
        vec![at + TimeDelta::seconds(now.offset.into())],
    );
    while at < end {
        let next = at + TimeDelta::days(1);
        let then = observance(zone, next);
        if then != now {
            let change = time_of_change(zone, at, next, &now);
            let shown = change + TimeDelta::seconds(now.offset.into());
            changes.entry((now.offset, then.clone())).or_default().push(shown);
            now = then;
        }
        at = next;
    }
    lines.line("BEGIN:VTIMEZONE");
    lines.line(&format!("TZID:{}", zone.name()));
    for ((before, after), moments) in changes {
        let part = if after.summer { "DAYLIGHT" } else { "STANDARD" };
        lines.line(&format!("BEGIN:{part}"));
        let mut moments = moments
            .iter()
            .map(|moment| moment.format("%Y%m%dT%H%M%S").to_string());
        lines.line(&format!("DTSTART:{}", moments.next().unwrap_or_default()));
        let others: Vec<String> = moments.collect();
        if !others.is_empty() {
            lines.line(&format!("RDATE:{}", others.join(",")));
        }
        lines.line(&format!("TZOFFSETFROM:{}", offset(before)));
        lines.line(&format!("TZOFFSETTO:{}", offset(after.offset)));
        if !after.name.is_empty() {
            lines.line(&format!("TZNAME:{}", after.name));
        }
        lines.line(&format!("END:{part}"));
    }
    lines.line("END:VTIMEZONE");
}

fn first_of_year(at: Timestamp) -> NaiveDateTime {
    let day = at.date_naive();
    day.with_ordinal(1)
        .unwrap_or(day)
        .and_time(chrono::NaiveTime::MIN)
}

/// Returns the second at which `before` ceases to be in effect: after `from`, up to `to`.
fn time_of_change(zone: Tz, from: NaiveDateTime, to: NaiveDateTime, before: &Observance) -> NaiveDateTime {
    let (mut still, mut no_longer) = (0, (to - from).num_seconds());
    while no_longer - still > 1 {
        let middle = still + (no_longer - still) / 2;
        if observance(zone, from + TimeDelta::seconds(middle)) == *before {
            still = middle;
        } else {
            no_longer = middle;
        }
    }
    from + TimeDelta::seconds(no_longer)
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let text = format!("{sign}{hours:02}{minutes:02}");
    if seconds == 0 {
        text
    } else {
        format!("{text}{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offsets_of_new_york() {
        let mut lines = Lines::default();
        let at = |year| chrono::Utc.with_ymd_and_hms(year, 6, 1, 0, 0, 0).unwrap();
        write(&mut lines, Tz::America__New_York, at(2025), at(2026));
        let text = lines.into_text();
        for part in [
            "BEGIN:DAYLIGHT\r\nDTSTART:20250309T020000\r\nRDATE:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n",
            "BEGIN:STANDARD\r\nDTSTART:20251102T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n",
            "BEGIN:STANDARD\r\nDTSTART:20241231T190000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(offset(-12_600), "-0330");
        assert_eq!(offset(20_700), "+0545");
        assert_eq!(offset(-1_172), "-001932");
    }
}
