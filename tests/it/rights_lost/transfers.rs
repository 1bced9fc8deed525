//! Downloads, archives and uploads in progress.

use std::io::Cursor;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use entity::event;
use entity::user::Role;
use entity::{CalendarId, EventId};
use http_body_util::BodyExt;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tokio::sync::mpsc;

use super::{Loss, get, lose};
use crate::drive::{drive_of, folder, share, tree, upload};
use crate::support::{Person, TestApp, UPLOAD_LIMIT};

const ALL: [Loss; 4] = [Loss::Dismissed, Loss::SignedOut, Loss::Demoted, Loss::Unshared];

/// A person with access to the owner's folder who then loses it in this way.
async fn reader(app: &TestApp, name: &str, loss: Loss, owner: &Person, folder: &str) -> Person {
    let name = format!("{name}.{loss:?}");
    if loss == Loss::Demoted {
        return app.person(&name, Role::Administrator).await;
    }
    let reader = app.employee(&name).await;
    assert!(share(app, owner, folder, &reader, "EDIT").await.is_empty());
    reader
}

/// Reads the first chunk of a download, removes access and waits; returns how many bytes still arrive, and whether
/// the download breaks off.
async fn rest(mut body: Body, lost: impl Future<Output = ()>) -> (usize, bool) {
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(!first.is_empty());
    lost.await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    let mut more = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => more += frame.into_data().unwrap().len(),
            Err(_) => return (more, true),
        }
    }
    (more, false)
}

#[tokio::test]
async fn a_download_breaks_off_when_access_is_lost() {
    let app = TestApp::new().await;
    let (boss, owner) = (app.administrator().await, app.employee("owner").await);
    let team = folder(&app, &owner, &drive_of(&owner), "Team").await;
    let size = usize::try_from(UPLOAD_LIMIT).unwrap();
    let file = upload(&app, &owner, &team, "plan.bin", &vec![7; size]).await;
    for loss in ALL {
        for (name, path) in [
            ("file", format!("/drive/{file}")),
            ("zip", format!("/drive/{team}.zip")),
        ] {
            let who = reader(&app, name, loss, &owner, &team).await;
            let response = app.open(get(&path, &who)).await;
            assert_eq!(response.status(), StatusCode::OK);
            let lost = lose(&app, loss, &boss, &who, &owner, &team);
            let (more, broke_off) = rest(response.into_body(), lost).await;
            assert!(broke_off && more < size / 2, "{loss:?} {path}: {more}");
        }
    }
    app.sound().await;
}

/// Items created, uploaded or moved there after an archive started, or moved away, are not in it.
#[tokio::test]
async fn an_archive_excludes_items_added_later() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (owner, ann) = (app.employee("owner").await, app.employee("ann").await);
    let home = drive_of(&owner);
    let team = folder(&app, &owner, &home, "Team").await;
    let inner = folder(&app, &owner, &team, "inner").await;
    let old = folder(&app, &owner, &home, "old").await;
    let size = usize::try_from(UPLOAD_LIMIT).unwrap();
    upload(&app, &owner, &team, "a.bin", &vec![7; size]).await;
    upload(&app, &owner, &inner, "kept.txt", b"kept").await;
    let secret = folder(&app, &owner, &inner, "secret").await;
    upload(&app, &owner, &secret, "moved away.txt", b"x").await;
    upload(&app, &owner, &old, "moved in.txt", b"x").await;
    assert!(share(&app, &owner, &team, &ann, "READ").await.is_empty());

    let mut body = app
        .open(get(&format!("/drive/{team}.zip"), &ann))
        .await
        .into_body();
    let mut bytes = body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec();
    // The archive is blocked by its reader in the first file.
    upload(&app, &owner, &inner, "late.txt", b"late").await;
    let late = folder(&app, &owner, &inner, "late").await;
    upload(&app, &owner, &late, "later.txt", b"later").await;
    // Items renamed or handed over meanwhile stay in it.
    handover::store::db::execute(
        app.raw(),
        "UPDATE drive_items SET updated_at = $1 WHERE name = 'kept.txt'",
        [app.db().clock().now().into()],
    )
    .await
    .unwrap();
    for (item, to) in [(&old, &inner), (&secret, &home)] {
        let input = json!({ "itemIds": [item], "toFolderId": to });
        assert!(app.refusal(&owner, "moveDriveItems", input).await.is_empty());
    }
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
    names.sort_unstable();
    assert_eq!(names, ["a.bin", "inner/", "inner/kept.txt"]);
    app.sound().await;
}

