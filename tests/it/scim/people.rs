//! Creating, replacing, changing and deleting people.

use entity::directory_person;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{Company, ENTERPRISE, ann, plain};

#[tokio::test]
async fn a_new_user_is_an_active_employee() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    for (name, value) in ann().as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(made["meta"]["resourceType"], "User");
    assert!(
        made["meta"]["location"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/scim/v2/Users/{id}"))
    );
    let fields = "givenName familyName email position role status directory { userName externalId exempt }";
    assert_eq!(
        company.user(&id, fields).await,
        json!({
            "givenName": "Ann", "familyName": "Archer", "email": "ann@example.com", "position": "Engineer",
            "role": "EMPLOYEE", "status": "ACTIVE",
            "directory": { "userName": "Ann.Archer@Example.com", "externalId": "00u1", "exempt": false },
        })
    );
    assert_eq!(company.get(&format!("/Users/{id}")).await, made);
    // Also with the id in capitals and a slash at the end.
    assert_eq!(company.get(&format!("/Users/{}/", id.to_uppercase())).await, made);
}

#[tokio::test]
async fn names_and_addresses_are_unique() {
    let company = Company::new().await;
    company.create(ann()).await;
    let same = [
        (
            json!({ "userName": "ANN.ARCHER@example.com", "emails": [{ "value": "other@example.com" }] }),
            "another user has this userName",
        ),
        (
            json!({ "userName": "other", "emails": [{ "value": "ANN@example.com" }] }),
            "another person has this e-mail address",
        ),
        (
            json!({ "userName": "other@example.com", "externalId": "00u1" }),
            "another user has this externalId",
        ),
        (
            json!({ "userName": company.admin.email }),
            "another person has this e-mail address",
        ),
    ];
    for (body, detail) in same {
        let (status, refused) = company.send("POST", "/Users", Some(body)).await;
        assert_eq!(
            (status, &refused["scimType"], &refused["detail"]),
            (409, &json!("uniqueness"), &json!(detail)),
        );
    }
    // An external id is compared with its case.
    company
        .create(json!({ "userName": "other@example.com", "externalId": "00U1" }))
        .await;
}

#[tokio::test]
async fn invalid_users_are_refused_with_the_name_of_the_attribute() {
    let company = Company::new().await;
    for (body, scim_type, name) in [
        (json!({}), "invalidValue", "userName"),
        (json!({ "userName": "" }), "invalidValue", "userName"),
        (json!({ "userName": "x".repeat(255) }), "invalidValue", "userName"),
        (
            json!({ "userName": "a\u{7}b@example.com" }),
            "invalidValue",
            "userName",
        ),
        (json!({ "userName": "ann" }), "invalidValue", "emails"),
        (
            json!({ "userName": "ann", "emails": [{ "value": "no address" }] }),
            "invalidValue",
            "emails",
        ),
        (
            json!({ "userName": "a@example.com", "active": "no" }),
            "invalidValue",
            "active",
        ),
        (
            json!({ "userName": "a@example.com", "active": null }),
            "invalidValue",
            "active",
        ),
        (
            json!({ "userName": "a@example.com", "schemas": ["urn:x"] }),
            "invalidSyntax",
            "schemas",
        ),
    ] {
        let (status, answer) = company.send("POST", "/Users", Some(body.clone())).await;
        assert_eq!(
            (status, answer["scimType"].as_str()),
            (400, Some(scim_type)),
            "{body}: {answer}"
        );
        assert!(
            answer["detail"].as_str().unwrap().contains(name),
            "{body}: {answer}"
        );
    }
    let listed = company
        .about("refusedRequests { totalCount nodes { method path status detail attributes } }")
        .await;
    assert_eq!(listed["refusedRequests"]["totalCount"], 9);
    let last = &listed["refusedRequests"]["nodes"][0];
    assert_eq!(
        (&last["method"], &last["path"], &last["attributes"]),
        (
            &json!("POST"),
            &json!("/scim/v2/Users"),
            &json!(["schemas", "userName"])
        )
    );
    assert!(!listed.to_string().contains("a@example.com"), "a value is kept");
}

