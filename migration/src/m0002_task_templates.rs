//! Recurring tasks: templates, and the members of their tasks.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, TEMPLATES).await
    }
}

const TEMPLATES: &str = r"
CREATE TABLE task_templates (
    id {uuid} NOT NULL PRIMARY KEY,
    title text NOT NULL,
    search_text text NOT NULL,
    recurrence text NOT NULL,
    starts_at {time} NOT NULL,
    next_run_at {time},
    creator_id {uuid} NOT NULL REFERENCES users (id),
    responsible_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX task_templates_of_responsible ON task_templates (responsible_id, id);
CREATE INDEX task_templates_of_creator ON task_templates (creator_id, id);
CREATE INDEX task_templates_due ON task_templates (next_run_at, id);

CREATE TABLE task_template_members (
    template_id {uuid} NOT NULL REFERENCES task_templates (id),
    role text NOT NULL CHECK (role IN ('PARTICIPANT', 'OBSERVER')),
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (template_id, role, user_id)
);
CREATE INDEX task_template_members_of_user ON task_template_members (user_id, role, template_id);
";
