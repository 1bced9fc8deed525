//! What the way back of work needs: the ledger of one item, which parts listed their items one by one, and the handover
//! with which a dismissal's work returned.

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
