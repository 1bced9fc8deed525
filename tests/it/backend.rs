//! Says which database the tests ran on: a backend that is skipped is not known to work.

use crate::support::{Backend, TestApp};

#[tokio::test]
async fn the_backend_is_named() {
    match Backend::here() {
        Backend::Sqlite => println!("PostgreSQL: skipped (set HANDOVER_TEST_POSTGRES to test it too)"),
        Backend::Postgres(_) => println!("PostgreSQL: tested"),
    }
    let app = TestApp::new().await;
    assert!(app.app.db.pending_migrations().await.unwrap().is_empty());
}
