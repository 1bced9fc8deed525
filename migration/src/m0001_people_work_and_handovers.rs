//! The first version: people, tasks, CRM records, handovers, and authentication.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for script in [PEOPLE, ACCESS, WORK, HANDOVERS, RECORDS] {
            crate::sql(manager, script).await?;
        }
        Ok(())
    }
}

const PEOPLE: &str = r"
CREATE TABLE departments (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text UNIQUE,
    name text NOT NULL,
    parent_id {uuid} REFERENCES departments (id),
    head_id {uuid},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX departments_parent ON departments (parent_id, id);
CREATE INDEX departments_head ON departments (head_id, id);

CREATE TABLE users (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text,
    email text NOT NULL,
    email_key text {binary_order} NOT NULL UNIQUE,
    given_name text,
    family_name text,
    sort_name text {binary_order} NOT NULL,
    search_text text NOT NULL,
    position text,
    department_id {uuid} REFERENCES departments (id),
    role text NOT NULL CHECK (role IN ('ADMINISTRATOR', 'EMPLOYEE')),
    status text NOT NULL CHECK (status IN ('INVITED', 'ACTIVE', 'DISMISSED')),
    hired_on date,
    dismissed_at {time},
    accepted_at {time},
    password_hash text,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    CHECK ((status = 'DISMISSED') = (dismissed_at IS NOT NULL))
);
CREATE INDEX users_by_name ON users (status, sort_name, id);
CREATE INDEX users_all_by_name ON users (sort_name, id);
CREATE INDEX users_by_dismissal ON users (status, COALESCE(dismissed_at, {never}), id);
CREATE INDEX users_by_hiring ON users (status, COALESCE(hired_on, {no_day}), id);
CREATE INDEX users_by_email ON users (status, email_key, id);
CREATE INDEX users_by_department ON users (department_id, id);
CREATE INDEX users_by_role ON users (role, status, sort_name, id);

CREATE TABLE settings (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    show_dismissed_employees boolean NOT NULL
);
INSERT INTO settings (id, show_dismissed_employees) VALUES (1, TRUE);
";

const ACCESS: &str = r"
CREATE TABLE sessions (
    id {uuid} NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id),
    started_at {time} NOT NULL,
    last_used_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    user_agent text,
    ended_at {time}
);
CREATE INDEX sessions_of_user ON sessions (user_id, id);

CREATE TABLE refresh_tokens (
    hash text NOT NULL PRIMARY KEY,
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    issued_at {time} NOT NULL,
    used_at {time}
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

CREATE TABLE invitations (
    hash text NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id),
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX invitations_of_user ON invitations (user_id);

CREATE TABLE signing_keys (
    kid text NOT NULL PRIMARY KEY,
    private_key text NOT NULL,
    public_key text NOT NULL,
    created_at {time} NOT NULL
);
";

const WORK: &str = r"
CREATE TABLE tasks (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text UNIQUE,
    title text NOT NULL,
    search_text text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('PENDING', 'IN_PROGRESS', 'AWAITING_CONTROL', 'DEFERRED', 'COMPLETED', 'DECLINED')),
    status_text text,
    closed boolean NOT NULL GENERATED ALWAYS AS (status IN ('COMPLETED', 'DECLINED')) STORED,
    deadline {time},
    creator_id {uuid} NOT NULL REFERENCES users (id),
    responsible_id {uuid} REFERENCES users (id),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX tasks_of_responsible ON tasks (responsible_id, closed, id);
CREATE INDEX tasks_of_creator ON tasks (creator_id, closed, id);

CREATE TABLE task_members (
    task_id {uuid} NOT NULL REFERENCES tasks (id),
    role text NOT NULL CHECK (role IN ('PARTICIPANT', 'OBSERVER')),
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (task_id, role, user_id)
);
CREATE INDEX task_members_of_user ON task_members (user_id, role, task_id);

CREATE TABLE crm_items (
    id {uuid} NOT NULL PRIMARY KEY,
    external_id text UNIQUE,
    kind text NOT NULL CHECK (kind IN ('LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE')),
    title text NOT NULL,
    search_text text NOT NULL,
    stage text,
    closed boolean NOT NULL,
    amount text,
    currency text,
    responsible_id {uuid} REFERENCES users (id),
    opened_to_all boolean NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);
CREATE INDEX crm_items_of_responsible ON crm_items (responsible_id, kind, closed, id);
CREATE INDEX crm_items_by_kind ON crm_items (kind, id);
";

const HANDOVERS: &str = r"
CREATE TABLE handovers (
    id {uuid} NOT NULL PRIMARY KEY,
    from_user_id {uuid} REFERENCES users (id),
    requested_by_id {uuid} NOT NULL REFERENCES users (id),
    state text NOT NULL CHECK (state IN
        ('QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED')),
    created_at {time} NOT NULL,
    finished_at {time},
    total bigint,
    moved bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    chunks bigint NOT NULL DEFAULT 0
);
CREATE INDEX handovers_from ON handovers (from_user_id, id);
CREATE INDEX handovers_unfinished ON handovers (id) WHERE state IN ('QUEUED', 'RUNNING');

CREATE TABLE handover_parts (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    position integer NOT NULL,
    kind text NOT NULL,
    include_closed boolean NOT NULL,
    keep_as_observer boolean NOT NULL,
    picked boolean NOT NULL,
    undoes_id {uuid} REFERENCES handovers (id),
    in_closed boolean NOT NULL,
    scanned_to {uuid},
    placed bigint NOT NULL,
    done boolean NOT NULL,
    PRIMARY KEY (handover_id, position)
);
CREATE INDEX handover_parts_undoing ON handover_parts (undoes_id) WHERE undoes_id IS NOT NULL;

CREATE TABLE handover_recipients (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    part integer NOT NULL,
    slot integer NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id),
    PRIMARY KEY (handover_id, part, slot)
);

