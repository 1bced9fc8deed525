//! The rules that are one statement each.

use super::ledger::{handovers, ledger};
use crate::domain::handover::kinds;

/// A rule, and the query for the ids of the rows that break it.
pub(super) struct Rule {
    pub(super) says: String,
    pub(super) prefix: &'static str,
    pub(super) broken_by: String,
}

pub(super) fn rule(says: impl Into<String>, prefix: &'static str, broken_by: impl Into<String>) -> Rule {
    Rule {
        says: says.into(),
        prefix,
        broken_by: broken_by.into(),
    }
}

/// Each column that names a row of another table: table, the column that tells which row it is, column, the
/// other table.
pub(super) const REFERENCES: &[(&str, &str, &str, &str)] = &[
    ("departments", "id", "parent_id", "departments"),
    ("departments", "id", "head_id", "users"),
    ("users", "id", "department_id", "departments"),
    ("sessions", "id", "user_id", "users"),
    ("refresh_tokens", "session_id", "session_id", "sessions"),
    ("invitations", "user_id", "user_id", "users"),
    ("invitations", "user_id", "sent_by_id", "users"),
    ("invitations", "user_id", "sent_by_integration_id", "integrations"),
    (
        "invitations",
        "user_id",
        "sent_by_secret_id",
        "integration_secrets",
    ),
    ("known_networks", "user_id", "user_id", "users"),
    ("password_resets", "user_id", "user_id", "users"),
    ("password_resets", "user_id", "issued_by_id", "users"),
    ("tasks", "id", "creator_id", "users"),
    ("tasks", "id", "responsible_id", "users"),
    ("task_members", "task_id", "task_id", "tasks"),
    ("task_members", "task_id", "user_id", "users"),
    ("task_templates", "id", "creator_id", "users"),
    ("task_templates", "id", "responsible_id", "users"),
    (
        "task_template_members",
        "template_id",
        "template_id",
        "task_templates",
    ),
    ("task_template_members", "template_id", "user_id", "users"),
    ("crm_items", "id", "responsible_id", "users"),
    ("crm_rules", "role_id", "role_id", "crm_roles"),
    ("crm_role_members", "role_id", "role_id", "crm_roles"),
    ("crm_role_members", "role_id", "user_id", "users"),
    ("crm_role_departments", "role_id", "role_id", "crm_roles"),
    ("crm_role_departments", "role_id", "department_id", "departments"),
    ("crm_activities", "id", "item_id", "crm_items"),
    ("crm_activities", "id", "responsible_id", "users"),
    ("calendars", "id", "owner_id", "users"),
    ("calendars", "id", "kept_by_id", "users"),
    ("events", "id", "calendar_id", "calendars"),
    ("events", "id", "organizer_id", "users"),
    ("event_attendees", "event_id", "event_id", "events"),
    ("event_attendees", "event_id", "user_id", "users"),
    ("favorite_calendars", "calendar_id", "user_id", "users"),
    ("favorite_calendars", "calendar_id", "calendar_id", "calendars"),
    ("download_links", "subject_id", "user_id", "users"),
    ("download_links", "subject_id", "session_id", "sessions"),
    ("calendar_feeds", "calendar_id", "calendar_id", "calendars"),
    ("calendar_feeds", "calendar_id", "user_id", "users"),
    ("handovers", "id", "from_user_id", "users"),
    ("handovers", "id", "requested_by_id", "users"),
    ("handover_parts", "handover_id", "handover_id", "handovers"),
    ("handover_parts", "handover_id", "undoes_id", "handovers"),
    ("handover_recipients", "handover_id", "handover_id", "handovers"),
    ("handover_recipients", "handover_id", "user_id", "users"),
    ("handover_picks", "handover_id", "handover_id", "handovers"),
    ("handover_lines", "handover_id", "handover_id", "handovers"),
    ("handover_lines", "handover_id", "user_id", "users"),
    ("handover_entries", "handover_id", "handover_id", "handovers"),
    ("handover_entries", "handover_id", "from_id", "users"),
    ("handover_entries", "handover_id", "to_id", "users"),
    ("handover_parts", "handover_id", "folder_id", "drive_items"),
    ("handovers", "id", "requested_by_integration_id", "integrations"),
    ("integrations", "id", "owner_id", "users"),
    ("integration_secrets", "id", "integration_id", "integrations"),
    ("integration_secrets", "id", "shown_to_id", "users"),
    ("drive_items", "id", "parent_id", "drive_items"),
    ("drive_items", "id", "owner_id", "users"),
    ("drive_shares", "folder_id", "folder_id", "drive_items"),
    ("drive_shares", "folder_id", "user_id", "users"),
    ("drive_moves", "item_id", "handover_id", "handovers"),
    ("drive_moves", "item_id", "item_id", "drive_items"),
    ("drive_moves", "item_id", "from_id", "drive_items"),
    ("drive_moves", "item_id", "to_id", "drive_items"),
    ("dismissals", "id", "user_id", "users"),
    ("dismissals", "id", "requested_by_id", "users"),
    ("dismissals", "id", "requested_by_integration_id", "integrations"),
    (
        "dismissals",
        "id",
        "requested_by_secret_id",
        "integration_secrets",
    ),
    ("dismissals", "id", "handover_id", "handovers"),
    ("dismissals", "id", "return_id", "handovers"),
    ("audit_entries", "id", "actor_user_id", "users"),
    ("audit_entries", "id", "actor_integration_id", "integrations"),
];

