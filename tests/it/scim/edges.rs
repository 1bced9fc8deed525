//! Where a directory meets schedules, namesakes, other people's decisions and broken text.

use chrono::TimeDelta;
use entity::user::Role;
use serde_json::{Value, json};

use super::{Company, ann, plain, typed};

fn deactivate() -> Value {
    json!([{ "op": "replace", "path": "active", "value": false }])
}

fn activate() -> Value {
    json!([{ "op": "replace", "path": "active", "value": true }])
}

#[tokio::test]
async fn a_dismissal_that_a_person_had_scheduled_stays_when_it_is_brought_forward() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    let later = company.app.db().clock().now() + TimeDelta::days(30);
    let input = json!({ "userId": ben.id(), "reason": "for cause", "effectiveAt": later });
    company
        .app
        .run(&company.admin, "dismissUser", input, "dismissal { state }")
        .await;
    let path = format!("/Users/{}", plain(&ben));
    assert_eq!(company.patch(&path, deactivate()).await.1["active"], false);
    assert_eq!(company.patch(&path, activate()).await.1["active"], false);
    company.app.sound().await;
}

#[tokio::test]
async fn work_that_an_integration_may_not_hand_over_does_not_stop_the_lock_out() {
    let company = Company::new().await;
    let app = &company.app;
    let (hr, lead) = (
        app.person("hr", Role::Administrator).await,
        app.employee("lead").await,
    );
    let department = json!({ "name": "Board", "headId": lead.id() });
    let made = app
        .run(&company.admin, "setDepartment", department, "department { id }")
        .await;
    let id = made["department"]["id"].clone();
    let input = json!({ "userId": company.admin.id(), "departmentId": id });
    app.run(&company.admin, "updateUser", input, "user { id }").await;
    app.tasks(2, &company.admin, &lead).await;
    let later = app.db().clock().now() + TimeDelta::days(30);
    let to = json!({ "userId": company.admin.id() });
    let input = json!({
        "userId": lead.id(), "effectiveAt": later,
        "handover": [{ "kind": "DEPARTMENT_HEAD", "to": to }, { "kind": "TASK_RESPONSIBLE", "to": to }],
    });
    app.run(&hr, "dismissUser", input, "dismissal { state }").await;
    // The directory dismisses whoever had scheduled it, and becomes its requester.
    assert_eq!(
        company
            .patch(&format!("/Users/{}", plain(&hr)), deactivate())
            .await
            .0,
        200
    );
    let (status, answer) = company
        .patch(&format!("/Users/{}", plain(&lead)), deactivate())
        .await;
    assert_eq!((status, &answer["active"]), (200, &json!(false)), "{answer}");
    app.drain().await;
    let found = company.user(&plain(&lead), "dismissals { failure }").await;
    assert!(
        found["dismissals"][0]["failure"]
            .as_str()
            .unwrap()
            .contains("integration"),
        "{found}"
    );
    assert_eq!(app.tasks_of(&lead).await, 0, "the rest is handed over");
    app.sound().await;
}

#[tokio::test]
async fn moves_refused_for_different_reasons_do_not_stop_the_lock_out() {
    let company = Company::new().await;
    let app = &company.app;
    let (hr, lead) = (
        app.person("hr", Role::Administrator).await,
        app.employee("lead").await,
    );
    let gone = app.employee("gone").await;
    let department = json!({ "name": "Board", "headId": lead.id() });
    let made = app
        .run(&company.admin, "setDepartment", department, "department { id }")
        .await;
    let input = json!({ "userId": company.admin.id(), "departmentId": made["department"]["id"] });
    app.run(&company.admin, "updateUser", input, "user { id }").await;
    app.tasks(2, &company.admin, &lead).await;
    let to = json!({ "userId": company.admin.id() });
    let input = json!({
        "userId": lead.id(), "effectiveAt": app.db().clock().now() + TimeDelta::days(30),
        "handover": [
            { "kind": "CALENDAR", "to": { "userId": gone.id() } },
            { "kind": "DEPARTMENT_HEAD", "to": to },
            { "kind": "TASK_RESPONSIBLE", "to": to },
        ],
    });
    app.run(&hr, "dismissUser", input, "dismissal { state }").await;
    for person in [&gone, &hr, &lead] {
        let (status, answer) = company
            .patch(&format!("/Users/{}", plain(person)), deactivate())
            .await;
        assert_eq!((status, &answer["active"]), (200, &json!(false)), "{answer}");
    }
    app.drain().await;
    assert_eq!(app.tasks_of(&lead).await, 0, "the rest is handed over");
    app.sound().await;
}

