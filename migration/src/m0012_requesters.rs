//! Dismissals that an integration has asked for, in its own name.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, REQUESTERS).await
    }
}

// What an author has scheduled is looked for whenever somebody is dismissed or demoted.
const REQUESTERS: &str = r"
ALTER TABLE dismissals ADD COLUMN requested_by_integration_id {uuid} REFERENCES integrations (id);
CREATE INDEX dismissals_scheduled_by_person ON dismissals (requested_by_id)
    WHERE state = 'SCHEDULED' AND requested_by_id IS NOT NULL;
CREATE INDEX dismissals_scheduled_by_integration ON dismissals (requested_by_integration_id)
    WHERE state = 'SCHEDULED' AND requested_by_integration_id IS NOT NULL;
";
