//! Who may run what: every mutation of the schema stands in the table below, or this fails.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::json;

use crate::support::TestApp;

#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// Nobody has to be signed in.
    Everybody,
    /// Whoever is signed in; what they may touch is decided by the operation.
    SignedIn,
    /// Administrators alone.
    Administrators,
}

const X: &str = "user_01j0b3v1mmee6tx9cpdgkfhbch";

fn table() -> Vec<(&'static str, For, String)> {
    use For::{Administrators, Everybody, SignedIn};
    let user = format!("userId: \"{X}\"");
    let handover = "handoverId: \"handover_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let calendar = "calendarId: \"calendar_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let folder = "folder_01j0b3v1mmee6tx9cpdgkfhbch";
    let moves = format!("[{{kind: CRM_DEAL, to: {{userId: \"{X}\"}}}}]");
    vec![
        ("signIn", Everybody, "email: \"a@b\", password: \"c\"".into()),
        ("refreshSession", Everybody, "refreshToken: \"x\"".into()),
        (
            "acceptInvitation",
            Everybody,
            "token: \"x\", password: \"y\"".into(),
        ),
        ("signOut", SignedIn, String::new()),
        (
            "changePassword",
            SignedIn,
            "currentPassword: \"x\", newPassword: \"y\"".into(),
        ),
        (
            "endSession",
            SignedIn,
            "sessionId: \"session_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createTask",
            SignedIn,
            format!("title: \"x\", responsibleId: \"{X}\""),
        ),
        (
            "updateTask",
            SignedIn,
            "taskId: \"task_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createFolder",
            SignedIn,
            format!("parentId: \"{folder}\", name: \"x\""),
        ),
        (
            "moveDriveItems",
            SignedIn,
            format!("itemIds: [\"{folder}\"], toFolderId: \"{folder}\""),
        ),
        (
            "shareFolder",
            SignedIn,
            format!("folderId: \"{folder}\", with: [\"{X}\"], access: READ"),
        ),
        (
            "unshareFolder",
            SignedIn,
            format!("folderId: \"{folder}\", with: [\"{X}\"]"),
        ),
        ("createCalendar", SignedIn, "name: \"x\"".into()),
        (
            "createEvent",
            SignedIn,
            format!(
                "{calendar}, title: \"x\", startsAt: \"2026-01-05T08:00:00Z\", endsAt: \"2026-01-05T09:00:00Z\""
            ),
        ),
        (
            "updateEvent",
            SignedIn,
            "eventId: \"event_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("addFavoriteCalendar", SignedIn, calendar.clone()),
        ("removeFavoriteCalendar", SignedIn, calendar),
        (
            "createTaskTemplate",
            SignedIn,
            format!("title: \"x\", recurrence: \"FREQ=DAILY\", responsibleId: \"{X}\""),
        ),
        (
            "updateTaskTemplate",
            SignedIn,
            "templateId: \"tasktemplate_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("createCrmItem", SignedIn, "kind: DEAL, title: \"x\"".into()),
        (
            "updateCrmItem",
            SignedIn,
            "itemId: \"crmitem_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createCrmActivity",
            SignedIn,
            "itemId: \"crmitem_01j0b3v1mmee6tx9cpdgkfhbch\", kind: CALL, subject: \"x\"".into(),
        ),
        (
            "updateCrmActivity",
            SignedIn,
            "activityId: \"crmactivity_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("setCrmRole", Administrators, "name: \"Sales\", rules: []".into()),
        ("inviteUser", Administrators, "email: \"new@example.com\"".into()),
        ("updateUser", Administrators, user.clone()),
        ("setDepartment", Administrators, "name: \"Sales\"".into()),
        (
            "updateSettings",
            Administrators,
            "showDismissedEmployees: true".into(),
        ),
        ("dismissUser", Administrators, user.clone()),
        ("dismissUsers", Administrators, format!("userIds: [\"{X}\"]")),
        ("cancelDismissal", Administrators, user.clone()),
        ("hireUser", Administrators, user.clone()),
        (
            "bulkReassign",
            Administrators,
            format!("fromUserId: \"{X}\", moves: {moves}"),
        ),
        ("cancelHandover", Administrators, handover.clone()),
        ("retryHandover", Administrators, handover.clone()),
        ("undoHandover", Administrators, handover),
    ]
}

#[tokio::test]
async fn every_mutation_stands_in_the_table() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let schema = app
        .data(
            &admin,
            "{ __schema { mutationType { fields { name } } } }",
            json!({}),
        )
        .await;
    let served: BTreeSet<String> = schema["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .collect();
    let known: BTreeSet<String> = table().iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(served, known);
}

#[tokio::test]
async fn each_mutation_is_refused_to_those_it_is_not_for() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let employee = app.employee("ann").await;
    let dismissed = app.employee("bob").await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": dismissed.id() }),
        "user { id }",
    )
    .await;
    for (name, who, input) in table() {
        let arguments = if input.is_empty() {
            String::new()
        } else {
            format!("(input: {{{input}}})")
        };
        let query = format!("mutation {{ {name}{arguments} {{ userErrors {{ code }} }} }}");
        let code = |answer: &serde_json::Value| {
            answer["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or("none")
                .to_owned()
        };
        let (status, _) = app.ask(Some(&dismissed.token), &query, json!({})).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name} as a dismissed person");
        let (_, answer) = app.ask(None, &query, json!({})).await;
        let expected = if who == For::Everybody {
            "none"
        } else {
            "UNAUTHENTICATED"
        };
        assert_eq!(code(&answer), expected, "{name} as nobody: {answer}");
        // Signing out comes last for each of them: it would end the session that the others need.
        if name == "signOut" {
            continue;
        }
        let (_, answer) = app.ask(Some(&employee.token), &query, json!({})).await;
        let expected = if who == For::Administrators {
            "FORBIDDEN"
        } else {
            "none"
        };
        assert_eq!(code(&answer), expected, "{name} as an employee: {answer}");
        let (_, answer) = app.ask(Some(&admin.token), &query, json!({})).await;
        assert_eq!(code(&answer), "none", "{name} as an administrator: {answer}");
    }
    app.sound().await;
}

