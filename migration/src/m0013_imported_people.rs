//! Keys by which a later import recognizes people: the id in the company's own system, or the imported e-mail address.

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
            "CREATE UNIQUE INDEX users_external_id ON users (external_id)",
        )
        .await
    }
}
