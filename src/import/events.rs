//! events.csv: id, title, organizer_email, attendees, starts_at, ends_at, recurrence, timezone, location.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::SubsecRound;
use entity::{CalendarId, EventId, Timestamp, UserId, calendar, event, event_attendee};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::lookup::{self, People, nobody};
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::domain::calendar::recurrence;
use crate::domain::calendar::recurrence::Timing;
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// The name of the calendar for an organiser's imported events.
const CALENDAR: &str = "Imported";
/// Maximum length of a free-text recurrence, in characters.
const WORDS: usize = 500;

/// A parsed row, with the references that could not be resolved.
struct Event {
    id: String,
    title: String,
    location: Option<String>,
    organizer: UserId,
    attendees: BTreeSet<UserId>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    recurrence: Option<String>,
    recurrence_text: Option<String>,
    timezone: Option<String>,
    over_at: Option<Timestamp>,
    /// Start and end if the row's time zone is unknown: local times are then taken as UTC.
    in_utc: (Option<Timestamp>, Option<Timestamp>),
    reasons: Vec<Reason>,
}

/// The parsed recurrence rules of rows, by the line on which each row starts.
pub type Rules = HashMap<u64, Result<Timing, Reason>>;

/// Imports events into one calendar per organiser. An event whose organiser is unknown is rejected.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], rules: &Rules, run: &Run) -> Outcome<Vec<RowOutcome>> {
    let there = lookup::imported(tx, "events", rows.iter().filter_map(|row| row.get("id"))).await?;
    let people = People::of(tx, rows.iter().flat_map(addresses)).await?;
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let read = match read(row, rules.get(&row.line), &people) {
            Ok(read) => read,
            Err(reason) => {
                verdicts.push(RowOutcome::rejected(reason));
                continue;
            }
        };
        if let Some(&taken) = there.get(&read.id) {
            let mut outcome = run.outcome_for_existing(taken, "id");
            if outcome.0 == RowStatus::Unchanged && run.correcting {
                let fate = complete(tx, EventId(taken), &read).await?;
                outcome = RowOutcome(fate, read.reasons);
            }
            verdicts.push(outcome);
            continue;
        }
        if !seen.insert(read.id.clone()) {
            verdicts.push(RowOutcome::rejected(super::twice("id")));
            continue;
        }
        verdicts.push(RowOutcome(RowStatus::Added, read.reasons.clone()));
        new.push(read);
    }
    let calendars = calendars(tx, new.iter().map(|read| read.organizer)).await?;
    let (mut events, mut attendees) = (Vec::new(), Vec::new());
    for read in new {
        let Some(&calendar) = calendars.get(&read.organizer) else {
            continue;
        };
        let id = EventId(run.id(tx.now));
        attendees.extend(read.attendees.iter().map(|&user_id| event_attendee::ActiveModel {
            event_id: Set(id),
            user_id: Set(user_id),
        }));
        events.push(new_event(tx, id, calendar, read).into_active_model());
    }
    db::insert_all(tx, events).await?;
    db::insert_all(tx, attendees).await?;
    Ok(verdicts)
}