#[tokio::test]
async fn a_calendar_file_breaks_off_when_access_is_lost() {
    let app = TestApp::new().await;
    app.breaks_rules();
    let (boss, owner) = (app.administrator().await, app.employee("owner").await);
    let input = json!({ "name": "Long" });
    let made = app.run(&owner, "createCalendar", input, "calendar { id }").await;
    let id = made["calendar"]["id"].as_str().unwrap();
    let calendar: CalendarId = id.parse().unwrap();
    let now = app.db().clock().now();
    let rows: Vec<_> = (0..1_500)
        .map(|n| event::ActiveModel {
            id: Set(EventId(app.db().clock().new_id())),
            external_id: Set(None),
            calendar_id: Set(calendar),
            organizer_id: Set(owner.id),
            title: Set(format!("meeting {n} {}", "about nothing much ".repeat(10))),
            search_text: Set(format!("meeting {n} {}", "about nothing much ".repeat(10))),
            location: Set(None),
            starts_at: Set(Some(now)),
            ends_at: Set(Some(now)),
            recurrence: Set(None),
            recurrence_text: Set(None),
            timezone: Set(None),
            over_at: Set(Some(now)),
            created_at: Set(now),
            updated_at: Set(now),
        })
        .collect();
    for some in rows.chunks(500) {
        let rows = event::Entity::insert_many(some.to_vec());
        rows.exec_without_returning(app.raw()).await.unwrap();
    }
    for loss in [Loss::Dismissed, Loss::SignedOut, Loss::Demoted] {
        let who = app.person(&format!("{loss:?}"), Role::Administrator).await;
        let response = app.open(get(&format!("/calendar/{id}.ics"), &who)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let lost = lose(&app, loss, &boss, &who, &owner, "");
        assert_eq!(rest(response.into_body(), lost).await, (0, true), "{loss:?}");
    }
}

#[tokio::test]
async fn an_upload_ends_when_access_is_lost() {
    let app = TestApp::new().await;
    let (boss, owner) = (app.administrator().await, app.employee("owner").await);
    let team = folder(&app, &owner, &drive_of(&owner), "Team").await;
    for (loss, expected) in [
        (Loss::Dismissed, StatusCode::UNAUTHORIZED),
        (Loss::SignedOut, StatusCode::UNAUTHORIZED),
        (Loss::Demoted, StatusCode::FORBIDDEN),
        (Loss::Unshared, StatusCode::FORBIDDEN),
    ] {
        let who = reader(&app, "x", loss, &owner, &team).await;
        // The client stalls before the end of the body.
        let (sender, mut pieces) = mpsc::unbounded_channel::<Result<Bytes, std::io::Error>>();
        sender.send(Ok(Bytes::from_static(b"the beginning"))).unwrap();
        let pieces = futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx));
        let request = Request::post(format!("/drive/{team}?name=late.txt"))
            .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
            .body(Body::from_stream(pieces))
            .unwrap();
        let losing = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            lose(&app, loss, &boss, &who, &owner, &team).await;
            std::time::Instant::now()
        };
        let (response, lost_at) = tokio::join!(app.open(request), losing);
        assert_eq!(response.status(), expected, "{loss:?}");
        assert!(lost_at.elapsed() < Duration::from_secs(2));
    }
    assert!(tree(&app, &owner, &team).await.is_empty());
    app.sound().await;
}

/// The last byte arrives after access was lost but before the next check: the transaction decides.
#[tokio::test]
async fn upload_access_is_checked_at_its_end() {
    let app = TestApp::new().await;
    let (boss, owner) = (app.administrator().await, app.employee("owner").await);
    let team = folder(&app, &owner, &drive_of(&owner), "Team").await;
    for loss in ALL {
        let who = reader(&app, "x", loss, &owner, &team).await;
        let (sender, mut pieces) = mpsc::unbounded_channel::<Result<Bytes, std::io::Error>>();
        let pieces = futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx));
        let request = Request::post(format!("/drive/{team}?name=late.txt"))
            .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
            .body(Body::from_stream(pieces))
            .unwrap();
        let losing = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            lose(&app, loss, &boss, &who, &owner, &team).await;
            sender.send(Ok(Bytes::from_static(b"all of it"))).unwrap();
            drop(sender);
        };
        let (response, ()) = tokio::join!(app.open(request), losing);
        assert!(
            response.status().is_client_error(),
            "{loss:?} {}",
            response.status()
        );
    }
    assert!(tree(&app, &owner, &team).await.is_empty());
    app.sound().await;
}
