//! CRM access and activities: roles, their rules, and activities of records.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for script in [ROLES, FIRST_ROLES, ACTIVITIES] {
            crate::sql(manager, script).await?;
        }
        Ok(())
    }
}

const ROLES: &str = r"
CREATE TABLE crm_roles (
    id {uuid} NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_key text {binary_order} NOT NULL UNIQUE,
    audience text NOT NULL CHECK (audience IN ('NAMED', 'ADMINISTRATORS', 'EVERYBODY')),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);

CREATE TABLE crm_rules (
    role_id {uuid} NOT NULL REFERENCES crm_roles (id),
    kind text NOT NULL CHECK (kind IN ('LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE')),
    operation text NOT NULL CHECK (operation IN ('READ', 'ADD', 'UPDATE', 'DELETE', 'EXPORT', 'IMPORT')),
    level text NOT NULL CHECK (level IN ('NONE', 'OWN', 'DEPARTMENT', 'DEPARTMENT_TREE', 'OPEN', 'ALL')),
    PRIMARY KEY (role_id, kind, operation)
);

CREATE TABLE crm_role_members (
    role_id {uuid} NOT NULL REFERENCES crm_roles (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (role_id, user_id)
);
CREATE INDEX crm_role_members_of_user ON crm_role_members (user_id, role_id);

CREATE TABLE crm_role_departments (
    role_id {uuid} NOT NULL REFERENCES crm_roles (id),
    department_id {uuid} NOT NULL REFERENCES departments (id),
    PRIMARY KEY (role_id, department_id)
);
CREATE INDEX crm_role_departments_of_department ON crm_role_departments (department_id, role_id);
";

/// Roles of a new company: administrators may do everything, everybody works on their own records.
const FIRST_ROLES: &str = r"
INSERT INTO crm_roles (id, name, name_key, audience, created_at, updated_at) VALUES
    ({id 01900000000070008000000000000001}, 'Administrator', 'administrator', 'ADMINISTRATORS', {never}, {never}),
    ({id 01900000000070008000000000000002}, 'Employee', 'employee', 'EVERYBODY', {never}, {never});

INSERT INTO crm_rules (role_id, kind, operation, level)
SELECT r.id, k.kind, o.operation, CASE WHEN r.audience = 'ADMINISTRATORS' THEN 'ALL' ELSE 'OWN' END
FROM crm_roles r
CROSS JOIN (SELECT 'LEAD' AS kind UNION ALL SELECT 'DEAL' UNION ALL SELECT 'CONTACT' UNION ALL SELECT 'COMPANY'
    UNION ALL SELECT 'QUOTE' UNION ALL SELECT 'INVOICE') k
CROSS JOIN (SELECT 'READ' AS operation UNION ALL SELECT 'ADD' UNION ALL SELECT 'UPDATE' UNION ALL SELECT 'DELETE'
    UNION ALL SELECT 'EXPORT' UNION ALL SELECT 'IMPORT') o;
";

const ACTIVITIES: &str = r"
CREATE TABLE crm_activities (
    id {uuid} NOT NULL PRIMARY KEY,
    item_id {uuid} NOT NULL REFERENCES crm_items (id),
    kind text NOT NULL CHECK (kind IN ('CALL', 'MEETING', 'EMAIL', 'TODO')),
    subject text NOT NULL,
    completed boolean NOT NULL,
    deadline {time},
    responsible_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX crm_activities_of_responsible ON crm_activities (responsible_id, completed, id);
CREATE INDEX crm_activities_of_item ON crm_activities (item_id, id);
";
