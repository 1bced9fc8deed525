//! Webhooks, and the order of the changes that they announce.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, WEBHOOKS).await?;
        // SQLite has its rowid for that.
        match manager.get_database_backend() {
            DbBackend::Postgres => crate::sql(manager, RECORDED).await,
            _ => Ok(()),
        }
    }
}

/// The order in which entries are inserted: after the locks of what they are about.
const RECORDED: &str = r"
CREATE SEQUENCE audit_entries_recorded;
ALTER TABLE audit_entries ADD COLUMN recorded bigint;
ALTER TABLE audit_entries ALTER COLUMN recorded SET DEFAULT nextval('audit_entries_recorded')
";

const WEBHOOKS: &str = r"
ALTER TABLE audit_entries ADD COLUMN sequence bigint;

UPDATE audit_entries SET sequence = numbered.place
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM audit_entries
        WHERE action IN ('user.created', 'user.invited', 'user.invitation_accepted', 'user.updated', 'user.dismissed',
            'user.hired', 'dismissal.scheduled', 'dismissal.cancelled', 'dismissal.failed', 'handover.queued',
            'handover.finished', 'handover.cancelled', 'handover.retried', 'handover.refused', 'department.created',
            'department.updated', 'integration.created', 'integration.revoked', 'directory.refused',
            'directory.mass_dismissal', 'directory.activation_ignored', 'settings.updated', 'keys.rotated',
            'session.ended', 'session.refresh_token_reused')) AS numbered
    WHERE audit_entries.id = numbered.id;

CREATE UNIQUE INDEX audit_entries_by_sequence ON audit_entries (sequence) WHERE sequence > 0;
CREATE INDEX audit_entries_without_sequence ON audit_entries (id) WHERE sequence = 0;

CREATE TABLE webhooks (
    id {uuid} NOT NULL PRIMARY KEY,
    integration_id {uuid} REFERENCES integrations (id),
    secret_shown_to_id {uuid} NOT NULL REFERENCES users (id),
    url text NOT NULL,
    events text NOT NULL,
    delivery_order text NOT NULL,
    state text NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    previous_secret_until {time},
    failing_since {time},
    last_failed_at {time},
    disabled_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE INDEX webhooks_of_integration ON webhooks (integration_id);
CREATE INDEX webhooks_by_secret_shown_to ON webhooks (secret_shown_to_id);

CREATE TABLE webhook_deliveries (
    id {uuid} NOT NULL PRIMARY KEY,
    webhook_id {uuid} NOT NULL REFERENCES webhooks (id),
    entry_id {uuid} NOT NULL REFERENCES audit_entries (id),
    event text NOT NULL,
    sequence bigint,
    state text NOT NULL,
    attempts integer NOT NULL,
    tries integer NOT NULL,
    due_at {time} NOT NULL,
    lease {uuid},
    leased_until {time},
    last_status integer,
    last_failure text,
    delivered_at {time},
    created_at {time} NOT NULL
);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at) WHERE state = 'PENDING';
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, sequence) WHERE state = 'PENDING';
CREATE INDEX webhook_deliveries_of_entry ON webhook_deliveries (entry_id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at) WHERE state <> 'PENDING';

CREATE TABLE webhook_attempts (
    id {uuid} NOT NULL PRIMARY KEY,
    delivery_id {uuid} NOT NULL REFERENCES webhook_deliveries (id),
    at {time} NOT NULL,
    milliseconds integer NOT NULL,
    status integer,
    failure text
);
CREATE INDEX webhook_attempts_of_delivery ON webhook_attempts (delivery_id, id);

ALTER TABLE integration_secrets ADD COLUMN warned_days integer
";
