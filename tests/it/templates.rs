//! Recurring tasks: created once each when due; visibly stalled when a member leaves.

use chrono::{TimeDelta, Timelike};
use entity::{task, task_member, task_template};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Creates a daily template that is due in an hour; returns its id.
async fn daily(app: &TestApp, creator: &Person, responsible: &Person, title: &str) -> String {
    let starts_at = app.db().clock().now() + TimeDelta::hours(1);
    let input = json!({
        "title": title, "recurrence": "FREQ=DAILY", "startsAt": starts_at, "responsibleId": responsible.id(),
    });
    let made = app
        .run(creator, "createTaskTemplate", input, "template { id }")
        .await;
    made["template"]["id"].as_str().unwrap().to_owned()
}

/// Advances time by moving all templates and the start of their rules into the past.
async fn later(app: &TestApp, by: TimeDelta) {
    for row in task_template::Entity::find().all(app.raw()).await.unwrap() {
        task_template::Entity::update_many()
            .col_expr(task_template::Column::StartsAt, Expr::value(row.starts_at - by))
            .col_expr(
                task_template::Column::NextRunAt,
                Expr::value(row.next_run_at.map(|at| at - by)),
            )
            .filter(task_template::Column::Id.eq(row.id))
            .exec(app.raw())
            .await
            .unwrap();
    }
}

async fn titles(app: &TestApp) -> Vec<String> {
    let rows = task::Entity::find()
        .order_by_asc(task::Column::Title)
        .all(app.raw())
        .await;
    rows.unwrap().into_iter().map(|row| row.title).collect()
}

async fn look(app: &TestApp, who: &Person, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on TaskTemplate { title recurrence nextRunAt stalled \
        creator { email } responsible { email } participants { email } observers { email } } } }";
    app.data(who, query, json!({ "id": id })).await["node"].clone()
}

async fn holders(app: &TestApp, who: &Person, id: &str) -> (String, String) {
    let node = look(app, who, id).await;
    let name = |part: &str| {
        let email = node[part]["email"].as_str().unwrap();
        email.trim_end_matches("@example.com").to_owned()
    };
    (name("creator"), name("responsible"))
}

fn names(creator: &str, responsible: &str) -> (String, String) {
    (creator.to_owned(), responsible.to_owned())
}

async fn dismiss(app: &TestApp, admin: &Person, who: &Person) {
    app.run(admin, "dismissUser", json!({ "userId": who.id() }), "user { id }")
        .await;
}

async fn hand_over(app: &TestApp, admin: &Person, from: &Person, to: &Person) -> Value {
    let moves = json!([{ "kind": "TASK_TEMPLATE", "to": { "userId": to.id() } }]);
    let input = json!({ "fromUserId": from.id(), "moves": moves });
    let started = app.run(admin, "bulkReassign", input, "handover { id }").await;
    assert_eq!(started["userErrors"], json!([]));
    app.drain().await;
    started["handover"]["id"].clone()
}