#[tokio::test]
async fn a_policy_keeps_what_only_people_may_hand_over() {
    let company = Company::new().await;
    let to = json!([{ "userId": company.admin.id() }]);
    let input =
        json!({ "directoryId": company.directory, "handoverMoves": [{ "kind": "INTEGRATION", "to": to }] });
    let refused = company
        .app
        .refusal(&company.admin, "updateDirectory", input)
        .await;
    assert_eq!(refused, ["INVALID handoverMoves.0.kind"]);
    for (input, field) in [
        (json!({ "handoverAfterSeconds": -1 }), "handoverAfterSeconds"),
        (
            json!({ "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": [] }] }),
            "handoverMoves.0.to",
        ),
        (
            json!({ "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": [{ "manager": false }] }] }),
            "handoverMoves.0.to.0.manager",
        ),
    ] {
        let mut input = input;
        input["directoryId"] = company.directory.as_str().into();
        let refused = company
            .app
            .refusal(&company.admin, "updateDirectory", input)
            .await;
        assert_eq!(refused, [format!("INVALID {field}")]);
    }
}

#[tokio::test]
async fn a_namesake_is_not_a_returning_leaver() {
    let company = Company::new().await;
    let made = company.create(json!({ "userName": "ann@example.com" })).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    company.patch(&path, deactivate()).await;
    let namesake = json!({ "userName": "ann@example.com", "externalId": "new" });
    assert_eq!(
        company.refused("POST", "/Users", Some(namesake)).await,
        (409, "uniqueness".to_owned())
    );
    let back = company.create(json!({ "userName": "ANN@example.com" })).await;
    assert_eq!(back["id"], made["id"]);
}

#[tokio::test]
async fn a_refused_request_has_changed_nothing() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let both = format!("/Users/{id}?attributes=id&excludedAttributes=emails");
    let (status, _) = company.patch(&both, deactivate()).await;
    assert_eq!(
        (status, &company.user(&id, "status").await["status"]),
        (400, &json!("ACTIVE"))
    );
    // The address of a leaver whom the directory has deleted passes with the request that wants it, or not at all.
    company.send("DELETE", &format!("/Users/{id}"), None).await;
    let body = json!({ "userName": company.admin.email, "emails": [{ "value": "ann@example.com" }], "active": false });
    let path = format!("/Users/{}", plain(&company.admin));
    assert!(company.refused("PUT", &path, Some(body)).await.0 >= 403);
    let input = json!({ "userId": typed(&id) });
    assert_eq!(
        company.app.refusal(&company.admin, "hireUser", input).await,
        [""; 0],
        "she still has her address"
    );
    company.app.sound().await;
}

#[tokio::test]
async fn text_that_a_database_can_not_store_is_refused() {
    let company = Company::new().await;
    for (body, name) in [
        (
            json!({ "userName": "a@example.com", "externalId": "a\u{0}" }),
            "externalId",
        ),
        (
            json!({ "userName": "a@example.com", "externalId": "x".repeat(255) }),
            "externalId",
        ),
        (
            json!({ "userName": "a@example.com", "displayName": "a\u{0}", "name": { "givenName": "A" } }),
            "displayName",
        ),
        (
            json!({ "userName": "a@example.com", "emails": [{ "value": "a@example.com" }, { "value": "b\u{1}" }] }),
            "value",
        ),
        (
            json!({ "userName": "a@example.com", "emails": [{ "value": "a@example.com" }, { "value": "b".repeat(3_000) }] }),
            "emails",
        ),
        (
            json!({ "userName": "a@example.com", "nickName": "x".repeat(70_000) }),
            "attributes",
        ),
    ] {
        let (status, answer) = company.send("POST", "/Users", Some(body)).await;
        assert_eq!(
            (status, &answer["scimType"]),
            (400, &json!("invalidValue")),
            "{name}: {answer}"
        );
        assert!(
            answer["detail"].as_str().unwrap().contains(name),
            "{name}: {answer}"
        );
    }
    let group = json!({ "displayName": "\u{20ac}".repeat(501) });
    assert_eq!(
        company.refused("POST", "/Groups", Some(group)).await,
        (400, "invalidValue".to_owned())
    );
    let filter = "/Users?filter=displayName%20eq%20%22a%22%20and%20userName%20co%20%22x%5Cu0000%22";
    assert_eq!(
        company.refused("GET", filter, None).await,
        (400, "invalidFilter".to_owned())
    );
}

