//! Access to folders: one row for each relation of a person to a folder.

use axum::http::StatusCode;
use serde_json::json;

use super::{drive_of, folder, item, send, share, upload};
use crate::support::{Person, TestApp};

#[tokio::test]
async fn the_access_table_of_drives() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let owner = app.employee("owner").await;
    let mut people = Vec::new();
    for name in ["reader", "adder", "editor", "full", "deep", "other"] {
        people.push(app.employee(name).await);
    }
    let [reader, adder, editor, full, deep, other] = people.try_into().unwrap_or_else(|_| panic!());
    let home = drive_of(&owner);
    let team = folder(&app, &owner, &home, "Team").await;
    let inner = folder(&app, &owner, &team, "Inner").await;
    let below = folder(&app, &owner, &inner, "Below").await;
    let file = upload(&app, &owner, &inner, "plan.txt", b"plan").await;
    for (person, access) in [
        (&reader, "READ"),
        (&adder, "ADD"),
        (&editor, "EDIT"),
        (&full, "FULL"),
    ] {
        assert!(share(&app, &owner, &team, person, access).await.is_empty());
    }
    // The most permissive share applies: READ above, EDIT in the middle.
    assert!(share(&app, &owner, &team, &deep, "READ").await.is_empty());
    assert!(share(&app, &owner, &inner, &deep, "EDIT").await.is_empty());

    // (person, path of the file as they see it, may add, may move, may share)
    let seen = Some("/Team/Inner/plan.txt");
    for (who, path, adds, moves, shares) in [
        (&owner, seen, true, true, true),
        (&admin, seen, true, true, true),
        (&reader, seen, false, false, false),
        (&adder, seen, true, false, false),
        (&editor, seen, true, true, false),
        (&full, seen, true, true, true),
        (&deep, seen, true, true, false),
        (&other, None, false, false, false),
    ] {
        let name = who.email.as_str();
        let found = item(&app, who, &file).await;
        assert_eq!(found["path"].as_str(), path, "{name}");
        // My Drive itself is not shared with any of them.
        let top = item(&app, who, &team).await;
        let sees_home = [&owner, &admin].iter().any(|person| person.email == *name);
        assert_eq!(!top["parent"]["id"].is_null(), sees_home, "{name}");
        let query = "query($id: ID!) { user(id: $id) { drive { id } } }";
        let drive = app.data(who, query, json!({ "id": owner.id() })).await;
        assert_eq!(!drive["user"]["drive"].is_null(), sees_home, "{name}");

        let (status, _) = send(&app, who, &inner, &format!("from {name}"), b"x").await;
        let expected = match (adds, path) {
            (true, _) => StatusCode::CREATED,
            (false, Some(_)) => StatusCode::FORBIDDEN,
            (false, None) => StatusCode::NOT_FOUND,
        };
        assert_eq!(status, expected, "{name}");
        let made = attempt(
            &app,
            who,
            "createFolder",
            json!({ "parentId": inner, "name": name }),
        )
        .await;
        assert_eq!(made, outcome(adds, path, "parentId"), "{name}");
        // Move it there and back.
        let away = json!({ "itemIds": [file], "toFolderId": below });
        let moved = attempt(&app, who, "moveDriveItems", away).await;
        let place = if path.is_some() { "itemIds.0" } else { "toFolderId" };
        assert_eq!(moved, outcome(moves, path, place), "{name}");
        if moves {
            let back = json!({ "itemIds": [file], "toFolderId": inner });
            assert_eq!(attempt(&app, who, "moveDriveItems", back).await, "done");
        }
        let again = json!({ "folderId": inner, "with": [reader.id()], "access": "READ" });
        let shared = attempt(&app, who, "shareFolder", again).await;
        assert_eq!(shared, outcome(shares, path, "folderId"), "{name}");
        let taken = json!({ "folderId": inner, "with": [reader.id()] });
        let unshared = attempt(&app, who, "unshareFolder", taken).await;
        assert_eq!(unshared, outcome(shares, path, "folderId"), "{name}");
    }
    // Items belong to those who added them, and the owner of the folder has full access.
    let added = item(&app, &owner, &inner).await;
    assert_eq!(added["owner"]["email"], "owner@example.com");
    let listed =
        "query($id: ID!) { node(id: $id) { ... on Folder { items { nodes { name owner { email } } } } } }";
    let nodes = app.data(&owner, listed, json!({ "id": inner })).await;
    let of_adder: Vec<_> = nodes["node"]["items"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["owner"]["email"] == "adder@example.com")
        .collect();
    assert_eq!(of_adder.len(), 2);
    app.sound().await;
}

