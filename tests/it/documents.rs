//! Document limits: nesting, fragments, values and introspection, on every transport.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use handover::graphql::documents::Introspection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Person, TestApp};

fn post(body: &Value, accept: &str) -> Request<Body> {
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, accept)
        .body(Body::from(body.to_string()))
        .unwrap()
}

fn get(query: &str, accept: &str) -> Request<Body> {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Request::get(format!("/graphql?query={query}"))
        .header(header::ACCEPT, accept)
        .body(Body::empty())
        .unwrap()
}

fn hash(document: &str) -> String {
    Sha256::digest(document)
        .iter()
        .fold(String::new(), |mut out, byte| {
            write!(out, "{byte:02x}").unwrap();
            out
        })
}

fn persisted(document: Option<&str>, hash: &str) -> Value {
    json!({ "query": document, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

/// The code of the first error in a response, or in the first event of a stream.
async fn code(app: &TestApp, request: Request<Body>) -> String {
    let (_, _, bytes) = app.bytes(request).await;
    let text = String::from_utf8(bytes).unwrap();
    let json = text
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .unwrap_or(&text);
    let answer: Value = serde_json::from_str(json).unwrap();
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

/// A recursive parser would overflow the stack and abort the process.
#[tokio::test]
async fn nested_brackets_are_refused_on_every_transport() {
    let app = TestApp::new().await;
    let nest = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(1_500), close.repeat(1_500))
    };
    let (list, object) = (nest("[", "", "]"), nest("{a:", "1", "}"));
    for document in [
        format!("{{ user(id: {list}) {{ id }} }}"),
        format!("{{ user(id: {object}) {{ id }} }}"),
        format!("query($a: {}) {{ __typename }}", nest("[", "Int", "]")),
        format!("query($a: Int = {list}) {{ __typename }}"),
        format!("{{ __typename @skip(if: {list}) }}"),
        format!("query @skip(if: {list}) {{ __typename }}"),
        format!("{{ ...F }} fragment F on Query @skip(if: {list}) {{ __typename }}"),
        format!("{{ ... @skip(if: {list}) {{ __typename }} }}"),
        nest("{ a ", "{ a }", "}"),
    ] {
        let body = json!({ "query": document });
        for accept in ["application/json", "text/event-stream"] {
            for request in [
                post(&body, accept),
                get(&document, accept),
                post(&persisted(Some(&document), &hash(&document)), accept),
            ] {
                assert_eq!(
                    code(&app, request).await,
                    "QUERY_TOO_COMPLEX",
                    "{accept} {}",
                    &document[..40]
                );
            }
        }
        let by_hash = post(&persisted(None, &hash(&document)), "application/json");
        assert_eq!(code(&app, by_hash).await, "PERSISTED_QUERY_NOT_FOUND");
    }
    // An unterminated string hides nothing.
    let hidden = format!("{{ user(id: [\"\"\"[\"x\" {list}]) {{ id }} }}");
    assert_eq!(
        code(&app, post(&json!({ "query": hidden }), "application/json")).await,
        "BAD_USER_INPUT"
    );
    // Deeply nested variables are refused as JSON.
    let variables = format!("{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {list}}}}}");
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(
        code(&app, request.body(Body::from(variables)).unwrap()).await,
        "BAD_USER_INPUT"
    );
}

/// Values that are copied at each use must be small.
#[tokio::test]
async fn exponential_documents_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut double = String::new();
    for n in 0..12 {
        write!(double, "fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1).unwrap();
    }
    let values = format!(
        "fragment F12 on Query {{ users(filter: {{search: [{}]}}) {{ totalCount }} }}",
        "1 ".repeat(900)
    );
    let many = "user(id: $a) { id } ".repeat(600);
    let large = json!({ "a": "x".repeat(100_000) });
    for (document, variables) in [
        (format!("{{ ...F0 }} {double} {values}"), json!({})),
        (format!("{{ __typename }} {double} {values}"), json!({})),
        (format!("query($a: ID!) {{ {many} }}"), large.clone()),
        // Each error message would quote the value.
        (
            format!(
                "query($a: UserStatus) {{ {} }}",
                "users(filter: {status: $a}) { totalCount } ".repeat(400)
            ),
            large,
        ),
        (format!("{{ {} }}", "a".repeat(300)), json!({})),
        (format!("{{ __typename {} }}", ",".repeat(200_000)), json!({})),
    ] {
        let error = app.error(Some(&admin.token), &document, variables).await;
        assert_eq!(error, "QUERY_TOO_COMPLEX", "{}", &document[..60]);
    }
    // The number of errors is limited.
    let (_, answer) = app
        .ask(
            Some(&admin.token),
            &format!("{{ {} }}", "x ".repeat(3_000)),
            json!({}),
        )
        .await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 50);
}

/// By the specification, a field selected twice runs once; async-graphql alone would run it twice.
#[tokio::test]
async fn a_mutation_runs_each_of_its_fields_once() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let invite = |email: &str| format!("inviteUser(input: {{email: \"{email}\"}}) {{ user {{ id }} }}");
    // A second run would not return a new token.
    let twice = format!(
        "mutation {{ {} ...F }} fragment F on Mutation {{ {} }}",
        invite("c@example.com"),
        invite("c@example.com").replace(
            "user { id }",
            "user { email } invitationToken userErrors { code }"
        )
    );
    let made = &app.data(&admin, &twice, json!({})).await["inviteUser"];
    assert!(
        made["user"]["id"].is_string() && made["invitationToken"].is_string(),
        "{made}"
    );
    assert_eq!(made["user"]["email"], "c@example.com");
    let audited = "{ auditLog(filter: {action: [\"user.invited\"]}, first: 9) { totalCount } }";
    assert_eq!(
        app.data(&admin, audited, json!({})).await["auditLog"]["totalCount"],
        1
    );
    let both = format!(
        "mutation {{ a: {} b: {} }}",
        invite("a@example.com"),
        invite("b@example.com")
    );
    let data = app.data(&admin, &both, json!({})).await;
    assert!(
        data["a"]["user"]["id"].is_string() && data["b"]["user"]["id"].is_string(),
        "{data}"
    );
}