#[tokio::test]
async fn a_template_is_created_updated_and_ended() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let input = json!({
        "title": "Weekly report", "recurrence": "rrule:freq=weekly;byday=mo", "startsAt": "2098-01-01T09:30:00.5Z",
        "responsibleId": bob.id(), "participantIds": [admin.id()], "observerIds": [ann.id()],
    });
    let made = app
        .run(&ann, "createTaskTemplate", input, "template { id startsAt }")
        .await;
    assert_eq!(
        made["template"]["startsAt"], "2098-01-01T09:30:00+00:00",
        "{made}"
    );
    let id = made["template"]["id"].as_str().unwrap();
    assert_eq!(
        look(&app, &bob, id).await,
        json!({
            "title": "Weekly report", "recurrence": "FREQ=WEEKLY;BYDAY=MO", "stalled": false,
            "nextRunAt": "2098-01-06T09:30:00+00:00", "creator": { "email": ann.email },
            "responsible": { "email": bob.email }, "participants": [{ "email": admin.email }],
            "observers": [{ "email": ann.email }],
        })
    );
    let input = json!({
        "templateId": id, "title": "Report", "recurrence": "FREQ=MONTHLY;BYMONTHDAY=-1", "responsibleId": ann.id(),
        "participantIds": null, "observerIds": [bob.id()],
    });
    app.run(&bob, "updateTaskTemplate", input, "").await;
    let now = look(&app, &ann, id).await;
    assert_eq!(
        (&now["title"], &now["nextRunAt"]),
        (&json!("Report"), &json!("2098-01-31T09:30:00+00:00"))
    );
    assert_eq!(
        (&now["participants"], &now["observers"]),
        (&json!([]), &json!([{ "email": bob.email }]))
    );

    // A rule without future occurrences ends the template.
    let input = json!({
        "templateId": id, "startsAt": "2026-01-01T00:00:00Z", "recurrence": "FREQ=DAILY;UNTIL=20260105T000000Z",
    });
    let ended = app
        .run(&ann, "updateTaskTemplate", input, "template { nextRunAt }")
        .await;
    assert_eq!(ended["template"]["nextRunAt"], Value::Null, "{ended}");
    let work = app
        .data(
            &admin,
            "query($id: ID!) { user(id: $id) { work { lines { kind open closed } } } }",
            json!({ "id": ann.id() }),
        )
        .await;
    assert_eq!(
        work["user"]["work"]["lines"],
        json!([{ "kind": "TASK_TEMPLATE", "open": 0, "closed": 1 }])
    );
    let log = "{ auditLog(filter: { action: [\"task_template.created\", \"task_template.updated\"] }) {
        nodes { action subject { id } } } }";
    let log = app.data(&admin, log, json!({})).await;
    let log = log["auditLog"]["nodes"].as_array().unwrap();
    assert_eq!(log.len(), 3);
    assert!(log.iter().all(|entry| entry["subject"]["id"] == id), "{log:?}");
    app.sound().await;
}

