//! `active`: dismissal and return.

use chrono::TimeDelta;
use entity::dismissal::{self, DismissalState};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{Company, USER, ann, plain};

/// The spellings of `active: false` that clients send.
fn spellings(active: bool) -> Vec<Value> {
    let text = if active { "True" } else { "False" };
    vec![
        json!([{ "op": "replace", "path": "active", "value": active }]),
        json!([{ "op": "Replace", "path": "Active", "value": text }]),
        json!([{ "op": "replace", "value": { "active": active } }]),
        json!([{ "op": "Replace", "value": { "ACTIVE": text.to_lowercase() } }]),
        json!([{ "op": "add", "path": "active", "value": active }]),
        json!([{ "op": "add", "value": { "active": text } }]),
        json!([{ "op": "replace", "path": format!("{USER}:active"), "value": active }]),
        json!([{ "op": "replace", "value": { format!("{USER}:active"): text.to_uppercase() } }]),
    ]
}

#[tokio::test]
async fn d9_each_spelling_locks_out_at_once() {
    let company = Company::new().await;
    let viewer = "{ viewer { user { id } } }";
    for (n, operations) in spellings(false).into_iter().enumerate() {
        let ben = company.app.employee(&format!("ben{n}")).await;
        let path = format!("/Users/{}", plain(&ben));
        assert!(company.app.data(&ben, viewer, json!({})).await["viewer"]["user"].is_object());
        let (status, answer) = company.patch(&path, operations.clone()).await;
        assert_eq!(
            (status, &answer["active"]),
            (200, &json!(false)),
            "{operations}: {answer}"
        );
        let code = company.app.error(Some(&ben.token), viewer, json!({})).await;
        assert_eq!(code, "UNAUTHENTICATED", "{operations}");
        assert_eq!(company.app.open_sessions(&ben).await, 0);
        let (status, answer) = company.patch(&path, spellings(true)[n].clone()).await;
        assert_eq!((status, &answer["active"]), (200, &json!(true)), "{answer}");
        assert_eq!(company.user(&plain(&ben), "status").await["status"], "ACTIVE");
        // An old token stays invalid.
        assert_eq!(
            company.app.error(Some(&ben.token), viewer, json!({})).await,
            "UNAUTHENTICATED"
        );
    }
    let ben = company.app.employee("last").await;
    let body = json!({ "userName": ben.email, "active": false });
    let (status, answer) = company
        .send("PUT", &format!("/Users/{}", plain(&ben)), Some(body))
        .await;
    assert_eq!((status, &answer["active"]), (200, &json!(false)));
    let ben = company.app.employee("bulk").await;
    let operation = json!({
        "method": "PATCH", "path": format!("/Users/{}", plain(&ben)),
        "data": { "Operations": [{ "op": "replace", "path": "active", "value": "False" }] },
    });
    let (status, answer) = company
        .send("POST", "/Bulk", Some(json!({ "Operations": [operation] })))
        .await;
    assert_eq!(
        (status, &answer["Operations"][0]["status"]),
        (200, &json!("200")),
        "{answer}"
    );
    assert_eq!(
        company.app.error(Some(&ben.token), viewer, json!({})).await,
        "UNAUTHENTICATED"
    );
    company.app.sound().await;
}

#[tokio::test]
async fn without_active_the_status_stays() {
    let company = Company::new().await;
    let mut body = ann();
    body.as_object_mut().unwrap().remove("active");
    let made = company.create(body.clone()).await;
    assert_eq!(made["active"], true);
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    company.patch(&path, spellings(false)[0].clone()).await;
    let (_, answer) = company.send("PUT", &path, Some(body)).await;
    assert_eq!(answer["active"], false);
}

