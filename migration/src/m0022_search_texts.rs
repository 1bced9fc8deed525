//! What searches look through: of CRM activities, calendars and events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::m0015_text_as_people_compare_it::{Pages, write};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, COLUMNS).await?;
        let db = manager.get_connection();
        fill(db, "crm_activities", "subject").await?;
        fill(db, "calendars", "name").await?;
        fill(db, "events", "title").await
    }
}

const COLUMNS: &str = r"
ALTER TABLE crm_activities ADD COLUMN search_text text NOT NULL DEFAULT '';
ALTER TABLE calendars ADD COLUMN search_text text NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN search_text text NOT NULL DEFAULT '';
";

async fn fill(db: &impl ConnectionTrait, table: &str, source: &str) -> Result<(), DbErr> {
    let mut pages = Pages::of(table, source);
    while let Some(rows) = pages.next(db).await? {
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            let shown: String = row.try_get_by_index(1)?;
            changed.push((row.try_get_by_index(0)?, vec![text::search_key(&shown)]));
        }
        write(db, table, &["search_text"], &changed).await?;
    }
    Ok(())
}