#[tokio::test]
async fn invalid_templates_are_refused() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let gone = app.employee("gone").await;
    dismiss(&app, &admin, &gone).await;
    let input = |change: Value| {
        let mut input = json!({ "title": "x", "recurrence": "FREQ=DAILY", "responsibleId": ann.id() });
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    for (change, refused) in [
        (json!({ "recurrence": "every monday" }), "INVALID recurrence"),
        (json!({ "recurrence": "" }), "INVALID recurrence"),
        (json!({ "recurrence": "FREQ=MINUTELY" }), "INVALID recurrence"),
        (
            json!({ "recurrence": "FREQ=SECONDLY;INTERVAL=7200" }),
            "INVALID recurrence",
        ),
        (
            json!({ "recurrence": "FREQ=DAILY;BYMINUTE=1,2" }),
            "INVALID recurrence",
        ),
        (
            json!({ "recurrence": "FREQ=DAILY;UNTIL=20200101T000000Z" }),
            "INVALID recurrence",
        ),
        (
            json!({ "recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }),
            "INVALID recurrence",
        ),
        (json!({ "startsAt": "1999-01-01T00:00:00Z" }), "INVALID startsAt"),
        (json!({ "title": " " }), "INVALID title"),
        (
            json!({ "responsibleId": gone.id() }),
            "RECIPIENT_NOT_ACTIVE responsibleId",
        ),
        (
            json!({ "observerIds": [gone.id()] }),
            "RECIPIENT_NOT_ACTIVE observerIds",
        ),
    ] {
        assert_eq!(
            app.refusal(&admin, "createTaskTemplate", input(change.clone()))
                .await,
            [refused],
            "{change}"
        );
    }
    let id = daily(&app, &admin, &ann, "Daily").await;
    for (change, refused) in [
        (
            json!({ "recurrence": "FREQ=HOURLY;BYSECOND=1,2" }),
            "INVALID recurrence",
        ),
        (
            json!({ "responsibleId": gone.id() }),
            "RECIPIENT_NOT_ACTIVE responsibleId",
        ),
    ] {
        let mut input = change.clone();
        input["templateId"] = json!(id);
        assert_eq!(
            app.refusal(&ann, "updateTaskTemplate", input).await,
            [refused],
            "{change}"
        );
    }
    app.sound().await;
}

#[tokio::test]
async fn two_workers_create_a_due_task_once() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let gone = app.employee("gone").await;
    for n in 0..8 {
        let input = json!({
            "title": format!("Due {n}"), "recurrence": "FREQ=DAILY", "responsibleId": ann.id(),
            "startsAt": app.db().clock().now() + TimeDelta::hours(1),
            "participantIds": [admin.id(), gone.id()], "observerIds": [gone.id()],
        });
        app.run(&admin, "createTaskTemplate", input, "").await;
    }
    app.drain().await;
    assert_eq!(titles(&app).await, Vec::<String>::new(), "nothing is due yet");

    dismiss(&app, &admin, &gone).await;
    later(&app, TimeDelta::hours(2)).await;
    let (second, third) = (app.replica().await, app.replica().await);
    tokio::join!(app.drain(), second.drain(), third.drain());
    let expected: Vec<String> = (0..8).map(|n| format!("Due {n}")).collect();
    assert_eq!(titles(&app).await, expected);
    let made = task::Entity::find().all(app.raw()).await.unwrap();
    assert!(
        made.iter()
            .all(|row| row.creator_id == admin.id && row.responsible_id == Some(ann.id))
    );
    // Dismissed members are left out.
    let members = task_member::Entity::find().all(app.raw()).await.unwrap();
    assert_eq!(members.len(), 8);
    assert!(members.iter().all(|member| member.user_id == admin.id));
    let log = "{ auditLog(filter: { action: [\"task.created\"] }) { nodes { actor data } } }";
    let log = app.data(&admin, log, json!({})).await;
    let log = log["auditLog"]["nodes"].as_array().unwrap();
    assert_eq!(log.len(), 8);
    assert!(
        log.iter().all(|entry| entry["actor"] == "recurring task"),
        "{log:?}"
    );
    app.drain().await;
    assert_eq!(titles(&app).await.len(), 8);
    app.sound().await;
}

#[tokio::test]
async fn a_worker_creates_due_tasks() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    daily(&app, &admin, &admin, "Daily").await;
    later(&app, TimeDelta::hours(2)).await;
    let worker = handover::server::start(&app.app);
    for _ in 0..100 {
        if !titles(&app).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    app.app.stop.send_replace(true);
    worker.await.unwrap();
    assert_eq!(titles(&app).await, ["Daily"]);
    app.sound().await;
}

#[tokio::test]
async fn after_downtime_only_the_latest_task_is_created() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let id = daily(&app, &admin, &admin, "Daily").await;
    later(&app, TimeDelta::days(10)).await;
    app.drain().await;
    assert_eq!(titles(&app).await, ["Daily"]);
    let row = task_template::Entity::find()
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    let (now, next) = (app.db().clock().now(), row.next_run_at.unwrap());
    assert!(next > now && next <= now + TimeDelta::days(1), "{next}");
    assert_eq!(next.nanosecond(), 0);

    // The last occurrence of a rule ends the template.
    let input = json!({ "templateId": id, "recurrence": "FREQ=DAILY;COUNT=12" });
    app.run(&admin, "updateTaskTemplate", input, "").await;
    later(&app, TimeDelta::days(3)).await;
    app.drain().await;
    assert_eq!(titles(&app).await, ["Daily", "Daily"]);
    assert_eq!(look(&app, &admin, &id).await["nextRunAt"], Value::Null);
    app.sound().await;
}

