//! Confidentiality of planned dismissals and reasons: on every read path, in every state.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::user;
use handover::clock::Clock;
use handover::store::db;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::scheduled::a_day_passes;
use crate::support::{Person, TestApp};

const REASON: &str = "Suspected fraud, do not tell him";

/// Permissions that do not grant access, each alone and all together.
const OTHERS: [&str; 7] = [
    "HIRE_USERS",
    "REASSIGN_WORK",
    "MANAGE_USERS",
    "MANAGE_SETTINGS",
    "MANAGE_INTEGRATIONS",
    "READ_AUDIT_LOG",
    "SEE_DISMISSED_USERS",
];

const DISMISSAL: &str = "__typename id state effectiveAt reason failure endedAt requestedBy { email } \
    requestedByIntegration { name } user { email } handover { id requestedBy { email } }";

/// How a dismissal reached its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Scheduled,
    Cancelled,
    /// Failed at its time.
    Failed,
    /// Carried out at its time without its handover.
    HandoverRefused,
    InForce,
    Ended,
}

impl Is {
    /// Whether the plan is visible only with DISMISS_USERS.
    fn is_plan(self) -> bool {
        matches!(self, Self::Scheduled | Self::Cancelled | Self::Failed)
    }
}

struct Company {
    app: TestApp,
    admin: Person,
    /// The person, and the state of their dismissal.
    leavers: Vec<(Person, Is, String)>,
    effective_at: String,
}

async fn company() -> Company {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let at = Clock::system().now() + TimeDelta::days(3);
    let mut company = Company {
        app,
        admin,
        leavers: Vec::new(),
        effective_at: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    };
    // Due dismissals first, because time is advanced for everything scheduled so far.
    for is in [
        Is::Failed,
        Is::HandoverRefused,
        Is::InForce,
        Is::Ended,
        Is::Cancelled,
        Is::Scheduled,
    ] {
        let person = company.app.employee(&format!("{is:?}").to_lowercase()).await;
        let id = company.bring_about(&person, is).await;
        company.leavers.push((person, is, id));
    }
    company
}

