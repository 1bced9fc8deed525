//! Conformance with the GraphQL and GraphQL over HTTP specifications.

use std::io::{Read, Write};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

fn post(token: Option<&str>, accept: &str, body: &Value) -> Request<Body> {
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header(header::ACCEPT, accept);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_string())).unwrap()
}

fn kind(headers: &HeaderMap) -> &str {
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    kind.split(';').next().unwrap()
}

/// Each mutation field sees the writes of earlier ones.
#[tokio::test]
async fn mutation_fields_see_earlier_writes() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.administrator().await, app.employee("bob").await);
    let task = app.tasks(1, &admin, &admin).await[0];
    let observers = |alias: &str, ids: &str| {
        format!(
            "{alias}: updateTask(input: {{taskId: \"{task}\", observerIds: [{ids}]}}) {{ task {{ observers {{ id }} }} }}"
        )
    };
    let bobs = format!("\"{}\"", bob.id());
    let both = format!(
        "mutation {{ {} {} {} }}",
        observers("a", ""),
        observers("b", &bobs),
        observers("c", "")
    );
    let data = app.data(&admin, &both, json!({})).await;
    let seen = ["a", "b", "c"].map(|alias| data[alias]["task"]["observers"].clone());
    assert_eq!(seen, [json!([]), json!([{ "id": bob.id() }]), json!([])]);

    let person = format!("userId: {bobs}");
    let user = "user { status dismissed dismissal { state } }";
    let both = format!(
        "mutation {{ a: dismissUser(input: {{{person}}}) {{ {user} }} ...B }} \
         fragment B on Mutation {{ b: hireUser(input: {{{person}}}) {{ {user} }} }}"
    );
    let data = app.data(&admin, &both, json!({})).await;
    assert_eq!(
        data["a"]["user"],
        json!({ "status": "DISMISSED", "dismissed": true, "dismissal": { "state": "IN_FORCE" } })
    );
    assert_eq!(
        data["b"]["user"],
        json!({ "status": "ACTIVE", "dismissed": false, "dismissal": null })
    );

    let drive = app
        .data(&admin, "{ viewer { user { drive { id } } } }", json!({}))
        .await;
    let input = json!({ "parentId": drive["viewer"]["user"]["drive"]["id"], "name": "Plans" });
    let folder = app.run(&admin, "createFolder", input, "folder { id }").await;
    let shared = format!("folderId: {}, with: [{bobs}]", folder["folder"]["id"]);
    let shares = "{ folder { shares { access } } }";
    let all = format!(
        "mutation {{ a: shareFolder(input: {{{shared}, access: READ}}) {shares} \
         b: shareFolder(input: {{{shared}, access: FULL}}) {shares} c: unshareFolder(input: {{{shared}}}) {shares} }}"
    );
    let data = app.data(&admin, &all, json!({})).await;
    let seen = ["a", "b", "c"].map(|alias| data[alias]["folder"]["shares"].clone());
    assert_eq!(
        seen,
        [
            json!([{ "access": "READ" }]),
            json!([{ "access": "FULL" }]),
            json!([])
        ]
    );
}