#[tokio::test]
async fn a_stalled_template_resumes_after_a_handover() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let id = daily(&app, &ann, &bob, "Daily").await;
    daily(&app, &admin, &bob, "Other").await;
    dismiss(&app, &admin, &ann).await;
    later(&app, TimeDelta::days(3)).await;
    app.drain().await;
    assert_eq!(titles(&app).await, ["Other"]);
    let missed = look(&app, &admin, &id).await;
    assert_eq!(missed["stalled"], true);
    let missed: entity::Timestamp = missed["nextRunAt"].as_str().unwrap().parse().unwrap();
    assert!(missed < app.db().clock().now());

    let query = "query($input: BulkReassignInput!, $ann: ID!) {
        stalled: taskTemplates(filter: { stalled: true }) { totalCount nodes { title } }
        hers: taskTemplates(filter: { userId: $ann, stalled: true }) { totalCount }
        others: taskTemplates(filter: { stalled: false }) { nodes { title } }
        users(filter: { dismissed: true, holdsWork: true }) { nodes { email work { lines { kind open } } } }
        handoverPlan(input: $input) { lines { kind movable } userErrors { code } } }";
    let moves = json!([{ "kind": "TASK_TEMPLATE", "to": { "userId": bob.id() } }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let shown = app
        .data(&admin, query, json!({ "input": input, "ann": ann.id() }))
        .await;
    assert_eq!(
        shown["stalled"],
        json!({ "totalCount": 1, "nodes": [{ "title": "Daily" }] })
    );
    assert_eq!(shown["hers"]["totalCount"], 1);
    assert_eq!(shown["others"]["nodes"], json!([{ "title": "Other" }]));
    assert_eq!(
        shown["users"]["nodes"],
        json!([{ "email": ann.email, "work": { "lines": [{ "kind": "TASK_TEMPLATE", "open": 1 }] } }])
    );
    assert_eq!(
        shown["handoverPlan"]["lines"],
        json!([{ "kind": "TASK_TEMPLATE", "movable": 1 }])
    );

    // After the handover it resumes, with the latest missed occurrence.
    hand_over(&app, &admin, &ann, &bob).await;
    assert_eq!(titles(&app).await, ["Daily", "Other"]);
    assert_eq!(holders(&app, &admin, &id).await, names("bob", "bob"));
    assert_eq!(look(&app, &admin, &id).await["stalled"], false);
    app.sound().await;
}

#[tokio::test]
async fn each_template_role_moves_to_the_recipient_and_back() {
    let app = TestApp::with_chunk(2).await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let both = daily(&app, &ann, &ann, "Both").await;
    let sets = daily(&app, &ann, &bob, "Sets").await;
    let does = daily(&app, &eve, &ann, "Does").await;
    let meets = daily(&app, &bob, &ann, "Meets").await;
    let other = daily(&app, &eve, &bob, "Other").await;
    let ids = [&both, &sets, &does, &meets, &other];
    let before = [
        names("ann", "ann"),
        names("ann", "bob"),
        names("eve", "ann"),
        names("bob", "ann"),
    ];
    let handover = hand_over(&app, &admin, &ann, &bob).await;
    for (id, expected) in ids.iter().zip([
        names("bob", "bob"),
        names("bob", "bob"),
        names("eve", "bob"),
        names("bob", "bob"),
        names("eve", "bob"),
    ]) {
        assert_eq!(holders(&app, &admin, id).await, expected);
    }
    let ledger = "query($id: ID!) { node(id: $id) { ... on Handover { state moved total
        entries { nodes { subject { ... on TaskTemplate { title } } from { email } reason outcome } } } } }";
    let told = app.data(&admin, ledger, json!({ "id": handover })).await["node"].clone();
    assert_eq!(
        (&told["state"], &told["moved"], &told["total"]),
        (&json!("SUCCEEDED"), &json!(4), &json!(4))
    );
    let reasons: Vec<&str> = told["entries"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        ["CREATOR_AND_RESPONSIBLE", "CREATOR", "RESPONSIBLE", "RESPONSIBLE"]
    );
    app.sound().await;

    app.run(&admin, "undoHandover", json!({ "handoverId": handover }), "")
        .await;
    app.drain().await;
    for (id, expected) in ids.iter().zip(before.iter().chain([&names("eve", "bob")])) {
        assert_eq!(&holders(&app, &admin, id).await, expected);
    }
    app.sound().await;

    // Again, but two are reassigned meanwhile: of the first, only one role returns.
    let handover = hand_over(&app, &admin, &ann, &bob).await;
    for id in [&both, &does] {
        let input = json!({ "templateId": id, "responsibleId": eve.id() });
        app.run(&admin, "updateTaskTemplate", input, "").await;
    }
    app.run(&admin, "undoHandover", json!({ "handoverId": handover }), "")
        .await;
    app.drain().await;
    for (id, expected) in ids.iter().zip([
        names("ann", "eve"),
        names("ann", "bob"),
        names("eve", "eve"),
        names("bob", "ann"),
        names("eve", "bob"),
    ]) {
        assert_eq!(holders(&app, &admin, id).await, expected);
    }
    app.sound().await;
}

