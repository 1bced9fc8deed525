//! Calendars, events, attendees and favorites.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, CALENDARS).await
    }
}

const CALENDARS: &str = r"
CREATE TABLE calendars (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    kept_by_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX calendars_of_owner ON calendars (owner_id, id);
CREATE INDEX calendars_of_keeper ON calendars (kept_by_id, id);

CREATE TABLE events (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text UNIQUE,
    calendar_id {uuid} NOT NULL REFERENCES calendars (id),
    organizer_id {uuid} NOT NULL REFERENCES users (id),
    title text NOT NULL,
    location text,
    starts_at {time},
    ends_at {time},
    recurrence text,
    recurrence_text text,
    timezone text,
    over_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    CHECK ((starts_at IS NULL) = (ends_at IS NULL)),
    CHECK (ends_at >= starts_at)
);
CREATE INDEX events_of_calendar ON events (calendar_id, COALESCE(starts_at, {never}), id);
CREATE INDEX events_of_organizer ON events (organizer_id, id, over_at);

CREATE TABLE event_attendees (
    event_id {uuid} NOT NULL REFERENCES events (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (event_id, user_id)
);
CREATE INDEX event_attendees_of_user ON event_attendees (user_id, event_id);

CREATE TABLE favorite_calendars (
    user_id {uuid} NOT NULL REFERENCES users (id),
    calendar_id {uuid} NOT NULL REFERENCES calendars (id),
    handed boolean NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (user_id, calendar_id)
);
CREATE INDEX favorite_calendars_of_calendar ON favorite_calendars (calendar_id, user_id);
";
