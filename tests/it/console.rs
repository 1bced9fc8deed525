//! The GraphQL playground. `console/web/browser.test.mjs` tests it in a browser.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};

use crate::support::TestApp;

async fn get(app: &TestApp, path: &str, accept: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path)
        .header(header::ACCEPT, accept)
        .body(Body::empty())
        .unwrap();
    let (status, headers, bytes) = app.bytes(request).await;
    (status, headers, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_browser_gets_a_page_and_programs_get_answers() {
    let app = TestApp::new().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let (status, headers, page) = get(&app, "/graphql", browser).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["x-frame-options"], "DENY");
    if console::playground().is_some() {
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"));
        // It loads only from this origin.
        let loaded: Vec<&str> = page
            .split(['"', '\''])
            .filter(|text| text.starts_with('/') || text.contains("://"))
            .collect();
        assert_eq!(loaded.len(), 2, "{page}");
        for path in loaded {
            assert!(path.starts_with("/console/"), "{path}");
            let (status, headers, _) = get(&app, path, "*/*").await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(
                headers[header::CACHE_CONTROL]
                    .to_str()
                    .unwrap()
                    .contains("immutable")
            );
        }
    } else {
        assert!(page.contains("Node.js"), "{page}");
    }
    let (status, headers, answer) = get(&app, "/graphql?query=%7B__typename%7D", browser).await;
    assert_eq!((status, answer.contains("\"Query\"")), (StatusCode::OK, true));
    assert!(
        headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert_eq!(
        get(&app, "/graphql", "application/json").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        get(&app, "/console/nothing.js", "*/*").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        get(&app, "/console/..%2fplayground.html", "*/*").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_console_is_at_every_other_address() {
    let app = TestApp::new().await;
    for path in ["/", "/people", "/people/user_01/dismiss?step=2"] {
        let (status, headers, page) = get(&app, path, "text/html,*/*;q=0.8").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        if console::console().is_some() {
            assert_eq!(
                headers[header::CONTENT_SECURITY_POLICY],
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                 require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'; base-uri 'none'; \
                 form-action 'none'"
            );
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
            assert!(!page.contains("<style") && !page.contains("style="), "{page}");
        }
        assert_eq!(
            get(&app, path, "application/json").await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let (status, headers, version) = get(&app, "/console/version", "*/*").await;
    assert_eq!(
        (status, headers[header::CACHE_CONTROL].to_str().unwrap()),
        (StatusCode::OK, "no-store")
    );
    assert!(version.contains("build"), "{version}");
}
