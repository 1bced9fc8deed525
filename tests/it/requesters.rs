//! Requesters of dismissals: schedules of people who may no longer dismiss, requests by integrations, and the
//! permissions required to move work.

use entity::user::Role;
use handover::store::db;
use serde_json::{Value, json};

use crate::scheduled::{a_day_passes, status, tomorrow};
use crate::support::{Person, TestApp};

const PASSED: &str =
    "schedulesPassed { state user { email } requestedBy { email } requestedByIntegration { name } }";

async fn integration(app: &TestApp, by: &Person, scopes: &[&str]) -> (String, String) {
    let input = json!({ "name": "HR", "scopes": scopes });
    let made = app
        .run(by, "createIntegration", input, "integration { id } token")
        .await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (text(&made["integration"]["id"]), text(&made["token"]))
}

/// Runs `dismissUser` or `hireUser` with a token; returns the whole payload.
async fn run(app: &TestApp, token: &str, name: &str, input: Value) -> Value {
    let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($i: {kind}) {{ {name}(input: $i) {{ dismissal {{ id state }} userErrors {{ code field }} }} }}"
    );
    app.ask(Some(token), &query, json!({ "i": input })).await.1
}

async fn schedule(app: &TestApp, by: &Person, person: &Person) {
    let input = json!({ "userId": person.id(), "effectiveAt": tomorrow() });
    let done = app.run(by, "dismissUser", input, "dismissal { state }").await;
    assert_eq!(done["dismissal"]["state"], "SCHEDULED", "{done}");
}

async fn requested_by(app: &TestApp, admin: &Person, person: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { status dismissal { requestedBy { email } requestedByIntegration { name } } } }";
    app.data(admin, query, json!({ "id": person.id() })).await["user"].clone()
}

async fn passed_entries(app: &TestApp, admin: &Person) -> Value {
    let query = "{ auditLog(filter: { action: [\"dismissal.passed\"] }) { totalCount } }";
    app.data(admin, query, json!({})).await["auditLog"]["totalCount"].clone()
}

fn row(state: &str, person: &Person, by: &Person) -> Value {
    json!({
        "state": state, "user": { "email": person.email },
        "requestedBy": { "email": by.email }, "requestedByIntegration": null,
    })
}

/// An administrator schedules the dismissal of an employee and of other administrators, and then loses the right.
struct Bomb {
    app: TestApp,
    lena: Person,
    olga: Person,
    samir: Person,
    ann: Person,
}

async fn bomb() -> Bomb {
    let app = TestApp::new().await;
    let lena = app.person("lena", Role::Administrator).await;
    let olga = app.person("olga", Role::Administrator).await;
    let samir = app.person("samir", Role::Administrator).await;
    let ann = app.employee("ann").await;
    for person in [&ann, &samir, &lena] {
        schedule(&app, &olga, person).await;
    }
    Bomb {
        app,
        lena,
        olga,
        samir,
        ann,
    }
}

impl Bomb {
    /// Schedules pass to Lena, except the one about herself.
    async fn is_passed(&self, answer: &Value) {
        let expected = [
            row("SCHEDULED", &self.ann, &self.lena),
            row("SCHEDULED", &self.samir, &self.lena),
            // She learns no more about the one concerning herself.
            json!({
                "state": "CANCELLED", "user": { "email": self.lena.email },
                "requestedBy": null, "requestedByIntegration": null,
            }),
        ];
        assert_eq!(answer["schedulesPassed"], json!(expected), "{answer}");
        assert_eq!(passed_entries(&self.app, &self.lena).await, 2);
        let cancel = json!({ "userId": self.samir.id() });
        self.app.run(&self.lena, "cancelDismissal", cancel, "").await;
        a_day_passes(&self.app).await;
        self.app.drain().await;
        for (person, expected) in [
            (&self.ann, "DISMISSED"),
            (&self.samir, "ACTIVE"),
            (&self.lena, "ACTIVE"),
        ] {
            let found = status(&self.app, &self.lena, person).await;
            assert_eq!(found["status"], expected, "{}", person.email);
        }
        let by = requested_by(&self.app, &self.lena, &self.ann).await;
        assert_eq!(by["dismissal"]["requestedBy"]["email"], self.lena.email);
        let query = "{ auditLog(filter: { action: [\"user.dismissed\"] }) { nodes { actor } } }";
        let log = self.app.data(&self.lena, query, json!({})).await;
        assert!(!log.to_string().contains(&self.olga.email), "{log}");
        self.app.sound().await;
    }
}

