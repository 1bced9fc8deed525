//! Says which database the tests ran on: a backend that is skipped is not known to work.

use std::sync::Arc;

use handover::clock::Clock;
use handover::db::{self, Db};
use handover::error::Error;

use sea_orm::{ConnectionTrait, DbBackend};

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

/// What was answered survives a power cut.
#[tokio::test]
async fn answered_writes_are_on_disk() {
    let app = TestApp::new().await;
    let synchronous = |app: Arc<handover::app::App>| async move {
        app.db
            .write(|tx: Arc<db::Tx>| async move {
                let sql = match app_backend(&tx) {
                    DbBackend::Sqlite => "PRAGMA synchronous",
                    _ => "SELECT CASE WHEN current_setting('synchronous_commit') = 'off' THEN 0 ELSE 2 END",
                };
                let rows = db::query(&tx.conn, sql, []).await?;
                Ok(rows[0].try_get_by_index::<i32>(0)?)
            })
            .await
            .unwrap()
    };
    assert_eq!(synchronous(Arc::clone(&app.app)).await, 2);
    if let Backend::Sqlite = Backend::here() {
        let url = format!("{}&synchronous=normal", app.url);
        let relaxed = TestApp::with(|options| options.database_url = url).await;
        assert_eq!(synchronous(Arc::clone(&relaxed.app)).await, 1);
    }
}

fn app_backend(tx: &db::Tx) -> DbBackend {
    tx.conn.get_database_backend()
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
