//! Changes that name the revision they are based on.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn settings_are_not_overwritten_unseen() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let fields = "settings { companyName timeZone showDismissedEmployees revision }";
    let read = |data: serde_json::Value| data["settings"].clone();
    let before = read(app.data(&admin, &format!("{{ {fields} }}"), json!({})).await);
    assert_eq!(before["companyName"], json!(null));
    let input = json!({ "companyName": " Acme ", "timeZone": "europe/berlin", "expectedRevision": before["revision"] });
    assert_eq!(
        app.refusal(&admin, "updateSettings", input).await,
        ["INVALID timeZone"]
    );
    let input = json!({ "companyName": " Acme ", "timeZone": "Europe/Berlin", "expectedRevision": before["revision"] });
    let after = read(app.run(&admin, "updateSettings", input.clone(), fields).await);
    assert_eq!(after["companyName"], "Acme");
    assert_eq!(after["timeZone"], "Europe/Berlin");
    assert_eq!(after["showDismissedEmployees"], before["showDismissedEmployees"]);
    assert_ne!(after["revision"], before["revision"]);
    assert_eq!(
        app.refusal(&admin, "updateSettings", input).await,
        ["CHANGED_MEANWHILE expectedRevision"]
    );
    let input =
        json!({ "companyName": null, "showDismissedEmployees": null, "expectedRevision": after["revision"] });
    let cleared = read(app.run(&admin, "updateSettings", input, fields).await);
    assert_eq!(cleared["companyName"], json!(null));
    assert_eq!(
        cleared["showDismissedEmployees"],
        before["showDismissedEmployees"]
    );
    let long = json!({ "companyName": "x".repeat(201) });
    assert_eq!(
        app.refusal(&admin, "updateSettings", long).await,
        ["INVALID companyName"]
    );
}

#[tokio::test]
async fn roles_are_not_overwritten_unseen() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let rule = json!({ "kind": "DEAL", "operation": "READ", "level": "ALL" });
    let fields = "role { id revision audience members { id } }";
    let role = json!({ "name": "Sales", "rules": [rule] });
    let made = app.run(&admin, "setCrmRole", role, fields).await["role"].clone();
    let changed = |expected: &serde_json::Value| {
        json!({ "roleId": made["id"], "name": "Sales", "rules": [rule], "memberIds": [ann.id()],
            "audience": "EVERYBODY", "expectedRevision": expected })
    };
    let first = app
        .run(&admin, "setCrmRole", changed(&made["revision"]), fields)
        .await["role"]
        .clone();
    assert_eq!(first["audience"], "EVERYBODY");
    assert_ne!(first["revision"], made["revision"]);
    assert_eq!(
        app.refusal(&admin, "setCrmRole", changed(&made["revision"]))
            .await,
        ["CHANGED_MEANWHILE expectedRevision"]
    );
    let again = app
        .run(&admin, "setCrmRole", changed(&first["revision"]), fields)
        .await;
    assert_eq!(again["role"]["revision"], first["revision"]);
}
