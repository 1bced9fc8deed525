//! Public keys of integrations, and access tokens issued for their secrets.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, ACCESS_TOKENS).await
    }
}

const ACCESS_TOKENS: &str = r"
ALTER TABLE integration_secrets ADD COLUMN public_key text;

CREATE TABLE access_tokens (
    id {uuid} NOT NULL PRIMARY KEY,
    integration_id {uuid} NOT NULL REFERENCES integrations (id),
    secret_id {uuid} NOT NULL REFERENCES integration_secrets (id),
    hash text NOT NULL UNIQUE,
    scopes text NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE used_assertions (
    hash text NOT NULL PRIMARY KEY,
    expires_at {time} NOT NULL
);
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_at)
";
