//! Whether an e-mail address is enough to know somebody by at a sign-in with an identity provider.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, ADDRESSES_THAT_IDENTIFY).await
    }
}

const ADDRESSES_THAT_IDENTIFY: &str = r"
ALTER TABLE users ADD COLUMN email_identifies boolean NOT NULL DEFAULT TRUE
";
