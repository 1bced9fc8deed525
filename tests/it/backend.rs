//! Says which database the tests ran on: a backend that is skipped is not known to work.

use handover::clock::Clock;
use handover::db::Db;
use handover::error::Error;

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

#[tokio::test]
async fn only_postgres_has_replicas() {
    let refused = |url: &'static str, replica: &'static str| async move {
        let refused = Db::connect_with(url, Some(replica), Clock::system()).await;
        matches!(refused.err(), Some(Error::BadInput(text)) if text.contains("--database-read-url"))
    };
    assert!(refused("sqlite::memory:", "postgres://127.0.0.1/replica").await);
    assert!(refused("sqlite::memory:", "sqlite::memory:").await);
}