#[tokio::test]
async fn schedules_pass_to_whoever_dismisses_their_author() {
    let bomb = bomb().await;
    let input = json!({ "userId": bomb.olga.id() });
    let answer = bomb
        .app
        .run(&bomb.lena, "dismissUser", input.clone(), PASSED)
        .await;
    bomb.is_passed(&answer).await;
    let again = bomb.app.run(&bomb.lena, "dismissUser", input, PASSED).await;
    assert_eq!(again["schedulesPassed"], json!([]));
}

#[tokio::test]
async fn schedules_pass_to_whoever_dismisses_several() {
    let bomb = bomb().await;
    // Nina is dismissed together with Olga, who had scheduled her: that schedule ends and passes to nobody.
    let nina = bomb.app.employee("nina").await;
    schedule(&bomb.app, &bomb.olga, &nina).await;
    let input = json!({ "userIds": [bomb.olga.id(), nina.id()] });
    let fields = format!("dismissals {{ state }} {PASSED}");
    let answer = bomb.app.run(&bomb.lena, "dismissUsers", input, &fields).await;
    assert_eq!(
        answer["dismissals"],
        json!([{ "state": "IN_FORCE" }, { "state": "IN_FORCE" }])
    );
    assert_eq!(answer["schedulesPassed"].as_array().unwrap().len(), 3, "{answer}");
    assert_eq!(passed_entries(&bomb.app, &bomb.lena).await, 3);
    let by = requested_by(&bomb.app, &bomb.lena, &bomb.samir).await;
    assert_eq!(by["dismissal"]["requestedBy"]["email"], bomb.lena.email);
}

#[tokio::test]
async fn schedules_pass_to_whoever_demotes_their_author() {
    let bomb = bomb().await;
    let input = json!({ "userId": bomb.olga.id(), "role": "EMPLOYEE" });
    // Not to the author, who has lost the right.
    assert_eq!(
        bomb.app.refusal(&bomb.olga, "updateUser", input.clone()).await,
        ["INVALID role"]
    );
    let answer = bomb.app.run(&bomb.lena, "updateUser", input, PASSED).await;
    bomb.is_passed(&answer).await;
}

/// The author is dismissed by a schedule: its requester gets the others.
#[tokio::test]
async fn schedules_pass_when_a_schedule_dismisses_their_author() {
    let bomb = bomb().await;
    let app = &bomb.app;
    schedule(app, &bomb.lena, &bomb.olga).await;
    let past = "UPDATE outbox_messages SET due_at = $1 WHERE topic = 'RUN_DISMISSAL' AND subject_id = \
        (SELECT id FROM dismissals WHERE user_id = $2 AND state = 'SCHEDULED')";
    let now = app.db().clock().now();
    db::execute(app.raw(), past, [now.into(), bomb.olga.id.into()])
        .await
        .unwrap();
    app.drain().await;
    assert_eq!(status(app, &bomb.lena, &bomb.olga).await["status"], "DISMISSED");
    let by = requested_by(app, &bomb.lena, &bomb.ann).await;
    assert_eq!(by["dismissal"]["requestedBy"]["email"], bomb.lena.email);
    assert_eq!(passed_entries(app, &bomb.lena).await, 2);
}

#[tokio::test]
async fn schedules_of_an_integration_pass_to_whoever_revokes_it() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let (id, token) = integration(&app, &admin, &["DISMISS_USERS"]).await;
    let input = json!({ "userId": ann.id(), "effectiveAt": tomorrow() });
    run(&app, &token, "dismissUser", input).await;
    let by = requested_by(&app, &admin, &ann).await;
    assert_eq!(
        by["dismissal"],
        json!({ "requestedBy": null, "requestedByIntegration": { "name": "HR" } })
    );
    let input = json!({ "integrationId": id });
    let answer = app.run(&admin, "revokeIntegration", input, PASSED).await;
    assert_eq!(answer["schedulesPassed"], json!([row("SCHEDULED", &ann, &admin)]));
    a_day_passes(&app).await;
    app.drain().await;
    assert_eq!(
        requested_by(&app, &admin, &ann).await["dismissal"]["requestedBy"]["email"],
        admin.email
    );
    app.sound().await;
}

