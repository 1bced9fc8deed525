//! Groups, their members, and what they are mapped to.

use entity::user;
use handover::store::db;
use sea_orm::{IdenStatic, Iterable};
use serde_json::{Value, json};

use super::{Company, GROUP, PATCH, plain};
use crate::support::{Backend, TestApp};

async fn create(company: &Company, name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    let (status, made) = company.send("POST", "/Groups", Some(body)).await;
    assert_eq!(status, 201, "{made}");
    made
}

fn members(group: &Value) -> Vec<&str> {
    let list = group["members"].as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|member| member["value"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn d1_d3_d20_members_are_added_and_removed_exactly() {
    let company = Company::new().await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(plain(&company.app.employee(&format!("p{n}")).await));
    }
    ids.sort();
    let made = create(&company, "Staff", &[&ids[0], &ids[1]]).await;
    assert_eq!(members(&made), [&ids[0], &ids[1]]);
    let path = format!("/Groups/{}", made["id"].as_str().unwrap());
    let change = async |operation: Value| {
        let (status, group) = company.patch(&path, json!([operation])).await;
        assert_eq!(status, 200, "{group}");
        group
    };
    let added = change(json!({ "op": "Add", "path": "members", "value": [{ "value": ids[1] }, { "value": ids[2], "$ref": null }] })).await;
    assert_eq!(members(&added), [&ids[0], &ids[1], &ids[2]]);
    let removed =
        change(json!({ "op": "Remove", "path": "members", "value": [{ "value": ids[0], "$ref": null }] }))
            .await;
    assert_eq!(members(&removed), [&ids[1], &ids[2]]);
    let removed =
        change(json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[1]) })).await;
    assert_eq!(members(&removed), [&ids[2]]);
    let version = removed["meta"]["version"].clone();
    let same = change(json!({ "op": "add", "path": "members", "value": [ids[2]] })).await;
    assert_eq!(
        same["meta"]["version"], version,
        "an addition that changes nothing"
    );
    // D2: members that are not named stay.
    let renamed = change(json!({ "op": "replace", "value": { "displayName": "Crew" } })).await;
    assert_eq!(
        (&renamed["displayName"], members(&renamed)),
        (&json!("Crew"), vec![ids[2].as_str()])
    );
    let put = json!({ "displayName": "Crew", "members": [{ "value": ids[3] }] });
    let (_, put) = company.send("PUT", &path, Some(put)).await;
    assert_eq!(members(&put), [&ids[3]]);
    let (_, put) = company
        .send("PUT", &path, Some(json!({ "displayName": "Crew" })))
        .await;
    assert_eq!(members(&put), [&ids[3]], "a PUT that doesn't name the members");
    let emptied = change(json!({ "op": "replace", "path": "members", "value": [] })).await;
    assert!(members(&emptied).is_empty());
    // The groups of a person.
    change(json!({ "op": "add", "path": "members", "value": [ids[0]] })).await;
    let user = company.get(&format!("/Users/{}", ids[0])).await;
    assert_eq!(user["groups"][0]["display"], "Crew");
    let found = company
        .get(&format!(
            "/Groups?filter=members%20eq%20%22{}%22&excludedAttributes=members",
            ids[0]
        ))
        .await;
    assert_eq!(
        (
            found["totalResults"].as_i64(),
            found["Resources"][0].get("members")
        ),
        (Some(1), None)
    );
}

#[tokio::test]
async fn d21_unknown_members_are_refused() {
    let company = Company::new().await;
    let ben = plain(&company.app.employee("ben").await);
    let made = create(&company, "Staff", &[]).await;
    let path = format!("/Groups/{}", made["id"].as_str().unwrap());
    let invalid = (400, "invalidValue".to_owned());
    for unknown in [
        "nobody",
        "26118915-6090-4610-87e4-49d8ca9f808d",
        made["id"].as_str().unwrap(),
    ] {
        let body = json!({ "schemas": [PATCH], "Operations": [
            { "op": "add", "path": "members", "value": [{ "value": ben }] },
            { "op": "add", "path": "members", "value": [{ "value": unknown }] },
        ]});
        assert_eq!(
            company.refused("PATCH", &path, Some(body)).await,
            invalid,
            "{unknown}"
        );
    }
    assert!(members(&company.get(&path).await).is_empty());
    assert_eq!(
        company
            .refused("POST", "/Groups", Some(json!({ "displayName": "STAFF" })))
            .await,
        (409, "uniqueness".to_owned())
    );
    assert_eq!(company.refused("POST", "/Groups", Some(json!({}))).await, invalid);
}