#[tokio::test]
async fn the_first_replacement_links_a_person_who_was_here_before() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    let path = format!("/Users/{}", plain(&ben));
    let before = company.get(&path).await;
    assert_eq!(
        (&before["userName"], &before["active"]),
        (&json!(ben.email), &json!(true))
    );
    assert_eq!(
        company.user(&plain(&ben), "directory { userName }").await["directory"],
        Value::Null
    );
    let body = json!({ "userName": "ben", "externalId": "7", "emails": before["emails"], "name": { "givenName": "Ben" } });
    let (status, after) = company.send("PUT", &path, Some(body)).await;
    assert_eq!(status, 200, "{after}");
    let linked = company
        .user(&plain(&ben), "directory { userName externalId } givenName")
        .await;
    assert_eq!(
        linked["directory"],
        json!({ "userName": "ben", "externalId": "7" })
    );
    // What the directory decides can't be changed here, anything else can.
    let change = |more: Value| {
        let mut input = json!({ "userId": ben.id() });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        input
    };
    let refused = company
        .app
        .refusal(
            &company.admin,
            "updateUser",
            change(json!({ "givenName": "Bob" })),
        )
        .await;
    assert_eq!(refused, ["MANAGED_BY_DIRECTORY givenName"]);
    let refused = company
        .app
        .refusal(
            &company.admin,
            "updateUser",
            change(json!({ "position": "Clerk" })),
        )
        .await;
    assert_eq!(refused, [""; 0]);
    // A title that the directory has never sent is not taken away by it.
    assert_eq!(company.user(&plain(&ben), "position").await["position"], "Clerk");
    company
        .patch(&path, json!([{ "op": "add", "path": "nickName", "value": "B" }]))
        .await;
    assert_eq!(company.user(&plain(&ben), "position").await["position"], "Clerk");
}

#[tokio::test]
async fn d30_what_is_the_same_changes_nothing() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let entries = async || {
        let log = company
            .app
            .data(&company.admin, "{ auditLog { totalCount } }", json!({}))
            .await;
        log["auditLog"]["totalCount"].clone()
    };
    let before = entries().await;
    let (status, again) = company.send("PUT", &path, Some(ann())).await;
    assert_eq!((status, &again), (200, &made));
    let operations = json!([
        { "op": "Replace", "path": "active", "value": "True" },
        { "op": "replace", "value": { "title": "Engineer", "name.givenName": "Ann" } },
    ]);
    let (status, again) = company.patch(&path, operations).await;
    assert_eq!((status, &again), (200, &made));
    assert_eq!(entries().await, before);
}

#[tokio::test]
async fn versions_protect_from_lost_updates() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let version = made["meta"]["version"].as_str().unwrap().to_owned();
    let with = |name: &'static str, value: &str, method: &str, body: Option<&Value>| {
        let mut request = company.request(method, &path, body);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let (status, headers, _) = company.call(with("if-none-match", &version, "GET", None)).await;
    assert_eq!(
        (status.as_u16(), headers["etag"].to_str().unwrap()),
        (304, version.as_str())
    );
    let change = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Boss" }] });
    let (status, headers, changed) = company
        .call(with("if-match", &version, "PATCH", Some(&change)))
        .await;
    assert_eq!(status.as_u16(), 200, "{changed}");
    assert_ne!(headers["etag"].to_str().unwrap(), version);
    let (status, _, stale) = company
        .call(with("if-match", &version, "PATCH", Some(&change)))
        .await;
    assert_eq!((status.as_u16(), &stale["status"]), (412, &json!("412")));
    let (status, ..) = company.call(with("if-match", "*", "PATCH", Some(&change))).await;
    assert_eq!(status.as_u16(), 200);
}

#[tokio::test]
async fn a_deleted_user_is_dismissed_and_never_seen_again() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    assert_eq!(company.send("DELETE", &path, None).await.0, 204);
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let body = json!({ "userName": "x@example.com", "Operations": [{ "op": "add", "path": "title", "value": "x" }] });
        let body = (method != "GET" && method != "DELETE").then_some(body);
        assert_eq!(
            company.refused(method, &path, body).await,
            (404, String::new()),
            "{method}"
        );
    }
    let found = company
        .get("/Users?filter=userName%20eq%20%22ann.archer@example.com%22")
        .await;
    assert_eq!(found["totalResults"], 0);
    assert_eq!(
        company.user(&id, "status email").await,
        json!({ "status": "DISMISSED", "email": "ann@example.com" })
    );
    // A namesake is somebody else, who does not get what the leaver has.
    let namesake = company.create(ann()).await;
    assert_ne!(namesake["id"], made["id"]);
    assert_eq!(
        company.user(&id, "status email").await,
        json!({ "status": "DISMISSED", "email": "ann@example.com" })
    );
    assert_eq!(
        directory_person::Entity::find()
            .all(company.app.raw())
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn d4_d32_a_returning_user_keeps_their_id() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let deactivate = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(company.patch(&path, deactivate.clone()).await.1["active"], false);
    // By the same external id, with another name.
    let mut renamed = ann();
    renamed["userName"] = "ann.miller@example.com".into();
    let back = company.create(renamed).await;
    assert_eq!((&back["id"], &back["active"]), (&made["id"], &json!(true)));
    assert_eq!(back["userName"], "ann.miller@example.com");
    // Not by the name with another external id.
    company.patch(&path, deactivate).await;
    let other = json!({ "userName": "ann.miller@example.com", "externalId": "other" });
    assert_eq!(
        company.refused("POST", "/Users", Some(other)).await,
        (409, "uniqueness".to_owned())
    );
}

