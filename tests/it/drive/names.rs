//! Names of folders and files in uploads, lists and downloads.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entity::drive_item;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use std::collections::HashSet;

use super::{drive_of, folder, item, share, upload};
use crate::support::{Person, TestApp};

async fn post(app: &TestApp, person: &Person, address: &str, media_type: &str) -> (StatusCode, Value) {
    let request = Request::post(address)
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, media_type);
    let (status, _, body) = app.bytes(request.body(Body::from("bytes")).unwrap()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

async fn archive(app: &TestApp, person: &Person, folder: &str) -> zip::ZipArchive<std::io::Cursor<Vec<u8>>> {
    let request = Request::get(format!("/drive/{folder}.zip"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token));
    let (status, _, body) = app.bytes(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    zip::ZipArchive::new(std::io::Cursor::new(body)).unwrap()
}

#[tokio::test]
async fn names_that_clash_on_other_file_systems_are_numbered() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let top = folder(&app, &ann, &drive_of(&ann), "Top").await;
    for name in [
        "Ünï.txt",
        "U\u{308}ni\u{308}.txt",
        "Report.pdf",
        "REPORT.pdf",
        "Straße",
        "STRASSE",
    ] {
        upload(&app, &ann, &top, name, name.as_bytes()).await;
    }
    let archive = archive(&app, &ann, &top).await;
    let names: HashSet<String> = archive
        .file_names()
        .map(|name| text::name_key(&name.unwrap()))
        .collect();
    assert_eq!(names.len(), 6, "{names:?}");
    // New folders with such a name are refused, and moved items are numbered.
    let refused = app
        .refusal(
            &ann,
            "createFolder",
            json!({ "parentId": top, "name": "report.PDF" }),
        )
        .await;
    assert_eq!(refused, ["NAME_TAKEN name"]);
    let other = upload(&app, &ann, &drive_of(&ann), "rePort.pdf", b"x").await;
    let input = json!({ "itemIds": [other], "toFolderId": top });
    app.run(&ann, "moveDriveItems", input, "items { id }").await;
    assert_eq!(item(&app, &ann, &other).await["name"], "rePort (3).pdf");
    app.sound().await;
}

#[tokio::test]
async fn form_uploads_are_refused() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let home = drive_of(&ann);
    let address = format!("/drive/{home}?name=form.txt");
    for media_type in ["multipart/form-data; boundary=x", "Multipart/Mixed; boundary=x"] {
        let (status, told) = post(&app, &ann, &address, media_type).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(
            told["errors"][0]["extensions"]["code"], "UNSUPPORTED_MEDIA_TYPE",
            "{told}"
        );
    }
    // curl's default media type is ignored.
    let (status, file) = post(&app, &ann, &address, "application/x-www-form-urlencoded").await;
    assert_eq!(
        (status, &file["mediaType"]),
        (StatusCode::CREATED, &json!("application/octet-stream"))
    );
    app.sound().await;
}

#[tokio::test]
async fn names_must_be_utf_8() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let home = drive_of(&ann);
    for name in ["%E4.txt", "a%FF", "%C3"] {
        let (status, told) = post(&app, &ann, &format!("/drive/{home}?name={name}"), "text/plain").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
        let error = &told["errors"][0];
        assert_eq!(
            error["extensions"],
            json!({ "code": "INVALID", "field": ["name"] })
        );
    }
    for (name, expected) in [
        ("%C3%A4.txt", "ä.txt"),
        ("a%CC%88.txt", "ä (2).txt"),
        ("a+b%2Bc&x=1", "a b+c"),
    ] {
        let (status, file) = post(&app, &ann, &format!("/drive/{home}?name={name}"), "text/plain").await;
        assert_eq!((status, &file["name"]), (StatusCode::CREATED, &json!(expected)));
    }
}

#[tokio::test]
async fn names_fit_file_systems_and_archives() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let top = folder(&app, &ann, &drive_of(&ann), "Top").await;
    let long = "報".repeat(200);
    let refused = app
        .refusal(&ann, "createFolder", json!({ "parentId": top, "name": long }))
        .await;
    assert_eq!(refused, ["INVALID name"]);
    let old = upload(&app, &ann, &top, "old.pdf", b"x").await;
    let new = upload(&app, &ann, &top, "new.pdf", b"x").await;
    // A name from before the limit, and a date outside the range of ZIP.
    for (id, name, at) in [
        (&old, format!("{long}.pdf"), "1970-01-01T00:00:00Z"),
        (&new, "new.pdf".to_owned(), "2500-01-01T00:00:00Z"),
    ] {
        let mut row = drive_item::Entity::find_by_id(id.parse::<entity::FileId>().unwrap().0)
            .one(app.raw())
            .await
            .unwrap()
            .unwrap();
        row.set_name(name);
        drive_item::Entity::update_many()
            .col_expr(drive_item::Column::Name, Expr::value(row.name))
            .col_expr(drive_item::Column::NameKey, Expr::value(row.name_key))
            .col_expr(drive_item::Column::SortKey, Expr::value(row.sort_key))
            .col_expr(
                drive_item::Column::ModifiedAt,
                Expr::value(at.parse::<entity::Timestamp>().unwrap()),
            )
            .filter(drive_item::Column::Id.eq(row.id))
            .exec(app.raw())
            .await
            .unwrap();
    }
    let mut archive = archive(&app, &ann, &top).await;
    let mut found = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index(place).unwrap();
        let name = entry.name().unwrap().into_owned();
        assert!(name.len() <= 255 && name.ends_with(".pdf"), "{name}");
        found.push(entry.last_modified().unwrap().year());
    }
    found.sort_unstable();
    assert_eq!(found, [1980, 2107]);
}