#[tokio::test]
async fn a_deleted_group_is_gone() {
    let company = Company::new().await;
    let made = create(&company, "Staff", &[]).await;
    let path = format!("/Groups/{}", made["id"].as_str().unwrap());
    assert_eq!(company.send("DELETE", &path, None).await.0, 204);
    assert_eq!(company.refused("GET", &path, None).await.0, 404);
    assert_eq!(company.refused("DELETE", &path, None).await.0, 404);
    create(&company, "Staff", &[]).await;
}

#[tokio::test]
async fn d24_only_a_mapping_makes_administrators() {
    let company = Company::new().await;
    let app = &company.app;
    let (ben, eva) = (app.employee("ben").await, app.employee("eva").await);
    let made = create(&company, "Admins", &[&plain(&ben)]).await;
    let (uuid, path) = (
        made["id"].as_str().unwrap(),
        format!("/Groups/{}", made["id"].as_str().unwrap()),
    );
    let role = async |person| company.user(&plain(person), "role").await["role"].clone();
    assert_eq!(role(&ben).await, "EMPLOYEE");
    let group = entity::DirectoryGroupId(uuid.parse().unwrap()).to_string();
    let map = async |map: bool| {
        let input = json!({ "groupId": group, "to": { "administrators": true }, "map": map });
        let fields = "directory { groups { nodes { displayName memberCount mappings { administrators } } } }";
        app.run(&company.admin, "mapDirectoryGroup", input, fields).await
    };
    let mapped = map(true).await;
    assert_eq!(
        mapped["directory"]["groups"]["nodes"],
        json!([{ "displayName": "Admins", "memberCount": 1, "mappings": [{ "administrators": true }] }])
    );
    assert_eq!(role(&ben).await, "ADMINISTRATOR");
    company
        .patch(
            &path,
            json!([{ "op": "add", "path": "members", "value": [plain(&eva)] }]),
        )
        .await;
    assert_eq!(role(&eva).await, "ADMINISTRATOR");
    company
        .patch(
            &path,
            json!([{ "op": "remove", "path": "members", "value": [plain(&ben)] }]),
        )
        .await;
    assert_eq!(
        (role(&ben).await, role(&eva).await),
        (json!("EMPLOYEE"), json!("ADMINISTRATOR"))
    );
    map(false).await;
    assert_eq!(role(&eva).await, "EMPLOYEE");
    app.sound().await;
}

#[tokio::test]
async fn members_get_a_department_and_a_crm_role() {
    let company = Company::new().await;
    let app = &company.app;
    let ben = app.employee("ben").await;
    let made = create(&company, "Sales", &[]).await;
    let path = format!("/Groups/{}", made["id"].as_str().unwrap());
    let group = entity::DirectoryGroupId(made["id"].as_str().unwrap().parse().unwrap()).to_string();
    let sales = app
        .run(
            &company.admin,
            "setDepartment",
            json!({ "name": "Sales" }),
            "department { id }",
        )
        .await;
    let to = json!({ "departmentId": sales["department"]["id"] });
    app.run(
        &company.admin,
        "mapDirectoryGroup",
        json!({ "groupId": group, "to": to }),
        "directory { id }",
    )
    .await;
    let role = json!({ "name": "Sellers", "rules": [], "audience": "NAMED" });
    let role = app.run(&company.admin, "setCrmRole", role, "role { id }").await;
    let to = json!({ "crmRoleId": role["role"]["id"] });
    app.run(
        &company.admin,
        "mapDirectoryGroup",
        json!({ "groupId": group, "to": to }),
        "directory { id }",
    )
    .await;
    company
        .patch(
            &path,
            json!([{ "op": "add", "path": "members", "value": [plain(&ben)] }]),
        )
        .await;
    let department = async || company.user(&plain(&ben), "department { id }").await["department"].clone();
    let holders = async || {
        let found = app
            .data(&company.admin, "{ crmRoles { name members { id } } }", json!({}))
            .await;
        let roles = found["crmRoles"].as_array().unwrap().clone();
        roles.into_iter().find(|role| role["name"] == "Sellers").unwrap()["members"].clone()
    };
    assert_eq!(department().await["id"], sales["department"]["id"]);
    assert_eq!(holders().await, json!([{ "id": ben.id() }]));
    company.send("DELETE", &path, None).await;
    assert_eq!((department().await, holders().await), (Value::Null, json!([])));
    app.sound().await;
}

