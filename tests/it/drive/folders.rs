//! Creating and moving folders.

use serde_json::json;

use super::{drive_of, folder, item, share, tree, upload};
use crate::support::TestApp;

#[tokio::test]
async fn folders_move_with_their_content() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let home = drive_of(&ann);
    let a = folder(&app, &ann, &home, "a").await;
    let b = folder(&app, &ann, &home, "b").await;
    let inner = folder(&app, &ann, &a, "inner").await;
    let one = upload(&app, &ann, &inner, "x.txt", b"1").await;
    upload(&app, &ann, &b, "inner", b"a file that is called like a folder").await;
    let two = upload(&app, &ann, &b, "x.txt", b"2").await;
    let moving = async |items: &[&String], to: &String| {
        let input = json!({ "itemIds": items, "toFolderId": to });
        app.refusal(&ann, "moveDriveItems", input).await
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(moving(&[&inner], &b).await, none);
    assert_eq!(moving(&[&inner], &b).await, none, "a repeated move is a no-op");
    assert_eq!(moving(&[&one, &two], &home).await, none);
    assert_eq!(
        tree(&app, &ann, &home).await,
        [
            "/a ann",
            "/b ann",
            "/b/inner (2) ann",
            "/b/inner ann",
            "/x (2).txt ann",
            "/x.txt ann"
        ]
    );
    let payload = app
        .run(
            &ann,
            "moveDriveItems",
            json!({ "itemIds": [two, one], "toFolderId": a }),
            "items { name path __typename }",
        )
        .await;
    assert_eq!(payload["items"][0]["path"], "/a/x (2).txt");
    assert_eq!(payload["items"][1]["path"], "/a/x.txt");

    // A folder can't be moved into itself, and a My Drive can't be moved.
    assert_eq!(moving(&[&a, &b], &a).await, ["INVALID itemIds.0"]);
    assert_eq!(moving(&[&b], &inner).await, ["INVALID itemIds.0"]);
    assert_eq!(moving(&[&home], &a).await, ["INVALID itemIds.0"]);
    assert_eq!(moving(&[&one, &one], &a).await, ["INVALID itemIds.1"]);
    assert_eq!(moving(&[&ann.id()], &a).await, ["INVALID itemIds.0"]);
    assert_eq!(moving(&[&a], &drive_of(&bob)).await, ["NOT_FOUND toFolderId"]);
    assert_eq!(
        moving(&[&a], &one.replace("file", "folder")).await,
        ["NOT_FOUND toFolderId"]
    );
    assert!(item(&app, &ann, &inner).await["path"] == "/b/inner (2)");
    app.sound().await;
}

/// Items directly in a My Drive belong to its owner.
#[tokio::test]
async fn items_directly_in_a_drive_belong_to_its_owner() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let team = folder(&app, &ann, &drive_of(&ann), "Team").await;
    share(&app, &ann, &team, &bob, "EDIT").await;
    let of_ann = upload(&app, &ann, &team, "ann.txt", b"a").await;
    let of_bob = upload(&app, &bob, &team, "bob.txt", b"b").await;
    let take = async |id: &String| {
        let input = json!({ "itemIds": [id], "toFolderId": drive_of(&bob) });
        app.refusal(&bob, "moveDriveItems", input).await
    };
    // She let him move it, not take ownership.
    let own = folder(&app, &bob, &drive_of(&bob), "Own").await;
    for to in [&drive_of(&bob), &own] {
        let query =
            "mutation($i: MoveDriveItemsInput!) { moveDriveItems(input: $i) { userErrors { code } } }";
        let input = json!({ "i": { "itemIds": [of_ann], "toFolderId": to } });
        assert_eq!(app.error(Some(&bob.token), query, input).await, "FORBIDDEN");
    }
    share(&app, &ann, &team, &bob, "FULL").await;
    assert_eq!(take(&of_ann).await, ["INVALID itemIds.0"]);
    assert_eq!(take(&of_bob).await, Vec::<String>::new());
    // An administrator adds an item for her.
    let made = folder(&app, &admin, &drive_of(&ann), "For you").await;
    assert_eq!(item(&app, &ann, &made).await["owner"]["email"], "ann@example.com");
    app.sound().await;
}

#[tokio::test]
async fn folder_names_are_unique_and_depth_is_limited() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let home = drive_of(&ann);
    folder(&app, &ann, &home, "a").await;
    let make = async |parent: &str, name: &str| {
        let input = json!({ "parentId": parent, "name": name });
        app.refusal(&ann, "createFolder", input).await
    };
    assert_eq!(make(&home, "a").await, ["NAME_TAKEN name"]);
    assert_eq!(make(&home, "A").await, ["NAME_TAKEN name"]);
    assert_eq!(make(&home, "ä").await, Vec::<String>::new());
    for name in ["", "a/b", "..", "\u{202e}"] {
        assert_eq!(make(&home, name).await, ["INVALID name"], "{name:?}");
    }
    assert_eq!(make("folder_x", "a").await, ["INVALID parentId"]);
    let mut deepest = home;
    for n in 2..=handover::domain::drive::MAX_DEPTH {
        deepest = folder(&app, &ann, &deepest, &n.to_string()).await;
    }
    assert_eq!(make(&deepest, "too deep").await, ["TOO_MANY parentId"]);
    app.sound().await;
}
