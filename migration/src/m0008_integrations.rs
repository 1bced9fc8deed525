//! Integrations: third-party programs with their own tokens.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, INTEGRATIONS).await
    }
}

const INTEGRATIONS: &str = r"
CREATE TABLE integrations (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    token_hash text NOT NULL UNIQUE,
    scopes text NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    last_used_at {time},
    expires_at {time},
    revoked_at {time}
);
CREATE INDEX integrations_of_owner ON integrations (owner_id, id);
";