fn new_event(tx: &Tx, id: EventId, calendar: CalendarId, read: Event) -> event::Model {
    event::Model {
        id,
        external_id: Some(read.id),
        calendar_id: calendar,
        organizer_id: read.organizer,
        search_text: text::search_key(&read.title),
        title: read.title,
        location: read.location,
        starts_at: read.starts_at,
        ends_at: read.ends_at,
        recurrence: read.recurrence,
        recurrence_text: read.recurrence_text,
        timezone: read.timezone,
        over_at: read.over_at,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

fn addresses(row: &Row) -> impl Iterator<Item = &str> {
    row.get("organizer_email")
        .into_iter()
        .chain(value::list(row, "attendees"))
}

fn read(row: &Row, rule: Option<&Result<Timing, Reason>>, people: &People) -> Result<Event, Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let mut reasons = Vec::new();
    let address = row.get("organizer_email");
    let address = address.ok_or_else(|| "organizer_email: value required".to_owned())?;
    let organizer = people
        .get(address)
        .ok_or_else(|| nobody("organizer_email", address))?;
    let mut attendees = BTreeSet::from([organizer]);
    for address in value::list(row, "attendees") {
        match people.get(address) {
            Some(person) => drop(attendees.insert(person)),
            None => reasons.push(nobody("attendees", address)),
        }
    }
    let (starts_at, ends_at) = (second(row, "starts_at")?, second(row, "ends_at")?);
    if ends_at.is_some_and(|ends_at| starts_at.is_none_or(|starts_at| ends_at < starts_at)) {
        return Err("ends_at: must not be before starts_at".to_owned());
    }
    let mut read = Event {
        id: value::key(row, "id", input::NAME)?,
        title: value::needed(row, "title", input::TITLE)?,
        location: value::text(row, "location", input::TITLE)?,
        organizer,
        attendees,
        starts_at,
        // Without an end, the event ends when it starts (RFC 5545).
        ends_at: ends_at.or(starts_at),
        over_at: ends_at.or(starts_at),
        in_utc: in_utc(row)?,
        recurrence: None,
        recurrence_text: None,
        timezone: None,
        reasons,
    };
    read_timezone(row, &mut read)?;
    read_recurrence(row, rule, &mut read)?;
    Ok(read)
}

fn second(row: &Row, column: &'static str) -> Result<Option<Timestamp>, Reason> {
    let zone = row.get("timezone").and_then(find_zone);
    let zone = zone.and_then(|name| recurrence::zone(Some(name)).ok());
    Ok(value::timestamp_in(row, column, zone)?.map(|at| at.trunc_subsecs(0)))
}

fn in_utc(row: &Row) -> Result<(Option<Timestamp>, Option<Timestamp>), Reason> {
    let second = |column| Ok::<_, Reason>(value::moment(row, column)?.map(|at| at.trunc_subsecs(0)));
    let (starts_at, ends_at) = (second("starts_at")?, second("ends_at")?);
    Ok((starts_at, ends_at.or(starts_at)))
}

/// Time zones by their English names. The abbreviations alone would mean standard time all year.
const CLOCKS: [(&str, &str); 4] = [
    ("pacific time", "America/Los_Angeles"),
    ("mountain time", "America/Denver"),
    ("central time", "America/Chicago"),
    ("eastern time", "America/New_York"),
];

/// Sets the time zone; an unknown name is dropped and reported.
fn read_timezone(row: &Row, read: &mut Event) -> Result<(), Reason> {
    let Some(text) = value::text(row, "timezone", input::NAME)? else {
        return Ok(());
    };
    read.timezone = find_zone(&text).map(str::to_owned);
    if read.timezone.is_none() {
        let told = value::told("timezone", recurrence::zone(Some(&text)));
        read.reasons.extend(told.err());
    }
    Ok(())
}

/// Finds the IANA name in a text: the text itself, or a part of `PT (Pacific Time)` or `CET (Central European Time)`.
fn find_zone(text: &str) -> Option<&str> {
    let known = |name: &&str| recurrence::zone(Some(name)).is_ok();
    let parts = || text.split(['(', ')']).map(str::trim);
    let in_words = |part: &str| CLOCKS.iter().find(|(words, _)| part.eq_ignore_ascii_case(words));
    Some(text)
        .filter(known)
        .or_else(|| parts().find_map(in_words).map(|(_, name)| *name))
        .or_else(|| parts().find(known))
}

/// Checks the recurrence rules of rows. CPU-bound; needs no database.
pub fn rules(rows: &[Row]) -> Rules {
    rows.iter()
        .filter_map(|row| Some((row.line, rule(row)?)))
        .collect()
}

/// Checks the recurrence rule of a row; `None` if it has none. [`read`] reports other errors of the row.
fn rule(row: &Row) -> Option<Result<Timing, Reason>> {
    let text = value::text(row, "recurrence", WORDS).ok()??;
    let capitals = text.to_ascii_uppercase();
    if !capitals.starts_with("FREQ=") && !capitals.starts_with("RRULE:") {
        return None;
    }
    let Some(starts_at) = second(row, "starts_at").ok()? else {
        return Some(Err("recurrence: a rule requires a value in starts_at".to_owned()));
    };
    let ends_at = second(row, "ends_at").ok()?.unwrap_or(starts_at);
    let zone = value::text(row, "timezone", input::NAME).ok()?;
    let zone = zone.as_deref().and_then(find_zone);
    let checked = recurrence::check(starts_at, ends_at, Some(&text), zone);
    Some(value::told("recurrence", checked))
}

/// Keeps a valid rule as a rule and anything else as text. An invalid rule is reported.
fn read_recurrence(row: &Row, rule: Option<&Result<Timing, Reason>>, read: &mut Event) -> Result<(), Reason> {
    let Some(text) = value::text(row, "recurrence", WORDS)? else {
        return Ok(());
    };
    if let Some(Ok(timing)) = rule {
        read.recurrence.clone_from(&timing.recurrence);
        read.over_at = timing.over_at;
        return Ok(());
    }
    if let Some(Err(reason)) = rule {
        read.reasons.push(reason.clone());
    }
    read.recurrence_text = Some(text);
    // Free text may describe an endless recurrence.
    read.over_at = None;
    Ok(())
}

/// Finds or creates the calendars for imported events of these people.
async fn calendars(
    tx: &Tx,
    organizers: impl Iterator<Item = UserId>,
) -> Outcome<HashMap<UserId, CalendarId>> {
    let organizers: Vec<UserId> = organizers.collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = HashMap::with_capacity(organizers.len());
    for some in organizers.chunks(1_000) {
        let rows = calendar::Entity::find()
            .filter(calendar::Column::OwnerId.is_in(some.iter().copied()))
            .filter(calendar::Column::Name.eq(CALENDAR))
            .all(&tx.conn)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.owner_id, row.id)));
    }
    let mut new = Vec::new();
    for organizer in organizers {
        found.entry(organizer).or_insert_with(|| {
            let id = CalendarId(tx.new_id());
            new.push(calendar::ActiveModel {
                id: Set(id),
                name: Set(CALENDAR.to_owned()),
                search_text: Set(text::search_key(CALENDAR)),
                owner_id: Set(organizer),
                kept_by_id: Set(organizer),
                created_at: Set(tx.now),
                updated_at: Set(tx.now),
            });
            id
        });
    }
    db::insert_all(tx, new).await?;
    Ok(found)
}

