//! `handover check`: proves that a database keeps every rule that must always hold.
//!
//! Most rules are a query for the rows that break them; what SQL can't say the same way on both databases
//! (lower case beyond ASCII, cycles) is looked at here, a page of rows at a time. Nothing is changed, and
//! memory does not grow with the database.

use std::collections::{HashMap, HashSet};
use std::fmt;

use entity::{DepartmentId, crm_item, department, drive_item, event, task, task_template, user};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::domain::calendar::recurrence;
use crate::domain::handover::kinds;
use crate::domain::handover::kinds::Kind;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;

/// Most rows named for one rule.
const NAMED: usize = 100;
/// Rows looked at in one go.
const PAGE: u64 = 5_000;

/// A row that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a sentence about what is wrong.
    pub rule: String,
    /// The row, by its public id where it has one.
    pub row: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.row)
    }
}

/// What breaks a rule; nothing when all is well. A rule that is broken often names its first rows only.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for rule in references().into_iter().chain(rules()) {
        let sql = format!("{} LIMIT {NAMED}", rule.broken_by);
        for row in db::query(db.read(), &sql, []).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            findings.push(Finding {
                rule: rule.says.clone(),
                row: format!("{}_{}", rule.prefix, entity::id::encode_suffix(id)),
            });
        }
    }
    if !has_administrator(db).await? {
        findings.push(Finding {
            rule: "there are people, and none of them is an active administrator who can sign in".to_owned(),
            row: "users".to_owned(),
        });
    }
    findings.extend(circular_departments(db).await?);
    findings.extend(wrongly_derived(db).await?);
    Ok(findings)
}

/// A rule, and the query for the ids of the rows that break it.
struct Rule {
    says: String,
    prefix: &'static str,
    broken_by: String,
}

fn rule(says: impl Into<String>, prefix: &'static str, broken_by: impl Into<String>) -> Rule {
    Rule {
        says: says.into(),
        prefix,
        broken_by: broken_by.into(),
    }
}