#[tokio::test]
async fn two_directories_do_not_see_each_other() {
    let mut company = Company::new().await;
    let made = company.create(ann()).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let (_, other) = super::add_directory(&company.app, &company.admin, "Entra").await;
    company.token = other;
    assert_eq!(company.refused("GET", &path, None).await.0, 404);
    assert_eq!(
        company.get("/Users").await["totalResults"],
        1,
        "the administrator, who is linked to none"
    );
    assert_eq!(
        company.refused("POST", "/Users", Some(ann())).await,
        (409, "uniqueness".to_owned())
    );
}

#[tokio::test]
async fn administrators_link_unlink_and_exempt() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    let input =
        json!({ "directoryId": company.directory, "userId": ben.id(), "userName": "BEN", "externalId": "7" });
    let fields = "user { directory { userName externalId exempt } }";
    let linked = company
        .app
        .run(&company.admin, "linkToDirectory", input.clone(), fields)
        .await;
    assert_eq!(
        linked["user"]["directory"],
        json!({ "userName": "BEN", "externalId": "7", "exempt": false })
    );
    let found = company.get("/Users?filter=externalId%20eq%20%227%22").await;
    assert_eq!(found["Resources"][0]["id"], plain(&ben));
    let exempt = json!({ "userId": ben.id(), "exempt": true });
    let done = company
        .app
        .run(&company.admin, "exemptFromDirectory", exempt, fields)
        .await;
    assert_eq!(done["user"]["directory"]["exempt"], true);
    let path = format!("/Users/{}", plain(&ben));
    let deactivate = json!([{ "op": "replace", "path": "active", "value": false }]);
    let (status, answer) = company.patch(&path, deactivate).await;
    assert_eq!((status, &answer["status"]), (403, &json!("403")));
    assert_eq!(company.refused("DELETE", &path, None).await.0, 403);
    assert_eq!(company.user(&plain(&ben), "status").await["status"], "ACTIVE");
    let unlink = "mutation($directory: ID!, $user: ID!) { \
        unlinkFromDirectory(input: { directoryId: $directory, userId: $user }) { user { directory { userName } } } }";
    let variables = json!({ "directory": company.directory, "user": ben.id() });
    let done = company.app.data(&company.admin, unlink, variables).await;
    assert_eq!(done["unlinkFromDirectory"]["user"]["directory"], Value::Null);
}

#[tokio::test]
async fn what_a_directory_sends_is_stored_or_noted() {
    let company = Company::new().await;
    let mut body = ann();
    body["shoeSize"] = 42.into();
    body["password"] = "secret".into();
    body["phoneNumbers"] = json!([{ "value": "+49 1", "type": "work" }]);
    body[ENTERPRISE]["manager"] = json!({ "value": "26118915-6090-4610-87e4-49d8ca9f808d" });
    let made = company.create(body).await;
    assert_eq!(
        made["phoneNumbers"],
        json!([{ "value": "+49 1", "type": "work" }])
    );
    assert!(made.get("password").is_none() && made.get("shoeSize").is_none());
    let seen = company.about("ignoredAttributes warnings linked").await;
    assert_eq!(seen["ignoredAttributes"], json!(["shoeSize"]));
    assert_eq!(seen["linked"], 1);
    assert!(
        seen["warnings"][0]
            .as_str()
            .unwrap()
            .contains("the manager of Ann.Archer@Example.com"),
        "{seen}"
    );
    let row = directory_person::Entity::find()
        .one(company.app.raw())
        .await
        .unwrap()
        .unwrap();
    assert!(!row.attributes.contains("secret"));
}