/// Fills what the first import left empty: attendees, time zone, recurrence rule.
async fn complete(tx: &Tx, id: EventId, read: &Event) -> Outcome<RowStatus> {
    let Some(before) = event::Entity::find_by_id(id).one(&tx.conn).await? else {
        return Ok(RowStatus::Unchanged);
    };
    // The organiser may have changed since; the original one is not added again.
    let rows = read
        .attendees
        .iter()
        .filter(|person| **person != read.organizer)
        .map(|&user_id| event_attendee::ActiveModel {
            event_id: Set(id),
            user_id: Set(user_id),
        });
    let rows: Vec<_> = rows.collect();
    let mut added = 0;
    if !rows.is_empty() {
        added = event_attendee::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn)
            .await?;
    }
    let mut after = before.clone();
    let times = (before.starts_at, before.ends_at);
    // The time zone was unknown at the first import; only now are the exact times known.
    let zone_was_missing = before.timezone.is_none() && times == read.in_utc;
    if before.recurrence.is_none() && (times == (read.starts_at, read.ends_at) || zone_was_missing) {
        (after.starts_at, after.ends_at) = (read.starts_at, read.ends_at);
        after.timezone = before.timezone.clone().or(read.timezone.clone());
        if after.timezone == read.timezone && read.recurrence.is_some() && before.recurrence_text.is_some() {
            after.recurrence.clone_from(&read.recurrence);
            after.recurrence_text = None;
        }
    }
    if after.recurrence.is_none() {
        after.over_at = recurrence::over_at(&after);
    } else if before.recurrence.is_none() {
        after.over_at = read.over_at;
    }
    if added == 0 && after == before {
        return Ok(RowStatus::Unchanged);
    }
    after.updated_at = tx.now;
    after.into_active_model().reset_all().update(&tx.conn).await?;
    Ok(RowStatus::Completed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_known_by_their_names() {
        for (text, name) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("PT (Pacific Time)", Some("America/Los_Angeles")),
            ("EST (Eastern Time)", Some("America/New_York")),
            ("Eastern Time (ET)", Some("America/New_York")),
            ("CET (Central European Time)", Some("CET")),
            ("UTC", Some("UTC")),
            ("our time", None),
            ("()", None),
        ] {
            assert_eq!(find_zone(text), name, "{text}");
        }
    }
}
