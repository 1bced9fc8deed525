//! Previews: what would move, what would remain, what is unreachable, and all errors.

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn plan(app: &TestApp, admin: &Person, input: Value) -> Value {
    let query = "query($i: BulkReassignInput!) { handoverPlan(input: $i) { total revision lines { kind movable recipient { email } } \
                 remaining { total lines { kind open closed } } userErrors { code field } } }";
    app.data(admin, query, json!({ "i": input })).await["handoverPlan"].clone()
}

async fn dismissal_plan(app: &TestApp, admin: &Person, input: Value) -> Value {
    let query = "query($i: DismissUserInput!) { dismissalPlan(input: $i) { plan { total remaining { total lines { kind open closed } } } \
                 sessionsEnding secretsStopping { id } schedulesPassing { id } userErrors { code field } } }";
    app.data(admin, query, json!({ "i": input })).await["dismissalPlan"].clone()
}

async fn work(app: &TestApp, admin: &Person, of: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { work { total lines { kind open closed } } } }";
    app.data(admin, query, json!({ "id": of.id() })).await["user"]["work"].clone()
}

fn paths(errors: &Value) -> Vec<String> {
    let path = |error: &Value| {
        let parts: Vec<&str> = error["field"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part.as_str().unwrap())
            .collect();
        format!("{} {}", error["code"].as_str().unwrap(), parts.join("."))
    };
    let mut told: Vec<String> = errors.as_array().unwrap().iter().map(path).collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_plan_lists_remaining_work() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let tasks = app.tasks(3, &ann, &ann).await;
    let deal = app.deals(1, &ann).await[0];
    app.activities(deal, &ann).await;
    let done = json!({ "taskId": tasks[0].to_string(), "status": "COMPLETED" });
    assert!(app.refusal(&admin, "updateTask", done).await.is_empty());
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let told = plan(&app, &admin, json!({ "fromUserId": ann.id(), "moves": moves })).await;
    assert_eq!(
        told["remaining"],
        json!({ "total": 7, "lines": [
            { "kind": "TASK_RESPONSIBLE", "open": 0, "closed": 1 },
            { "kind": "TASK_CREATOR", "open": 2, "closed": 1 },
            { "kind": "CRM_DEAL", "open": 1, "closed": 0 },
            { "kind": "CRM_ACTIVITY", "open": 1, "closed": 1 },
        ] })
    );
    // So does a dismissal without a handover.
    let told = dismissal_plan(&app, &admin, json!({ "userId": ann.id() })).await;
    assert_eq!(
        (&told["plan"]["total"], &told["userErrors"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(told["plan"]["remaining"], work(&app, &admin, &ann).await);
    assert_eq!(told["plan"]["remaining"]["total"], 9);
}

#[tokio::test]
async fn rest_to_covers_all_open_work_without_a_move() {
    let app = TestApp::with_chunk(2).await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let tasks = app.tasks(6, &admin, &ann).await;
    let deals = app.deals(4, &ann).await;
    app.activities(deals[0], &ann).await;
    crate::drive::folder(&app, &ann, &crate::drive::drive_of(&ann), "Reports").await;
    let input = json!({
        "userId": ann.id(),
        "handover": [
            { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
            { "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() }, "ids": [tasks[1].to_string(), tasks[4].to_string()] },
        ],
        "restTo": { "evenlyAmong": [eve.id(), admin.id()] },
    });
    let told = dismissal_plan(&app, &admin, input.clone()).await;
    assert_eq!(told["userErrors"], json!([]), "{told}");
    assert_eq!(told["plan"]["total"], 12);
    assert_eq!(
        told["plan"]["remaining"],
        json!({ "total": 1, "lines": [{ "kind": "CRM_ACTIVITY", "open": 0, "closed": 1 }] })
    );
    let before = told["plan"]["remaining"].clone();
    let done = app
        .run(&admin, "dismissUser", input, "handover { id total }")
        .await;
    assert_eq!(done["handover"]["total"], 12, "{done}");
    app.drain().await;
    assert_eq!(work(&app, &admin, &ann).await, before);
    assert_eq!(
        (
            app.tasks_of(&bob).await,
            app.tasks_of(&eve).await,
            app.tasks_of(&admin).await
        ),
        (2, 2, 2)
    );
    let query =
        "query($id: ID!) { node(id: $id) { ... on Handover { state total moved lines { kind moved } } } }";
    let result = app
        .data(&admin, query, json!({ "id": done["handover"]["id"] }))
        .await["node"]
        .clone();
    assert_eq!(
        (&result["state"], &result["moved"]),
        (&json!("SUCCEEDED"), &json!(12))
    );
    // Kinds without items are not listed.
    let kinds: Vec<&Value> = result["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["kind"])
        .collect();
    assert!(!kinds.contains(&&json!("CALENDAR")), "{result}");
    // A drive is not split.
    let drives = result["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["kind"] == "DRIVE");
    assert_eq!(
        drives.collect::<Vec<_>>(),
        [&json!({ "kind": "DRIVE", "moved": 1 })]
    );
    app.sound().await;
}

#[tokio::test]
async fn rest_to_is_resolved_at_the_scheduled_time() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(2, &admin, &ann).await;
    app.deals(3, &ann).await;
    let at = app.db().clock().now() + chrono::TimeDelta::milliseconds(300);
    let input = json!({
        "userId": ann.id(), "effectiveAt": at,
        "handover": [{ "kind": "CRM_DEAL", "to": { "userId": eve.id() } }],
        "restTo": { "userId": bob.id() },
    });
    let first = app.run(&admin, "dismissUser", input.clone(), "changed").await;
    assert_eq!(first["changed"], true, "{first}");
    let again = app.run(&admin, "dismissUser", input, "changed").await;
    assert_eq!(again["changed"], false, "{again}");
    // Eve has left by then: kinds named by a move are not covered by restTo.
    app.run(&admin, "dismissUser", json!({ "userId": eve.id() }), "")
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    app.drain().await;
    assert_eq!(app.tasks_of(&bob).await, 2);
    assert_eq!(
        work(&app, &admin, &ann).await,
        json!({ "total": 3, "lines": [{ "kind": "CRM_DEAL", "open": 3, "closed": 0 }] })
    );
    app.sound().await;
}

#[tokio::test]
async fn all_errors_of_a_request_are_reported_at_once() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let deal = app.deals(1, &bob).await[0].to_string();
    let task = app.tasks(1, &admin, &ann).await[0].to_string();
    app.run(&admin, "dismissUser", json!({ "userId": eve.id() }), "")
        .await;
    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": eve.id() }, "ids": [task, "nonsense", deal] },
        { "kind": "CRM_DEAL", "to": { "userId": "nonsense" } },
        { "kind": "CRM_LEAD", "to": { "userId": eve.id() } },
        { "kind": "CRM_INVOICE", "to": { "evenlyAmong": [bob.id(), "x", eve.id(), "y"] } },
        { "kind": "CRM_QUOTE", "to": { "userId": bob.id() }, "keepAsObserver": true },
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() }, "ids": [deal, deal.replace("crmitem_0", "crmitem_1")] },
    ]);
    let expected = |field: &str, mut others: Vec<&str>| {
        let wrong = [
            "INVALID 0.ids.1",
            "INVALID 0.ids.2",
            "INVALID 1.to.userId",
            "INVALID 3.to.evenlyAmong.1",
            "INVALID 3.to.evenlyAmong.3",
            "INVALID 4.keepAsObserver",
            "NOT_FOUND 5.ids.0",
            "NOT_FOUND 5.ids.1",
            "RECIPIENT_NOT_ACTIVE 2.to.userId",
        ];
        let mut all: Vec<String> = wrong
            .iter()
            .map(|told| told.replacen(' ', &format!(" {field}."), 1))
            .chain(others.drain(..).map(str::to_owned))
            .collect();
        all.sort();
        all
    };
    let request = json!({ "fromUserId": ann.id(), "moves": moves, "restTo": { "userId": "z" } });
    let told = plan(&app, &admin, request.clone()).await;
    assert_eq!(
        paths(&told["userErrors"]),
        expected("moves", vec!["INVALID restTo.userId"])
    );
    let payload = app.run(&admin, "bulkReassign", request, "handover { id }").await;
    assert_eq!(paths(&payload["userErrors"]), paths(&told["userErrors"]));

    // A dismissal with errors in person, time, secrets and moves.
    let request = json!({
        "userId": admin.id(), "effectiveAt": "2001-01-01T00:00:00Z", "reason": "", "handover": moves,
        "keepSecretIds": ["one", "two"],
    });
    let others = vec![
        "CANNOT_DISMISS_YOURSELF userId",
        "DATE_IN_PAST effectiveAt",
        "INVALID keepSecretIds.0",
        "INVALID keepSecretIds.1",
        "INVALID reason",
    ];
    let told = dismissal_plan(&app, &admin, request.clone()).await;
    assert_eq!(paths(&told["userErrors"]), expected("handover", others));
    let payload = app.run(&admin, "dismissUser", request, "changed").await;
    assert_eq!(
        (paths(&payload["userErrors"]), &payload["changed"]),
        (paths(&told["userErrors"]), &json!(false))
    );

    let nobody = "user_01j0b3v1mmee6tx9cpdgkfhbch";
    let request = json!({
        "userIds": [ann.id(), nobody, admin.id()],
        "handover": [{ "kind": "CRM_LEAD", "to": { "userId": eve.id() } }, { "kind": "DRIVE", "to": { "evenlyAmong": [bob.id()] } }],
    });
    let mut told = app.refusal(&admin, "dismissUsers", request).await;
    told.sort();
    assert_eq!(
        told,
        [
            "CANNOT_DISMISS_YOURSELF userIds.2",
            "INVALID handover.1.to.evenlyAmong",
            "NOT_FOUND userIds.1",
            "RECIPIENT_NOT_ACTIVE handover.0.to.userId",
        ]
    );
    let told = app
        .refusal(
            &admin,
            "dismissUsers",
            json!({ "userIds": ["a", ann.id(), "b"], "reason": "" }),
        )
        .await;
    assert_eq!(told, ["INVALID userIds.0", "INVALID userIds.2", "INVALID reason"]);
    app.sound().await;
}

#[tokio::test]
async fn a_plan_refuses_what_the_mutation_refuses() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.tasks(2, &admin, &ann).await;
    let request = json!({
        "fromUserId": ann.id(), "moves": [{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }],
    });
    let revision = plan(&app, &admin, request.clone()).await["revision"].clone();
    let mut agreed = request.clone();
    agreed["expectedRevision"] = revision;
    assert_eq!(plan(&app, &admin, agreed.clone()).await["userErrors"], json!([]));
    app.tasks(1, &admin, &ann).await;
    assert_eq!(
        paths(&plan(&app, &admin, agreed.clone()).await["userErrors"]),
        ["PLAN_CHANGED expectedRevision"]
    );
    app.run(&admin, "bulkReassign", request.clone(), "").await;
    let told = plan(&app, &admin, request.clone()).await["userErrors"].clone();
    assert_eq!(told, json!([{ "code": "HANDOVER_IN_PROGRESS", "field": null }]));
    assert_eq!(
        app.refusal(&admin, "bulkReassign", request).await,
        ["HANDOVER_IN_PROGRESS"]
    );
    app.drain().await;
    app.sound().await;
}

