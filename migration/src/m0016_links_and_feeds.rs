//! Secret URLs that need no header: downloads, valid for a minute, and calendars, until revoked.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, LINKS).await
    }
}

const LINKS: &str = r"
CREATE TABLE download_links (
    hash text NOT NULL PRIMARY KEY,
    subject_type text NOT NULL,
    subject_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    expires_at {time} NOT NULL
);
CREATE INDEX download_links_of_user ON download_links (user_id);

CREATE TABLE calendar_feeds (
    hash text NOT NULL PRIMARY KEY,
    calendar_id {uuid} NOT NULL REFERENCES calendars (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    UNIQUE (calendar_id, user_id)
);
CREATE INDEX calendar_feeds_of_user ON calendar_feeds (user_id);

CREATE INDEX users_by_change ON users (updated_at, id);
";
