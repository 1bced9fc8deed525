//! Scheduled dismissals: the handover to perform, and why it failed.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, SCHEDULED).await
    }
}

const SCHEDULED: &str = r"
ALTER TABLE dismissals ADD COLUMN moves text;
ALTER TABLE dismissals ADD COLUMN failure text;
CREATE UNIQUE INDEX dismissals_scheduled ON dismissals (user_id) WHERE state = 'SCHEDULED';
";