#[tokio::test]
async fn unreachable_records_name_the_required_rule() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let input = json!({ "name": "Sales" });
    let made = app.run(&admin, "setDepartment", input, "department { id }").await;
    for person in [&admin, &ann] {
        let input = json!({ "userId": person.id(), "departmentId": made["department"]["id"] });
        app.run(&admin, "updateUser", input, "").await;
    }
    let deals = app.deals(7, &ann).await;
    app.activities(deals[0], &ann).await;
    let moves = json!([
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
        { "kind": "CRM_ACTIVITY", "to": { "userId": bob.id() }, "includeClosed": true },
    ]);
    let request = json!({ "fromUserId": ann.id(), "moves": moves });
    let query = "query($i: BulkReassignInput!) { handoverPlan(input: $i) { total unreachable { kind count needs { kind operation level } \
                 sample { id } } userErrors { code field } } }";
    let told = app.data(&admin, query, json!({ "i": request })).await["handoverPlan"].clone();
    assert_eq!(told["unreachable"], json!([]));

    let roles = app.data(&admin, "{ crmRoles { id name } }", json!({})).await;
    for role in roles["crmRoles"].as_array().unwrap() {
        let rules = json!([
            { "kind": "DEAL", "operation": "UPDATE", "level": "OWN" }, { "kind": "DEAL", "operation": "READ", "level": "ALL" },
        ]);
        let input = json!({ "roleId": role["id"], "name": role["name"], "rules": rules });
        app.run(&admin, "setCrmRole", input, "").await;
    }
    let told = app.data(&admin, query, json!({ "i": request })).await["handoverPlan"].clone();
    let needs = json!({ "kind": "DEAL", "operation": "UPDATE", "level": "DEPARTMENT" });
    let unreachable = told["unreachable"].as_array().unwrap();
    assert_eq!(unreachable.len(), 2, "{told}");
    assert_eq!(
        (
            &unreachable[0]["kind"],
            &unreachable[0]["count"],
            &unreachable[0]["needs"]
        ),
        (&json!("CRM_DEAL"), &json!(7), &needs)
    );
    assert_eq!(
        (
            &unreachable[1]["kind"],
            &unreachable[1]["count"],
            &unreachable[1]["needs"]
        ),
        (&json!("CRM_ACTIVITY"), &json!(2), &needs)
    );
    let sample = unreachable[0]["sample"].as_array().unwrap();
    assert_eq!(sample.len(), 5);
    assert!(
        sample
            .iter()
            .all(|node| deals.iter().any(|deal| node["id"] == deal.to_string()))
    );
    assert_eq!(
        paths(&told["userErrors"]),
        [
            "CRM_ACCESS_REQUIRED moves.0.kind",
            "CRM_ACCESS_REQUIRED moves.1.kind"
        ]
    );

    // With that rule it succeeds; without it, the undo reports the same.
    let everybody = roles["crmRoles"][0].clone();
    let rule = |level: &str| {
        json!({ "roleId": everybody["id"], "name": everybody["name"], "rules": [
            { "kind": "DEAL", "operation": "UPDATE", "level": level }, { "kind": "DEAL", "operation": "READ", "level": "ALL" },
        ] })
    };
    app.run(&admin, "setCrmRole", rule("DEPARTMENT"), "").await;
    let told = app.data(&admin, query, json!({ "i": request })).await["handoverPlan"].clone();
    assert_eq!((&told["userErrors"], &told["total"]), (&json!([]), &json!(9)));
    let moved = app.run(&admin, "bulkReassign", request, "handover { id }").await;
    app.drain().await;
    let query = "query($id: ID!) { undoPlan(handoverId: $id) { total lines { kind returnable unreachable } userErrors { code } } }";
    let told = app
        .data(&admin, query, json!({ "id": moved["handover"]["id"] }))
        .await["undoPlan"]
        .clone();
    assert_eq!(
        told,
        json!({
            "total": 0,
            "lines": [
                { "kind": "CRM_DEAL", "returnable": 0, "unreachable": 7 },
                { "kind": "CRM_ACTIVITY", "returnable": 0, "unreachable": 2 },
            ],
            "userErrors": [{ "code": "CRM_ACCESS_REQUIRED" }],
        })
    );
    let undo = json!({ "handoverId": moved["handover"]["id"] });
    assert_eq!(
        app.refusal(&admin, "undoHandover", undo).await,
        ["CRM_ACCESS_REQUIRED"]
    );
    app.sound().await;
}

