//! Download links: URLs that open one download without a header.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use entity::download_link;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{drive_of, folder, share, upload};
use crate::support::{Person, TestApp};

async fn link(app: &TestApp, person: &Person, item: &str) -> String {
    let input = json!({ "itemId": item });
    let made = app
        .run(person, "createDownloadLink", input, "url expiresAt")
        .await;
    let url = made["url"].as_str().unwrap_or_else(|| panic!("{made}"));
    url.strip_prefix("http://127.0.0.1:8000").unwrap().to_owned()
}

async fn open_by(app: &TestApp, method: Method, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder().method(method).uri(path);
    app.bytes(request.body(Body::empty()).unwrap()).await
}

async fn open(app: &TestApp, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    open_by(app, Method::GET, path).await
}

#[tokio::test]
async fn a_link_opens_one_download_once() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let top = folder(&app, &ann, &drive_of(&ann), "Reports").await;
    let file = upload(&app, &ann, &top, "a.txt", b"hello").await;
    let made = app
        .run(
            &ann,
            "createCalendar",
            json!({ "name": "Mine" }),
            "calendar { id }",
        )
        .await;
    let calendar = made["calendar"]["id"].as_str().unwrap();
    for (item, media_type) in [
        (file.as_str(), "text/plain"),
        (top.as_str(), "application/zip"),
        (calendar, "text/calendar; charset=utf-8"),
    ] {
        let path = link(&app, &ann, item).await;
        let (status, headers, _) = open_by(&app, Method::HEAD, &path).await;
        assert_eq!(status, StatusCode::OK, "HEAD does not use up the link");
        assert_eq!(headers[header::CONTENT_TYPE], media_type);
        let (status, headers, body) = open(&app, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!body.is_empty());
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
        let (status, _, body) = open(&app, &path).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let told: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(told["errors"][0]["extensions"]["code"], "NOT_FOUND");
    }
    // A link grants no access beyond that of its creator.
    let refused = app
        .refusal(&bob, "createDownloadLink", json!({ "itemId": file }))
        .await;
    assert_eq!(refused, ["NOT_FOUND itemId"]);
    let refused = app
        .refusal(&bob, "createDownloadLink", json!({ "itemId": bob.id() }))
        .await;
    assert_eq!(refused, ["INVALID itemId"]);
    for wrong in ["/download/x", &format!("/download/{}", "x".repeat(500))] {
        assert_eq!(open(&app, wrong).await.0, StatusCode::NOT_FOUND);
    }
    // The audit log records creator and item.
    let query =
        "{ auditLog(filter: {action: [\"download_link.created\"]}) { nodes { actor subject { id } } } }";
    let log = app.data(&admin, query, json!({})).await;
    let entries = log["auditLog"]["nodes"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(
        entries.contains(&json!({ "actor": ann.email, "subject": { "id": file } })),
        "{log}"
    );
    app.sound().await;
}

#[tokio::test]
async fn a_link_ends_with_its_time_session_and_access() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let top = folder(&app, &ann, &drive_of(&ann), "Reports").await;
    let file = upload(&app, &ann, &top, "a.txt", b"hello").await;
    share(&app, &ann, &top, &bob, "READ").await;

    let late = link(&app, &ann, &file).await;
    download_link::Entity::update_many()
        .col_expr(
            download_link::Column::ExpiresAt,
            Expr::value(app.db().clock().now()),
        )
        .exec(app.raw())
        .await
        .unwrap();
    assert_eq!(
        open(&app, &late).await.0,
        StatusCode::NOT_FOUND,
        "the link has expired"
    );

    let shared = link(&app, &bob, &file).await;
    let input = json!({ "folderId": top, "with": [bob.id()] });
    app.run(&ann, "unshareFolder", input, "folder { id }").await;
    assert_eq!(
        open(&app, &shared).await.0,
        StatusCode::NOT_FOUND,
        "the folder is no longer shared"
    );

    let of_leaver = link(&app, &ann, &file).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    assert_eq!(
        open(&app, &of_leaver).await.0,
        StatusCode::UNAUTHORIZED,
        "the creator was dismissed"
    );

    let own = upload(&app, &eve, &drive_of(&eve), "b.txt", b"hello").await;
    let signed_out = link(&app, &eve, &own).await;
    app.data(&eve, "mutation { signOut { userErrors { code } } }", json!({}))
        .await;
    assert_eq!(
        open(&app, &signed_out).await.0,
        StatusCode::UNAUTHORIZED,
        "the session has ended"
    );
    app.sound().await;
}
