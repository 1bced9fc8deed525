//! Secrets of integrations in their own table, each with the person who was shown it; and integrations as authors.
//!
//! The single token of each integration becomes its first secret. It was shown to the person who created the
//! integration: the one named in the audit log, otherwise the owner. A token known to somebody who has been dismissed
//! or demoted since is revoked, as the dismissal or demotion would do now.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for script in [SECRETS, AUTHORS, REQUESTERS] {
            crate::sql(manager, script).await?;
        }
        Ok(())
    }
}

/// SQLite can't drop a UNIQUE column, so the table is recreated. Nothing refers to it yet.
const SECRETS: &str = r"
CREATE TABLE integrations_before AS SELECT * FROM integrations;
DROP TABLE integrations;
CREATE TABLE integrations (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    scopes text NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    revoked_at {time}
);
CREATE INDEX integrations_of_owner ON integrations (owner_id, id);
INSERT INTO integrations (id, name, owner_id, scopes, created_at, updated_at, revoked_at)
    SELECT id, name, owner_id, scopes, created_at, updated_at, revoked_at FROM integrations_before;

CREATE TABLE integration_secrets (
    id {uuid} NOT NULL PRIMARY KEY,
    integration_id {uuid} NOT NULL REFERENCES integrations (id),
    kind text NOT NULL CHECK (kind IN ('TOKEN', 'CLIENT_SECRET', 'PUBLIC_KEY')),
    hash text NOT NULL UNIQUE,
    hint text NOT NULL,
    shown_to_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    expires_at {time},
    last_used_at {time},
    revoked_at {time}
);
CREATE INDEX integration_secrets_of_integration ON integration_secrets (integration_id, id);
CREATE INDEX integration_secrets_shown_to ON integration_secrets (shown_to_id, id);
INSERT INTO integration_secrets
    (id, integration_id, kind, hash, hint, shown_to_id, created_at, expires_at, last_used_at, revoked_at)
    SELECT i.id, i.id, 'TOKEN', i.token_hash, '', u.id, i.created_at, i.expires_at, i.last_used_at,
        CASE WHEN i.revoked_at IS NOT NULL THEN i.revoked_at
            WHEN u.status = 'DISMISSED' THEN u.dismissed_at
            WHEN u.role <> 'ADMINISTRATOR' AND i.scopes <> 'SEE_DISMISSED_USERS' THEN u.updated_at
        END
    FROM integrations_before i JOIN users u ON u.id = COALESCE(
        (SELECT a.actor_user_id FROM audit_entries a WHERE a.subject_id = i.id AND a.action = 'integration.created'
            AND a.actor_user_id IS NOT NULL ORDER BY a.id LIMIT 1), i.owner_id);
DROP TABLE integrations_before;
";

/// Older entries have an integration only as text: resolved where exactly one has that name.
const AUTHORS: &str = r"
ALTER TABLE audit_entries ADD COLUMN actor_integration_id {uuid} REFERENCES integrations (id);
UPDATE audit_entries SET actor_integration_id = (
    SELECT i.id FROM integrations i WHERE 'integration ' || i.name = audit_entries.actor
        AND NOT EXISTS (SELECT 1 FROM integrations o WHERE o.name = i.name AND o.id <> i.id))
    WHERE actor_user_id IS NULL AND actor LIKE 'integration %';
CREATE INDEX audit_entries_of_integration ON audit_entries (actor_integration_id, id)
    WHERE actor_integration_id IS NOT NULL;
";

/// A nullable column replaces a NOT NULL one: SQLite can't alter it.
const REQUESTERS: &str = r"
ALTER TABLE handovers RENAME COLUMN requested_by_id TO requested_by_before;
ALTER TABLE handovers ADD COLUMN requested_by_id {uuid} REFERENCES users (id);
ALTER TABLE handovers ADD COLUMN requested_by_integration_id {uuid} REFERENCES integrations (id);
UPDATE handovers SET requested_by_integration_id = (
    SELECT a.actor_integration_id FROM audit_entries a WHERE a.subject_id = handovers.id
        AND a.action = 'handover.queued' AND a.actor_integration_id IS NOT NULL ORDER BY a.id LIMIT 1);
UPDATE handovers SET requested_by_id = requested_by_before WHERE requested_by_integration_id IS NULL;
ALTER TABLE handovers DROP COLUMN requested_by_before;
ALTER TABLE dismissals ADD COLUMN keep_secret_ids text;
";
