//! The rules of handovers and their ledgers.

use super::rules::{Rule, differs, per, rule};
use crate::domain::handover::kinds;
use crate::domain::handover::kinds::Kind;

pub(super) fn handovers() -> Vec<Rule> {
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
pub(super) fn ledger(kind: &dyn Kind) -> [Rule; 2] {
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
