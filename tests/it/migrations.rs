//! Data migrations.

use handover::clock::Clock;
use handover::store::db;
use migration::Migrator;
use migration::sea_orm_migration::MigratorTrait;
use sea_orm::{ConnectionTrait, DatabaseConnection, Value};
use uuid::Uuid;

use crate::support;

/// A database with only the migrations before this one applied.
pub async fn before(name: &str) -> (DatabaseConnection, support::EmptyDatabase) {
    let (conn, folder) = support::empty_database().await;
    let all = Migrator::migrations();
    let place = all.iter().position(|m| m.name().contains(name)).unwrap();
    Migrator::up(&conn, Some(u32::try_from(place).unwrap()))
        .await
        .unwrap();
    (conn, folder)
}

pub async fn insert(conn: &impl ConnectionTrait, table: &str, row: Vec<(&str, Value)>) {
    let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        db::placeholders(1, values.len())
    );
    db::execute(conn, &sql, values).await.unwrap();
}

#[tokio::test]
async fn the_upgrade_keeps_invitations_whose_sender_may_still_invite() {
    let (conn, _folder) = before("m0011").await;
    let clock = Clock::system();
    let now = clock.now();
    let mut people = Vec::new();
    for (name, role, status) in [
        ("admin", "ADMINISTRATOR", "ACTIVE"),
        ("demoted", "EMPLOYEE", "ACTIVE"),
        ("kept", "EMPLOYEE", "INVITED"),
        ("by somebody demoted", "EMPLOYEE", "INVITED"),
        ("by an integration", "EMPLOYEE", "INVITED"),
        ("readdressed", "EMPLOYEE", "INVITED"),
        ("renamed", "EMPLOYEE", "INVITED"),
    ] {
        let id = clock.new_id();
        people.push((name, id));
        let row = vec![
            ("id", id.into()),
            ("email", name.into()),
            ("email_key", name.into()),
            ("sort_name", name.into()),
            ("search_text", name.into()),
            ("role", role.into()),
            ("status", status.into()),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ];
        insert(&conn, "users", row).await;
    }
    let of = |name: &str| people.iter().find(|(known, _)| *known == name).unwrap().1;
    let audit = async |action: &str, actor: Option<Uuid>, subject: Uuid, data: &str| {
        let row = vec![
            ("id", clock.new_id().into()),
            ("at", clock.now().into()),
            ("action", action.into()),
            ("actor", "somebody".into()),
            ("actor_user_id", actor.into()),
            ("subject_type", "user".into()),
            ("subject_id", subject.into()),
            ("data", data.into()),
        ];
        insert(&conn, "audit_entries", row).await;
    };
    for (name, sender) in [
        ("kept", Some("admin")),
        ("by somebody demoted", Some("demoted")),
        ("by an integration", None),
        ("readdressed", Some("admin")),
        ("renamed", Some("admin")),
    ] {
        let row = vec![
            ("hash", name.into()),
            ("user_id", of(name).into()),
            ("created_at", clock.now().into()),
            ("expires_at", now.into()),
        ];
        insert(&conn, "invitations", row).await;
        audit("user.invited", sender.map(of), of(name), "{}").await;
    }
    let admin = Some(of("admin"));
    audit("user.updated", admin, of("readdressed"), r#"{"email":"x"}"#).await;
    audit("user.updated", admin, of("renamed"), r#"{"givenName":"x"}"#).await;

    Migrator::up(&conn, None).await.unwrap();
    let sql = "SELECT hash, sent_by_id FROM invitations ORDER BY hash";
    let rows = db::query(&conn, sql, []).await.unwrap();
    let kept: Vec<(String, Option<Uuid>)> = rows
        .iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect();
    assert_eq!(kept, [("kept".to_owned(), admin), ("renamed".to_owned(), admin)]);
}

#[tokio::test]
async fn the_upgrade_normalizes_existing_text() {
    let (conn, _folder) = before("m0015").await;
    let clock = Clock::system();
    let now = clock.now();
    let times = |mut row: Vec<(&'static str, Value)>| {
        row.extend([("created_at", now.into()), ("updated_at", now.into())]);
        row
    };
    let mut people = Vec::new();
    for (email, family) in [
        ("ZOE\u{308}@example.com", "Zoe\u{308}"),
        ("zoë@example.com", "Émile"),
        ("straße@example.com", "Emil"),
    ] {
        let id = clock.new_id();
        people.push(id);
        let row = vec![
            ("id", id.into()),
            ("email", email.into()),
            ("email_key", email.to_lowercase().into()),
            ("external_id", email.to_lowercase().into()),
            ("family_name", family.into()),
            ("sort_name", family.to_lowercase().into()),
            ("search_text", family.to_lowercase().into()),
            ("role", "EMPLOYEE".into()),
            ("status", "ACTIVE".into()),
        ];
        insert(&conn, "users", times(row)).await;
    }
    let owner = people[0];
    let row = vec![
        ("id", clock.new_id().into()),
        ("title", "İstanbul".into()),
        ("search_text", "İstanbul".to_lowercase().into()),
        ("status", "PENDING".into()),
        ("creator_id", owner.into()),
    ];
    insert(&conn, "tasks", times(row)).await;
    let item = |id: Uuid, parent: Option<Uuid>, name: &str| {
        vec![
            ("id", id.into()),
            ("parent_id", parent.into()),
            ("owner_id", owner.into()),
            ("folder", parent.is_none().into()),
            ("name", name.into()),
            ("size", 0_i64.into()),
            ("media_type", parent.map(|_| "text/plain".to_owned()).into()),
            ("sha256", parent.map(|_| "0".to_owned()).into()),
            ("modified_at", now.into()),
        ]
    };
    insert(&conn, "drive_items", times(item(owner, None, "My Drive"))).await;
    for name in ["Ünï.txt", "U\u{308}ni\u{308}.txt", "a.pdf", "A.pdf", "A (2).PDF"] {
        insert(
            &conn,
            "drive_items",
            times(item(clock.new_id(), Some(owner), name)),
        )
        .await;
    }

    Migrator::up(&conn, None).await.unwrap();
    let texts = async |sql: &str| {
        let rows = db::query(&conn, sql, []).await.unwrap();
        let text = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).unwrap();
        rows.iter().map(text).collect::<Vec<_>>()
    };
    // If two people now have the same address, one keeps the old key.
    assert_eq!(
        texts("SELECT email_key FROM users ORDER BY id").await,
        ["zoe\u{308}@example.com", "zoë@example.com", "strasse@example.com"]
    );
    assert_eq!(
        texts("SELECT external_id FROM users ORDER BY id").await,
        ["zoe\u{308}@example.com", "zoë@example.com", "strasse@example.com"]
    );
    assert_eq!(
        texts("SELECT family_name FROM users ORDER BY sort_name").await,
        ["Emil", "Émile", "Zoe\u{308}"]
    );
    assert_eq!(texts("SELECT search_text FROM tasks").await, ["istanbul"]);
    assert_eq!(
        texts("SELECT name FROM drive_items WHERE parent_id IS NOT NULL ORDER BY id").await,
        [
            "Ünï.txt",
            "U\u{308}ni\u{308} (2).txt",
            "a.pdf",
            "A (3).pdf",
            "A (2).PDF"
        ]
    );
}