fn outcome(may: bool, path: Option<&str>, field: &str) -> String {
    match (may, path) {
        (true, _) => "done".to_owned(),
        (false, Some(_)) => "FORBIDDEN".to_owned(),
        (false, None) => format!("NOT_FOUND {field}"),
    }
}

async fn attempt(app: &TestApp, who: &Person, name: &str, input: serde_json::Value) -> String {
    let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($i: {kind}) {{ {name}(input: $i) {{ userErrors {{ code field }} }} }}");
    let (_, answer) = app.ask(Some(&who.token), &query, json!({ "i": input })).await;
    if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    match answer["data"][name]["userErrors"][0].as_object() {
        None => "done".to_owned(),
        Some(error) => {
            let field: Vec<&str> = error["field"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|part| part.as_str())
                .collect();
            format!("{} {}", error["code"].as_str().unwrap(), field.join("."))
        }
    }
}

#[tokio::test]
async fn shares_are_listed_and_revoked() {
    let app = TestApp::new().await;
    let (ann, bob, eve) = (
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let admin = app.administrator().await;
    let team = folder(&app, &ann, &drive_of(&ann), "Team").await;
    let inner = folder(&app, &ann, &team, "Inner").await;
    share(&app, &ann, &team, &bob, "READ").await;
    share(&app, &ann, &team, &eve, "READ").await;
    share(&app, &ann, &inner, &eve, "FULL").await;
    share(&app, &ann, &inner, &ann, "READ").await;
    let shares = async |id: &str| {
        let found = item(&app, &ann, id).await["shares"].clone();
        let tell = |share: &serde_json::Value| {
            format!(
                "{} {}",
                share["user"]["email"].as_str().unwrap(),
                share["access"].as_str().unwrap()
            )
        };
        found.as_array().unwrap().iter().map(tell).collect::<Vec<_>>()
    };
    assert_eq!(
        shares(&team).await,
        ["bob@example.com READ", "eve@example.com READ"]
    );
    assert_eq!(
        shares(&inner).await,
        ["bob@example.com READ", "eve@example.com FULL"]
    );

    let shared = async |person: &Person| {
        let found = app
            .data(
                person,
                "{ viewer { sharedFolders { nodes { name path } totalCount } } }",
                json!({}),
            )
            .await;
        let nodes = found["viewer"]["sharedFolders"]["nodes"].clone();
        nodes
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(shared(&eve).await, ["/Team", "/Team/Inner"]);
    assert_eq!(shared(&ann).await, Vec::<String>::new());
    for _ in 0..2 {
        let input = json!({ "folderId": team, "with": [eve.id(), bob.id()] });
        assert!(app.refusal(&ann, "unshareFolder", input).await.is_empty());
    }
    // Her path starts at the topmost folder that she can see.
    assert_eq!(shared(&eve).await, ["/Inner"]);
    assert!(item(&app, &bob, &inner).await.is_null());

    // Repeated shares are idempotent, and only active people get access.
    share(&app, &ann, &team, &bob, "ADD").await;
    share(&app, &ann, &team, &bob, "ADD").await;
    let log = app
        .data(
            &admin,
            "{ auditLog(filter: {action: [\"folder.shared\"]}) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(log["auditLog"]["totalCount"], 4);
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": eve.id() }),
        "user { id }",
    )
    .await;
    assert_eq!(
        share(&app, &ann, &team, &eve, "READ").await,
        ["RECIPIENT_NOT_ACTIVE with.0"]
    );
    assert!(
        share(&app, &admin, &drive_of(&ann), &bob, "READ")
            .await
            .is_empty()
    );
    assert_eq!(item(&app, &bob, &inner).await["path"], "/Team/Inner");
    app.sound().await;
}