/// Schedules made by a leaver through an integration whose secret they know do not stay with the integration.
#[tokio::test]
async fn schedules_of_an_integration_pass_when_its_secret_stops() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for demoted in [false, true] {
        let name = if demoted { "demoted" } else { "dismissed" };
        let olga = app.person(name, Role::Administrator).await;
        let ann = app.employee(&format!("of-{name}")).await;
        let (_, token) = integration(&app, &olga, &["DISMISS_USERS"]).await;
        let input = json!({ "userId": ann.id(), "effectiveAt": tomorrow() });
        run(&app, &token, "dismissUser", input).await;
        let answer = if demoted {
            let input = json!({ "userId": olga.id(), "role": "EMPLOYEE" });
            app.run(&admin, "updateUser", input, PASSED).await
        } else {
            let plan = "query($i: DismissUserInput!) { dismissalPlan(input: $i) { schedulesPassing { user { email } } } }";
            let input = json!({ "userId": olga.id() });
            let plan = app.data(&admin, plan, json!({ "i": input })).await;
            assert_eq!(
                plan["dismissalPlan"]["schedulesPassing"],
                json!([{ "user": { "email": ann.email } }])
            );
            app.run(&admin, "dismissUser", input, PASSED).await
        };
        assert_eq!(
            answer["schedulesPassed"],
            json!([row("SCHEDULED", &ann, &admin)]),
            "{answer}"
        );
    }
}

/// A schedule whose requester lacks the right for any reason is not carried out.
#[tokio::test]
async fn a_schedule_is_not_carried_out_for_a_requester_who_may_not_dismiss() {
    for lost in [
        "UPDATE users SET role = 'EMPLOYEE' WHERE email = 'olga@example.com'",
        "UPDATE users SET status = 'INVITED' WHERE email = 'olga@example.com'",
        "UPDATE integrations SET scopes = 'HIRE_USERS REASSIGN_WORK'",
        "UPDATE integrations SET revoked_at = created_at",
    ] {
        let app = TestApp::new().await;
        let admin = app.administrator().await;
        let olga = app.person("olga", Role::Administrator).await;
        let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
        let (_, token) = integration(&app, &olga, &["DISMISS_USERS", "REASSIGN_WORK"]).await;
        schedule(&app, &olga, &ann).await;
        let input = json!({ "userId": bob.id(), "effectiveAt": tomorrow() });
        run(&app, &token, "dismissUser", input).await;
        db::execute(app.raw(), lost, []).await.unwrap();
        a_day_passes(&app).await;
        app.drain().await;
        let (kept, gone) = if lost.contains("users") {
            (&ann, &bob)
        } else {
            (&bob, &ann)
        };
        assert_eq!(status(&app, &admin, gone).await["status"], "DISMISSED", "{lost}");
        assert_eq!(
            status(&app, &admin, kept).await,
            json!({
                "status": "ACTIVE", "dismissal": null,
                "dismissals": [{
                    "state": "CANCELLED", "failure": "the requester may no longer dismiss people",
                }],
            }),
            "{lost}"
        );
    }
}

/// An integration acts in its own name, also on a schedule, and can dismiss its own owner.
#[tokio::test]
async fn an_integration_dismisses_its_owner_on_a_date() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (id, token) = integration(&app, &olga, &["DISMISS_USERS"]).await;
    let input = json!({ "userId": olga.id(), "effectiveAt": tomorrow() });
    let done = run(&app, &token, "dismissUser", input).await;
    assert_eq!(
        done["data"]["dismissUser"]["dismissal"]["state"], "SCHEDULED",
        "{done}"
    );
    a_day_passes(&app).await;
    app.drain().await;
    assert_eq!(
        requested_by(&app, &admin, &olga).await,
        json!({
            "status": "DISMISSED",
            "dismissal": { "requestedBy": null, "requestedByIntegration": { "name": "HR" } },
        })
    );
    let query = "{ auditLog(filter: { action: [\"user.dismissed\", \"dismissal.scheduled\"] }) { nodes { actor actorUser { id } } } }";
    let log = app.data(&admin, query, json!({})).await;
    let entry = json!({ "actor": "integration HR", "actorUser": null });
    assert_eq!(log["auditLog"]["nodes"], json!([entry, entry]));
    // Another integration that may dismiss learns nothing about this one.
    let (_, other) = integration(&app, &admin, &["DISMISS_USERS"]).await;
    let query = format!(
        "{{ user(id: \"{}\") {{ dismissal {{ requestedByIntegration {{ id }} }} }} }}",
        olga.id()
    );
    let seen = async |token: &str| {
        app.ask(Some(token), &query, json!({})).await.1["data"]["user"]["dismissal"].clone()
    };
    assert_eq!(seen(&other).await, json!({ "requestedByIntegration": null }));
    assert_eq!(
        seen(&admin.token).await,
        json!({ "requestedByIntegration": { "id": id } })
    );
    app.sound().await;
}