#[tokio::test]
async fn a_download_has_both_filename_parameters() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let id = upload(&app, &ann, &drive_of(&ann), "Bericht \"Ü\".pdf", b"x").await;
    let request =
        Request::get(format!("/drive/{id}")).header(header::AUTHORIZATION, format!("Bearer {}", ann.token));
    let (_, headers, _) = app.bytes(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"Bericht ___.pdf\"; filename*=UTF-8''Bericht%20%22%C3%9C%22.pdf"
    );
}

#[tokio::test]
async fn drive_errors_have_a_code() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let top = folder(&app, &ann, &drive_of(&ann), "Top").await;
    share(&app, &ann, &top, &bob, "READ").await;
    for (address, status, code) in [
        (format!("/drive/{top}?name=x"), StatusCode::FORBIDDEN, "FORBIDDEN"),
        (
            format!("/drive/{}?name=x", drive_of(&ann)),
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            "/drive/nonsense?name=x".to_owned(),
            StatusCode::BAD_REQUEST,
            "INVALID",
        ),
    ] {
        let (found, told) = post(&app, &bob, &address, "text/plain").await;
        assert_eq!(found, status);
        assert_eq!(told["errors"][0]["extensions"]["code"], code, "{told}");
        assert!(told["errors"][0]["message"].is_string());
    }
    let (status, answer) = app
        .send(
            Request::get(format!("/drive/{top}.zip"))
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn folders_and_files_are_renamed() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let home = drive_of(&ann);
    let top = folder(&app, &ann, &home, "Reports").await;
    let file = upload(&app, &ann, &top, "a.txt", b"x").await;
    upload(&app, &ann, &top, "B.txt", b"x").await;
    let rename = async |person: &Person, id: &str, name: &str| {
        app.refusal(person, "renameDriveItem", json!({ "itemId": id, "name": name }))
            .await
    };
    let input = json!({ "itemId": file, "name": " U\u{308}bersicht.txt " });
    let renamed = app
        .run(&ann, "renameDriveItem", input, "item { id name path }")
        .await;
    assert_eq!(
        renamed["item"],
        json!({ "id": file, "name": "Übersicht.txt", "path": "/Reports/Übersicht.txt" })
    );
    // A change of case of its own name is allowed, the name of another item is not.
    assert!(rename(&ann, &file, "ÜBERSICHT.txt").await.is_empty());
    assert_eq!(rename(&ann, &file, "b.TXT").await, ["NAME_TAKEN name"]);
    for bad in ["", "..", "a/b", "a\u{202e}b", "\u{200b}"] {
        assert_eq!(rename(&ann, &file, bad).await, ["INVALID name"], "{bad:?}");
    }
    assert_eq!(rename(&ann, &home, "Mine").await, ["INVALID itemId"]);
    assert_eq!(rename(&bob, &top, "Mine").await, ["NOT_FOUND itemId"]);
    share(&app, &ann, &top, &bob, "ADD").await;
    let query = "mutation($i: RenameDriveItemInput!) { renameDriveItem(input: $i) { userErrors { code } } }";
    let input = json!({ "i": { "itemId": top, "name": "Mine" } });
    assert_eq!(app.error(Some(&bob.token), query, input).await, "FORBIDDEN");
    share(&app, &ann, &top, &bob, "EDIT").await;
    assert!(rename(&bob, &top, "Ours").await.is_empty());
    let query =
        "{ auditLog(filter: {action: [\"drive.renamed\"]}) { totalCount nodes { data subject { id } } } }";
    let log = app.data(&admin, query, json!({})).await;
    assert_eq!(log["auditLog"]["totalCount"], 3);
    assert_eq!(log["auditLog"]["nodes"][0]["subject"]["id"], top.as_str());
    assert_eq!(
        log["auditLog"]["nodes"][0]["data"],
        "{\"before\":\"Reports\",\"name\":\"Ours\"}"
    );
    app.sound().await;
}

/// The leaver's items in a colleague's folder now belong to the recipient, who can't see that folder.
#[tokio::test]
async fn items_handed_over_in_a_colleagues_folder_are_listed() {
    let app = TestApp::new().await;
    let (admin, leaver, recipient, owner) = (
        app.administrator().await,
        app.employee("leaver").await,
        app.employee("recipient").await,
        app.employee("owner").await,
    );
    let team = folder(&app, &owner, &drive_of(&owner), "Team").await;
    share(&app, &owner, &team, &leaver, "EDIT").await;
    let plans = folder(&app, &leaver, &team, "Plans").await;
    let inner = upload(&app, &leaver, &plans, "plan.txt", b"x").await;
    let loose = upload(&app, &leaver, &team, "loose.txt", b"x").await;
    let moves = json!([{ "kind": "DRIVE", "to": { "userId": recipient.id() } }]);
    let input = json!({ "fromUserId": leaver.id(), "moves": moves });
    app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    let listed = async |person: &Person| {
        let query = "{ viewer { sharedFolders { totalCount nodes { ... on DriveItem { id } } } } }";
        let found = app.data(person, query, json!({})).await["viewer"]["sharedFolders"].clone();
        let nodes = found["nodes"].as_array().unwrap();
        assert_eq!(found["totalCount"], nodes.len());
        nodes
            .iter()
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // Items below a listed folder need no entry.
    assert_eq!(listed(&recipient).await, [plans.clone(), loose.clone()]);
    assert_eq!(item(&app, &recipient, &inner).await["path"], "/Plans/plan.txt");
    assert!(listed(&owner).await.is_empty());
    // Once the recipient is in the team's folder, they are found there.
    share(&app, &owner, &team, &recipient, "READ").await;
    assert_eq!(listed(&recipient).await, [team]);
    app.sound().await;
}