CREATE TABLE handover_picks (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    part integer NOT NULL,
    subject_id {uuid} NOT NULL,
    PRIMARY KEY (handover_id, part, subject_id)
);

CREATE TABLE handover_lines (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    kind text NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id),
    moved bigint NOT NULL,
    skipped bigint NOT NULL,
    failed bigint NOT NULL,
    PRIMARY KEY (handover_id, kind, user_id)
);

CREATE TABLE handover_entries (
    handover_id {uuid} NOT NULL REFERENCES handovers (id),
    kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    part integer NOT NULL,
    chunk bigint NOT NULL,
    from_id {uuid},
    to_id {uuid},
    outcome text NOT NULL CHECK (outcome IN ('MOVED', 'SKIPPED', 'FAILED')),
    reason text,
    at {time} NOT NULL,
    PRIMARY KEY (handover_id, kind, subject_id)
);

CREATE TABLE dismissals (
    id {uuid} NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id),
    state text NOT NULL CHECK (state IN ('SCHEDULED', 'IN_FORCE', 'CANCELLED', 'ENDED')),
    effective_at {time} NOT NULL,
    reason text,
    requested_by_id {uuid} REFERENCES users (id),
    handover_id {uuid} REFERENCES handovers (id),
    ended_at {time},
    created_at {time} NOT NULL
);
CREATE INDEX dismissals_of_user ON dismissals (user_id, id);
CREATE UNIQUE INDEX dismissals_in_force ON dismissals (user_id) WHERE state = 'IN_FORCE';
";

const RECORDS: &str = r"
CREATE TABLE audit_entries (
    id {uuid} NOT NULL PRIMARY KEY,
    at {time} NOT NULL,
    action text NOT NULL,
    actor text NOT NULL,
    actor_user_id {uuid} REFERENCES users (id),
    subject_type text,
    subject_id {uuid},
    data text NOT NULL
);
CREATE INDEX audit_entries_of_subject ON audit_entries (subject_id, id);
CREATE INDEX audit_entries_of_actor ON audit_entries (actor_user_id, id);
CREATE INDEX audit_entries_by_action ON audit_entries (action, id);

CREATE TABLE outbox_messages (
    id {uuid} NOT NULL PRIMARY KEY,
    topic text NOT NULL,
    subject_id {uuid} NOT NULL,
    due_at {time} NOT NULL,
    lease {uuid},
    leased_until {time},
    attempts integer NOT NULL
);
CREATE INDEX outbox_messages_due ON outbox_messages (due_at, id);
";