/// DISMISS_USERS does not permit moving work, neither immediately nor on a schedule.
#[tokio::test]
async fn a_handover_with_a_dismissal_needs_the_permission_to_reassign() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob, eve) = (
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(2, &admin, &ann).await;
    let (_, token) = integration(&app, &admin, &["DISMISS_USERS", "HIRE_USERS"]).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let now = json!({ "userId": ann.id(), "handover": moves });
    let later = json!({ "userId": ann.id(), "handover": moves, "effectiveAt": tomorrow() });
    let both = json!({ "userIds": [ann.id(), eve.id()], "handover": moves });
    for (name, input) in [("dismissUser", now), ("dismissUser", later)] {
        let answer = run(&app, &token, name, input).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("REASSIGN_WORK"),
            "{answer}"
        );
    }
    let query = "mutation($i: DismissUsersInput!) { dismissUsers(input: $i) { userErrors { code } } }";
    let answer = app.ask(Some(&token), query, json!({ "i": both })).await.1;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    let found = status(&app, &admin, &ann).await;
    assert_eq!(
        (&found["status"], &found["dismissals"]),
        (&json!("ACTIVE"), &json!([]))
    );

    // It can dismiss and rehire without a handover, but not return work.
    let done = run(&app, &token, "dismissUser", json!({ "userId": ann.id() })).await;
    assert_eq!(
        done["data"]["dismissUser"]["dismissal"]["state"], "IN_FORCE",
        "{done}"
    );
    let back = json!({ "userId": ann.id(), "returnWork": true });
    let answer = run(&app, &token, "hireUser", back).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    let answer = run(&app, &token, "hireUser", json!({ "userId": ann.id() })).await;
    assert_eq!(answer["data"]["hireUser"]["userErrors"], json!([]), "{answer}");

    // It had the permission when scheduling, but not at execution.
    let (_, token) = integration(&app, &admin, &["DISMISS_USERS", "REASSIGN_WORK"]).await;
    let input = json!({ "userId": ann.id(), "handover": moves, "effectiveAt": tomorrow() });
    run(&app, &token, "dismissUser", input).await;
    let scopes = "UPDATE integrations SET scopes = 'DISMISS_USERS'";
    db::execute(app.raw(), scopes, []).await.unwrap();
    a_day_passes(&app).await;
    app.drain().await;
    let found = status(&app, &admin, &ann).await;
    assert_eq!(found["status"], "DISMISSED");
    assert_eq!(
        found["dismissal"],
        json!({
            "state": "IN_FORCE", "reason": null, "handover": null,
            "failure": "the requester may no longer hand work over",
        })
    );
    assert_eq!(app.tasks_of(&ann).await, 2);
    app.sound().await;
}

/// A retry uses the rights of the caller of the retry.
#[tokio::test]
async fn a_retry_needs_crm_access_too() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.deals(2, &ann).await;
    let moves = json!([{ "kind": "CRM_DEAL", "to": { "userId": bob.id() } }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let done = app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.run(&admin, "dismissUser", json!({ "userId": bob.id() }), "")
        .await;
    app.drain().await;
    app.run(&admin, "hireUser", json!({ "userId": bob.id() }), "")
        .await;
    let retry = json!({ "handoverId": done["handover"]["id"] });
    let roles = app.data(&admin, "{ crmRoles { id name } }", json!({})).await;
    let roles = roles["crmRoles"].as_array().unwrap().clone();
    let administrators = roles.iter().find(|role| role["name"] == "Administrator").unwrap();
    let rules = app.data(
        &admin,
        "query($id: ID!) { node(id: $id) { ... on CrmRole { rules { kind operation level } } } }",
        json!({ "id": administrators["id"] }),
    );
    let rules = rules.await["node"]["rules"].clone();
    for (rules, refused) in [(json!([]), true), (rules, false)] {
        let input = json!({ "roleId": administrators["id"], "name": "Administrator", "rules": rules });
        app.run(&admin, "setCrmRole", input, "").await;
        let expected: &[&str] = if refused { &["CRM_ACCESS_REQUIRED"] } else { &[] };
        assert_eq!(
            app.refusal(&admin, "retryHandover", retry.clone()).await,
            expected
        );
    }
    app.drain().await;
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { state moved } } }";
    let found = app
        .data(&admin, query, json!({ "id": done["handover"]["id"] }))
        .await;
    assert_eq!(found["node"], json!({ "state": "SUCCEEDED", "moved": 2 }));
    app.sound().await;
}
