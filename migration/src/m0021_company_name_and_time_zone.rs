//! The company's name and time zone.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(
            manager,
            "ALTER TABLE settings ADD COLUMN company_name text; ALTER TABLE settings ADD COLUMN time_zone text",
        )
        .await
    }
}