#[tokio::test]
async fn a_name_that_is_the_address_of_somebody_else_is_taken() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    let body = json!({ "userName": ben.email, "emails": [{ "value": "other@example.com" }] });
    assert_eq!(
        company.refused("POST", "/Users", Some(body)).await,
        (409, "uniqueness".to_owned())
    );
}

#[tokio::test]
async fn a_deleted_user_leaves_the_groups_and_what_they_gave() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap();
    let group = json!({ "displayName": "Staff", "members": [{ "value": id }] });
    let (_, group) = company.send("POST", "/Groups", Some(group)).await;
    company.send("DELETE", &format!("/Users/{id}"), None).await;
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let after = company.get(&path).await;
    assert!(after.get("members").is_none(), "{after}");
    assert_ne!(after["meta"]["version"], group["meta"]["version"]);
}

#[tokio::test]
async fn what_a_rule_refuses_is_told_also_within_bulk() {
    let company = Company::new().await;
    let operation = json!({
        "method": "PATCH", "path": format!("/Users/{}", plain(&company.admin)),
        "data": { "Operations": deactivate() },
    });
    let (_, answer) = company
        .send("POST", "/Bulk", Some(json!({ "Operations": [operation] })))
        .await;
    assert_eq!(answer["Operations"][0]["status"], "409");
    let seen = company
        .about("refusedRequests { nodes { method path status } }")
        .await;
    let expected =
        json!([{ "method": "PATCH", "path": format!("/Users/{}", plain(&company.admin)), "status": 409 }]);
    assert_eq!(seen["refusedRequests"]["nodes"], expected);
    let log = "{ auditLog(filter: { action: [\"directory.refused\"] }) { nodes { actor } } }";
    let log = company.app.data(&company.admin, log, json!({})).await;
    assert_eq!(log["auditLog"]["nodes"], json!([{ "actor": "integration Okta" }]));
}

#[tokio::test]
async fn an_administrator_who_was_dismissed_returns_only_here() {
    let company = Company::new().await;
    let second = company.app.person("second", Role::Administrator).await;
    let path = format!("/Users/{}", plain(&second));
    assert_eq!(company.patch(&path, deactivate()).await.1["active"], false);
    let body = json!({ "userName": second.email, "active": true, "title": "Boss" });
    let (status, answer) = company.send("PUT", &path, Some(body)).await;
    assert_eq!(
        (status, &answer["active"], &answer["title"]),
        (200, &json!(false), &json!("Boss"))
    );
    let warnings = company.about("warnings").await["warnings"].to_string();
    assert!(warnings.contains("stays dismissed"), "{warnings}");
    company
        .app
        .run(
            &company.admin,
            "hireUser",
            json!({ "userId": second.id() }),
            "user { id }",
        )
        .await;
    assert_eq!(company.get(&path).await["active"], true);
}

#[tokio::test]
async fn d31_a_directory_that_never_sends_active_is_told_of() {
    let company = Company::new().await;
    company.create(json!({ "userName": "a@example.com" })).await;
    let long_ago = company.app.db().clock().now() - TimeDelta::days(8);
    let sql = "UPDATE directories SET first_write_at = $1";
    handover::store::db::execute(company.app.raw(), sql, [long_ago.into()])
        .await
        .unwrap();
    let warnings = company.about("warnings").await["warnings"].to_string();
    assert!(warnings.contains("never sent the attribute active"), "{warnings}");
    company.create(ann()).await;
    assert_eq!(company.about("warnings").await["warnings"], json!([]));
}