/// The introspection query of graphql-js, GraphiQL and code generators.
const STANDARD: &str = include_str!("introspection.graphql");

/// Variants of the standard query.
fn standard_queries() -> Vec<String> {
    let plain = STANDARD.replace("(includeDeprecated: true) # input", "");
    // Without `specifiedByURL` and features that async-graphql lacks.
    let relay = STANDARD
        .replace("description\n", "")
        .replace("specifiedByURL\n", "");
    vec![STANDARD.to_owned(), plain, relay]
}

async fn asked(app: &TestApp, person: Option<&Person>, query: &str) -> (StatusCode, Value) {
    app.ask(person.map(|person| person.token.as_str()), query, json!({}))
        .await
}

const SCHEMA: [&str; 4] = [
    "{ __schema { queryType { name } } }",
    "{ __type(name: \"User\") { name } }",
    "{ a: __typename ... { ...F } } fragment F on Query { b: __type(name: \"User\") { name } }",
    "query A { __typename } query B { __schema { queryType { name } } }",
];

#[tokio::test]
async fn introspection_follows_its_setting() {
    for (setting, stranger, known) in [
        (Introspection::SignedIn, "UNAUTHENTICATED", "none"),
        (Introspection::True, "none", "none"),
        (Introspection::False, "FORBIDDEN", "FORBIDDEN"),
    ] {
        let app = TestApp::with(|options| options.introspection = setting).await;
        let ann = app.employee("ann").await;
        for query in SCHEMA {
            let name = query.contains("query B").then_some("B");
            let body = json!({ "query": query, "operationName": name });
            for token in [None, Some(&ann.token)] {
                let expected = if token.is_some() { known } else { stranger };
                // The second time the document is known; the caller is still checked.
                for _ in 0..2 {
                    for accept in ["application/json", "text/event-stream"] {
                        let mut request = post(&body, accept);
                        if let Some(token) = token {
                            let value = format!("Bearer {token}").parse().unwrap();
                            request.headers_mut().insert(header::AUTHORIZATION, value);
                        }
                        assert_eq!(
                            code(&app, request).await,
                            expected,
                            "{setting:?} {query} {token:?}"
                        );
                    }
                }
            }
        }
        // Other queries are always answered.
        let other = json!({ "query": SCHEMA[3], "operationName": "A" });
        for body in [other, json!({ "query": "{ __typename }" })] {
            let (_, answer) = app.send(post(&body, "application/json")).await;
            assert_eq!(
                answer,
                json!({ "data": { "__typename": "Query" } }),
                "{setting:?}"
            );
        }
    }
}

#[tokio::test]
async fn introspection_is_answered_unless_it_multiplies() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    for query in standard_queries() {
        let (status, answer) = asked(&app, Some(&ann), &query).await;
        assert_eq!(
            (status, &answer["errors"]),
            (StatusCode::OK, &Value::Null),
            "{query}"
        );
        assert!(answer["data"]["__schema"]["types"].as_array().unwrap().len() > 100);
    }
    let within = |fields: &str| format!("{{ __schema {{ types {{ {fields} }} }} }}");
    let fields = STANDARD.replacen("query IntrospectionQuery {", "{ ...Q } fragment Q on Query {", 1);
    for refused in [
        "{ __type(name: \"Node\") { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } }".to_owned(),
        within("fields { type { fields { type { fields { type { name } } } } } }"),
        within("possibleTypes { fields { type { interfaces { name } } } }"),
        fields.replacen("__schema {", &format!("{} __schema {{", copies(29)), 1),
        format!("{{ {} }}", "__type(name: \"User\") { fields { type { fields { name } } } } ".repeat(200)),
    ] {
        let (_, answer) = asked(&app, Some(&ann), &refused).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX",
            "{refused}: {}",
            answer["errors"][0]
        );
    }
}