pub(super) fn references() -> Vec<Rule> {
    REFERENCES
        .iter()
        .map(|(table, row, column, other)| {
            rule(
                format!("{table}.{column} names a row that {other} does not have"),
                table,
                format!(
                    "SELECT t.{row} FROM {table} t LEFT JOIN {other} o ON o.id = t.{column} \
                     WHERE t.{column} IS NOT NULL AND o.id IS NULL"
                ),
            )
        })
        .collect()
}

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = people();
    rules.extend(calendars());
    rules.extend(drives());
    rules.extend(handovers());
    rules.extend(kinds::ALL.iter().flat_map(|kind| ledger(*kind)));
    rules
}

pub(super) fn people() -> Vec<Rule> {
    let dismissals = |condition: &str| {
        format!(
            "SELECT u.id FROM users u WHERE (SELECT COUNT(*) FROM dismissals d \
             WHERE d.user_id = u.id AND {condition})"
        )
    };
    vec![
        rule(
            "a dismissed person has no dismissal in force",
            "user",
            format!(
                "{} <> 1 AND u.status = 'DISMISSED'",
                dismissals("d.state = 'IN_FORCE'")
            ),
        ),
        rule(
            "a dismissal is in force for somebody who is not dismissed",
            "user",
            format!(
                "{} <> 0 AND u.status <> 'DISMISSED'",
                dismissals("d.state = 'IN_FORCE'")
            ),
        ),
        rule(
            "a dismissed person has an open session, an invitation or a password reset",
            "user",
            "SELECT u.id FROM users u WHERE u.status = 'DISMISSED' AND (EXISTS \
             (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL) \
             OR EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id) \
             OR EXISTS (SELECT 1 FROM password_resets r WHERE r.user_id = u.id))",
        ),
        rule(
            "somebody who is no administrator any more has sent an invitation or a password reset that is still good",
            "user",
            "SELECT u.id FROM users u WHERE (u.status <> 'ACTIVE' OR u.role <> 'ADMINISTRATOR') AND (EXISTS \
             (SELECT 1 FROM invitations i WHERE i.sent_by_id = u.id) \
             OR EXISTS (SELECT 1 FROM password_resets r WHERE r.issued_by_id = u.id))",
        ),
        rule(
            "somebody who is active has an invitation",
            "user",
            "SELECT u.id FROM users u JOIN invitations i ON i.user_id = u.id WHERE u.status = 'ACTIVE'",
        ),
        // What was kept for a while ends; what has carried the dismissal out stands in the audit log.
        rule(
            "a dismissed person knows a secret of an integration that does not end",
            "secret",
            "SELECT s.id FROM integration_secrets s JOIN users u ON u.id = s.shown_to_id \
             WHERE u.status = 'DISMISSED' AND s.revoked_at IS NULL AND s.expires_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.subject_id = s.id \
             AND a.action = 'integration_secret.kept')",
        ),
        // A dismissal that nobody asked for came with an import, whose one entry stands for all its rows.
        rule(
            "the audit log does not have one entry for each dismissal of a person",
            "user",
            differs(
                "users",
                &per(
                    "dismissals",
                    "user_id",
                    "COALESCE(requested_by_id, requested_by_integration_id) IS NOT NULL \
                     AND state IN ('IN_FORCE', 'ENDED')",
                ),
                &per("audit_entries", "subject_id", "action = 'user.dismissed'"),
            ),
        ),
        rule(
            "the audit log does not have one entry for each return of a person",
            "user",
            differs(
                "users",
                &per("dismissals", "user_id", "state = 'ENDED'"),
                &per("audit_entries", "subject_id", "action = 'user.hired'"),
            ),
        ),
    ]
}

pub(super) fn calendars() -> [Rule; 2] {
    [
        rule(
            "whoever organises an event does not attend it",
            "event",
            "SELECT e.id FROM events e WHERE NOT EXISTS (SELECT 1 FROM event_attendees a \
             WHERE a.event_id = e.id AND a.user_id = e.organizer_id)",
        ),
        rule(
            "a handover has put a calendar among the favourites of somebody who does not look after it",
            "calendar",
            "SELECT f.calendar_id FROM favorite_calendars f JOIN calendars c ON c.id = f.calendar_id \
             WHERE f.handed = TRUE AND c.kept_by_id <> f.user_id",
        ),
    ]
}

pub(super) fn drives() -> [Rule; 3] {
    let select = |condition: &str| {
        format!("SELECT i.id FROM drive_items i JOIN drive_items p ON p.id = i.parent_id WHERE {condition}")
    };
    [
        rule(
            "something lies in a file",
            kinds::DRIVE_ITEM,
            select("NOT p.folder"),
        ),
        rule(
            "something lies directly in the drive of somebody else",
            kinds::DRIVE_ITEM,
            select("p.parent_id IS NULL AND i.owner_id <> p.owner_id"),
        ),
        rule(
            "a folder is inside itself",
            kinds::DRIVE_ITEM,
            "WITH RECURSIVE down (id) AS (SELECT id FROM drive_items WHERE parent_id IS NULL \
             UNION ALL SELECT i.id FROM drive_items i JOIN down ON i.parent_id = down.id) \
             SELECT i.id FROM drive_items i LEFT JOIN down ON down.id = i.id WHERE down.id IS NULL",
        ),
    ]
}

/// How many rows of a table there are for each `key`.
pub(super) fn per(table: &str, key: &str, condition: &str) -> String {
    format!("(SELECT {key} AS id, COUNT(*) AS n FROM {table} WHERE {condition} GROUP BY {key})")
}

/// The rows for which two counts made by [`per`] are not the same. Both are made once, not row by row.
pub(super) fn differs(table: &str, one: &str, other: &str) -> String {
    format!(
        "SELECT t.id FROM {table} t LEFT JOIN {one} a ON a.id = t.id LEFT JOIN {other} b ON b.id = t.id \
         WHERE COALESCE(a.n, 0) <> COALESCE(b.n, 0)"
    )
}
