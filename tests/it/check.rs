//! `handover check` detects violations.

use handover::check;
use handover::store::db;
use serde_json::json;

use crate::support::TestApp;

/// A company with data for the rules of the check: a finished handover, a dismissal, a return.
async fn company() -> TestApp {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.tasks(3, &admin, &ann).await;
    app.deals(2, &ann).await;
    let made = app
        .run(
            &ann,
            "createCalendar",
            json!({ "name": "Mine" }),
            "calendar { id }",
        )
        .await;
    let event = json!({
        "calendarId": made["calendar"]["id"], "title": "Past",
        "startsAt": "2026-01-05T08:00:00Z", "endsAt": "2026-01-05T09:00:00Z",
    });
    app.run(&ann, "createEvent", event, "event { id }").await;
    let moves = json!([
        { "kind": "CALENDAR", "to": { "userId": bob.id() } },
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } },
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
    ]);
    let input = json!({ "userId": ann.id(), "handover": moves });
    app.run(&admin, "dismissUser", input, "user { id }").await;
    app.drain().await;
    app.sound().await;
    app
}

#[tokio::test]
async fn each_violation_is_reported_with_its_row() {
    let app = company().await;
    app.breaks_rules();
    // (violating statement, repairing statement, rule)
    let cases: &[(&str, &str, &str)] = &[
        (
            "UPDATE users SET role = 'EMPLOYEE' WHERE given_name = 'admin'",
            "UPDATE users SET role = 'ADMINISTRATOR' WHERE given_name = 'admin'",
            "no active administrator can sign in",
        ),
        (
            "UPDATE dismissals SET state = 'CANCELLED'",
            "UPDATE dismissals SET state = 'IN_FORCE'",
            "a dismissed person has no dismissal in force",
        ),
        (
            "UPDATE sessions SET ended_at = NULL WHERE user_id = (SELECT id FROM users WHERE given_name = 'ann')",
            "UPDATE sessions SET ended_at = started_at WHERE user_id = (SELECT id FROM users WHERE given_name = 'ann')",
            "a dismissed person has an open session, an invitation or a password reset",
        ),
        (
            "UPDATE tasks SET responsible_id = creator_id",
            "UPDATE tasks SET responsible_id = (SELECT id FROM users WHERE given_name = 'bob')",
            "the ledger of TASK_RESPONSIBLE names another holder",
        ),
        (
            "UPDATE handover_entries SET kind = 'CRM_LEAD' WHERE kind = 'CRM_DEAL'",
            "UPDATE handover_entries SET kind = 'CRM_DEAL' WHERE kind = 'CRM_LEAD'",
            "the ledger of CRM_LEAD names another holder",
        ),
        (
            "UPDATE handovers SET moved = moved - 1",
            "UPDATE handovers SET moved = moved + 1",
            "the counters of a handover differ from its ledger",
        ),
        (
            "UPDATE handovers SET state = 'RUNNING', finished_at = NULL",
            "UPDATE handovers SET state = 'SUCCEEDED', finished_at = created_at",
            "an unfinished handover has no outbox message",
        ),
        (
            "UPDATE handover_entries SET to_id = (SELECT id FROM users WHERE given_name = 'ann')",
            "UPDATE handover_entries SET to_id = (SELECT id FROM users WHERE given_name = 'bob')",
            "work was given to a person who was not active at the time",
        ),
        (
            "UPDATE audit_entries SET action = 'x' WHERE action = 'user.dismissed'",
            "UPDATE audit_entries SET action = 'user.dismissed' WHERE action = 'x'",
            "a dismissal of a person does not have exactly one audit entry",
        ),
        (
            "UPDATE audit_entries SET action = 'x' WHERE action = 'handover.finished'",
            "UPDATE audit_entries SET action = 'handover.finished' WHERE action = 'x'",
            "an end of a handover does not have exactly one audit entry",
        ),
        (
            "UPDATE events SET over_at = NULL",
            "UPDATE events SET over_at = ends_at",
            "a derived column (sort key, search key or end) does not match its source",
        ),
        (
            "UPDATE event_attendees SET user_id = (SELECT id FROM users WHERE given_name = 'bob')",
            "UPDATE event_attendees SET user_id = (SELECT organizer_id FROM events)",
            "the organiser of an event does not attend it",
        ),
        (
            "UPDATE favorite_calendars SET user_id = (SELECT id FROM users WHERE given_name = 'admin')",
            "UPDATE favorite_calendars SET user_id = (SELECT id FROM users WHERE given_name = 'bob')",
            "a handover added a calendar to the favourites of a person who does not manage it",
        ),
        (
            "UPDATE users SET search_text = 'x' WHERE given_name = 'bob'",
            "UPDATE users SET search_text = 'bob bob@example.com' WHERE given_name = 'bob'",
            "a derived column (sort key, search key or end) does not match its source",
        ),
    ];
    for (break_it, repair_it, rule) in cases {
        db::execute(app.raw(), break_it, []).await.unwrap();
        let findings = check::check(app.db()).await.unwrap();
        assert!(
            findings.iter().any(|finding| finding.rule == *rule),
            "{rule}: {findings:?}"
        );
        db::execute(app.raw(), repair_it, []).await.unwrap();
    }
    app.sound().await;

    let circle = "INSERT INTO departments (id, name, parent_id, head_id, created_at, updated_at) \
                  SELECT id, 'Circle', id, creator_id, created_at, created_at FROM tasks LIMIT 1";
    db::execute(app.raw(), circle, []).await.unwrap();
    let findings = check::check(app.db()).await.unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0]
            .to_string()
            .starts_with("a department is its own ancestor: department_")
    );
    let headless = "UPDATE departments SET parent_id = NULL, head_id = id";
    db::execute(app.raw(), headless, []).await.unwrap();
    let findings = check::check(app.db()).await.unwrap();
    assert_eq!(
        findings[0].rule,
        "departments.head_id references a missing row in users"
    );
    db::execute(app.raw(), "UPDATE departments SET head_id = NULL", [])
        .await
        .unwrap();
    // PostgreSQL has no foreign key for it, SQLite refuses the statement.
    let lost = "UPDATE handover_entries SET handover_id = subject_id";
    if db::execute(app.raw(), lost, []).await.is_ok() {
        let rule = "handover_entries.handover_id references a missing row in handovers";
        let findings = check::check(app.db()).await.unwrap();
        assert!(
            findings.iter().any(|finding| finding.rule == rule),
            "{findings:?}"
        );
    }
}
