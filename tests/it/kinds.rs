//! Every kind of work: an object of the API, a table, a handover there and back. A new kind needs a sample here.

use entity::handover_part::WorkKind;
use entity::user::Role;
use handover::domain::handover::kinds;
use handover::store::db;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Lets the person hold one object of this kind; returns its id.
async fn sample(app: &TestApp, admin: &Person, person: &Person, kind: WorkKind) -> String {
    let crm = |kind: &str| json!({ "kind": kind, "title": "Acme" });
    let task =
        |member: &str| json!({ "title": "Assemble", "responsibleId": admin.id(), member: [person.id()] });
    let (author, name, input, object) = match kind {
        WorkKind::TaskResponsible => {
            let input = json!({ "title": "Assemble", "responsibleId": person.id() });
            (admin, "createTask", input, "task")
        }
        WorkKind::TaskCreator => {
            let input = json!({ "title": "Assemble", "responsibleId": admin.id() });
            (person, "createTask", input, "task")
        }
        WorkKind::TaskParticipant => (admin, "createTask", task("participantIds"), "task"),
        WorkKind::TaskObserver => (admin, "createTask", task("observerIds"), "task"),
        WorkKind::TaskTemplate => {
            let input =
                json!({ "title": "Report", "responsibleId": person.id(), "recurrence": "FREQ=DAILY" });
            (admin, "createTaskTemplate", input, "template")
        }
        WorkKind::CrmLead => (person, "createCrmItem", crm("LEAD"), "item"),
        WorkKind::CrmDeal => (person, "createCrmItem", crm("DEAL"), "item"),
        WorkKind::CrmContact => (person, "createCrmItem", crm("CONTACT"), "item"),
        WorkKind::CrmCompany => (person, "createCrmItem", crm("COMPANY"), "item"),
        WorkKind::CrmQuote => (person, "createCrmItem", crm("QUOTE"), "item"),
        WorkKind::CrmInvoice => (person, "createCrmItem", crm("INVOICE"), "item"),
        WorkKind::CrmActivity => {
            let item = create(app, admin, "createCrmItem", crm("DEAL"), "item").await;
            let input =
                json!({ "itemId": item, "kind": "CALL", "subject": "Ask", "responsibleId": person.id() });
            (admin, "createCrmActivity", input, "activity")
        }
        WorkKind::Drive => {
            let mine = app
                .data(person, "{ viewer { user { drive { id } } } }", json!({}))
                .await;
            let input = json!({ "parentId": mine["viewer"]["user"]["drive"]["id"], "name": "Plans" });
            (person, "createFolder", input, "folder")
        }
        WorkKind::Calendar => (person, "createCalendar", json!({ "name": "Mine" }), "calendar"),
        WorkKind::EventOrganizer => {
            let calendar = create(
                app,
                person,
                "createCalendar",
                json!({ "name": "Mine" }),
                "calendar",
            )
            .await;
            let input = json!({
                "calendarId": calendar, "title": "Review",
                "startsAt": "2100-01-05T08:00:00Z", "endsAt": "2100-01-05T09:00:00Z",
            });
            (person, "createEvent", input, "event")
        }
        WorkKind::DepartmentHead => {
            let input = json!({ "name": person.email, "headId": person.id() });
            (admin, "setDepartment", input, "department")
        }
        WorkKind::Integration => {
            let input = json!({ "name": "Payroll", "scopes": ["READ_WORK"] });
            (person, "createIntegration", input, "integration")
        }
    };
    create(app, author, name, input, object).await
}

async fn create(app: &TestApp, author: &Person, name: &str, input: Value, object: &str) -> String {
    let made = app.run(author, name, input, &format!("{object} {{ id }}")).await;
    made[object]["id"].as_str().unwrap().to_owned()
}

/// How much of a kind somebody holds that is open.
async fn open(app: &TestApp, admin: &Person, person: &Person, kind: &str) -> i64 {
    let query = "query($id: ID!) { user(id: $id) { work { lines { kind open } } } }";
    let data = app.data(admin, query, json!({ "id": person.id() })).await;
    let lines = data["user"]["work"]["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["kind"] == kind);
    line.map_or(0, |line| line["open"].as_i64().unwrap())
}

#[tokio::test]
async fn every_kind_of_work_moves_and_returns() {
    let app = TestApp::new().await;
    let (admin, heir) = (app.administrator().await, app.employee("heir").await);
    for described in kinds::ALL {
        let (kind, name) = (described.kind(), kinds::name(described.kind()));
        let leaver = app.person(&name.to_lowercase(), Role::Administrator).await;
        let id = sample(&app, &admin, &leaver, kind).await;
        assert!(
            described.accepts_prefix(id.split('_').next().unwrap()),
            "{name}: {id}"
        );
        let rows = format!("SELECT 1 FROM {} WHERE id = $1", described.table());
        let suffix = id.rsplit_once('_').unwrap().1;
        let key = entity::id::decode_suffix(suffix).unwrap();
        let rows = db::query(app.raw(), &rows, [key.into()]).await.unwrap();
        assert_eq!(rows.len(), 1, "{name}: no row of {}", described.table());
        assert_eq!(open(&app, &admin, &leaver, &name).await, 1, "{name}");

        let moves = json!([{ "kind": name, "to": { "userId": heir.id() } }]);
        let input = json!({ "userId": leaver.id(), "handover": moves });
        let done = app.run(&admin, "dismissUser", input, "handover { id }").await;
        app.drain().await;
        let query = "query($id: ID!) { node(id: $id) { ... on Handover { moved entries { nodes { kind outcome subject { id __typename } } } } } }";
        let handover = done["handover"]["id"].clone();
        let ledger = app.data(&admin, query, json!({ "id": handover })).await;
        let entry = &ledger["node"]["entries"]["nodes"][0];
        assert_eq!(ledger["node"]["moved"], 1, "{name}: {ledger}");
        assert_eq!(
            (entry["kind"].as_str(), entry["outcome"].as_str()),
            (Some(&*name), Some("MOVED"))
        );
        assert_eq!(entry["subject"]["id"], id, "{name}");
        let node = app.data(
            &admin,
            "query($id: ID!) { node(id: $id) { __typename } }",
            json!({ "id": id }),
        );
        assert_eq!(
            node.await["node"]["__typename"],
            entry["subject"]["__typename"],
            "{name}"
        );
        assert_eq!(open(&app, &admin, &leaver, &name).await, 0, "{name}");
        // A drive goes into a folder of its own.
        assert!(open(&app, &admin, &heir, &name).await >= 1, "{name}");

        let input = json!({ "userId": leaver.id(), "returnWork": true });
        app.run(&admin, "hireUser", input, "user { id }").await;
        app.drain().await;
        assert_eq!(open(&app, &admin, &leaver, &name).await, 1, "{name}");
    }
    app.sound().await;
}
