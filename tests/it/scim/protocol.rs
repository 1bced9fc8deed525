//! Filters, pages, discovery, and the form of every answer.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use super::{Company, ann, plain};
use crate::support::TestApp;

fn query(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => encoded.push(byte as char),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[tokio::test]
async fn filters_find_people_however_they_are_written() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    company
        .create(json!({ "userName": "zoë@example.com", "emails": [
        { "value": "z@home.example", "type": "home" }, { "value": "zoe@example.com", "type": "work" } ] }))
        .await;
    let ben = company.app.employee("ben").await;
    let id = made["id"].as_str().unwrap();
    for (filter, names) in [
        (
            "userName eq \"ANN.archer@example.com\"",
            vec!["Ann.Archer@Example.com"],
        ),
        (
            "userName eq ann.archer@example.com",
            vec!["Ann.Archer@Example.com"],
        ),
        ("USERNAME Eq \"ZOË@example.com\"", vec!["zoë@example.com"]),
        ("externalId eq \"00u1\"", vec!["Ann.Archer@Example.com"]),
        ("externalId eq \"00U1\"", vec![]),
        ("externalId pr", vec!["Ann.Archer@Example.com"]),
        (
            "emails[type eq \"work\"].value eq \"zoe@example.com\"",
            vec!["zoë@example.com"],
        ),
        ("emails[type eq \"work\" and value co \"HOME\"]", vec![]),
        ("emails.value eq \"z@home.example\"", vec!["zoë@example.com"]),
        ("emails eq \"ann@example.com\"", vec!["Ann.Archer@Example.com"]),
        ("name.familyName sw \"arch\"", vec!["Ann.Archer@Example.com"]),
        (
            "title eq \"engineer\" and not (active eq false)",
            vec!["Ann.Archer@Example.com"],
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"42\"",
            vec!["Ann.Archer@Example.com"],
        ),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:displayName ew \"ARCHER\"",
            vec!["Ann.Archer@Example.com"],
        ),
        ("meta.lastModified lt \"2011-05-13T04:42:34Z\"", vec![]),
        ("userName co \"%\"", vec![]),
        ("userName eq \"a\" or userName eq \"' OR 1=1 --\"", vec![]),
    ] {
        let found = company.get(&format!("/Users?filter={}", query(filter))).await;
        let found: Vec<&str> = found["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["userName"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{filter}");
    }
    let by_id = company
        .get(&format!("/Users?filter={}", query(&format!("id eq \"{id}\""))))
        .await;
    assert_eq!(by_id["Resources"][0], made);
    let unlinked = company
        .get(&format!(
            "/Users?filter={}",
            query(&format!("emails[type eq \"work\"].value eq \"{}\"", ben.email))
        ))
        .await;
    assert_eq!(unlinked["Resources"][0]["id"], plain(&ben));
    for (filter, kind) in [
        ("userName", "invalidFilter"),
        ("shoeSize eq 1", "invalidFilter"),
        ("active gt true", "invalidFilter"),
        ("meta.created gt \"yesterday\"", "invalidFilter"),
        ("password eq \"x\"", "invalidFilter"),
    ] {
        let refused = company
            .refused("GET", &format!("/Users?filter={}", query(filter)), None)
            .await;
        assert_eq!(refused, (400, kind.to_owned()), "{filter}");
    }
}