#[tokio::test]
async fn departments_follow_their_names_if_an_administrator_says_so() {
    let company = Company::new().await;
    let sales = company
        .app
        .run(
            &company.admin,
            "setDepartment",
            json!({ "name": "Sales" }),
            "department { id }",
        )
        .await;
    let first = company.create(ann()).await;
    let of = async |made: &Value| {
        company
            .user(made["id"].as_str().unwrap(), "department { id }")
            .await["department"]
            .clone()
    };
    assert_eq!(of(&first).await, Value::Null);
    company.update(json!({ "departmentsByName": true })).await;
    let second = company
        .create(json!({ "userName": "b@example.com", ENTERPRISE: { "department": "SALES" } }))
        .await;
    assert_eq!(of(&second).await["id"], sales["department"]["id"]);
    company
        .create(json!({ "userName": "c@example.com", ENTERPRISE: { "department": "Moon" } }))
        .await;
    let warnings = company.about("warnings").await["warnings"].to_string();
    assert!(
        warnings.contains("no single department has the name Moon"),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_preview_says_what_would_happen_and_changes_nothing() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let id = made["id"].as_str().unwrap();
    let query = "query($directory: ID!, $method: String!, $path: String!, $body: String) { \
        previewDirectoryRequest(directoryId: $directory, method: $method, path: $path, body: $body) { status body } }";
    let preview = async |method: &str, path: String, body: Value| {
        let variables = json!({
            "directory": company.directory, "method": method, "path": path, "body": body.to_string(),
        });
        let found = company.app.data(&company.admin, query, variables).await;
        let answer = found["previewDirectoryRequest"].clone();
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap();
        (answer["status"].clone(), body)
    };
    let deactivate = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let (status, body) = preview("PATCH", format!("/Users/{id}"), deactivate).await;
    assert_eq!((status, &body["active"]), (json!(200), &json!(false)));
    let (status, body) = preview(
        "POST",
        "/Users".to_owned(),
        json!({ "userName": "new@example.com" }),
    )
    .await;
    assert_eq!(
        (status, &body["userName"]),
        (json!(201), &json!("new@example.com"))
    );
    let (status, body) = preview("POST", "/Users".to_owned(), ann()).await;
    assert_eq!((status, &body["scimType"]), (json!(409), &json!("uniqueness")));
    let (status, body) = preview(
        "GET",
        "/Users?filter=userName+eq+%22ann.archer@example.com%22".to_owned(),
        json!({}),
    )
    .await;
    assert_eq!((status, &body["totalResults"]), (json!(200), &json!(1)));
    let group = json!({ "displayName": "Staff", "members": [{ "value": id }] });
    let (status, body) = preview("POST", "/Groups".to_owned(), group).await;
    assert_eq!((status, &body["members"][0]["value"]), (json!(201), &json!(id)));
    assert_eq!(company.user(id, "status").await["status"], "ACTIVE");
    assert_eq!(company.get("/Users").await["totalResults"], 2);
    assert_eq!(company.get("/Groups").await["totalResults"], 0);
}

#[tokio::test]
async fn a_person_sees_what_their_directory_says_of_them_and_no_more() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    let input = json!({ "directoryId": company.directory, "userId": ben.id() });
    company
        .app
        .run(&company.admin, "linkToDirectory", input, "user { id }")
        .await;
    let of_viewer = |fields: &str| {
        format!("{{ viewer {{ user {{ directory {{ userName directory {{ {fields} }} }} }} }} }}")
    };
    let seen = company
        .app
        .data(&ben, &of_viewer("name baseUrl"), json!({}))
        .await;
    assert_eq!(seen["viewer"]["user"]["directory"]["directory"]["name"], "Okta");
    for fields in [
        "integration { name }",
        "handoverMoves { kind }",
        "linked",
        "unlinked",
        "held",
        "warnings",
        "ignoredAttributes",
        "groups { totalCount }",
        "refusedRequests { totalCount }",
    ] {
        let code = company
            .app
            .error(Some(&ben.token), &of_viewer(fields), json!({}))
            .await;
        assert_eq!(code, "FORBIDDEN", "{fields}");
    }
    let colleague = company.app.employee("eva").await;
    let query = format!("{{ user(id: \"{}\") {{ directory {{ userName }} }} }}", ben.id());
    assert_eq!(
        company.app.data(&colleague, &query, json!({})).await["user"]["directory"],
        Value::Null
    );
}
