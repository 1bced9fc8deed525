//! Dismissals requested by an integration, and the secret used for it. Existing ones are attributed by the audit log.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, REQUESTERS).await
    }
}

// Looked up by author whenever somebody is dismissed or demoted.
const REQUESTERS: &str = r"
ALTER TABLE dismissals ADD COLUMN requested_by_integration_id {uuid} REFERENCES integrations (id);
ALTER TABLE dismissals ADD COLUMN requested_by_secret_id {uuid} REFERENCES integration_secrets (id);
UPDATE dismissals SET requested_by_integration_id = (
    SELECT a.actor_integration_id FROM audit_entries a WHERE a.subject_id = dismissals.user_id
        AND a.action = CASE dismissals.state WHEN 'SCHEDULED' THEN 'dismissal.scheduled' ELSE 'user.dismissed' END
        ORDER BY a.id DESC LIMIT 1)
    WHERE state IN ('SCHEDULED', 'IN_FORCE');
UPDATE dismissals SET requested_by_id = NULL WHERE requested_by_integration_id IS NOT NULL;
CREATE INDEX dismissals_scheduled_by_person ON dismissals (requested_by_id)
    WHERE state = 'SCHEDULED' AND requested_by_id IS NOT NULL;
CREATE INDEX dismissals_scheduled_by_secret ON dismissals (requested_by_secret_id)
    WHERE state = 'SCHEDULED' AND requested_by_secret_id IS NOT NULL;
CREATE INDEX dismissals_scheduled_by_integration ON dismissals (requested_by_integration_id)
    WHERE state = 'SCHEDULED' AND requested_by_integration_id IS NOT NULL;
";
