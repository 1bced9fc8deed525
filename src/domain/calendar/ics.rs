//! Export of a calendar as an iCalendar file (RFC 5545).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use chrono_tz::Tz;
use entity::{Timestamp, UserId, calendar, event, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{list, recurrence, timezone};
use crate::domain::people::list as people;
use crate::error::Error;
use crate::runtime::compute;
use crate::store::db::Db;

/// Events per query.
const PAGE: u64 = 500;
/// Maximum length of a line, in bytes, without its end.
const MAX_LINE: usize = 75;
/// How far into the future DST changes are listed, for clients that don't know the time zone.
const HORIZON: TimeDelta = TimeDelta::days(20 * 365);

/// Content lines, folded and terminated as RFC 5545 requires.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// Adds a line.
    pub fn line(&mut self, text: &str) {
        let mut room = MAX_LINE;
        for c in text.chars() {
            if c.len_utf8() > room {
                // Continues on the next line, which starts with a space.
                self.0.push_str("\r\n ");
                room = MAX_LINE - 1;
            }
            room -= c.len_utf8();
            self.0.push(c);
        }
        self.0.push_str("\r\n");
    }

    /// Adds a property with a text value.
    fn text(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{}", escaped(value)));
    }

    fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// Returns the whole text.
    pub fn into_text(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Returns a property that names a person.
fn person(property: &str, who: &user::Profile) -> String {
    // A quoted value can't contain a quote.
    let name: String = who
        .name()
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if c == '"' { '\'' } else { c })
        .collect();
    format!("{property};CN=\"{name}\":mailto:{}", who.email)
}

fn utc(at: Timestamp) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Time zones in use, each with the earliest time.
type Zones = BTreeMap<&'static str, (Tz, Timestamp)>;

/// Exports a calendar with all its events. Events without a start can't be expressed and are omitted.
///
/// # Errors
/// When the database fails.
pub async fn write(db: &Db, calendar: &calendar::Model) -> Result<String, Error> {
    let (mut events, mut zones) = (Lines::default(), Zones::new());
    let mut rows = event::Entity::find()
        .filter(event::Column::CalendarId.eq(calendar.id))
        .filter(event::Column::StartsAt.is_not_null())
        .order_by_asc(event::Column::Id)
        .cursor_by(event::Column::Id);
    loop {
        let page = rows.first(PAGE).all(db.read()).await?;
        let Some(last) = page.last() else { break };
        let ids: Vec<_> = page.iter().map(|row| row.id).collect();
        let attendees = list::attendees(db, &ids).await?;
        let named: HashSet<UserId> = attendees
            .values()
            .flatten()
            .copied()
            .chain(page.iter().map(|row| row.organizer_id))
            .collect();
        let mut who = HashMap::with_capacity(named.len());
        for some in Vec::from_iter(named).chunks(1_000) {
            who.extend(people::by_ids(db, some).await?);
        }
        rows.after(last.id);
        (events, zones) = compute::run(move || {
            for row in &page {
                let there = attendees.get(&row.id).map_or(&[][..], Vec::as_slice);
                write_event(&mut events, row, there, &who, &mut zones);
            }
            (events, zones)
        })
        .await?;
    }
    let (name, horizon) = (calendar.name.clone(), db.clock().now() + HORIZON);
    compute::run(move || {
        let mut file = Lines::default();
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Handover//Calendars//EN",
            "CALSCALE:GREGORIAN",
        ] {
            file.line(line);
        }
        file.text("NAME", &name);
        file.text("X-WR-CALNAME", &name);
        for (zone, since) in zones.into_values() {
            timezone::write(&mut file, zone, since, horizon.max(since + HORIZON));
        }
        file.append(&events);
        file.line("END:VCALENDAR");
        file.into_text()
    })
    .await
}

fn write_event(
    lines: &mut Lines,
    row: &event::Model,
    attendees: &[UserId],
    people: &HashMap<UserId, user::Profile>,
    zones: &mut Zones,
) {
    let (Some(starts_at), Some(ends_at)) = (row.starts_at, row.ends_at) else {
        return;
    };
    lines.line("BEGIN:VEVENT");
    lines.line(&format!("UID:{}", row.id));
    lines.line(&format!("DTSTAMP:{}", utc(row.updated_at)));
    lines.line(&format!("CREATED:{}", utc(row.created_at)));
    lines.line(&format!("LAST-MODIFIED:{}", utc(row.updated_at)));
    lines.text("SUMMARY", &row.title);
    if let Some(location) = &row.location {
        lines.text("LOCATION", location);
    }
    // Only recurring events need a local time; others have a single UTC time.
    let zone = recurrence::zone(row.timezone.as_deref()).unwrap_or(Tz::UTC);
    let local = row.recurrence.is_some() && zone != Tz::UTC;
    let moment = |name: &str, at: Timestamp| {
        if local {
            let shown = at.with_timezone(&zone).format("%Y%m%dT%H%M%S");
            format!("{name};TZID={}:{shown}", zone.name())
        } else {
            format!("{name}:{}", utc(at))
        }
    };
    lines.line(&moment("DTSTART", starts_at));
    // DTEND must be after DTSTART; omitted, the event ends when it starts.
    if ends_at > starts_at {
        lines.line(&moment("DTEND", ends_at));
    }
    if local {
        let since = zones.entry(zone.name()).or_insert((zone, starts_at));
        since.1 = since.1.min(starts_at);
    }
    if let Some(rule) = &row.recurrence {
        lines.line(&format!("RRULE:{rule}"));
    }
    if let Some(organizer) = people.get(&row.organizer_id) {
        lines.line(&person("ORGANIZER", organizer));
    }
    for attendee in attendees.iter().filter_map(|id| people.get(id)) {
        lines.line(&person("ATTENDEE", attendee));
    }
    lines.line("END:VEVENT");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut lines = Lines::default();
        let long = format!("SUMMARY:{}", "é🦀".repeat(60));
        lines.line(&long);
        lines.line("END:VEVENT");
        let text = lines.into_text();
        assert!(text.split("\r\n").all(|line| line.len() <= MAX_LINE));
        assert_eq!(text.replace("\r\n ", ""), format!("{long}\r\nEND:VEVENT\r\n"));
    }

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escaped("a;b,c\\d\r\ne\u{7}:f"), "a\\;b\\,c\\\\d\\ne:f");
    }
}