/// Each column that names a row of another table: table, the column that tells which row it is, column, the
/// other table.
const REFERENCES: &[(&str, &str, &str, &str)] = &[
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

fn references() -> Vec<Rule> {
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

fn rules() -> Vec<Rule> {
    let mut rules = people();
    rules.extend(calendars());
    rules.extend(drives());
    rules.extend(handovers());
    rules.extend(kinds::ALL.iter().flat_map(|kind| ledger(*kind)));
    rules
}

fn people() -> Vec<Rule> {
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

fn calendars() -> [Rule; 2] {
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

fn drives() -> [Rule; 3] {
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
fn per(table: &str, key: &str, condition: &str) -> String {
    format!("(SELECT {key} AS id, COUNT(*) AS n FROM {table} WHERE {condition} GROUP BY {key})")
}

/// The rows for which two counts made by [`per`] are not the same. Both are made once, not row by row.
fn differs(table: &str, one: &str, other: &str) -> String {
    format!(
        "SELECT t.id FROM {table} t LEFT JOIN {one} a ON a.id = t.id LEFT JOIN {other} b ON b.id = t.id \
         WHERE COALESCE(a.n, 0) <> COALESCE(b.n, 0)"
    )
}

fn handovers() -> Vec<Rule> {
    let entries = |action: &str| per("audit_entries", "subject_id", &format!("action = '{action}'"));
    let select = |condition: &str| format!("SELECT h.id FROM handovers h WHERE {condition}");
    let message =
        "EXISTS (SELECT 1 FROM outbox_messages m WHERE m.topic = 'RUN_HANDOVER' AND m.subject_id = h.id)";
    let runs = "h.state IN ('QUEUED', 'RUNNING')";
    let ran = "h.state IN ('SUCCEEDED', 'PARTIAL', 'FAILED')";
    let in_ledger = |outcome: &str, which: &str| {
        format!(
            "(SELECT COUNT(*) FROM handover_entries e \
             WHERE e.handover_id = h.id AND e.outcome = '{outcome}'{which})"
        )
    };
    let in_lines = |column: &str| {
        format!("(SELECT COALESCE(SUM(l.{column}), 0) FROM handover_lines l WHERE l.handover_id = h.id)")
    };
    // Lines are about people: what goes back to nobody is in the ledger alone.
    let to_people = " AND e.to_id IS NOT NULL";
    vec![
        rule(
            "a handover that is not over has nothing that would run it",
            "handover",
            select(&format!("{runs} AND NOT {message}")),
        ),
        rule(
            "a handover that is over would run again",
            "handover",
            select(&format!("NOT {runs} AND {message}")),
        ),
        rule(
            "a handover was asked for by nobody, or by two",
            "handover",
            select("(h.requested_by_id IS NULL) = (h.requested_by_integration_id IS NULL)"),
        ),
        rule(
            "a handover does not know when it was over",
            "handover",
            select(&format!("({runs}) <> (h.finished_at IS NULL)")),
        ),
        rule(
            "moved, skipped and failed items of a handover do not add up to its total",
            "handover",
            select(&format!(
                "{ran} AND h.moved + h.skipped + h.failed <> COALESCE(h.total, -1)"
            )),
        ),
        rule(
            "a handover counts other items than its ledger has",
            "handover",
            select(&format!(
                "h.moved <> {} OR h.skipped <> {} OR h.failed <> {}",
                in_ledger("MOVED", ""),
                in_ledger("SKIPPED", ""),
                in_ledger("FAILED", ""),
            )),
        ),
        rule(
            "the result lines of a handover count other items than its ledger has",
            "handover",
            select(&format!(
                "{} <> {} OR {} <> {} OR {} <> {}",
                in_lines("moved"),
                in_ledger("MOVED", to_people),
                in_lines("skipped"),
                in_ledger("SKIPPED", to_people),
                in_lines("failed"),
                in_ledger("FAILED", to_people),
            )),
        ),
        rule(
            "the audit log does not have one entry for the start of a handover",
            "handover",
            differs(
                "handovers",
                &entries("handover.queued"),
                &per("handovers", "id", "TRUE"),
            ),
        ),
        rule(
            "the audit log does not have one entry for each end of a handover",
            "handover",
            differs(
                "handovers",
                &entries("handover.finished"),
                &format!(
                    "(SELECT id, SUM(n) AS n FROM (SELECT subject_id AS id, COUNT(*) AS n FROM audit_entries \
                     WHERE action = 'handover.retried' GROUP BY subject_id UNION ALL \
                     SELECT h.id, 1 FROM handovers h WHERE {ran}) e GROUP BY id)"
                ),
            ),
        ),
        rule(
            "work was given to somebody who was not active at that moment",
            "handover",
            // What is taken back goes to whom it came from, active or not.
            "SELECT DISTINCT e.handover_id FROM handover_entries e \
             JOIN handover_parts p ON p.handover_id = e.handover_id AND p.position = e.part \
             JOIN users u ON u.id = e.to_id \
             LEFT JOIN dismissals d ON d.user_id = e.to_id AND d.state IN ('IN_FORCE', 'ENDED') \
                 AND d.effective_at <= e.at AND (d.ended_at IS NULL OR d.ended_at > e.at) \
             WHERE e.outcome = 'MOVED' AND p.undoes_id IS NULL \
             AND (d.id IS NOT NULL OR u.accepted_at IS NULL OR u.accepted_at > e.at)",
        ),
    ]
}

/// What the ledger says about one kind of work is what the work itself says.
fn ledger(kind: &dyn Kind) -> [Rule; 2] {
    let (name, held) = (kinds::name(kind.kind()), kind.held());
    let subjects = match kind.subject() {
        entity::TaskId::PREFIX => "tasks",
        entity::TaskTemplateId::PREFIX => "task_templates",
        entity::CrmItemId::PREFIX => "crm_items",
        entity::CrmActivityId::PREFIX => "crm_activities",
        entity::CalendarId::PREFIX => "calendars",
        entity::EventId::PREFIX => "events",
        kinds::DRIVE_ITEM => "drive_items",
        entity::IntegrationId::PREFIX => "integrations",
        _ => "departments",
    };
    let (table, join, only, id) = (held.table, held.join, held.only, held.id);
    let (holder, changed) = (held.holder, held.changed);
    [
        rule(
            format!("the ledger of {name} names something that does not exist"),
            kind.subject(),
            format!(
                "SELECT e.subject_id FROM handover_entries e LEFT JOIN {subjects} s ON s.id = e.subject_id \
                 WHERE e.kind = '{name}' AND s.id IS NULL"
            ),
        ),
        // A move leaves the time of its entry on what it moves: while it is there, nothing has changed since.
        rule(
            format!("the ledger of {name} says that somebody else holds it"),
            kind.subject(),
            format!(
                "SELECT e.subject_id FROM handover_entries e JOIN {subjects} s ON s.id = e.subject_id \
                 WHERE e.kind = '{name}' AND e.outcome = 'MOVED' AND s.updated_at = e.at \
                 AND e.to_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} {join} \
                 WHERE {only} AND {id} = e.subject_id AND {holder} = e.to_id AND {changed} = e.at)"
            ),
        ),
    ]
}

/// Where nobody has a password, as after an import, the first one who gets one comes from the command line: then an
/// administrator without one is enough.
async fn has_administrator(db: &Db) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM users WHERE status = 'ACTIVE' AND role = 'ADMINISTRATOR' AND (password_hash IS NOT NULL \
               OR NOT EXISTS (SELECT 1 FROM users WHERE status = 'ACTIVE' AND password_hash IS NOT NULL)) \
               UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users) LIMIT 1";
    Ok(!db::query(db.read(), sql, []).await?.is_empty())
}

/// Departments that are above themselves.
async fn circular_departments(db: &Db) -> Result<Vec<Finding>, Error> {
    let above: HashMap<DepartmentId, Option<DepartmentId>> = department::Entity::find()
        .select_only()
        .columns([department::Column::Id, department::Column::ParentId])
        .into_tuple()
        .all(db.read())
        .await?
        .into_iter()
        .collect();
    let is_circular = |start: DepartmentId| {
        let mut seen = HashSet::from([start]);
        let mut place = above.get(&start).copied().flatten();
        while let Some(id) = place {
            if !seen.insert(id) {
                return id == start;
            }
            place = above.get(&id).copied().flatten();
        }
        false
    };
    let circular = above.keys().copied().filter(|&id| is_circular(id));
    Ok(circular
        .take(NAMED)
        .map(|id| Finding {
            rule: "a department is above itself".to_owned(),
            row: id.to_string(),
        })
        .collect())
}

/// Rows whose derived columns are not what they are derived from.
async fn wrongly_derived(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let mut note = |wrong: bool, row: String| {
        if wrong && findings.len() < NAMED {
            let rule = "what lists are sorted and searched by is not what it is derived from".to_owned();
            findings.push(Finding { rule, row });
        }
    };
    let mut people = user::Entity::find()
        .order_by_asc(user::Column::Id)
        .cursor_by(user::Column::Id);
    while let Some(page) = next_page(people.first(PAGE).all(db.read()).await?) {
        for row in &page {
            let mut derived = row.clone();
            crate::domain::people::create::derive(&mut derived);
            note(derived != *row, row.id.to_string());
        }
        people.after(page[page.len() - 1].id);
    }
    let mut tasks = task::Entity::find().cursor_by(task::Column::Id);
    while let Some(page) = next_page(tasks.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        tasks.after(page[page.len() - 1].id);
    }
    let mut templates = task_template::Entity::find().cursor_by(task_template::Column::Id);
    while let Some(page) = next_page(templates.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        templates.after(page[page.len() - 1].id);
    }
    let mut items = crm_item::Entity::find().cursor_by(crm_item::Column::Id);
    while let Some(page) = next_page(items.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        items.after(page[page.len() - 1].id);
    }
    let mut drives = drive_item::Entity::find().cursor_by(drive_item::Column::Id);
    while let Some(page) = next_page(drives.first(PAGE).all(db.read()).await?) {
        for row in &page {
            let mut derived = row.clone();
            derived.set_name(row.name.clone());
            note(derived != *row, row.text_id());
        }
        drives.after(page[page.len() - 1].id);
    }
    let mut events = event::Entity::find().cursor_by(event::Column::Id);
    while let Some(page) = next_page(events.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(row.over_at != recurrence::over_at(row), row.id.to_string());
        }
        events.after(page[page.len() - 1].id);
    }
    Ok(findings)
}

fn next_page<T>(rows: Vec<T>) -> Option<Vec<T>> {
    (!rows.is_empty()).then_some(rows)
}

#[cfg(test)]
mod tests;
