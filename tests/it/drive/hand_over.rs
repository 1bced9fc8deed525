//! Handover and return of folders and files.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{drive_of, folder, item, send, share, tree, upload};
use crate::support::{Person, TestApp};

/// Ann's drive: two levels of folders with a share in the middle, and a file of hers in Eve's folder.
struct Company {
    app: TestApp,
    admin: Person,
    ann: Person,
    bob: Person,
    eve: Person,
    file: String,
    team: String,
}

async fn company() -> Company {
    // Small chunks, so that a tree takes several transactions.
    let app = TestApp::with_chunk(2).await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let home = drive_of(&ann);
    let reports = folder(&app, &ann, &home, "Reports").await;
    let year = folder(&app, &ann, &reports, "2026").await;
    share(&app, &ann, &reports, &eve, "ADD").await;
    let file = upload(&app, &ann, &year, "plan.txt", b"the plan").await;
    upload(&app, &ann, &home, "notes.txt", b"notes").await;
    upload(&app, &eve, &year, "by eve.txt", b"eve's").await;
    let team = folder(&app, &eve, &drive_of(&eve), "Team").await;
    share(&app, &eve, &team, &ann, "ADD").await;
    upload(&app, &ann, &team, "by ann.txt", b"ann's").await;
    Company {
        app,
        admin,
        ann,
        bob,
        eve,
        file,
        team,
    }
}

async fn work(app: &TestApp, admin: &Person, of: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { work { total lines { kind open } } } }";
    app.data(admin, query, json!({ "id": of.id() })).await["user"]["work"].clone()
}

#[tokio::test]
async fn a_drive_goes_into_one_folder_and_comes_back() {
    let Company {
        app,
        admin,
        ann,
        bob,
        eve,
        file,
        team,
    } = company().await;
    assert_eq!(
        work(&app, &admin, &ann).await["lines"],
        json!([{ "kind": "DRIVE", "open": 5 }])
    );
    // Bob has a folder of that name already.
    folder(&app, &bob, &drive_of(&bob), "Left by Ann").await;
    let moves = json!([{
        "kind": "DRIVE", "to": { "userId": bob.id() },
        "share": { "folderName": "Left by Ann", "with": [eve.id(), bob.id()], "access": "EDIT" },
    }]);
    let query =
        "query($i: BulkReassignInput!) { handoverPlan(input: $i) { total revision userErrors { code } } }";
    let plan = app
        .data(
            &admin,
            query,
            json!({ "i": { "fromUserId": ann.id(), "moves": moves } }),
        )
        .await["handoverPlan"]
        .clone();
    assert_eq!(
        (plan["total"].clone(), plan["userErrors"].clone()),
        (json!(5), json!([]))
    );
    let input = json!({ "userId": ann.id(), "handover": moves, "expectedRevision": plan["revision"] });
    let payload = app.run(&admin, "dismissUser", input, "handover { id }").await;
    app.drain().await;
    let id = &payload["handover"]["id"];
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { state moved failed lines { kind moved } \
                 entries(first: 20) { nodes { subject { __typename ... on DriveItem { name } } to { email } } } } } }";
    let handover = app.data(&admin, query, json!({ "id": id })).await["node"].clone();
    assert_eq!(handover["state"], "SUCCEEDED", "{handover}");
    assert_eq!(handover["lines"], json!([{ "kind": "DRIVE", "moved": 5 }]));
    let entries = handover["entries"]["nodes"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["subject"]["name"] == "plan.txt"
        && entry["subject"]["__typename"] == "File"
        && entry["to"]["email"] == "bob@example.com"));

    // The tree, the names and the shares stay; what is Eve's stays hers.
    assert_eq!(
        tree(&app, &bob, &drive_of(&bob)).await,
        [
            "/Left by Ann (2) bob",
            "/Left by Ann (2)/Reports bob",
            "/Left by Ann (2)/Reports/2026 bob",
            "/Left by Ann (2)/Reports/2026/by eve.txt eve",
            "/Left by Ann (2)/Reports/2026/plan.txt bob",
            "/Left by Ann (2)/notes.txt bob",
            "/Left by Ann bob",
        ]
    );
    assert!(tree(&app, &admin, &drive_of(&ann)).await.is_empty());
    assert_eq!(tree(&app, &eve, &team).await, ["/Team/by ann.txt bob"]);
    let seen = item(&app, &eve, &file).await;
    assert_eq!(seen["path"], "/Left by Ann (2)/Reports/2026/plan.txt");
    let general = app
        .data(
            &eve,
            "{ viewer { sharedFolders { nodes { id name shares { access user { email } } } } } }",
            json!({}),
        )
        .await["viewer"]["sharedFolders"]["nodes"]
        .clone();
    let general = general
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["name"] == "Left by Ann (2)")
        .unwrap()
        .clone();
    assert_eq!(
        general["shares"],
        json!([{ "access": "EDIT", "user": { "email": "eve@example.com" } }])
    );
    let bytes = app.bytes(get(&bob, &format!("/drive/{file}"))).await;
    assert_eq!((bytes.0, bytes.2), (StatusCode::OK, b"the plan".to_vec()));
    assert_eq!(
        app.bytes(get(&ann, &format!("/drive/{file}"))).await.0,
        StatusCode::UNAUTHORIZED
    );
    app.sound().await;

    // Bob moves one item elsewhere and adds his own item to one of her folders.
    let elsewhere = folder(&app, &bob, &drive_of(&bob), "Mine now").await;
    let reports = item(&app, &bob, &file).await["parent"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    upload(&app, &bob, &reports, "by bob.txt", b"bob's").await;
    let notes = find(&app, &bob, general["id"].as_str().unwrap(), "notes.txt").await;
    let input = json!({ "itemIds": [notes], "toFolderId": elsewhere });
    assert!(app.refusal(&bob, "moveDriveItems", input).await.is_empty());
    let input = json!({ "userId": ann.id(), "returnWork": true });
    let back = app.run(&admin, "hireUser", input, "handover { id }").await;
    app.drain().await;
    let returned = app
        .data(
            &admin,
            "query($id: ID!) { node(id: $id) { ... on Handover { state moved skipped } } }",
            json!({ "id": back["handover"]["id"] }),
        )
        .await;
    assert_eq!(
        returned["node"],
        json!({ "state": "SUCCEEDED", "moved": 4, "skipped": 1 })
    );
    assert_eq!(
        tree(&app, &admin, &drive_of(&ann)).await,
        [
            "/Reports ann",
            "/Reports/2026 ann",
            "/Reports/2026/by bob.txt bob",
            "/Reports/2026/by eve.txt eve",
            "/Reports/2026/plan.txt ann",
        ]
    );
    assert_eq!(
        tree(&app, &bob, &drive_of(&bob)).await,
        [
            "/Left by Ann (2) bob",
            "/Left by Ann bob",
            "/Mine now bob",
            "/Mine now/notes.txt bob"
        ]
    );
    assert_eq!(tree(&app, &eve, &team).await, ["/Team/by ann.txt ann"]);
    app.sound().await;
}