#[tokio::test]
async fn d15_d33_pages_meet_each_person_once() {
    let company = Company::new().await;
    for n in 0..24 {
        company
            .create(json!({ "userName": format!("p{n:02}@example.com"), "title": format!("T{}", n % 3) }))
            .await;
    }
    let first = company.get("/Users").await;
    assert_eq!(
        (
            first["totalResults"].as_i64(),
            first["startIndex"].as_i64(),
            first["itemsPerPage"].as_i64()
        ),
        (Some(25), Some(1), Some(25))
    );
    let mut seen = Vec::new();
    for start in [1, 11, 21] {
        let page = company.get(&format!("/Users?startIndex={start}&count=10")).await;
        for one in page["Resources"].as_array().unwrap() {
            seen.push(one["id"].as_str().unwrap().to_owned());
            // Others are changed meanwhile.
            company
                .patch(
                    &format!("/Users/{}", seen[0]),
                    json!([{ "op": "replace", "path": "title", "value": one["id"] }]),
                )
                .await;
        }
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (25, 25));
    let beyond = company.get("/Users?startIndex=26").await;
    assert_eq!(
        (
            beyond["totalResults"].as_i64(),
            beyond["Resources"].as_array().map(Vec::len)
        ),
        (Some(25), Some(0))
    );
    let none = company.get("/Users?count=0").await;
    assert_eq!(
        (none["totalResults"].as_i64(), none["itemsPerPage"].as_i64()),
        (Some(25), Some(0))
    );
    assert_eq!(company.get("/Users?count=-1").await["itemsPerPage"], 0);
    assert_eq!(
        company.refused("GET", "/Users?startIndex=abc", None).await,
        (400, "invalidValue".to_owned())
    );
    let mut cursor = String::new();
    let mut by_cursor = Vec::new();
    loop {
        let page = company.get(&format!("/Users?cursor={cursor}&count=10")).await;
        by_cursor.extend(
            page["Resources"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(by_cursor, seen);
    assert_eq!(
        company.refused("GET", "/Users?cursor=x", None).await,
        (400, "invalidCursor".to_owned())
    );
    let sorted = company
        .get("/Users?sortBy=userName&sortOrder=descending&count=3")
        .await;
    assert_eq!(sorted["Resources"][0]["userName"], "p23@example.com");
    assert_eq!(
        company.refused("GET", "/Users?sortBy=password", None).await,
        (400, "invalidValue".to_owned())
    );
}

#[tokio::test]
async fn attributes_are_returned_as_asked() {
    let company = Company::new().await;
    let made = company.create(ann()).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let only = company
        .get(&format!("{path}?attributes=userName,name.givenName"))
        .await;
    let keys: Vec<&String> = only.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "name", "schemas", "userName"]);
    assert_eq!(only["name"], json!({ "givenName": "Ann" }));
    let without = company
        .get("/Users?excludedAttributes=emails&filter=title%20pr")
        .await;
    assert!(
        without["Resources"][0].get("emails").is_none() && without["Resources"][0].get("title").is_some()
    );
    let message = json!({ "filter": "userName sw \"ann\"", "attributes": ["userName"], "count": 5 });
    for at in ["/Users/.search", "/.search"] {
        let (status, found) = company.send("POST", at, Some(message.clone())).await;
        assert_eq!((status, &found["totalResults"]), (200, &json!(1)), "{found}");
        assert_eq!(found["Resources"][0]["userName"], "Ann.Archer@Example.com");
    }
}

#[tokio::test]
async fn d12_every_answer_is_a_message() {
    let company = Company::new().await;
    let with_token = |method: &str, path: &str, kind: &str, body: &str| {
        Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", company.token))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let json = "application/scim+json; charset=utf-8";
    for (request, expected) in [
        (with_token("GET", "", json, ""), 404),
        (with_token("GET", "/", json, ""), 404),
        (with_token("GET", "/Nothing", json, ""), 404),
        (with_token("GET", "/users", json, ""), 404),
        (with_token("GET", "/Users/1", json, ""), 404),
        (with_token("GET", "/Me", json, ""), 501),
        (with_token("DELETE", "/Users", json, ""), 405),
        (with_token("POST", "/Schemas", json, "{}"), 405),
        (with_token("TRACE", "/Users", json, ""), 405),
        (with_token("POST", "/Users", "text/plain", "{}"), 415),
        (with_token("POST", "/Users", json, "no JSON"), 400),
        (with_token("POST", "/Users", json, "[]"), 400),
        (
            with_token(
                "POST",
                "/Users",
                json,
                "{\"userName\": \"a@b.example\", \"username\": \"c@d.example\"}",
            ),
            400,
        ),
        (
            with_token(
                "POST",
                "/Users",
                json,
                &format!("{}1{}", "[".repeat(40), "]".repeat(40)),
            ),
            400,
        ),
        (
            with_token("POST", "/Users", json, &"x".repeat((1 << 20) + 1)),
            413,
        ),
        (with_token("PATCH", "/Users/1", json, "{}"), 404),
    ] {
        let asked = format!("{} {}", request.method(), request.uri());
        let (status, headers, body) = company.call(request).await;
        assert_eq!(status.as_u16(), expected, "{asked}: {body}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/scim+json", "{asked}");
        assert_eq!(body["status"], expected.to_string(), "{asked}");
        assert_eq!(headers.contains_key(header::ALLOW), expected == 405, "{asked}");
    }
    // Both media types are accepted.
    let (status, ..) = company
        .call(with_token(
            "POST",
            "/Users",
            "application/json",
            &ann().to_string(),
        ))
        .await;
    assert_eq!(status.as_u16(), 201);
}

#[tokio::test]
async fn d27_only_the_token_of_a_directory_opens_anything() {
    let mut company = Company::new().await;
    let right = company.token.clone();
    let input = json!({ "name": "HR", "scopes": ["DISMISS_USERS"] });
    let (_, other) = crate::integrations::create(&company.app, &company.admin, input).await;
    let input = json!({ "name": "no directory", "scopes": ["PROVISION_PEOPLE"] });
    let (_, without) = crate::integrations::create(&company.app, &company.admin, input).await;
    for (token, expected) in [
        (String::new(), 401),
        ("hnd_wrong".to_owned(), 401),
        (company.admin.token.clone(), 401),
        (other, 403),
        (without, 403),
    ] {
        company.token = token;
        for path in ["/ServiceProviderConfig", "/Users", "/Groups", "/Schemas"] {
            let (status, headers, body) = company.call(company.request("GET", path, None)).await;
            assert_eq!(status.as_u16(), expected, "{path}: {body}");
            let asked = headers
                .get(header::WWW_AUTHENTICATE)
                .map(|value| value.to_str().unwrap());
            let metadata =
                "Bearer resource_metadata=\"http://127.0.0.1:8000/.well-known/oauth-protected-resource\"";
            assert_eq!(asked, (expected == 401).then_some(metadata));
            assert_eq!(body["status"], expected.to_string());
        }
    }
    // And the token opens nothing else.
    let (_, answer) = company
        .app
        .ask(Some(&right), "{ tasks { totalCount } }", json!({}))
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn the_server_describes_itself() {
    let company = Company::new().await;
    let config = company.get("/ServiceProviderConfig").await;
    assert_eq!(
        (&config["patch"]["supported"], &config["bulk"]["maxOperations"]),
        (&json!(true), &json!(1000))
    );
    let types = company.get("/ResourceTypes").await;
    assert_eq!(types["totalResults"], 2);
    let schemas = company.get("/Schemas").await;
    assert_eq!(schemas["totalResults"], 3);
    for schema in schemas["Resources"].as_array().unwrap() {
        let found = company
            .get(&format!("/Schemas/{}", schema["id"].as_str().unwrap()))
            .await;
        assert_eq!(&found, schema);
    }
    assert!(!schemas.to_string().contains("password"));
    assert_eq!(company.refused("GET", "/Schemas/urn:none", None).await.0, 404);
}

#[tokio::test]
async fn bulk_operations_succeed_and_fail_on_their_own() {
    let company = Company::new().await;
    let post = |name: &str, id: &str| json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": { "userName": name } });
    let operations = json!([
        post("a@example.com", "a"),
        post("no address", "b"),
        post("c@example.com", "c")
    ]);
    let (status, answer) = company
        .send("POST", "/Bulk", Some(json!({ "Operations": operations })))
        .await;
    assert_eq!(status, 200);
    let statuses: Vec<&Value> = answer["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, [&json!("201"), &json!("400"), &json!("201")]);
    let stopped =
        json!({ "failOnErrors": 1, "Operations": [post("no address", "b"), post("d@example.com", "d")] });
    let (_, answer) = company.send("POST", "/Bulk", Some(stopped)).await;
    assert_eq!(answer["Operations"].as_array().unwrap().len(), 1);
    let many: Vec<Value> = (0..1_001).map(|n| post("x", &n.to_string())).collect();
    assert_eq!(
        company
            .refused("POST", "/Bulk", Some(json!({ "Operations": many })))
            .await
            .0,
        413
    );
}

#[tokio::test]
async fn d22_a_burst_passes_and_more_is_told_when_to_retry() {
    let company = Company::of(TestApp::with(|options| options.rate_limit = 60).await).await;
    let mut passed = 0;
    let refused = loop {
        let (status, headers, body) = company.call(company.request("GET", "/Users?count=0", None)).await;
        match status.as_u16() {
            200 => passed += 1,
            _ => break (status, headers, body),
        }
    };
    // The limit of its integration for GraphQL, 60 a minute, is another one.
    assert!((300..600).contains(&passed), "{passed} at once");
    let (status, headers, body) = refused;
    assert_eq!((status.as_u16(), &body["status"]), (429, &json!("429")));
    let seconds: u32 = headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds));
}

#[tokio::test]
async fn d23_a_token_is_rotated_without_a_refused_request() {
    let mut company = Company::new().await;
    let integration = company.about("integration { id secrets { id } }").await["integration"].clone();
    let old = integration["secrets"][0]["id"].clone();
    let input = json!({ "integrationId": integration["id"] });
    let (_, new) = crate::integrations::add(&company.app, &company.admin, input).await;
    company.get("/Users").await;
    let both = std::mem::replace(&mut company.token, new);
    company.get("/Users").await;
    let revoke =
        "mutation($id: ID!) { revokeIntegrationSecret(input: { secretId: $id }) { userErrors { code } } }";
    company
        .app
        .data(&company.admin, revoke, json!({ "id": old }))
        .await;
    company.get("/Users").await;
    company.token = both;
    assert_eq!(company.refused("GET", "/Users", None).await.0, 401);
}
