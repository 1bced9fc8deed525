//! Rules that are a single SQL statement.

use super::ledger::{handovers, ledger};
use crate::domain::handover::kinds;

/// A rule with the query for the ids of violating rows.
pub(super) struct Rule {
    pub(super) says: String,
    /// Of the ids of these rows.
    pub(super) prefix: String,
    pub(super) query: String,
}

pub(super) fn rule(says: impl Into<String>, prefix: impl Into<String>, query: impl Into<String>) -> Rule {
    Rule {
        says: says.into(),
        prefix: prefix.into(),
        query: query.into(),
    }
}

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = people();
    rules.extend(access());
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
            "a dismissal is in force for a person who is not dismissed",
            "user",
            format!(
                "{} <> 0 AND u.status <> 'DISMISSED'",
                dismissals("d.state = 'IN_FORCE'")
            ),
        ),
        // A dismissal without a requester was imported; an import has one audit entry for all its rows.
        rule(
            "a dismissal of a person does not have exactly one audit entry",
            "user",
            counts_differ(
                "users",
                &count_by(
                    "dismissals",
                    "user_id",
                    "COALESCE(requested_by_id, requested_by_integration_id) IS NOT NULL \
                     AND state IN ('IN_FORCE', 'ENDED')",
                ),
                &count_by("audit_entries", "subject_id", "action = 'user.dismissed'"),
            ),
        ),
        rule(
            "a return of a person does not have exactly one audit entry",
            "user",
            counts_differ(
                "users",
                &count_by("dismissals", "user_id", "state = 'ENDED'"),
                &count_by("audit_entries", "subject_id", "action = 'user.hired'"),
            ),
        ),
    ]
}

/// Rules for sessions, links and secrets that grant access.
fn access() -> Vec<Rule> {
    vec![
        rule(
            "a dismissed person has an open session, an invitation or a password reset",
            "user",
            "SELECT u.id FROM users u WHERE u.status = 'DISMISSED' AND (EXISTS \
             (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL) \
             OR EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id) \
             OR EXISTS (SELECT 1 FROM password_resets r WHERE r.user_id = u.id))",
        ),
        rule(
            "a person who is no longer an administrator has issued a valid invitation or password reset",
            "user",
            "SELECT u.id FROM users u WHERE (u.status <> 'ACTIVE' OR u.role <> 'ADMINISTRATOR') AND (EXISTS \
             (SELECT 1 FROM invitations i WHERE i.sent_by_id = u.id) \
             OR EXISTS (SELECT 1 FROM password_resets r WHERE r.issued_by_id = u.id))",
        ),
        rule(
            "an active person has an invitation",
            "user",
            "SELECT u.id FROM users u JOIN invitations i ON i.user_id = u.id WHERE u.status = 'ACTIVE'",
        ),
        // A secret kept by `keepSecretIds` has an expiry; one that carried out the dismissal is in the audit log.
        rule(
            "a dismissed person knows an integration secret that never expires",
            "secret",
            "SELECT s.id FROM integration_secrets s JOIN users u ON u.id = s.shown_to_id \
             WHERE u.status = 'DISMISSED' AND s.revoked_at IS NULL AND s.expires_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.subject_id = s.id \
             AND a.action = 'integration_secret.kept')",
        ),
    ]
}

pub(super) fn calendars() -> [Rule; 2] {
    [
        rule(
            "the organiser of an event does not attend it",
            "event",
            "SELECT e.id FROM events e WHERE NOT EXISTS (SELECT 1 FROM event_attendees a \
             WHERE a.event_id = e.id AND a.user_id = e.organizer_id)",
        ),
        rule(
            "a handover added a calendar to the favourites of a person who does not manage it",
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
            "the parent of an item is a file",
            kinds::DRIVE_ITEM,
            select("NOT p.folder"),
        ),
        rule(
            "an item directly in a drive does not belong to the owner of the drive",
            kinds::DRIVE_ITEM,
            select("p.parent_id IS NULL AND i.owner_id <> p.owner_id"),
        ),
        rule(
            "a folder is its own ancestor",
            kinds::DRIVE_ITEM,
            "WITH RECURSIVE down (id) AS (SELECT id FROM drive_items WHERE parent_id IS NULL \
             UNION ALL SELECT i.id FROM drive_items i JOIN down ON i.parent_id = down.id) \
             SELECT i.id FROM drive_items i LEFT JOIN down ON down.id = i.id WHERE down.id IS NULL",
        ),
    ]
}

/// A subquery for the number of matching rows per `key`.
pub(super) fn count_by(table: &str, key: &str, condition: &str) -> String {
    format!("(SELECT {key} AS id, COUNT(*) AS n FROM {table} WHERE {condition} GROUP BY {key})")
}

/// A query for the rows for which two counts from [`count_by`] differ. Each count is computed once, not per row.
pub(super) fn counts_differ(table: &str, one: &str, other: &str) -> String {
    format!(
        "SELECT t.id FROM {table} t LEFT JOIN {one} a ON a.id = t.id LEFT JOIN {other} b ON b.id = t.id \
         WHERE COALESCE(a.n, 0) <> COALESCE(b.n, 0)"
    )
}
