//! The schema migrations, one file each, oldest first.
//!
//! Migrations are plain SQL for both databases; `sql` fills in the few type names that differ. They never use the
//! entities: those describe the current tables, a migration describes a past step.

pub use sea_orm_migration;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

mod m0001_people_work_and_handovers;
mod m0002_task_templates;
mod m0004_calendar;
mod m0005_crm_access;
mod m0006_scheduled_dismissals;
mod m0007_drive;
mod m0008_integrations;
mod m0009_ledger;
mod m0010_secrets_of_integrations;
mod m0011_one_time_links;
mod m0012_requesters;
mod m0013_imported_people;
mod m0014_known_networks;
mod m0015_text_as_people_compare_it;
mod m0016_links_and_feeds;
mod m0017_public_url;
mod m0018_placed_items;
mod m0019_ways_back;
mod m0020_lists_of_the_console;
mod m0021_company_name_and_time_zone;
mod m0022_search_texts;
mod m0023_search_of_people;
mod m0024_directories;
mod m0025_access_tokens;
mod m0026_webhooks;
mod m0027_identity_providers;
mod m0028_addresses_that_identify;

/// Migrates a database.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people_work_and_handovers::Migration),
            Box::new(m0002_task_templates::Migration),
            Box::new(m0004_calendar::Migration),
            Box::new(m0005_crm_access::Migration),
            Box::new(m0006_scheduled_dismissals::Migration),
            Box::new(m0007_drive::Migration),
            Box::new(m0008_integrations::Migration),
            Box::new(m0009_ledger::Migration),
            Box::new(m0010_secrets_of_integrations::Migration),
            Box::new(m0011_one_time_links::Migration),
            Box::new(m0012_requesters::Migration),
            Box::new(m0013_imported_people::Migration),
            Box::new(m0014_known_networks::Migration),
            Box::new(m0015_text_as_people_compare_it::Migration),
            Box::new(m0016_links_and_feeds::Migration),
            Box::new(m0017_public_url::Migration),
            Box::new(m0018_placed_items::Migration),
            Box::new(m0019_ways_back::Migration),
            Box::new(m0020_lists_of_the_console::Migration),
            Box::new(m0021_company_name_and_time_zone::Migration),
            Box::new(m0022_search_texts::Migration),
            Box::new(m0023_search_of_people::Migration),
            Box::new(m0024_directories::Migration),
            Box::new(m0025_access_tokens::Migration),
            Box::new(m0026_webhooks::Migration),
            Box::new(m0027_identity_providers::Migration),
            Box::new(m0028_addresses_that_identify::Migration),
        ]
    }
}

/// Runs statements separated by `;`, with placeholders in braces replaced by the type names of the database. A
/// statement must not contain `;` itself.
async fn sql(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let names = match db.get_database_backend() {
        DbBackend::Postgres => [
            ("{uuid}", "uuid"),
            ("{time}", "timestamptz"),
            ("{binary_order}", "COLLATE \"C\""),
            ("{never}", "TIMESTAMPTZ '0001-01-01 00:00:00+00'"),
            ("{no_day}", "DATE '0001-01-01'"),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{time}", "timestamp_with_timezone_text"),
            ("{binary_order}", ""),
            ("{never}", "'0001-01-01T00:00:00+00:00'"),
            ("{no_day}", "'0001-01-01'"),
        ],
    };
    let script = names.iter().fold(script.to_owned(), |script, (name, here)| {
        script.replace(name, here)
    });
    let script = with_ids(&script, db.get_database_backend());
    for statement in script.split(';').map(str::trim).filter(|s| !s.is_empty()) {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Replaces `{id 0190…}` with a literal of the database: a UUID, or its sixteen bytes.
fn with_ids(script: &str, backend: DbBackend) -> String {
    let mut pieces = script.split("{id ");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (hex, rest) = piece.split_once('}').unwrap_or((piece, ""));
        text += &match backend {
            DbBackend::Postgres => format!("CAST('{hex}' AS uuid)"),
            _ => format!("x'{hex}'"),
        };
        text += rest;
    }
    text
}
