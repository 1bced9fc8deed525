//! Uploads and downloads.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::json;

use super::{drive_of, folder, item, send, upload};
use crate::support::{Person, TestApp, UPLOAD_LIMIT};

async fn get(
    app: &TestApp,
    person: Option<&Person>,
    path: &str,
    fields: &[(header::HeaderName, &str)],
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    if let Some(person) = person {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", person.token));
    }
    for (name, value) in fields {
        request = request.header(name, *value);
    }
    app.bytes(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn uploads_are_downloaded_whole_and_by_range() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
    let id = upload(&app, &ann, &drive_of(&ann), "Überblick 📷.bin", &bytes).await;
    let query = "query($id: ID!) { node(id: $id) { ... on File { name path size mediaType sha256 url \
                 owner { email } parent { name } } } }";
    let node = app.data(&ann, query, json!({ "id": id })).await["node"].clone();
    assert_eq!(node["path"], "/Überblick 📷.bin");
    assert_eq!(node["size"], 300_000);
    assert_eq!(node["mediaType"], "text/plain");
    assert_eq!(node["owner"]["email"], "ann@example.com");
    assert_eq!(node["parent"]["name"], "My Drive");
    let path = format!("/drive/{id}");
    assert!(node["url"].as_str().unwrap().ends_with(&path));

    let (status, headers, body) = get(&app, Some(&ann), &path, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body == bytes);
    assert_eq!(headers[header::CONTENT_LENGTH], "300000");
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(
        headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"_berblick _.bin\"; filename*=UTF-8''%C3%9Cberblick%20%F0%9F%93%B7.bin"
    );
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(tag.trim_matches('"'), node["sha256"].as_str().unwrap());

    let last = bytes.len() - 1;
    for (range, expected) in [
        ("bytes=0-99", 0..100),
        ("bytes=100-100", 100..101),
        ("bytes=299990-", 299_990..300_000),
        ("bytes=-5", last - 4..last + 1),
        ("bytes=299999-9999999", last..last + 1),
    ] {
        let (status, headers, body) = get(&app, Some(&ann), &path, &[(header::RANGE, range)]).await;
        assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{range}");
        let place = format!("bytes {}-{}/300000", expected.start, expected.end - 1);
        assert_eq!(headers[header::CONTENT_RANGE], place);
        assert!(body == bytes[expected], "{range}");
    }
    let (status, headers, _) = get(&app, Some(&ann), &path, &[(header::RANGE, "bytes=300000-")]).await;
    assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(headers[header::CONTENT_RANGE], "bytes */300000");
    // Ranges that a server may ignore are answered with the whole file.
    for (name, value) in [
        (header::RANGE, "bytes=0-1,5-6"),
        (header::RANGE, "lines=1-2"),
        (header::RANGE, "nonsense"),
    ] {
        let (status, _, body) = get(&app, Some(&ann), &path, &[(name, value)]).await;
        assert_eq!((status, body.len()), (StatusCode::OK, 300_000), "{value}");
    }
    let stale = [(header::RANGE, "bytes=0-9"), (header::IF_RANGE, "\"other\"")];
    assert_eq!(get(&app, Some(&ann), &path, &stale).await.0, StatusCode::OK);
    let fresh = [(header::RANGE, "bytes=0-9"), (header::IF_RANGE, tag.as_str())];
    assert_eq!(
        get(&app, Some(&ann), &path, &fresh).await.0,
        StatusCode::PARTIAL_CONTENT
    );
    let known = [(header::IF_NONE_MATCH, tag.as_str())];
    assert_eq!(
        get(&app, Some(&ann), &path, &known).await.0,
        StatusCode::NOT_MODIFIED
    );
    let other = [(header::IF_NONE_MATCH, "\"x\"")];
    assert_eq!(get(&app, Some(&ann), &path, &other).await.0, StatusCode::OK);
    app.sound().await;
}

#[tokio::test]
async fn uploads_never_overwrite_and_failed_ones_leave_nothing() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let home = drive_of(&ann);
    let mut names = Vec::new();
    for content in ["one", "two", "two"] {
        let id = upload(&app, &ann, &home, "a.txt", content.as_bytes()).await;
        names.push(item(&app, &ann, &id).await["name"].clone());
        let (_, _, body) = get(&app, Some(&ann), &format!("/drive/{id}"), &[]).await;
        assert_eq!(body, content.as_bytes());
    }
    assert_eq!(names, ["a.txt", "a (2).txt", "a (3).txt"]);
    // Empty files are allowed.
    let empty = upload(&app, &ann, &home, "empty", b"").await;
    let (status, headers, body) = get(&app, Some(&ann), &format!("/drive/{empty}"), &[]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    assert_eq!(headers[header::CONTENT_LENGTH], "0");

    for (name, says) in [
        ("", "it must not be empty"),
        ("../../etc/passwd", "it must not contain / or \\"),
        ("..", "this is a path to another folder, not a name"),
        ("a\0b", "it must not contain control characters"),
    ] {
        let (status, body) = send(&app, &ann, &home, name, b"x").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let told: serde_json::Value = serde_json::from_str(&body).unwrap();
        let expected = json!({ "message": says, "extensions": { "code": "INVALID", "field": ["name"] } });
        assert_eq!(told["errors"], json!([expected]));
    }
    let limit = usize::try_from(UPLOAD_LIMIT).unwrap();
    let (status, body) = send(&app, &ann, &home, "big", &vec![0; limit + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
    // Without Content-Length.
    let pieces = (0..=16).map(move |_| Ok::<_, std::io::Error>(vec![0_u8; limit / 16]));
    let request = Request::post(format!("/drive/{home}?name=big"))
        .header(header::AUTHORIZATION, format!("Bearer {}", ann.token));
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let (status, _, _) = app.bytes(request.body(body).unwrap()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // An interrupted upload.
    let pieces = [Ok(vec![1_u8; 10]), Err(std::io::Error::other("gone"))];
    let request = Request::post(format!("/drive/{home}?name=half"))
        .header(header::AUTHORIZATION, format!("Bearer {}", ann.token));
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let (status, _, _) = app.bytes(request.body(body).unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = send(&app, &bob, &home, "x", b"x").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = send(&app, &ann, "nonsense", "x", b"x").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = send(&app, &ann, &empty, "x", b"x").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let request = Request::post(format!("/drive/{home}?name=x"));
    let (status, _, _) = app.bytes(request.body(Body::from("x")).unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);

    let query = "query($id: ID!) { node(id: $id) { ... on Folder { items { totalCount } } } }";
    let there = app.data(&ann, query, json!({ "id": home })).await;
    assert_eq!(there["node"]["items"]["totalCount"], 4);
    app.sound().await;
}

/// A dismissal during an upload discards it.
#[tokio::test]
async fn a_dismissal_aborts_an_upload() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let receiver = std::sync::Arc::new(tokio::sync::Mutex::new(receiver));
    let body = Body::from_stream(futures_util::stream::unfold(receiver, |receiver| async move {
        let piece = receiver.lock().await.recv().await?;
        Some((piece, receiver))
    }));
    let request = Request::post(format!("/drive/{}?name=late", drive_of(&ann)))
        .header(header::AUTHORIZATION, format!("Bearer {}", ann.token))
        .body(body)
        .unwrap();
    let uploading = app.bytes(request);
    let dismissing = async {
        sender.send(Ok(vec![1; 1_000])).await.unwrap();
        app.run(
            &admin,
            "dismissUser",
            json!({ "userId": ann.id() }),
            "user { id }",
        )
        .await;
        sender.send(Ok(vec![2; 1_000])).await.unwrap();
        drop(sender);
    };
    let ((status, _, _), ()) = tokio::join!(uploading, dismissing);
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(super::tree(&app, &admin, &drive_of(&ann)).await.is_empty());
    app.sound().await;
}

#[tokio::test]
async fn a_folder_is_downloaded_as_an_archive() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let home = drive_of(&ann);
    let top = folder(&app, &ann, &home, "Berichte 📁").await;
    let deep = folder(&app, &ann, &top, "2026").await;
    folder(&app, &ann, &top, "empty").await;
    let long: Vec<u8> = (0..200_000_u32).map(|n| (n % 7) as u8).collect();
    upload(&app, &ann, &deep, "größe.bin", &long).await;
    upload(&app, &ann, &top, "a.txt", b"hello").await;
    upload(&app, &ann, &home, "outside.txt", b"no").await;

    let query = "query($id: ID!) { node(id: $id) { ... on Folder { archiveUrl } } }";
    let node = app.data(&ann, query, json!({ "id": top })).await;
    let path = format!("/drive/{top}.zip");
    assert!(node["node"]["archiveUrl"].as_str().unwrap().ends_with(&path));
    for person in [&ann, &admin] {
        let (status, headers, body) = get(&app, Some(person), &path, &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_TYPE], "application/zip");
        let mut entries = unpack(body);
        entries.sort();
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["2026/", "2026/größe.bin", "a.txt", "empty/"]);
        assert!(entries[1].1 == long);
        assert_eq!(entries[2].1, b"hello");
    }
    assert_eq!(get(&app, Some(&bob), &path, &[]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&app, None, &path, &[]).await.0, StatusCode::UNAUTHORIZED);
    let (status, _, _) = get(&app, Some(&ann), &format!("/drive/{top}"), &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    // The same through the command line.
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("ann.zip");
    let (db, blobs) = (app.db(), &app.app.blobs);
    let count = handover::domain::drive::archive::export(db, blobs, "ANN@example.com", &file)
        .await
        .unwrap();
    assert_eq!(count, 6);
    assert_eq!(unpack(std::fs::read(&file).unwrap()).len(), 6);
    let again = handover::domain::drive::archive::export(db, blobs, "ann@example.com", &file).await;
    assert!(again.is_err(), "an existing file is not overwritten");
    app.sound().await;
}

/// Reads an archive with an independent library.
fn unpack(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut entries = Vec::new();
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let name = entry.name().unwrap().into_owned();
        entries.push((name, content));
    }
    entries
}