#[tokio::test]
async fn a_large_group_is_changed_without_being_read() {
    let company = Company::new().await;
    let mut operations = Vec::new();
    for n in 0..250 {
        let data = json!({ "userName": format!("p{n}@example.com") });
        operations
            .push(json!({ "method": "POST", "path": "/Users", "bulkId": format!("u{n}"), "data": data }));
    }
    let members: Vec<Value> = (0..250)
        .map(|n| json!({ "value": format!("bulkId:u{n}") }))
        .collect();
    let group = json!({ "displayName": "All", "members": members });
    operations.push(json!({ "method": "POST", "path": "/Groups", "bulkId": "g", "data": group }));
    let (status, answer) = company
        .send("POST", "/Bulk", Some(json!({ "Operations": operations })))
        .await;
    assert_eq!(status, 200);
    let last = answer["Operations"].as_array().unwrap().last().unwrap();
    assert_eq!(last["status"], "201", "{last}");
    let location = last["location"].as_str().unwrap();
    let path = location.split("/scim/v2").nth(1).unwrap();
    let (status, body) = company
        .patch(
            path,
            json!([{ "op": "replace", "path": "displayName", "value": "Everybody" }]),
        )
        .await;
    assert_eq!((status, body), (204, Value::Null));
    let group = company.get(path).await;
    assert_eq!(
        (group["members"].as_array().unwrap().len(), &group["displayName"]),
        (250, &json!("Everybody"))
    );
}

/// More than a statement of SQLite can bind.
const MANY: usize = 33_000;

/// Adds copies of a person directly to the database.
async fn add_people(app: &TestApp, count: usize) {
    app.employee("seed").await;
    let id = match Backend::here() {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres(_) => "gen_random_uuid()",
    };
    let names: Vec<&str> = user::Column::iter().map(|column| column.as_str()).collect();
    let values = names.iter().map(|name| match *name {
        "id" => id.to_owned(),
        "email" | "email_key" | "sort_email" => "'many' || n.i".to_owned(),
        name => format!("u.{name}"),
    });
    let values: Vec<String> = values.collect();
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO users ({}) SELECT {} FROM users u CROSS JOIN n WHERE u.email LIKE 'seed%'",
        names.join(", "),
        values.join(", ")
    );
    db::execute(app.raw(), &sql, []).await.unwrap();
    // Texts that are derived from others were copied.
    app.breaks_rules();
}

#[tokio::test]
async fn a_group_of_administrators_can_have_any_number_of_members() {
    let company = Company::new().await;
    let app = &company.app;
    add_people(app, MANY).await;
    let first = create(&company, "First", &[]).await;
    create(&company, "Second", &[]).await;
    // Both groups give the same to the same people, so that nobody loses anything by the deletion of one.
    for sql in [
        "INSERT INTO directory_group_members (group_id, user_id) \
         SELECT g.id, u.id FROM directory_groups g CROSS JOIN users u WHERE u.email LIKE 'many%'",
        "INSERT INTO directory_group_mappings (id, group_id, administrators, created_at) \
         SELECT id, id, true, created_at FROM directory_groups",
    ] {
        db::execute(app.raw(), sql, []).await.unwrap();
    }
    let path = format!("/Groups/{}", first["id"].as_str().unwrap());
    let (status, body) = company.send("DELETE", &path, None).await;
    assert_eq!(status, 204, "{body}");
    let groups = company.get("/Groups?excludedAttributes=members").await;
    assert_eq!(groups["totalResults"], 1, "{groups}");
}