fn get(person: &Person, path: &str) -> axum::http::Request<axum::body::Body> {
    axum::http::Request::get(path)
        .header("authorization", format!("Bearer {}", person.token))
        .body(axum::body::Body::empty())
        .unwrap()
}

async fn find(app: &TestApp, person: &Person, folder: &str, name: &str) -> String {
    let query =
        "query($id: ID!) { node(id: $id) { ... on Folder { items(first: 100) { nodes { id name } } } } }";
    let found = app.data(person, query, json!({ "id": folder })).await;
    let nodes = found["node"]["items"]["nodes"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["name"] == name).unwrap();
    node["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn selected_folders_move_with_content_and_clashes_are_numbered() {
    let app = TestApp::with_chunk(2).await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let home = drive_of(&ann);
    let a = folder(&app, &ann, &home, "a").await;
    let b = folder(&app, &ann, &home, "b").await;
    let one = folder(&app, &ann, &a, "same").await;
    let two = folder(&app, &ann, &b, "same").await;
    let inside = upload(&app, &ann, &one, "x.txt", b"1").await;
    upload(&app, &ann, &two, "x.txt", b"2").await;
    upload(&app, &ann, &a, "stays.txt", b"3").await;
    let before = tree(&app, &ann, &home).await;
    // One item is listed itself and through its folder.
    let moves = json!([{ "kind": "DRIVE", "to": { "userId": bob.id() }, "ids": [one, two, inside] }]);
    for from in [json!(ann.id()), Value::Null] {
        let input = json!({ "fromUserId": from, "moves": moves });
        let moved = app.run(&admin, "bulkReassign", input, "handover { id }").await;
        app.drain().await;
        let root = if from.is_null() {
            "Handed over"
        } else {
            "Drive of ann"
        };
        assert_eq!(
            tree(&app, &bob, &drive_of(&bob)).await,
            [
                format!("/{root} bob"),
                format!("/{root}/same (2) bob"),
                format!("/{root}/same (2)/x.txt bob"),
                format!("/{root}/same bob"),
                format!("/{root}/same/x.txt bob"),
            ]
        );
        assert_eq!(
            tree(&app, &ann, &home).await,
            ["/a ann", "/a/stays.txt ann", "/b ann"]
        );
        app.sound().await;
        let id = moved["handover"]["id"].clone();
        app.run(
            &admin,
            "undoHandover",
            json!({ "handoverId": id }),
            "handover { id }",
        )
        .await;
        app.drain().await;
        assert_eq!(tree(&app, &ann, &home).await, before);
        app.sound().await;
        // The next round starts without the leftover folder.
        let left = find(&app, &bob, &drive_of(&bob), root).await;
        let attic = folder(&app, &bob, &drive_of(&bob), "attic").await;
        let input = json!({ "itemIds": [left], "toFolderId": attic });
        app.refusal(&bob, "moveDriveItems", input).await;
        let input =
            json!({ "fromUserId": bob.id(), "moves": [{ "kind": "DRIVE", "to": { "userId": admin.id() } }] });
        app.run(&admin, "bulkReassign", input, "handover { id }").await;
        app.drain().await;
    }
}

/// An item's original folder may have been moved into the item meanwhile.
#[tokio::test]
async fn a_returned_folder_is_never_inside_itself() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let home = drive_of(&ann);
    let outer = folder(&app, &ann, &home, "outer").await;
    let inner = folder(&app, &ann, &outer, "inner").await;
    let moves = json!([{ "kind": "DRIVE", "to": { "userId": bob.id() }, "ids": [inner] }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let moved = app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    let input = json!({ "itemIds": [outer], "toFolderId": inner });
    assert!(app.refusal(&admin, "moveDriveItems", input).await.is_empty());
    let id = moved["handover"]["id"].clone();
    app.run(
        &admin,
        "undoHandover",
        json!({ "handoverId": id }),
        "handover { id }",
    )
    .await;
    app.drain().await;
    assert_eq!(tree(&app, &ann, &home).await, ["/inner ann", "/inner/outer ann"]);
    app.sound().await;
}

#[tokio::test]
async fn invalid_drive_handovers_are_refused() {
    let Company {
        app,
        admin,
        ann,
        bob,
        eve,
        file,
        ..
    } = company().await;
    let gone = app.employee("gone").await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": gone.id() }),
        "user { id }",
    )
    .await;
    let task = app.tasks(1, &ann, &ann).await[0].to_string();
    let share = |with: &Person| json!({ "with": [with.id()], "access": "READ" });
    for (change, expected) in [
        (
            json!({ "to": { "evenlyAmong": [bob.id(), eve.id()] } }),
            "INVALID moves.0.to.evenlyAmong",
        ),
        (
            json!({ "share": share(&gone) }),
            "RECIPIENT_NOT_ACTIVE moves.0.share.with.0",
        ),
        (
            json!({ "share": { "folderName": "a/b", "with": [], "access": "READ" } }),
            "INVALID moves.0.share.folderName",
        ),
        (
            json!({ "kind": "TASK_RESPONSIBLE", "share": share(&eve) }),
            "INVALID moves.0.share",
        ),
        (json!({ "ids": [task] }), "INVALID moves.0.ids.0"),
        (json!({ "ids": [drive_of(&ann)] }), "NOT_FOUND moves.0.ids.0"),
        (
            json!({ "keepAsObserver": true }),
            "INVALID moves.0.keepAsObserver",
        ),
    ] {
        let mut wanted = json!({ "kind": "DRIVE", "to": { "userId": bob.id() } });
        for (field, value) in change.as_object().unwrap() {
            wanted[field] = value.clone();
        }
        let input = json!({ "fromUserId": ann.id(), "moves": [wanted] });
        assert_eq!(app.refusal(&admin, "bulkReassign", input).await, [expected]);
    }
    // Items that the recipient already owns are skipped.
    let moves = json!([{ "kind": "DRIVE", "to": { "userId": eve.id() }, "ids": [file] }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    assert_eq!(item(&app, &eve, &file).await["path"], "/Drive of ann/plan.txt");
    assert_eq!(
        send(&app, &ann, &drive_of(&eve), "x", b"x").await.0,
        StatusCode::NOT_FOUND
    );
    app.sound().await;
}