fn copies(count: usize) -> String {
    let copy = |n| format!("a{n}: __schema {{ types {{ ...FullType }} }} ");
    (0..count).map(copy).collect()
}

/// Introspection costs points by the size of its answer.
#[tokio::test]
async fn introspection_costs_points() {
    let app = TestApp::with(|options| options.rate_limit = 60).await;
    let ann = app.employee("ann").await;
    let mut left = 60;
    let mut costs = Vec::new();
    for query in ["{ __typename }", SCHEMA[1], STANDARD] {
        let (_, headers, _) = app
            .bytes(TestApp::request(Some(&ann.token), query, json!({})))
            .await;
        let now: i32 = headers["ratelimit-remaining"].to_str().unwrap().parse().unwrap();
        costs.push(left - now);
        left = now;
    }
    assert_eq!(costs[..2], [1, 1], "{costs:?}");
    assert!((6..30).contains(&costs[2]), "{costs:?}");
}

/// Messages name nothing that the caller did not name.
#[tokio::test]
async fn error_messages_do_not_reveal_the_schema() {
    let mistakes = [
        ("{ userz { id } }", json!({})),
        ("{ users(frist: 1) { totalCount } }", json!({})),
        ("{ users { totalCont } }", json!({})),
        ("mutation { signIn { accessToken } }", json!({})),
        ("mutation { signIn(input: {}) { accessToken } }", json!({})),
        (
            "mutation { signIn(input: {email: 1, password: 2}) { accessToken } }",
            json!({}),
        ),
        (
            "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }",
            json!({ "i": { "email": "a" } }),
        ),
        (
            "mutation($i: Signin!) { signIn(input: $i) { accessToken } }",
            json!({}),
        ),
        ("{ users { nodes { status { x } } } }", json!({})),
        ("{ users(filter: {status: FIRED}) { totalCount } }", json!({})),
        ("{ viewer { ... on Usr { id } } }", json!({})),
    ];
    for (setting, told_when_signed_in) in [(Introspection::SignedIn, true), (Introspection::False, false)] {
        let app = TestApp::with(|options| options.introspection = setting).await;
        let ann = app.employee("ann").await;
        for (document, variables) in &mistakes {
            let (_, answer) = app.ask(None, document, variables.clone()).await;
            for error in answer["errors"].as_array().unwrap() {
                assert_eq!(
                    error["message"], "the request does not fit the schema",
                    "{document}"
                );
                assert_eq!(error["extensions"], json!({ "code": "BAD_USER_INPUT" }));
            }
            let (_, answer) = app.ask(Some(&ann.token), document, variables.clone()).await;
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert_eq!(
                message != "the request does not fit the schema",
                told_when_signed_in,
                "{document}: {message}"
            );
        }
        let (_, answer) = app.ask(None, "{ users(", json!({})).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("syntax error"), "{message}");
    }
}

/// Only valid documents are stored by hash.
#[tokio::test]
async fn invalid_documents_are_not_stored_by_hash() {
    let app = TestApp::new().await;
    for (document, first, then) in [
        ("{ __typename }", "none", "none"),
        ("{ nothing }", "BAD_USER_INPUT", "PERSISTED_QUERY_NOT_FOUND"),
        ("{ nothing ", "BAD_USER_INPUT", "PERSISTED_QUERY_NOT_FOUND"),
    ] {
        let (hash, accept) = (hash(document), "application/json");
        let unknown = code(&app, post(&persisted(None, &hash), accept)).await;
        assert_eq!(unknown, "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(
            code(&app, post(&persisted(Some(document), &hash), accept)).await,
            first
        );
        assert_eq!(
            code(&app, post(&persisted(None, &hash.to_uppercase()), accept)).await,
            then
        );
    }
    // Stored already when a client sends its hash.
    let document = "{ a: __typename }";
    assert_eq!(
        code(&app, post(&json!({ "query": document }), "application/json")).await,
        "none"
    );
    for body in [
        persisted(Some(document), &hash(document)),
        persisted(None, &hash(document)),
    ] {
        assert_eq!(code(&app, post(&body, "application/json")).await, "none");
    }
}