#[tokio::test]
async fn d24_the_last_administrator_stays() {
    let company = Company::new().await;
    let path = format!("/Users/{}", plain(&company.admin));
    let (status, answer) = company.patch(&path, spellings(false)[0].clone()).await;
    assert_eq!(
        (status, &answer["status"], answer.get("scimType")),
        (409, &json!("409"), None)
    );
    assert_eq!(company.refused("DELETE", &path, None).await.0, 409);
    assert_eq!(
        company.user(&plain(&company.admin), "status role").await,
        json!({ "status": "ACTIVE", "role": "ADMINISTRATOR" })
    );
    // With a second one, the first can go, and does not return through the directory.
    company
        .app
        .person("second", entity::user::Role::Administrator)
        .await;
    let (status, _) = company.patch(&path, spellings(false)[0].clone()).await;
    assert_eq!(status, 200);
    let code = company
        .app
        .error(
            Some(&company.admin.token),
            "{ viewer { user { id } } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "UNAUTHENTICATED");
}

#[tokio::test]
async fn somebody_dismissed_here_stays_dismissed() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    let input = json!({ "userId": super::typed(&id), "reason": "for cause" });
    company
        .app
        .run(&company.admin, "dismissUser", input, "user { id }")
        .await;
    assert_eq!(company.get(&path).await["active"], false);
    // Some clients send the whole profile with each change; the rest of it is applied.
    let mut body = ann();
    body["title"] = "Boss".into();
    let (status, answer) = company.send("PUT", &path, Some(body)).await;
    assert_eq!(
        (status, &answer["active"], &answer["title"]),
        (200, &json!(false), &json!("Boss"))
    );
    let warnings = company.about("warnings").await["warnings"].to_string();
    assert!(warnings.contains("stays dismissed"), "{warnings}");
    let log = "{ auditLog(filter: { action: [\"directory.activation_ignored\"] }) { totalCount } }";
    company.patch(&path, spellings(true)[0].clone()).await;
    assert_eq!(
        company.app.data(&company.admin, log, json!({})).await["auditLog"]["totalCount"],
        1
    );
    company
        .update(json!({ "whenDismissedHere": "DIRECTORY_DECIDES" }))
        .await;
    let (_, answer) = company.patch(&path, spellings(true)[0].clone()).await;
    assert_eq!(answer["active"], true);
}

#[tokio::test]
async fn somebody_created_as_inactive_was_never_dismissed() {
    let company = Company::new().await;
    let mut body = ann();
    body["active"] = "False".into();
    let made = company.create(body).await;
    assert_eq!(made["active"], false);
    let id = made["id"].as_str().unwrap();
    let log = "{ auditLog(filter: { action: [\"user.dismissed\"] }) { totalCount } }";
    assert_eq!(
        company.app.data(&company.admin, log, json!({})).await["auditLog"]["totalCount"],
        0
    );
    let (_, answer) = company
        .patch(&format!("/Users/{id}"), spellings(true)[0].clone())
        .await;
    assert_eq!(answer["active"], true);
    company.app.sound().await;
}

#[tokio::test]
async fn an_invited_person_can_be_dismissed() {
    let company = Company::new().await;
    let invited = company
        .app
        .run(
            &company.admin,
            "inviteUser",
            json!({ "email": "new@example.com" }),
            "user { id }",
        )
        .await;
    let found = company
        .get("/Users?filter=userName%20eq%20%22NEW@example.com%22")
        .await;
    let id = found["Resources"][0]["id"].as_str().unwrap();
    let (status, answer) = company
        .patch(&format!("/Users/{id}"), spellings(false)[0].clone())
        .await;
    assert_eq!((status, &answer["active"]), (200, &json!(false)), "{invited}");
    assert_eq!(company.user(id, "status").await["status"], "DISMISSED");
    let (_, answer) = company
        .patch(&format!("/Users/{id}"), spellings(true)[0].clone())
        .await;
    assert_eq!(answer["active"], true);
    assert_eq!(company.user(id, "status").await["status"], "ACTIVE");
}

#[tokio::test]
async fn a_scheduled_dismissal_is_brought_forward_with_its_moves() {
    let company = Company::new().await;
    let (ben, eva) = (
        company.app.employee("ben").await,
        company.app.employee("eva").await,
    );
    company.app.tasks(3, &eva, &ben).await;
    let later = company.app.db().clock().now() + TimeDelta::days(30);
    let input = json!({
        "userId": ben.id(), "reason": "retires", "effectiveAt": later,
        "handover": [{ "kind": "TASK_RESPONSIBLE", "to": { "userId": eva.id() } }],
    });
    company
        .app
        .run(&company.admin, "dismissUser", input, "dismissal { state }")
        .await;
    company.update(json!({ "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": [{ "userId": company.admin.id() }] }] })).await;
    let (status, _) = company
        .patch(&format!("/Users/{}", plain(&ben)), spellings(false)[0].clone())
        .await;
    assert_eq!(status, 200);
    company.app.drain().await;
    assert_eq!(company.app.tasks_of(&eva).await, 3);
    let rows = dismissal::Entity::find().all(company.app.raw()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].state, rows[0].reason.as_deref()),
        (DismissalState::InForce, Some("retires"))
    );
    company.app.sound().await;
}
