//! Identity providers (OpenID Connect), and who may sign in with a password.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, IDENTITY_PROVIDERS).await
    }
}

const IDENTITY_PROVIDERS: &str = r"
CREATE TABLE identity_providers (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret text,
    redirect_uris text NOT NULL,
    email_domains text NOT NULL,
    just_in_time boolean NOT NULL,
    directory_id {uuid} REFERENCES directories (id),
    external_id_claim text NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    retired_at {time}
);
CREATE UNIQUE INDEX identity_providers_by_client ON identity_providers (issuer, client_id) WHERE retired_at IS NULL;

CREATE TABLE identities (
    id {uuid} NOT NULL PRIMARY KEY,
    provider_id {uuid} NOT NULL REFERENCES identity_providers (id),
    subject text {binary_order} NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id),
    linked_by text NOT NULL CHECK (linked_by IN ('THEMSELVES', 'DIRECTORY', 'EMAIL', 'JUST_IN_TIME')),
    created_at {time} NOT NULL,
    last_used_at {time} NOT NULL
);
CREATE UNIQUE INDEX identities_by_subject ON identities (provider_id, subject);
CREATE UNIQUE INDEX identities_of_person ON identities (user_id, provider_id);

CREATE TABLE sign_in_revocations (
    hash text NOT NULL PRIMARY KEY,
    revoked_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX sign_in_revocations_by_expiry ON sign_in_revocations (expires_at);

CREATE TABLE pending_sign_ins (
    state_hash text NOT NULL PRIMARY KEY,
    provider_id {uuid} NOT NULL REFERENCES identity_providers (id),
    nonce text NOT NULL,
    code_verifier text NOT NULL,
    binding_hash text NOT NULL,
    redirect_uri text NOT NULL,
    network text NOT NULL,
    began_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX pending_sign_ins_by_expiry ON pending_sign_ins (expires_at);
CREATE INDEX pending_sign_ins_by_network ON pending_sign_ins (network, expires_at);

ALTER TABLE directory_people ADD COLUMN identifies boolean NOT NULL DEFAULT FALSE;
UPDATE directory_people SET identifies = TRUE WHERE EXISTS (SELECT 1 FROM users WHERE users.id = directory_people.user_id
    AND users.created_at = directory_people.created_at AND users.password_hash IS NULL);

ALTER TABLE sessions ADD COLUMN provider_id {uuid} REFERENCES identity_providers (id);
ALTER TABLE sessions ADD COLUMN provider_subject text;
ALTER TABLE sessions ADD COLUMN provider_session text;
CREATE INDEX sessions_of_identity ON sessions (provider_id, provider_subject) WHERE provider_id IS NOT NULL;
CREATE INDEX sessions_of_provider_session ON sessions (provider_id, provider_session)
    WHERE provider_session IS NOT NULL;

ALTER TABLE settings ADD COLUMN password_sign_in text NOT NULL DEFAULT 'EVERYBODY'
    CHECK (password_sign_in IN ('EVERYBODY', 'ADMINISTRATORS', 'NOBODY'));
ALTER TABLE settings ADD COLUMN break_glass_ids text NOT NULL DEFAULT ''
";
