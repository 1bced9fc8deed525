//! Abusive uploads: concurrency per person, quota and free disk space are limited.

use axum::http::StatusCode;
use tokio::io::AsyncWriteExt;

use super::{drive_of, send};
use crate::server::{Server, answer, locally};
use crate::support::TestApp;

#[tokio::test]
async fn concurrent_uploads_per_person_are_limited() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    locally(async {
        let server = Server::of(&app, 100).await;
        // The server sends 100 Continue when it starts to read the body: the upload has started.
        let head = format!(
            "POST /drive/{}?name=slow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Length: 4\r\nExpect: 100-continue\r\n\r\n",
            drive_of(&ann),
            ann.token
        );
        let mut in_flight = Vec::new();
        for _ in 0..8 {
            let mut one = server.connect(&head).await;
            let go_on = answer(&mut one).await;
            assert!(go_on.starts_with("HTTP/1.1 100 "), "{go_on}");
            one.write_all(b"ab").await.unwrap();
            in_flight.push(one);
        }
        let refused = answer(&mut server.connect(&head).await).await;
        assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
        assert_eq!(
            send(&app, &bob, &drive_of(&bob), "a", b"a").await.0,
            StatusCode::CREATED
        );
        for mut one in in_flight {
            one.write_all(b"cd").await.unwrap();
            let done = answer(&mut one).await;
            assert!(done.starts_with("HTTP/1.1 201 "), "{done}");
        }
        assert_eq!(
            send(&app, &ann, &drive_of(&ann), "a", b"a").await.0,
            StatusCode::CREATED
        );
    })
    .await;
}

#[tokio::test]
async fn uploads_are_limited_by_quota_and_free_disk_space() {
    let app = TestApp::with(|options| options.upload_quota = 100_000).await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let some = [7; 60_000];
    assert_eq!(
        send(&app, &ann, &drive_of(&ann), "1", &some).await.0,
        StatusCode::CREATED
    );
    let (status, said) = send(&app, &ann, &drive_of(&ann), "2", &some).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{said}");
    assert!(said.contains("quota"), "{said}");
    assert_eq!(
        send(&app, &bob, &drive_of(&bob), "1", &some).await.0,
        StatusCode::CREATED
    );

    let full = TestApp::with(|options| options.keep_free = u64::MAX).await;
    let ann = full.employee("ann").await;
    let (status, said) = send(&full, &ann, &drive_of(&ann), "1", &some).await;
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{said}");
}