#[tokio::test]
async fn templates_return_at_rehire() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let moved = daily(&app, &admin, &ann, "Moved").await;
    let moves = json!([{ "kind": "TASK_TEMPLATE", "to": { "userId": bob.id() }, "ids": [moved] }]);
    let stays = daily(&app, &ann, &ann, "Stays").await;
    let input = json!({ "userId": ann.id(), "handover": moves });
    app.run(&admin, "dismissUser", input, "user { id }").await;
    app.drain().await;
    assert_eq!(holders(&app, &admin, &moved).await, names("admin", "bob"));
    later(&app, TimeDelta::hours(2)).await;
    app.drain().await;
    assert_eq!(titles(&app).await, ["Moved"]);
    assert_eq!(look(&app, &admin, &stays).await["stalled"], true);

    let input = json!({ "userId": ann.id(), "returnWork": true });
    app.run(&admin, "hireUser", input, "user { id }").await;
    app.drain().await;
    assert_eq!(holders(&app, &admin, &moved).await, names("admin", "ann"));
    assert_eq!(
        titles(&app).await,
        ["Moved", "Stays"],
        "the missed task is created"
    );
    // fromUserId is required: two people can hold a template.
    let moves = json!([{ "kind": "TASK_TEMPLATE", "to": { "userId": bob.id() }, "ids": [moved] }]);
    assert_eq!(
        app.refusal(&admin, "bulkReassign", json!({ "moves": moves }))
            .await,
        ["INVALID moves.0.kind"]
    );
    app.sound().await;
}

#[tokio::test]
async fn a_template_is_visible_to_members_their_heads_and_administrators() {
    let app = TestApp::new().await;
    let (admin, head, ann, bob, eve, zoe) = (
        app.administrator().await,
        app.employee("head").await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
        app.employee("zoe").await,
    );
    let input = json!({ "name": "Sales", "headId": head.id() });
    let sales = app.run(&admin, "setDepartment", input, "department { id }").await;
    let input = json!({ "userId": bob.id(), "departmentId": sales["department"]["id"] });
    app.run(&admin, "updateUser", input, "").await;
    let input = json!({
        "title": "Daily", "recurrence": "FREQ=DAILY", "startsAt": app.db().clock().now() + TimeDelta::hours(1),
        "responsibleId": bob.id(), "observerIds": [eve.id()],
    });
    let made = app
        .run(&ann, "createTaskTemplate", input, "template { id }")
        .await;
    let id = made["template"]["id"].as_str().unwrap();
    let list = "{ taskTemplates { totalCount nodes { id } } }";
    for (who, sees, edits) in [
        (&admin, true, true),
        (&head, true, true),
        (&ann, true, true),
        (&bob, true, true),
        (&eve, true, false),
        (&zoe, false, false),
    ] {
        assert_eq!(look(&app, who, id).await.is_object(), sees, "{}", who.email);
        let seen = app.data(who, list, json!({})).await;
        assert_eq!(
            seen["taskTemplates"]["totalCount"],
            i32::from(sees),
            "{}",
            who.email
        );
        let query = "mutation($i: UpdateTaskTemplateInput!) { updateTaskTemplate(input: $i) { userErrors { code } } }";
        let input = json!({ "i": { "templateId": id, "title": format!("By {}", who.email) } });
        let (_, answer) = app.ask(Some(&who.token), query, input).await;
        let errors = &answer["data"]["updateTaskTemplate"]["userErrors"];
        match (sees, edits) {
            (true, true) => assert_eq!(errors, &json!([]), "{}", who.email),
            (true, false) => assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN"),
            (false, _) => assert_eq!(errors[0]["code"], "NOT_FOUND", "{}", who.email),
        }
    }
    app.sound().await;
}
