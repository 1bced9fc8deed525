//! One-time links: senders of invitations, links for password resets, and the salt that lets two concurrent uses of one
//! refresh token succeed.
//!
//! Pending invitations are kept if the audit log names their sender, who must still be an administrator, and neither
//! the role nor the e-mail address of the invited person has changed since. The others end here, as the rules demand
//! from now on: their people stay INVITED, and `renewInvitation` creates a new link.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for script in [SENDERS, RESETS, SUCCESSORS] {
            crate::sql(manager, script).await?;
        }
        Ok(())
    }
}

const SENDERS: &str = r#"
ALTER TABLE invitations ADD COLUMN sent_by_id {uuid} REFERENCES users (id);
ALTER TABLE invitations ADD COLUMN sent_by_integration_id {uuid} REFERENCES integrations (id);
ALTER TABLE invitations ADD COLUMN sent_by_secret_id {uuid} REFERENCES integration_secrets (id);
UPDATE invitations SET sent_by_id = (
    SELECT a.actor_user_id FROM audit_entries a
    WHERE a.subject_id = invitations.user_id AND a.action = 'user.invited' ORDER BY a.id DESC LIMIT 1);
DELETE FROM invitations WHERE NOT EXISTS (
        SELECT 1 FROM users u
        WHERE u.id = invitations.sent_by_id AND u.status = 'ACTIVE' AND u.role = 'ADMINISTRATOR')
    OR EXISTS (
        SELECT 1 FROM audit_entries a
        WHERE a.subject_id = invitations.user_id AND a.action = 'user.updated' AND a.at >= invitations.created_at
            AND (a.data LIKE '%"email"%' OR a.data LIKE '%"role"%'));
CREATE INDEX invitations_of_sender ON invitations (sent_by_id);
"#;

const RESETS: &str = r"
CREATE TABLE password_resets (
    hash text NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL UNIQUE REFERENCES users (id),
    issued_by_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX password_resets_of_issuer ON password_resets (issued_by_id);
";

const SUCCESSORS: &str = "ALTER TABLE refresh_tokens ADD COLUMN successor_salt text";
