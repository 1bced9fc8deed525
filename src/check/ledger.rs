//! Rules for handovers and their ledgers.

use super::rules::{Rule, count_by, counts_differ, rule};
use crate::domain::handover::kinds;
use crate::domain::handover::kinds::Kind;

/// In these states a handover is not finished.
const RUNS: &str = "h.state IN ('QUEUED', 'RUNNING')";
/// In these states it has finished by itself.
const RAN: &str = "h.state IN ('SUCCEEDED', 'PARTIAL', 'FAILED')";

fn select(condition: &str) -> String {
    format!("SELECT h.id FROM handovers h WHERE {condition}")
}

pub(super) fn handovers() -> Vec<Rule> {
    let mut rules = states();
    rules.extend(counts());
    rules.extend(audit());
    rules
}

/// State, requester and outbox.
fn states() -> Vec<Rule> {
    let message =
        "EXISTS (SELECT 1 FROM outbox_messages m WHERE m.topic = 'RUN_HANDOVER' AND m.subject_id = h.id)";
    vec![
        rule(
            "an unfinished handover has no outbox message",
            "handover",
            select(&format!("{RUNS} AND NOT {message}")),
        ),
        rule(
            "a finished handover has an outbox message",
            "handover",
            select(&format!("NOT {RUNS} AND {message}")),
        ),
        rule(
            "a handover does not have exactly one requester",
            "handover",
            select("(h.requested_by_id IS NULL) = (h.requested_by_integration_id IS NULL)"),
        ),
        rule(
            "the state of a handover contradicts its finished_at",
            "handover",
            select(&format!("({RUNS}) <> (h.finished_at IS NULL)")),
        ),
    ]
}

/// Counts against the ledger.
fn counts() -> Vec<Rule> {
    let in_ledger = |outcome: &str, which: &str| {
        format!(
            "(SELECT COUNT(*) FROM handover_entries e \
             WHERE e.handover_id = h.id AND e.outcome = '{outcome}'{which})"
        )
    };
    let in_lines = |column: &str| {
        format!("(SELECT COALESCE(SUM(l.{column}), 0) FROM handover_lines l WHERE l.handover_id = h.id)")
    };
    // Lines are per person: items that return to no one appear only in the ledger.
    let to_people = " AND e.to_id IS NOT NULL";
    vec![
        rule(
            "the moved, skipped and failed items of a handover do not add up to its total",
            "handover",
            select(&format!(
                "{RAN} AND h.moved + h.skipped + h.failed <> COALESCE(h.total, -1)"
            )),
        ),
        rule(
            "the counters of a handover differ from its ledger",
            "handover",
            select(&format!(
                "h.moved <> {} OR h.skipped <> {} OR h.failed <> {}",
                in_ledger("MOVED", ""),
                in_ledger("SKIPPED", ""),
                in_ledger("FAILED", ""),
            )),
        ),
        rule(
            "the result lines of a handover differ from its ledger",
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
    ]
}

/// Audit entries and recipients.
fn audit() -> Vec<Rule> {
    let entries = |action: &str| count_by("audit_entries", "subject_id", &format!("action = '{action}'"));
    vec![
        rule(
            "the start of a handover does not have exactly one audit entry",
            "handover",
            counts_differ(
                "handovers",
                &entries("handover.queued"),
                &count_by("handovers", "id", "TRUE"),
            ),
        ),
        rule(
            "an end of a handover does not have exactly one audit entry",
            "handover",
            counts_differ(
                "handovers",
                &entries("handover.finished"),
                &format!(
                    "(SELECT id, SUM(n) AS n FROM (SELECT subject_id AS id, COUNT(*) AS n FROM audit_entries \
                     WHERE action = 'handover.retried' GROUP BY subject_id UNION ALL \
                     SELECT h.id, 1 FROM handovers h WHERE {RAN}) e GROUP BY id)"
                ),
            ),
        ),
        rule(
            "work was given to a person who was not active at the time",
            "handover",
            // An undo returns work to the previous holder, active or not.
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

/// The ledger of a kind of work must match the work itself.
pub(super) fn ledger(kind: &dyn Kind) -> [Rule; 2] {
    let (name, source) = (kinds::name(kind.kind()), kind.source());
    let subjects = kind.table();
    let (table, join, only, id) = (source.table, source.join, source.filter, source.id);
    let (holder, changed) = (source.holder, source.changed);
    [
        rule(
            format!("the ledger of {name} refers to a missing item"),
            kind.subject(),
            format!(
                "SELECT e.subject_id FROM handover_entries e LEFT JOIN {subjects} s ON s.id = e.subject_id \
                 WHERE e.kind = '{name}' AND s.id IS NULL"
            ),
        ),
        // A move sets `updated_at` to the time of its entry: while both are equal, nothing has changed since.
        rule(
            format!("the ledger of {name} names another holder"),
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
