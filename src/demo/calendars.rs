//! Generates the calendars of the sample company. They use their own random numbers, so that the rest of the company
//! does not depend on them.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use entity::{CalendarId, EventId, Timestamp, UserId, calendar, event, event_attendee};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;

use super::company::{Employee, Rng};
use super::words;
use crate::domain::calendar::recurrence;
use crate::store::db::Tx;

/// The company's time zone.
const ZONE: Tz = Tz::Europe__Berlin;
/// Titles and locations of meetings.
const MEETINGS: &[(&str, &str)] = &[
    ("Call with a customer", "Phone"),
    ("Review", "Room Elbe"),
    ("Interview", "Room Alster"),
    ("Workshop", "Room Elbe"),
    ("One to one", "Café Kai"),
    ("Demonstration", "Room Bille"),
];

/// Calendars with their events, ready to insert.
#[derive(Default)]
pub struct Calendars {
    /// The calendars.
    pub calendars: Vec<calendar::ActiveModel>,
    /// Their events.
    pub events: Vec<event::ActiveModel>,
    /// The attendees of the events.
    pub attendees: Vec<event_attendee::ActiveModel>,
}

impl Calendars {
    fn add(
        &mut self,
        tx: &Tx,
        calendar: CalendarId,
        organizer: UserId,
        what: (&str, &str, Option<&str>),
        times: (Timestamp, TimeDelta, Timestamp),
        others: impl Iterator<Item = UserId>,
    ) {
        let ((title, location, rule), (starts_at, length, made_at)) = (what, times);
        let mut row = event::Model {
            id: EventId(tx.new_id()),
            external_id: None,
            calendar_id: calendar,
            organizer_id: organizer,
            title: title.to_owned(),
            search_text: text::search_key(title),
            location: Some(location.to_owned()),
            starts_at: Some(starts_at),
            ends_at: Some(starts_at + length),
            recurrence: rule.map(str::to_owned),
            recurrence_text: None,
            timezone: Some(ZONE.name().to_owned()),
            over_at: None,
            created_at: made_at,
            updated_at: made_at,
        };
        row.over_at = recurrence::over_at(&row);
        let attendees: BTreeSet<UserId> = others.chain([organizer]).collect();
        self.attendees
            .extend(attendees.into_iter().map(|person| event_attendee::ActiveModel {
                event_id: Set(row.id),
                user_id: Set(person),
            }));
        self.events.push(row.into_active_model());
    }
}

/// Returns this hour of local time on the first working day at least `after` days from now.
fn working_hour(now: Timestamp, after: usize, hour: u32) -> Timestamp {
    let mut day = now.with_timezone(&ZONE).date_naive() + Days::new(u64::try_from(after).unwrap_or_default());
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day = day.succ_opt().unwrap_or(day);
    }
    let shown = day.and_hms_opt(hour, 0, 0).unwrap_or_default();
    ZONE.from_local_datetime(&shown)
        .earliest()
        .map_or(Utc.from_utc_datetime(&shown), |at| at.to_utc())
}

/// Generates a calendar with a weekly meeting for each team, and a personal one for every fifth person; returns the
/// personal ones second.
pub fn found(tx: &Tx, dice: &mut Rng, staff: &[Employee]) -> (Calendars, Vec<(UserId, CalendarId)>) {
    let (mut made, mut own) = (Calendars::default(), Vec::new());
    let open = |made: &mut Calendars, name: String, owner: UserId| {
        let id = CalendarId(tx.new_id());
        made.calendars.push(calendar::ActiveModel {
            id: Set(id),
            search_text: Set(text::search_key(&name)),
            name: Set(name),
            owner_id: Set(owner),
            kept_by_id: Set(owner),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        });
        id
    };
    for (place, one) in staff.iter().enumerate() {
        if one.leads {
            let team = words::DEPARTMENTS[one.department].0;
            let id = open(&mut made, team.to_owned(), one.id);
            let hour = 8 + u32::try_from(dice.below(8)).unwrap_or_default();
            let starts_at = working_hour(tx.now, dice.below(7), hour);
            let members = staff
                .iter()
                .filter(|other| other.department == one.department)
                .map(|other| other.id);
            let what = ("Team meeting", "Room Elbe", Some("FREQ=WEEKLY"));
            let times = (starts_at, TimeDelta::hours(1), tx.now);
            made.add(tx, id, one.id, what, times, members);
        } else if place % 5 == 0 {
            own.push((one.id, open(&mut made, "Mine".to_owned(), one.id)));
        }
    }
    (made, own)
}

/// Generates the meetings created in the month that starts at `from`; some take place weeks later.
pub fn meetings(
    tx: &Tx,
    dice: &mut Rng,
    from: Timestamp,
    count: usize,
    staff: &[Employee],
    own: &[(UserId, CalendarId)],
) -> Calendars {
    let mut made = Calendars::default();
    for _ in 0..count {
        let Some((owner, calendar)) = dice.pick(own) else {
            continue;
        };
        let (title, location) = dice.pick(MEETINGS).unwrap_or_default();
        let hour = 8 + u32::try_from(dice.below(9)).unwrap_or_default();
        let starts_at = working_hour(from, 1 + dice.below(60), hour);
        let length = TimeDelta::minutes(if dice.often(50) { 30 } else { 60 });
        let others: Vec<UserId> = (0..dice.below(4))
            .map(|_| staff[dice.below(staff.len())].id)
            .collect();
        let rule = dice.often(10).then_some("FREQ=WEEKLY;INTERVAL=2;COUNT=12");
        made.add(
            tx,
            calendar,
            owner,
            (title, location, rule),
            (starts_at, length, from),
            others.into_iter(),
        );
    }
    made
}
