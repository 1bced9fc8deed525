//! Support for returning work: an index on the ledger by item, explicitly listed parts, and the handover that returned
//! the work of a dismissal.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, WAYS_BACK).await
    }
}

const WAYS_BACK: &str = r"
CREATE INDEX handover_entries_of_subject ON handover_entries (subject_id);
ALTER TABLE handover_parts ADD COLUMN listed boolean NOT NULL DEFAULT FALSE;
UPDATE handover_parts SET listed = picked;
ALTER TABLE dismissals ADD COLUMN return_id {uuid} REFERENCES handovers (id);
";
