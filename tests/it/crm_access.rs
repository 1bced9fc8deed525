//! CRM roles: visibility, editing, and handover by administrators.

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// A rule for each given kind and operation.
fn rules(kinds: &[&str], levels: &[(&str, &str)]) -> Value {
    let pairs = kinds.iter().flat_map(|kind| {
        levels
            .iter()
            .map(move |(operation, level)| (kind, operation, level))
    });
    pairs
        .map(|(kind, operation, level)| json!({ "kind": kind, "operation": operation, "level": level }))
        .collect()
}

async fn department(app: &TestApp, admin: &Person, input: Value) -> String {
    let made = app.run(admin, "setDepartment", input, "department { id }").await;
    made["department"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

async fn role_id(app: &TestApp, admin: &Person, name: &str) -> String {
    let roles = app.data(admin, "{ crmRoles { id name } }", json!({})).await;
    let found = roles["crmRoles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["name"] == name);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Sales with a sub-team; Ann works in Sales, Bob in the team, Eve elsewhere. Each has a deal; one is unassigned.
struct Company {
    app: TestApp,
    admin: Person,
    ann: Person,
    sales: String,
    /// Deals of Ann, a colleague in Sales, Bob, Eve (opened to all), Eve; and an unassigned one.
    deals: Vec<String>,
}

async fn company() -> Company {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, zoe, bob, eve) = (
        app.employee("ann").await,
        app.employee("zoe").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let sales = department(&app, &admin, json!({ "name": "Sales" })).await;
    let team = department(&app, &admin, json!({ "name": "Team", "parentId": sales })).await;
    for (person, place) in [(&ann, &sales), (&zoe, &sales), (&bob, &team)] {
        app.run(
            &admin,
            "updateUser",
            json!({ "userId": person.id(), "departmentId": place }),
            "user { id }",
        )
        .await;
    }
    let mut deals = Vec::new();
    for person in [&ann, &zoe, &bob, &eve, &eve, &eve] {
        deals.push(app.deals(1, person).await[0].to_string());
    }
    app.run(
        &admin,
        "updateCrmItem",
        json!({ "itemId": deals[3], "openedToAll": true }),
        "item { id }",
    )
    .await;
    app.run(
        &admin,
        "updateCrmItem",
        json!({ "itemId": deals[5], "responsibleId": null }),
        "item { id }",
    )
    .await;
    Company {
        app,
        admin,
        ann,
        sales,
        deals,
    }
}

#[tokio::test]
async fn each_crm_level_grants_exactly_its_records() {
    let Company {
        app,
        admin,
        ann,
        sales,
        deals,
    } = company().await;
    // What Ann can read and write: her own, a colleague's, the sub-team's, an opened one, another department's,
    // an unassigned one.
    let table = [
        ("NONE", [false; 6]),
        ("OWN", [true, false, false, false, false, false]),
        ("DEPARTMENT", [true, true, false, false, false, false]),
        ("DEPARTMENT_TREE", [true, true, true, false, false, false]),
        ("OPEN", [true, true, true, true, false, false]),
        ("ALL", [true; 6]),
    ];
    let employee = role_id(&app, &admin, "Employee").await;
    for (level, visible) in table {
        let input = json!({
            "roleId": employee, "name": "Employee",
            "rules": rules(&["DEAL"], &[("READ", level), ("UPDATE", level), ("ADD", level)]),
        });
        assert_eq!(
            app.run(&admin, "setCrmRole", input, "").await["userErrors"],
            json!([])
        );
        let page = app
            .data(&ann, "{ crmItems { totalCount nodes { id } } }", json!({}))
            .await;
        let seen: Vec<&Value> = page["crmItems"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| &node["id"])
            .collect();
        assert_eq!(
            page["crmItems"]["totalCount"],
            visible.iter().filter(|v| **v).count(),
            "{level}"
        );
        for (deal, expected) in deals.iter().zip(visible) {
            assert_eq!(seen.iter().any(|id| *id == deal), expected, "{level} {deal}");
            let node = app
                .data(
                    &ann,
                    "query($id: ID!) { node(id: $id) { id } }",
                    json!({ "id": deal }),
                )
                .await;
            assert_eq!(!node["node"].is_null(), expected, "{level}");
            let input = json!({ "itemId": deal, "stage": level });
            let errors = app.run(&ann, "updateCrmItem", input, "").await["userErrors"].clone();
            assert_eq!(errors == json!([]), expected, "{level} {errors}");
        }
        // A new record for herself, and for Bob in the sub-team.
        let add = "mutation($i: CreateCrmItemInput!) { createCrmItem(input: $i) { item { id } } }";
        let bob = app
            .data(
                &admin,
                "{ users(filter: { search: \"bob\" }) { nodes { id } } }",
                json!({}),
            )
            .await;
        for (responsible, needed) in [
            (json!(ann.id()), "OWN"),
            (bob["users"]["nodes"][0]["id"].clone(), "DEPARTMENT_TREE"),
        ] {
            let input = json!({ "kind": "DEAL", "title": level, "responsibleId": responsible });
            let (_, answer) = app.ask(Some(&ann.token), add, json!({ "i": input })).await;
            let order = ["NONE", "OWN", "DEPARTMENT", "DEPARTMENT_TREE", "OPEN", "ALL"];
            let place = |level| order.iter().position(|one| *one == level);
            let allowed = place(level) >= place(needed);
            assert_eq!(answer.get("errors").is_none(), allowed, "{level} {answer}");
            if let Some(id) = answer["data"]["createCrmItem"]["item"]["id"].as_str() {
                let (what, id) = id.split_once('_').unwrap();
                assert_eq!(what, "crmitem");
                let uuid = entity::id::decode_suffix(id).unwrap();
                let sql = "DELETE FROM crm_items WHERE id = $1";
                handover::store::db::execute(app.raw(), sql, [uuid.into()])
                    .await
                    .unwrap();
            }
        }
    }

    // A role of her department grants more; the most permissive role applies.
    let none = json!({ "roleId": employee, "name": "Employee", "rules": [] });
    app.run(&admin, "setCrmRole", none, "").await;
    let sellers = json!({
        "name": "Sellers", "rules": rules(&["DEAL"], &[("READ", "OPEN")]), "departmentIds": [sales],
    });
    let made = app
        .run(
            &admin,
            "setCrmRole",
            sellers,
            "role { audience rules { level } members { id } departments { name } }",
        )
        .await;
    assert_eq!(
        made["role"],
        json!({ "audience": "NAMED", "rules": [{ "level": "OPEN" }], "members": [], "departments": [{ "name": "Sales" }] })
    );
    let page = app.data(&ann, "{ crmItems { totalCount } }", json!({})).await;
    assert_eq!(page["crmItems"]["totalCount"], 4);
    let update = "mutation($i: UpdateCrmItemInput!) { updateCrmItem(input: $i) { userErrors { code } } }";
    let code = app
        .error(
            Some(&ann.token),
            update,
            json!({ "i": { "itemId": deals[1], "stage": "x" } }),
        )
        .await;
    assert_eq!(code, "FORBIDDEN");
    app.sound().await;
}

#[tokio::test]
async fn administrators_hand_over_what_their_crm_roles_permit() {
    let Company { app, admin, ann, .. } = company().await;
    let zoe = app
        .data(
            &admin,
            "{ users(filter: { search: \"zoe\" }) { nodes { id } } }",
            json!({}),
        )
        .await;
    let zoe = zoe["users"]["nodes"][0]["id"].clone();
    let to_zoe = json!([{ "kind": "CRM_DEAL", "to": { "userId": zoe } }]);
    let administrators = role_id(&app, &admin, "Administrator").await;
    let full = rules(
        &["DEAL", "LEAD", "CONTACT", "COMPANY", "QUOTE", "INVOICE"],
        &[("READ", "ALL"), ("UPDATE", "ALL")],
    );
    let narrow = rules(&["DEAL"], &[("READ", "ALL"), ("UPDATE", "OWN")]);
    let set = async |rules: &Value| {
        let input = json!({ "roleId": administrators, "name": "Administrator", "rules": rules });
        assert_eq!(
            app.run(&admin, "setCrmRole", input, "").await["userErrors"],
            json!([])
        );
    };
    set(&narrow).await;

    let plan = "query($input: BulkReassignInput!) { handoverPlan(input: $input) {
        total lines { kind movable unreachable } userErrors { code field } } }";
    let input = json!({ "fromUserId": ann.id(), "moves": to_zoe });
    let preview = app.data(&admin, plan, json!({ "input": input })).await["handoverPlan"].clone();
    assert_eq!(
        preview,
        json!({
            "total": 0, "lines": [{ "kind": "CRM_DEAL", "movable": 0, "unreachable": 1 }],
            "userErrors": [{ "code": "CRM_ACCESS_REQUIRED", "field": ["moves", "0", "kind"] }],
        })
    );
    assert_eq!(
        app.refusal(&admin, "bulkReassign", input.clone()).await,
        ["CRM_ACCESS_REQUIRED moves.0.kind"]
    );
    let dismissal = json!({ "userId": ann.id(), "handover": to_zoe });
    assert_eq!(
        app.refusal(&admin, "dismissUser", dismissal.clone()).await,
        ["CRM_ACCESS_REQUIRED handover.0.kind"]
    );

    set(&full).await;
    let done = app.run(&admin, "dismissUser", dismissal, "handover { id }").await;
    app.drain().await;
    // An undo requires the same.
    set(&narrow).await;
    let undo = json!({ "handoverId": done["handover"]["id"] });
    assert_eq!(
        app.refusal(&admin, "undoHandover", undo.clone()).await,
        ["CRM_ACCESS_REQUIRED"]
    );
    set(&full).await;
    assert_eq!(
        app.run(&admin, "undoHandover", undo, "").await["userErrors"],
        json!([])
    );
    app.drain().await;
    app.sound().await;
}

#[tokio::test]
async fn activities_move_only_when_named() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let deal = app.deals(1, &ann).await[0];
    let input = json!({ "itemId": deal.to_string(), "kind": "CALL", "subject": "Call back", "deadline": "2030-01-01T00:00:00Z" });
    let made = app
        .run(
            &ann,
            "createCrmActivity",
            input,
            "activity { id responsible { email } item { title } }",
        )
        .await;
    assert_eq!(made["activity"]["responsible"]["email"], ann.email);
    // Bob sees neither the record nor the activity, and can't add one.
    let bobs = json!({ "itemId": deal.to_string(), "kind": "TODO", "subject": "x" });
    assert_eq!(
        app.refusal(&bob, "createCrmActivity", bobs).await,
        ["NOT_FOUND itemId"]
    );
    assert_eq!(
        app.data(&bob, "{ crmActivities { totalCount } }", json!({}))
            .await["crmActivities"]["totalCount"],
        0
    );
    app.activities(deal, &ann).await;

    let held = "query($id: ID!) { user(id: $id) { work { lines { kind open closed } } } }";
    let work = app.data(&admin, held, json!({ "id": ann.id() })).await;
    assert_eq!(
        work["user"]["work"]["lines"],
        json!([{ "kind": "CRM_DEAL", "open": 1, "closed": 0 }, { "kind": "CRM_ACTIVITY", "open": 2, "closed": 1 }])
    );
    let only_deals =
        json!({ "fromUserId": ann.id(), "moves": [{ "kind": "CRM_DEAL", "to": { "userId": bob.id() } }] });
    app.run(&admin, "bulkReassign", only_deals, "").await;
    app.drain().await;
    let mine = json!({ "filter": { "responsibleId": ann.id(), "completed": false } });
    let list = "query($filter: CrmActivityFilter) { crmActivities(filter: $filter) { totalCount nodes { subject } } }";
    assert_eq!(
        app.data(&admin, list, mine.clone()).await["crmActivities"]["totalCount"],
        2
    );
    // Ann can still see and complete hers, although the record is Bob's now; Bob sees them through the record.
    let done = json!({ "activityId": made["activity"]["id"], "completed": true });
    assert_eq!(
        app.run(&ann, "updateCrmActivity", done, "activity { completed }")
            .await["activity"]["completed"],
        true
    );
    let seen = "query($id: ID!) { node(id: $id) { ... on CrmItem { activities(first: 2) { totalCount nodes { completed } } } } }";
    let seen = app.data(&bob, seen, json!({ "id": deal.to_string() })).await;
    assert_eq!(seen["node"]["activities"]["totalCount"], 3);

    let asked = json!({ "fromUserId": ann.id(), "moves": [{ "kind": "CRM_ACTIVITY", "to": { "userId": bob.id() } }] });
    app.run(&admin, "bulkReassign", asked, "").await;
    app.drain().await;
    assert_eq!(
        app.data(&admin, list, mine).await["crmActivities"]["totalCount"],
        0
    );
    app.sound().await;
}

#[tokio::test]
async fn invalid_crm_roles_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let twice = json!([
        { "kind": "DEAL", "operation": "READ", "level": "OWN" },
        { "kind": "DEAL", "operation": "READ", "level": "ALL" },
    ]);
    assert_eq!(
        app.refusal(&admin, "setCrmRole", json!({ "name": "Two", "rules": twice }))
            .await,
        ["INVALID rules.1"]
    );
    assert_eq!(
        app.refusal(&admin, "setCrmRole", json!({ "name": "EMPLOYEE", "rules": [] }))
            .await,
        ["NAME_TAKEN name"]
    );
    let nobody = json!({ "name": "Nobody", "rules": [], "memberIds": ["user_01j0b3v1mmee6tx9cpdgkfhbch"] });
    assert_eq!(
        app.refusal(&admin, "setCrmRole", nobody).await,
        ["NOT_FOUND memberIds"]
    );
    let nowhere = json!({ "roleId": "crmrole_01j0b3v1mmee6tx9cpdgkfhbch", "name": "x", "rules": [] });
    assert_eq!(
        app.refusal(&admin, "setCrmRole", nowhere).await,
        ["NOT_FOUND roleId"]
    );
    // A repeated change has one audit entry.
    let named = json!({ "name": "Named", "rules": [], "memberIds": [admin.id()] });
    let made = app
        .run(
            &admin,
            "setCrmRole",
            named.clone(),
            "role { id members { email } }",
        )
        .await;
    assert_eq!(made["role"]["members"], json!([{ "email": admin.email }]));
    let mut again = named;
    again["roleId"] = made["role"]["id"].clone();
    app.run(&admin, "setCrmRole", again, "").await;
    let log = app
        .data(
            &admin,
            "{ auditLog(filter: { action: [\"crm_role.set\"] }) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(log["auditLog"]["totalCount"], 1);
    app.sound().await;
}