#[tokio::test]
async fn queries_that_need_a_permission_are_refused_without_it() {
    let app = TestApp::new().await;
    let (admin, employee) = (app.administrator().await, app.employee("ann").await);
    let plan = format!("{{ handoverPlan(input: {{fromUserId: \"{X}\", moves: []}}) {{ total }} }}");
    for query in [
        plan.as_str(),
        "{ handovers { totalCount } }",
        "{ auditLog { totalCount } }",
        "{ crmRoles { name } }",
    ] {
        assert_eq!(
            app.error(Some(&employee.token), query, json!({})).await,
            "FORBIDDEN",
            "{query}"
        );
        assert_eq!(
            app.error(None, query, json!({})).await,
            "UNAUTHENTICATED",
            "{query}"
        );
        app.data(&admin, query, json!({})).await;
    }
    for query in [
        "{ viewer { permissions } }",
        "{ users { totalCount } }",
        "{ departments { totalCount } }",
        "{ tasks { totalCount } }",
        "{ taskTemplates { totalCount } }",
        "{ crmItems { totalCount } }",
        "{ crmActivities { totalCount } }",
        "{ settings { showDismissedEmployees } }",
    ] {
        assert_eq!(
            app.error(None, query, json!({})).await,
            "UNAUTHENTICATED",
            "{query}"
        );
        app.data(&employee, query, json!({})).await;
    }
    let other = format!("{{ user(id: \"{}\") {{ work {{ total }} }} }}", admin.id());
    assert_eq!(
        app.error(Some(&employee.token), &other, json!({})).await,
        "FORBIDDEN"
    );
    let other = format!("{{ user(id: \"{}\") {{ sessions {{ id }} }} }}", admin.id());
    assert_eq!(
        app.error(Some(&employee.token), &other, json!({})).await,
        "FORBIDDEN"
    );
}
