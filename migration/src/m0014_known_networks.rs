//! Networks from which people have signed in: guesses from elsewhere don't slow sign-ins from there.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, KNOWN_NETWORKS).await
    }
}

const KNOWN_NETWORKS: &str = r"
CREATE TABLE known_networks (
    user_id {uuid} NOT NULL REFERENCES users (id),
    network text NOT NULL,
    last_seen_at {time} NOT NULL,
    PRIMARY KEY (user_id, network)
);
";