impl Company {
    /// Brings the dismissal of a person into a state; returns its id.
    async fn bring_about(&self, person: &Person, is: Is) -> String {
        let (app, admin) = (&self.app, &self.admin);
        let user = json!({ "userId": person.id() });
        let mut input = json!({ "userId": person.id(), "reason": REASON });
        if !matches!(is, Is::InForce | Is::Ended) {
            input["effectiveAt"] = json!(self.effective_at);
        }
        let gone = app.employee(&format!("{is:?}-recipient").to_lowercase()).await;
        if is == Is::HandoverRefused {
            input["handover"] = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": gone.id() } }]);
        }
        let token = match is {
            Is::Failed => self.integration("short-lived", &["DISMISS_USERS"]).await,
            _ => admin.token.clone(),
        };
        let query = "mutation($i: DismissUserInput!) { dismissUser(input: $i) { dismissal { id } userErrors { code } } }";
        let done = app.ask(Some(&token), query, json!({ "i": input })).await.1;
        match is {
            Is::Cancelled => drop(app.run(admin, "cancelDismissal", user, "").await),
            Is::Ended => drop(app.run(admin, "hireUser", user, "").await),
            Is::Failed => {
                let revoked = "UPDATE integrations SET revoked_at = created_at WHERE name = 'short-lived'";
                db::execute(app.raw(), revoked, []).await.unwrap();
            }
            Is::HandoverRefused => {
                let input = json!({ "userId": gone.id() });
                app.run(admin, "dismissUser", input, "").await;
            }
            Is::InForce | Is::Scheduled => {}
        }
        if matches!(is, Is::Failed | Is::HandoverRefused) {
            a_day_passes(app).await;
            app.drain().await;
        }
        let id = done["data"]["dismissUser"]["dismissal"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{done}")).to_owned()
    }

    async fn integration(&self, name: &str, scopes: &[&str]) -> String {
        let input = json!({ "name": name, "scopes": scopes });
        let made = self
            .app
            .run(&self.admin, "createIntegration", input, "token")
            .await;
        made["token"].as_str().unwrap().to_owned()
    }

    /// What the caller can read of a dismissal on each path; nothing where refused.
    async fn ways(&self, token: &str, person: &Person, id: &str) -> Vec<(String, Value)> {
        let user = person.id();
        let queries = [
            format!("{{ user(id: \"{user}\") {{ dismissal {{ {DISMISSAL} }} }} }}"),
            format!("{{ user(id: \"{user}\") {{ dismissals {{ {DISMISSAL} }} }} }}"),
            format!("{{ node(id: \"{id}\") {{ ... on Dismissal {{ {DISMISSAL} }} }} }}"),
            format!("{{ nodes(ids: [\"{id}\", \"{user}\"]) {{ ... on Dismissal {{ {DISMISSAL} }} }} }}"),
            format!(
                "{{ node(id: \"{user}\") {{ ... on User {{ dismissals {{ {DISMISSAL} }} dismissal {{ id }} }} }} }}"
            ),
            format!("{{ viewer {{ user {{ dismissal {{ {DISMISSAL} }} dismissals {{ {DISMISSAL} }} }} }} }}"),
            format!(
                "{{ users(filter: {{search: \"{}\"}}) {{ nodes {{ dismissal {{ id reason }} dismissals {{ {DISMISSAL} }} }} }} }}",
                person.email
            ),
            format!(
                "{{ handovers(filter: {{fromUserId: \"{user}\"}}) {{ nodes {{ from {{ dismissals {{ {DISMISSAL} }} }} }} }} }}"
            ),
            format!("{{ dismissals(filter: {{userId: \"{user}\"}}) {{ nodes {{ {DISMISSAL} }} }} }}"),
            format!(
                "{{ auditLog(filter: {{subjectId: \"{user}\"}}, first: 100) {{ totalCount nodes {{ id action actor data }} }} }}"
            ),
        ];
        let mut read = Vec::new();
        for query in queries {
            let (_, answer) = self.app.ask(Some(token), &query, json!({})).await;
            read.push((query, answer["data"].clone()));
        }
        read
    }
}

/// All dismissals in an answer, at any depth.
fn dismissals(answer: &Value, found: &mut Vec<Value>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| dismissals(item, found)),
        Value::Object(fields) => {
            if fields.get("__typename") == Some(&json!("Dismissal")) {
                found.push(answer.clone());
            }
            fields.values().for_each(|value| dismissals(value, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn planned_dismissals_and_reasons_require_dismiss_users() {
    let company = company().await;
    let app = &company.app;
    let (employee, head) = (app.employee("colleague").await, app.employee("head").await);
    let team = json!({ "name": "Team", "headId": head.id() });
    let team = app
        .run(&company.admin, "setDepartment", team, "department { id }")
        .await;
    for (person, _, _) in &company.leavers {
        let input = json!({ "userId": person.id(), "departmentId": team["department"]["id"] });
        app.run(&company.admin, "updateUser", input, "").await;
    }
    let mut blind = vec![
        ("a colleague".to_owned(), employee.token.clone()),
        ("the head".to_owned(), head.token.clone()),
        (
            "an integration with all else".to_owned(),
            company.integration("else", &OTHERS).await,
        ),
    ];
    for scope in OTHERS {
        blind.push((
            format!("an integration with {scope}"),
            company.integration(scope, &[scope]).await,
        ));
    }
    let sighted = [
        ("an administrator", company.admin.token.clone()),
        (
            "an integration with DISMISS_USERS",
            company
                .integration("dismisses", &["DISMISS_USERS", "READ_AUDIT_LOG"])
                .await,
        ),
    ];
    for shown in [true, false] {
        let input = json!({ "showDismissedEmployees": shown });
        app.run(&company.admin, "updateSettings", input, "").await;
        for (person, is, id) in &company.leavers {
            for (who, token) in &sighted {
                let read = company.ways(token, person, id).await;
                let mut found = Vec::new();
                read.iter().for_each(|(_, answer)| dismissals(answer, &mut found));
                assert!(
                    found.len() >= 4
                        && found
                            .iter()
                            .all(|row| row["reason"] == REASON && row["id"] == *id),
                    "{who} reads of {is:?}: {found:?}"
                );
                assert!(
                    read.iter()
                        .any(|(query, answer)| query.contains("auditLog")
                            && answer.to_string().contains(REASON))
                );
            }
            let themselves = match is {
                Is::InForce | Is::HandoverRefused => None,
                // Rehired people sign in again.
                Is::Ended => Some(("the person".to_owned(), app.sign_in(person).await)),
                Is::Scheduled | Is::Cancelled | Is::Failed => {
                    Some(("the person".to_owned(), person.token.clone()))
                }
            };
            for (who, token) in blind.iter().chain(themselves.iter()) {
                for (query, answer) in company.ways(token, person, id).await {
                    let text = answer.to_string();
                    let case = format!("{who} asks of {is:?}: {query}\n{text}");
                    for secret in ["fraud", "active people", "the one who asked", "handover.refused"] {
                        assert!(!text.contains(secret), "{secret}: {case}");
                    }
                    let mut found = Vec::new();
                    dismissals(&answer, &mut found);
                    if is.is_plan() {
                        assert!(found.is_empty(), "a plan: {case}");
                        assert!(!text.contains(id.as_str()), "its id: {case}");
                        assert!(!text.contains(&company.effective_at[..10]), "its date: {case}");
                        assert!(!text.contains("dismissal."), "the audit log: {case}");
                    }
                    for row in found {
                        assert!(
                            row["effectiveAt"].is_string()
                                && ["reason", "failure", "requestedBy"]
                                    .iter()
                                    .all(|field| row[field].is_null()),
                            "{case}"
                        );
                    }
                }
            }
            // Public: that a person has left, and when.
            if !is.is_plan() {
                let query = format!(
                    "{{ user(id: \"{}\") {{ dismissals {{ state effectiveAt }} }} }}",
                    person.id()
                );
                let seen = app.data(&employee, &query, json!({})).await;
                assert_eq!(seen["user"]["dismissals"].as_array().unwrap().len(), 1, "{is:?}");
            }
        }
    }
}

/// The audit log: list, counts, filters and nodes.
#[tokio::test]
async fn planned_dismissals_in_the_audit_log_require_dismiss_users() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let make = async |scopes: Value| {
        let input = json!({ "name": "reader", "scopes": scopes });
        let made = app.run(&admin, "createIntegration", input, "token").await;
        made["token"].as_str().unwrap().to_owned()
    };
    let blind = make(json!(["READ_AUDIT_LOG"])).await;
    let sighted = make(json!(["READ_AUDIT_LOG", "DISMISS_USERS"])).await;
    let count = async |token: &str, filter: &str| {
        let query = format!("{{ auditLog(filter: {{{filter}}}) {{ totalCount }} }}");
        app.ask(Some(token), &query, json!({})).await.1["data"]["auditLog"]["totalCount"]
            .as_u64()
            .unwrap()
    };
    let before = count(&blind, "").await;
    let at = Clock::system().now() + TimeDelta::days(1);
    let input = json!({ "userId": ann.id(), "reason": REASON, "effectiveAt": at.to_rfc3339() });
    app.run(&admin, "dismissUser", input, "").await;
    app.run(&admin, "cancelDismissal", json!({ "userId": ann.id() }), "")
        .await;
    assert_eq!(count(&blind, "").await, before);
    assert_eq!(count(&sighted, "").await, before + 2);
    let planned = "action: [\"dismissal.scheduled\", \"dismissal.cancelled\"]";
    assert_eq!(count(&blind, planned).await, 0);
    assert_eq!(count(&blind, &format!("subjectId: \"{}\"", ann.id())).await, 0);
    let query = format!("{{ auditLog(filter: {{{planned}}}) {{ nodes {{ id }} }} }}");
    let entries = app.ask(Some(&sighted), &query, json!({})).await.1;
    let entries = entries["data"]["auditLog"]["nodes"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        let query = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }";
        let variables = json!({ "id": entry["id"] });
        let seen = app.ask(Some(&sighted), query, variables.clone()).await.1;
        assert_eq!(seen["data"]["node"], entry);
        let seen = app.ask(Some(&blind), query, variables).await.1;
        assert_eq!(seen["data"], json!({ "node": null, "nodes": [null] }));
    }
    // The entry of a dismissal is visible, its reason is not.
    let input = json!({ "userId": ann.id(), "reason": REASON });
    app.run(&admin, "dismissUser", input, "").await;
    let query = "{ auditLog(filter: {action: [\"user.dismissed\"]}) { nodes { id data } } }";
    for (token, sees) in [(&sighted, true), (&blind, false)] {
        let found = app.ask(Some(token), query, json!({})).await.1;
        let nodes = found["data"]["auditLog"]["nodes"].as_array().unwrap().clone();
        assert_eq!(nodes.len(), 1);
        let one = format!(
            "{{ node(id: {}) {{ ... on AuditEntry {{ data }} }} }}",
            nodes[0]["id"]
        );
        let one = app.ask(Some(token), &one, json!({})).await.1;
        for data in [&nodes[0]["data"], &one["data"]["node"]["data"]] {
            assert_eq!(data.as_str().unwrap().contains(REASON), sees);
            assert!(data.as_str().unwrap().contains("\"dismissal\""), "{data}");
        }
    }
    app.sound().await;
}

/// Scheduling a dismissal does not change the person's row.
#[tokio::test]
async fn scheduling_a_dismissal_does_not_change_the_person() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let row = async || {
        user::Entity::find_by_id(ann.id)
            .one(app.raw())
            .await
            .unwrap()
            .unwrap()
    };
    let before = row().await;
    let at = Clock::system().now() + TimeDelta::days(1);
    let input = json!({ "userId": ann.id(), "effectiveAt": at.to_rfc3339() });
    app.run(&admin, "dismissUser", input, "").await;
    assert_eq!(row().await, before);
    app.run(&admin, "cancelDismissal", json!({ "userId": ann.id() }), "")
        .await;
    assert_eq!(row().await, before);
    app.sound().await;
}

/// A new path to a dismissal fails here until it is in the table above.
#[tokio::test]
async fn every_path_to_a_dismissal_is_covered() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query = "{ __schema { types { name fields { name type { name ofType { name ofType { name ofType { name } } } } } } } }";
    let schema = app.data(&admin, query, json!({})).await;
    let mut ways = BTreeSet::new();
    for kind in schema["__schema"]["types"].as_array().unwrap() {
        for field in kind["fields"].as_array().into_iter().flatten() {
            if field["type"].to_string().contains("\"Dismissal\"") {
                ways.insert(format!(
                    "{}.{}",
                    kind["name"].as_str().unwrap(),
                    field["name"].as_str().unwrap()
                ));
            }
        }
    }
    // Payloads and previews that require DISMISS_USERS, show only dismissals that are or were in force, or show
    // schedules that passed to a caller who may dismiss.
    let expected = [
        "CancelDismissalPayload.dismissal",
        "DismissUserPayload.dismissal",
        "DismissUserPayload.schedulesPassed",
        "DismissUsersPayload.dismissals",
        "DismissUsersPayload.schedulesPassed",
        "DismissalConnection.nodes",
        "DismissalEdge.node",
        "DismissalPlan.schedulesPassing",
        "HireUserPayload.dismissal",
        "RevokeIntegrationPayload.schedulesPassed",
        "UpdateUserPayload.schedulesPassed",
        "User.dismissal",
        "User.dismissals",
    ];
    assert_eq!(ways, expected.map(str::to_owned).into());
}
