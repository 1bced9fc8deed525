//! Prints the database under test, so that a skipped backend is noticed.

use std::sync::Arc;

use handover::clock::Clock;
use handover::error::Error;
use handover::store::db;
use handover::store::db::Db;

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

/// Acknowledged writes survive a power cut.
#[tokio::test]
async fn acknowledged_writes_are_on_disk() {
    let app = TestApp::new().await;
    let synchronous = |app: Arc<handover::http::app::App>| async move {
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
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
    for replica in ["postgres://127.0.0.1/replica", "sqlite://other.db", "replica"] {
        let refused = Db::connect_with(&database, Some(replica), Clock::system()).await;
        assert!(
            matches!(refused.err(), Some(Error::BadInput(text)) if text.contains("--database-read-url")),
            "{replica}"
        );
    }
}

/// A statement that can't be sent closes only its own connection.
#[tokio::test]
async fn a_failed_statement_affects_only_its_connection() {
    let Backend::Postgres(_) = Backend::here() else {
        return;
    };
    let app = TestApp::new().await;
    let reader = app.db().read();
    let pid = async || -> i32 {
        let rows = db::query(reader, "SELECT pg_backend_pid() FROM pg_sleep(0.2)", [])
            .await
            .unwrap();
        rows[0].try_get_by_index(0).unwrap()
    };
    // Concurrently, so that there are four connections.
    let before = futures_util::join!(pid(), pid(), pid(), pid());
    let marks: Vec<String> = (1..=70_000).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT 1 WHERE 1 IN ({})", marks.join(","));
    let values: Vec<sea_orm::Value> = (0..70_000_i32).map(Into::into).collect();
    assert!(db::query(reader, &sql, values).await.is_err());
    let after = futures_util::join!(pid(), pid(), pid(), pid());
    let before = [before.0, before.1, before.2, before.3];
    let after = [after.0, after.1, after.2, after.3];
    let kept = after.iter().filter(|pid| before.contains(pid)).count();
    assert!(kept >= 3, "{before:?} {after:?}");
}
