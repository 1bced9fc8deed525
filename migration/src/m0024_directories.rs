//! Directories that provision people and groups by SCIM.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, DIRECTORIES).await
    }
}

const DIRECTORIES: &str = r"
CREATE TABLE directories (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    integration_id {uuid} NOT NULL REFERENCES integrations (id),
    when_dismissed_here text NOT NULL,
    departments_by_name boolean NOT NULL,
    handover_moves text NOT NULL,
    handover_after_seconds integer NOT NULL,
    first_write_at {time},
    active_received_at {time},
    last_request_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    ended_at {time}
);
CREATE UNIQUE INDEX directories_of_integration ON directories (integration_id) WHERE ended_at IS NULL;

ALTER TABLE dismissals ADD COLUMN directory_id {uuid} REFERENCES directories (id);

CREATE TABLE directory_people (
    user_id {uuid} NOT NULL PRIMARY KEY REFERENCES users (id),
    directory_id {uuid} NOT NULL REFERENCES directories (id),
    user_name text NOT NULL,
    user_name_key text {binary_order} NOT NULL,
    external_id text {binary_order},
    manager_id {uuid} REFERENCES users (id),
    attributes text NOT NULL,
    filter_keys text NOT NULL,
    version integer NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE UNIQUE INDEX directory_people_by_name ON directory_people (user_name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX directory_people_by_external_id ON directory_people (directory_id, external_id)
    WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX directory_people_of_directory ON directory_people (directory_id, user_id);
CREATE INDEX directory_people_by_manager ON directory_people (manager_id);

CREATE TABLE directory_emails (
    user_id {uuid} NOT NULL REFERENCES users (id),
    place integer NOT NULL,
    value_key text {binary_order} NOT NULL,
    type_key text,
    PRIMARY KEY (user_id, place)
);
CREATE INDEX directory_emails_by_value ON directory_emails (value_key);

CREATE TABLE directory_exemptions (
    user_id {uuid} NOT NULL PRIMARY KEY REFERENCES users (id),
    created_at {time} NOT NULL
);

CREATE TABLE directory_groups (
    id {uuid} NOT NULL PRIMARY KEY,
    directory_id {uuid} NOT NULL REFERENCES directories (id),
    display_name text NOT NULL,
    display_name_key text {binary_order} NOT NULL,
    external_id text {binary_order},
    version integer NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE UNIQUE INDEX directory_groups_by_name ON directory_groups (directory_id, display_name_key)
    WHERE deleted_at IS NULL;
CREATE INDEX directory_groups_by_external_id ON directory_groups (directory_id, external_id);

CREATE TABLE directory_group_members (
    group_id {uuid} NOT NULL REFERENCES directory_groups (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX directory_group_members_by_person ON directory_group_members (user_id, group_id);

CREATE TABLE directory_group_mappings (
    id {uuid} NOT NULL PRIMARY KEY,
    group_id {uuid} NOT NULL REFERENCES directory_groups (id),
    department_id {uuid} REFERENCES departments (id),
    crm_role_id {uuid} REFERENCES crm_roles (id),
    administrators boolean NOT NULL,
    created_at {time} NOT NULL
);
CREATE INDEX directory_group_mappings_of_group ON directory_group_mappings (group_id);

CREATE TABLE directory_notes (
    directory_id {uuid} NOT NULL REFERENCES directories (id),
    kind text NOT NULL,
    name text NOT NULL,
    noted_at {time} NOT NULL,
    PRIMARY KEY (directory_id, kind, name)
);

CREATE TABLE directory_refusals (
    id {uuid} NOT NULL PRIMARY KEY,
    directory_id {uuid} NOT NULL REFERENCES directories (id),
    at {time} NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    status integer NOT NULL,
    detail text NOT NULL,
    attributes text NOT NULL
);
CREATE INDEX directory_refusals_of_directory ON directory_refusals (directory_id, id);

CREATE TABLE directory_handovers (
    dismissal_id {uuid} NOT NULL PRIMARY KEY REFERENCES dismissals (id),
    directory_id {uuid} NOT NULL REFERENCES directories (id),
    due_at {time} NOT NULL,
    held boolean NOT NULL,
    released boolean NOT NULL
);
CREATE INDEX directory_handovers_of_directory ON directory_handovers (directory_id, held)
";