#[tokio::test]
async fn viewer_can_matches_the_mutations() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.run(&admin, "dismissUser", json!({ "userId": bob.id() }), "")
        .await;
    let query = "{ users { nodes { email viewerCan { dismiss { code } hire { code } update { code } handOver { code } } } } }";
    let told = async |person: &Person| {
        let found = app.data(person, query, json!({})).await;
        let can = |who: &Person| {
            let nodes = found["users"]["nodes"].as_array().unwrap().iter();
            nodes
                .filter(|node| node["email"] == who.email)
                .map(|node| node["viewerCan"].clone())
                .next()
                .unwrap()
        };
        [can(&admin), can(&ann), can(&bob)]
    };
    let [admin_can, ann_can, bob_can] = told(&admin).await;
    assert_eq!(
        admin_can,
        json!({ "dismiss": { "code": "CANNOT_DISMISS_YOURSELF" }, "hire": { "code": "CANNOT_HIRE_YOURSELF" }, "update": null, "handOver": null })
    );
    assert_eq!(
        ann_can,
        json!({ "dismiss": null, "hire": { "code": "NOT_DISMISSED" }, "update": null, "handOver": null })
    );
    assert_eq!(
        bob_can,
        json!({ "dismiss": null, "hire": null, "update": null, "handOver": null })
    );
    let no = json!({ "code": "INVALID" });
    for can in told(&ann).await {
        assert_eq!(
            can,
            json!({ "dismiss": no, "hire": no, "update": no, "handOver": no })
        );
    }
    // An integration dismisses administrators, but not the last one; it hires none of them back.
    let input = json!({ "name": "HR", "scopes": ["DISMISS_USERS", "HIRE_USERS", "SEE_DISMISSED_USERS"] });
    let (_, token) = crate::integrations::create(&app, &admin, input).await;
    let (_, answer) = app.ask(Some(&token), query, json!({})).await;
    let nodes = answer["data"]["users"]["nodes"].as_array().unwrap();
    let admin_can = nodes.iter().find(|node| node["email"] == admin.email).unwrap();
    assert_ne!(admin_can["viewerCan"]["dismiss"], Value::Null);
    assert_eq!(admin_can["viewerCan"]["hire"], no);
    let bob_can = nodes.iter().find(|node| node["email"] == bob.email).unwrap();
    assert_eq!(
        bob_can["viewerCan"],
        json!({ "dismiss": null, "hire": null, "update": no, "handOver": no })
    );
}