/// A nullable field that fails is null, and its siblings are returned.
#[tokio::test]
async fn a_nullable_field_fails_alone() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.administrator().await, app.employee("bob").await);
    let query = format!(
        "{{ node(id: \"garbage\") {{ id }} user(id: \"garbage\") {{ name }} integrations {{ id }} \
         nodes(ids: [\"{}\", \"garbage\", \"{}\"]) {{ id }} viewer {{ user {{ id }} }} \
         users(first: 2, orderBy: {{field: EMAIL, direction: ASC}}) {{ nodes {{ id work {{ total }} sessions {{ id }} }} }} }}",
        bob.id(),
        admin.id()
    );
    for accept in [GRAPHQL, JSON] {
        // From the second execution on, objects are written as text.
        for _ in 0..2 {
            let body = json!({ "query": query });
            let (status, answer) = app.send(post(Some(&bob.token), accept, &body)).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            let data = &answer["data"];
            assert_eq!(
                [
                    &data["node"],
                    &data["user"],
                    &data["integrations"],
                    &data["nodes"][1]
                ],
                [&Value::Null; 4]
            );
            assert_eq!(data["viewer"]["user"]["id"], bob.id());
            assert_eq!(
                [&data["nodes"][0]["id"], &data["nodes"][2]["id"]],
                [&json!(bob.id()), &json!(admin.id())]
            );
            let users = &data["users"]["nodes"];
            assert_eq!(
                users[0],
                json!({ "id": admin.id(), "work": null, "sessions": null })
            );
            assert_eq!(users[1]["work"]["total"], 0, "{users}");
            let mut errors: Vec<_> = answer["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| (error["path"].to_string(), error["extensions"]["code"].clone()))
                .collect();
            errors.sort_by(|one, other| one.0.cmp(&other.0));
            assert_eq!(
                errors,
                [
                    (r#"["integrations"]"#, "FORBIDDEN"),
                    (r#"["node"]"#, "BAD_USER_INPUT"),
                    (r#"["nodes",1]"#, "BAD_USER_INPUT"),
                    (r#"["user"]"#, "BAD_USER_INPUT"),
                    (r#"["users","nodes",0,"sessions"]"#, "FORBIDDEN"),
                    (r#"["users","nodes",0,"work"]"#, "FORBIDDEN"),
                ]
                .map(|(path, code)| (path.to_owned(), json!(code)))
            );
        }
    }
}

/// Documents that async-graphql alone would accept or misread.
#[tokio::test]
async fn documents_are_validated_by_the_specification() {
    let app = TestApp::new().await;
    let ann = app.administrator().await;
    let refused = [
        (
            "{ users(filter: {status: [\"ACTIVE\"]}) { totalCount } }",
            json!({}),
        ),
        (
            "query($i: String!) { user(id: $i) { id } }",
            json!({ "i": ann.id() }),
        ),
        ("query($i: ID) { user(id: $i) { id } }", json!({ "i": ann.id() })),
        (
            "query($s: [String!]) { users(filter: {status: $s}) { totalCount } }",
            json!({ "s": ["ACTIVE"] }),
        ),
        (
            "query($s: ID) { users(filter: {search: $s}) { totalCount } }",
            json!({ "s": "x" }),
        ),
        (
            "{ users(filter: {search: \"a\", search: \"b\"}) { totalCount } }",
            json!({}),
        ),
        (
            "{ users(filter: {search: \"\\uD83D\"}) { totalCount } }",
            json!({}),
        ),
        ("query($i: ID!) { user(id: $i) { id } }", json!({})),
        ("query($i: ID!) { user(id: $i) { id } }", json!({ "i": [1] })),
        (
            "query($f: UserFilter) { users(filter: $f) { totalCount } }",
            json!({ "f": { "status": "FIRED" } }),
        ),
        (
            "query($f: UserFilter) { users(filter: $f) { totalCount } }",
            json!({ "f": { "x": 1 } }),
        ),
        (
            "{ viewer { user { id } } viewer { user { id: name } } }",
            json!({}),
        ),
        ("query A { __typename } query B { __typename }", json!({})),
        ("{ viewer { user { id } }", json!({})),
    ];
    for (query, variables) in refused {
        let body = json!({ "query": query, "variables": variables });
        for (accept, status) in [(GRAPHQL, StatusCode::BAD_REQUEST), (JSON, StatusCode::OK)] {
            let (told, answer) = app.send(post(Some(&ann.token), accept, &body)).await;
            assert_eq!(told, status, "{query}: {answer}");
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{query}"
            );
            assert_eq!(answer.get("data"), None, "{query}: {answer}");
        }
    }
    // Variables of a known document are still validated.
    let query = "query($f: UserFilter) { users(filter: $f) { totalCount } }";
    for (filter, code) in [
        (json!({ "status": ["ACTIVE"] }), None),
        (json!({ "status": "ACTIVE" }), None),
        (json!({ "status": "FIRED" }), Some("BAD_USER_INPUT")),
    ] {
        let (_, answer) = app.ask(Some(&ann.token), query, json!({ "f": filter })).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"].as_str(),
            code,
            "{answer}"
        );
    }
    for escaped in [r"\u0061dmin", r"\u{61}dmin"] {
        let query = format!("{{ users(filter: {{search: \"{escaped}\"}}) {{ totalCount }} }}");
        let data = app.data(&ann, &query, json!({})).await;
        assert_eq!(data["users"]["totalCount"], 1, "{escaped}");
    }
    let emoji =
        "mutation { createTask(input: {title: \"\\uD83D\\uDE00\", responsibleId: $ME}) { task { title } } }"
            .replace("$ME", &format!("\"{}\"", ann.id()));
    let data = app.data(&ann, &emoji, json!({})).await;
    assert_eq!(data["createTask"]["task"]["title"], "😀");
    // Error locations refer to the original document.
    let (_, answer) = app
        .ask(
            Some(&ann.token),
            "# é\r\nquery {\n  a: node(id: \"x\") { id } }",
            json!({}),
        )
        .await;
    assert_eq!(
        answer["errors"][0]["locations"],
        json!([{ "line": 3, "column": 3 }]),
        "{answer}"
    );
}

#[tokio::test]
async fn http_status_codes_follow_the_specification() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.administrator().await, app.employee("bob").await);
    let gone = app.employee("gone").await;
    app.run(&admin, "dismissUser", json!({ "userId": gone.id() }), "")
        .await;
    let viewer = "{ viewer { user { id } } }";
    for (token, query, graphql, plain) in [
        (Some(&bob.token), viewer, 200, 200),
        // Executed, without data.
        (Some(&bob.token), "{ auditLog { totalCount } }", 200, 200),
        (
            Some(&bob.token),
            "mutation { inviteUser(input: {email: \"x@y\"}) { user { id } } }",
            200,
            200,
        ),
        (Some(&bob.token), "{ node(id: \"x\") { id } }", 200, 200),
        // Not executed.
        (Some(&bob.token), "{ nothing }", 400, 200),
        (Some(&bob.token), "{", 400, 200),
        (None, "{ nothing }", 400, 200),
        // Unauthenticated.
        (None, viewer, 401, 401),
        (None, "{ node(id: \"x\") { id } }", 401, 401),
        (None, "{ __typename node(id: \"x\") { id } }", 401, 401),
        (None, "{ __schema { queryType { name } } }", 401, 401),
        (Some(&gone.token), viewer, 401, 401),
        (Some(&gone.token), "{ __typename }", 401, 401),
        (Some(&gone.token), "{ nothing }", 401, 401),
        (None, "{ __typename }", 200, 200),
    ] {
        for (accept, status) in [(GRAPHQL, graphql), (JSON, plain)] {
            let (told, headers, body) = app
                .bytes(post(
                    token.map(String::as_str),
                    accept,
                    &json!({ "query": query }),
                ))
                .await;
            let answer = String::from_utf8(body).unwrap();
            assert_eq!(told.as_u16(), status, "{query}: {answer}");
            assert_eq!(kind(&headers), accept, "{query}");
            assert_eq!(
                headers.contains_key(header::WWW_AUTHENTICATE),
                status == 401,
                "{query}"
            );
            assert_eq!(
                answer.contains("UNAUTHENTICATED"),
                status == 401,
                "{query}: {answer}"
            );
        }
    }
}

/// Server failures are reported as server errors.
#[tokio::test]
async fn server_failures_have_their_own_status() {
    let app = TestApp::new().await;
    app.breaks_rules();
    let ann = app.administrator().await;
    app.raw()
        .execute_unprepared("ALTER TABLE crm_roles RENAME TO gone")
        .await
        .unwrap();
    for accept in [GRAPHQL, JSON] {
        let body = json!({ "query": "{ crmRoles { name } }" });
        let (status, answer) = app.send(post(Some(&ann.token), accept, &body)).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
        // Partial data is returned.
        let query = format!(
            "{{ user(id: \"{}\") {{ id crm: work {{ total }} }} node(id: \"crmrole_01j0b3v1mmee6tx9cpdgkfhbch\") {{ id }} }}",
            ann.id()
        );
        let (status, answer) = app
            .send(post(Some(&ann.token), accept, &json!({ "query": query })))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["data"]["user"]["id"], ann.id());
        assert_eq!(answer["data"]["node"], Value::Null);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer}");
    }
    app.raw()
        .execute_unprepared("ALTER TABLE sessions RENAME TO lost")
        .await
        .unwrap();
    let body = json!({ "query": "{ __typename }" });
    let (status, _) = app.send(post(Some(&ann.token), GRAPHQL, &body)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

/// An expired token in a browser does not lock its owner out.
#[tokio::test]
async fn an_expired_token_does_not_block_sign_in() {
    let app = TestApp::new().await;
    let (admin, bob) = (app.administrator().await, app.employee("bob").await);
    let gone = app.employee("gone").await;
    app.run(&admin, "dismissUser", json!({ "userId": gone.id() }), "")
        .await;
    let invited = json!({ "email": "new@example.com" });
    let invited = app.run(&admin, "inviteUser", invited, "invitationToken").await;
    let reset = json!({ "userId": bob.id() });
    let reset = app.run(&admin, "issuePasswordReset", reset, "token").await;
    let mutation = |name: &str, input: &Value| {
        let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
        json!({
            "query": format!("mutation($i: {kind}) {{ {name}(input: $i) {{ accessToken refreshToken userErrors {{ message }} }} }}"),
            "variables": { "i": input },
        })
    };
    let sign_in = mutation("signIn", &json!({ "email": bob.email, "password": PASSWORD }));
    let mut refresh = Value::Null;
    for (name, dead) in [
        ("of somebody who has left", gone.token.as_str()),
        ("of nobody", "stale"),
        ("empty", ""),
    ] {
        for accept in [GRAPHQL, JSON] {
            let (status, answer) = app.send(post(Some(dead), accept, &sign_in)).await;
            assert_eq!(status, StatusCode::OK, "{name}: {answer}");
            assert!(
                answer["data"]["signIn"]["accessToken"].is_string(),
                "{name}: {answer}"
            );
            refresh = answer["data"]["signIn"]["refreshToken"].clone();
        }
    }
    for body in [
        mutation("refreshSession", &json!({ "refreshToken": refresh })),
        mutation(
            "acceptInvitation",
            &json!({ "token": invited["invitationToken"], "password": PASSWORD }),
        ),
        mutation(
            "resetPassword",
            &json!({ "token": reset["token"], "password": "another horse battery" }),
        ),
    ] {
        let (status, answer) = app.send(post(Some("stale"), JSON, &body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let payload = answer["data"].as_object().unwrap().values().next().unwrap();
        assert!(payload["accessToken"].is_string(), "{answer}");
    }
    // It does not authorize any other operation.
    let other = "mutation { signIn(input: {email: \"a\", password: \"b\"}) { accessToken } signOut { userErrors { code } } }";
    for accept in [GRAPHQL, JSON, EVENTS] {
        for query in [
            other,
            "mutation { __typename }",
            "subscription { userStatusChanged { id } }",
        ] {
            let (status, answer) = app
                .send(post(Some("stale"), accept, &json!({ "query": query })))
                .await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{query}: {answer}");
        }
    }
    let request =
        Request::get("/graphql?query=%7B__typename%7D").header(header::AUTHORIZATION, "Bearer stale");
    let (status, _) = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

/// The response type follows Accept; event streams are for subscriptions.
#[tokio::test]
async fn the_response_type_follows_accept() {
    let app = TestApp::new().await;
    let ann = app.administrator().await;
    let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
    let (query, mutation) = ("{ __typename }", "mutation { __typename }");
    let subscription = "subscription { userStatusChanged { id } }";
    for (accept, document, expected) in [
        (urql, query, GRAPHQL),
        (urql, mutation, GRAPHQL),
        (urql, "{ nothing }", GRAPHQL),
        (urql, subscription, EVENTS),
        ("application/json, text/event-stream;q=0", query, JSON),
        ("application/json, text/event-stream;q=0", subscription, JSON),
        (EVENTS, query, EVENTS),
        (EVENTS, subscription, EVENTS),
        ("application/json;q=0.1, text/event-stream", query, JSON),
        ("*/*", query, JSON),
    ] {
        let response = app
            .open(post(Some(&ann.token), accept, &json!({ "query": document })))
            .await;
        assert_eq!(kind(response.headers()), expected, "{accept} {document}");
    }
    let urlencoded = "%7B__typename%7D";
    for path in ["/graphql", "/graphql/"] {
        let request = Request::get(format!("{path}?query={urlencoded}")).header(header::ACCEPT, urql);
        let (status, answer) = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (status, answer),
            (StatusCode::OK, json!({ "data": { "__typename": "Query" } })),
            "{path}"
        );
        let request = Request::post(path).header(header::CONTENT_TYPE, JSON);
        let body = Body::from(json!({ "query": query }).to_string());
        let (status, _) = app.send(request.body(body).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}

/// Long answers are compressed if accepted, except those that may contain secrets.
#[tokio::test]
async fn long_answers_are_compressed_except_those_with_secrets() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for n in 0..20 {
        app.employee(&format!("person{n}")).await;
    }
    let page = "{ users(first: 100) { nodes { id name email position status } } }";
    let sign_in = format!(
        "mutation {{ signIn(input: {{email: \"{}\", password: \"{PASSWORD}\"}}) {{ accessToken refreshToken user {{ {} }} }} }}",
        admin.email,
        (0..29).map(|n| format!("a{n}: email ")).collect::<String>()
    );
    for (query, accepts, encoding) in [
        (page, "gzip, deflate, br", Some("br")),
        (page, "gzip", Some("gzip")),
        (page, "br;q=0, gzip;q=0", None),
        (page, "", None),
        ("{ __typename }", "gzip, br", None),
        (&sign_in, "gzip, br", None),
    ] {
        let mut request = TestApp::request(Some(&admin.token), query, json!({}));
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, accepts.parse().unwrap());
        let (status, headers, body) = app.bytes(request).await;
        assert_eq!(status, StatusCode::OK);
        let told = headers
            .get(header::CONTENT_ENCODING)
            .map(|value| value.to_str().unwrap());
        assert_eq!(told, encoding, "{accepts} {query}");
        let mut text = String::new();
        match encoding {
            Some("gzip") => flate2::read::GzDecoder::new(&*body)
                .read_to_string(&mut text)
                .unwrap(),
            Some(_) => brotli::Decompressor::new(&*body, 4_096)
                .read_to_string(&mut text)
                .unwrap(),
            None => (&*body).read_to_string(&mut text).unwrap(),
        };
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer.get("errors"), None, "{answer}");
        assert!(query == "{ __typename }" || text.len() > 1_024, "{text}");
        assert!(encoding.is_none() || body.len() < text.len() / 2);
        let varies = headers
            .get_all(header::VARY)
            .iter()
            .any(|value| value.to_str().unwrap().contains("accept-encoding"));
        assert_eq!(varies, !query.starts_with("mutation"), "{query}");
    }
}

#[tokio::test]
async fn request_bodies_are_uncompressed_json() {
    let app = TestApp::new().await;
    let body = json!({ "query": "{ __typename }" }).to_string();
    let request = |encoding: &str, body: Vec<u8>| {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, JSON);
        if !encoding.is_empty() {
            request = request.header(header::CONTENT_ENCODING, encoding);
        }
        request.body(Body::from(body)).unwrap()
    };
    let marked = [b"\xEF\xBB\xBF", body.as_bytes()].concat();
    for (encoding, body) in [("", marked), ("identity", body.clone().into_bytes())] {
        let (status, answer) = app.send(request(encoding, body)).await;
        assert_eq!(
            (status, answer),
            (StatusCode::OK, json!({ "data": { "__typename": "Query" } }))
        );
    }
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(body.as_bytes()).unwrap();
    for (encoding, body) in [("gzip", zipped.finish().unwrap()), ("br", body.into_bytes())] {
        let (status, answer) = app.send(request(encoding, body)).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{answer}");
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("content-encoding")
        );
    }
}

/// A stream ended by shutdown is not completed.
#[tokio::test]
async fn event_streams_break_off_at_shutdown() {
    use http_body_util::BodyExt;

    let app = TestApp::new().await;
    let ann = app.administrator().await;
    let background = handover::server::start(&app.app);
    let body = json!({ "query": "subscription { userStatusChanged { id } }" });
    let response = app.open(post(Some(&ann.token), EVENTS, &body)).await;
    let mut body = response.into_body();
    let soon = std::time::Duration::from_millis(300);
    assert!(tokio::time::timeout(soon, body.frame()).await.is_err());
    app.app.stop.send_replace(true);
    let last = body.frame().await.unwrap();
    assert!(last.is_err(), "{last:?}");
    background.await.unwrap();
}
