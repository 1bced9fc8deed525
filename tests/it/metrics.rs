//! `/metrics`, as the binary serves it after a mixed workload.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use entity::user::Role;
use handover::runtime::metrics::{Kind, Metric, TABLE};
use handover::store::db;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::scim::{add_directory, ann};
use crate::support::{Person, TestApp};

/// A server that is killed at the end.
struct Server {
    child: Child,
    public: String,
    metrics: String,
    client: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Server {
    fn start(app: &TestApp) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_handover"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--metrics-listen",
                "127.0.0.1:0",
            ])
            .args(["--public-url", "http://127.0.0.1:8000", "--rate-limit", "60"])
            .env("HANDOVER_DATABASE_URL", &app.url)
            .env("HANDOVER_BLOB_URL", &app.blobs)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |before: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(before)
                .unwrap_or_else(|| panic!("{line}"))
                .to_owned()
        };
        Self {
            child,
            public: address("listening on "),
            metrics: address("metrics on "),
            client: Client::new(),
        }
    }

    async fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> u16 {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.public));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        request.send().await.unwrap().status().as_u16()
    }

    async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> u16 {
        let body = json!({ "query": query, "variables": variables });
        self.send("POST", "/graphql", token, Some(&body)).await
    }

    async fn scrape(&self) -> Scrape {
        let response = self
            .client
            .get(format!("{}/metrics", self.metrics))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/plain; version=0.0.4; charset=utf-8"
        );
        assert_eq!(response.headers()["cache-control"], "no-store");
        Scrape::read(&response.text().await.unwrap())
    }
}

type Labels = BTreeMap<String, String>;

/// The samples by name, and the names that have a description and a type.
#[derive(Default)]
struct Scrape {
    samples: BTreeMap<String, Vec<(Labels, f64)>>,
    described: BTreeSet<String>,
    types: BTreeMap<String, String>,
}

impl Scrape {
    fn read(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                read.described.insert(rest.split(' ').next().unwrap().to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                read.types.insert(name.to_owned(), kind.to_owned());
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let pairs = labels
                    .strip_suffix('}')
                    .unwrap()
                    .split(',')
                    .filter(|pair| !pair.is_empty());
                let pairs = pairs.map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap();
                    (name.to_owned(), value.trim_matches('"').to_owned())
                });
                let sample = (pairs.collect(), value.parse().unwrap());
                read.samples.entry(name.to_owned()).or_default().push(sample);
            }
        }
        read
    }

    /// The sum of the samples with these labels.
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |found: &Labels| {
            labels
                .iter()
                .all(|(name, value)| found.get(*name).is_some_and(|found| found == value))
        };
        let samples = self
            .samples
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
        samples
            .iter()
            .filter(|(found, _)| has(found))
            .map(|(_, value)| value)
            .sum()
    }
}

/// Sends requests of all kinds, one of them with data of its own in every place where a client can write.
async fn mixed_workload(app: &TestApp, server: &Server, admin: &Person) {
    let sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }";
    for password in ["wrong", crate::support::PASSWORD] {
        let input = json!({ "i": { "email": admin.email, "password": password } });
        assert_eq!(server.ask(None, sign_in, input).await, 200);
    }
    let admin_token = Some(admin.token.as_str());
    assert_eq!(
        server
            .ask(admin_token, "{ viewer { user { id } } }", json!({}))
            .await,
        200
    );
    assert_eq!(
        server
            .ask(Some("nonsense"), "{ viewer { user { id } } }", json!({}))
            .await,
        401
    );
    let dismiss =
        "mutation($i: DismissUserInput!) { dismissUser(input: $i) { changed userErrors { message } } }";
    let bob = app.employee("bob").await;
    for _ in 0..2 {
        server
            .ask(admin_token, dismiss, json!({ "i": { "userId": bob.id() } }))
            .await;
    }
    let preview = "query($i: DismissalPlanInput!) { dismissalPlan(input: $i) { openSessions } }";
    let cyd = app.employee("cyd").await;
    server
        .ask(admin_token, preview, json!({ "i": { "userId": cyd.id() } }))
        .await;
    let (_, token) = add_directory(app, admin, "Okta").await;
    let token = Some(token.as_str());
    assert_eq!(
        server.send("POST", "/scim/v2/Users", token, Some(&ann())).await,
        201
    );
    let id = cyd.id.0;
    let inactive = json!({ "Operations": [{ "op": "replace", "path": "active", "value": "False" }] });
    let cyds = format!("/scim/v2/Users/{id}");
    assert_eq!(server.send("PATCH", &cyds, token, Some(&inactive)).await, 200);
    for (method, path, expected) in [
        ("GET", "/scim/v2/Users", 200),
        ("GET", "/scim/v2/Users/somebody@example.com", 404),
        ("GET", "/scim/v2/somebody@example.com", 404),
        ("PROPFIND", "/scim/v2/Users", 405),
        ("GET", "/scim/v2/Schemas", 200),
        ("DELETE", &cyds, 204),
    ] {
        assert_eq!(
            server.send(method, path, token, None).await,
            expected,
            "{method} {path}"
        );
    }
    assert_eq!(
        server.send("GET", "/scim/v2/Users", Some("hnd_x"), None).await,
        401
    );
    assert_eq!(server.send("GET", "/metrics", None, None).await, 404);
    let mut sent = 0;
    while server.ask(None, "{ __typename }", json!({})).await != 429 {
        sent += 1;
        assert!(sent < 1_000, "no request met the limit");
    }
}

/// Checks the samples of one metric, as a scraper would see them.
fn check(metric: &Metric, scrape: &Scrape) {
    let Metric {
        name, kind, labels, ..
    } = *metric;
    let parts: &[(&str, &str)] = match kind {
        Kind::Histogram(_) => &[("_bucket", "le"), ("_sum", ""), ("_count", "")],
        Kind::Counter | Kind::Gauge => &[("", "")],
    };
    for (part, more) in parts {
        let series = format!("{name}{part}");
        let samples = scrape
            .samples
            .get(&series)
            .unwrap_or_else(|| panic!("{series} is missing"));
        for (found, value) in samples {
            assert!(value.is_finite() && *value >= 0.0, "{series}: {value}");
            for (label, value) in found.iter().filter(|(label, _)| label != more) {
                let known = labels.iter().find(|known| known.name == label);
                let known = known.unwrap_or_else(|| panic!("{series} has the label {label}"));
                assert!(
                    known.values.contains(&value.as_str()),
                    "{series}: {label} is {value}"
                );
            }
            assert!(found.len() >= labels.len(), "{series} lacks a label");
        }
    }
    if let Kind::Histogram(bounds) = kind {
        let buckets: Vec<f64> = scrape.samples[&format!("{name}_bucket")]
            .iter()
            .map(|(_, value)| *value)
            .collect();
        assert_eq!(buckets.len(), bounds.len() + 1, "{name}");
        assert!(buckets.is_sorted(), "{name} is not cumulative: {buckets:?}");
        assert_eq!(
            *buckets.last().unwrap(),
            scrape.value(&format!("{name}_count"), &[])
        );
    }
    let expected = match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    };
    assert_eq!(
        scrape.types.get(name).map(String::as_str),
        Some(expected),
        "{name}"
    );
    assert!(scrape.described.contains(name), "{name} has no description");
}

#[tokio::test]
async fn metrics_are_what_their_table_says() {
    let app = TestApp::new().await;
    let admin = app.person("root", Role::Administrator).await;
    let server = Server::start(&app);
    let before = server.scrape().await;
    for (name, labels) in [
        ("handover_dismissals_total", [("origin", "directory")]),
        ("handover_rate_limited_total", [("door", "scim")]),
        ("handover_webhook_deliveries_total", [("outcome", "delivered")]),
    ] {
        assert_eq!(before.value(name, &labels), 0.0, "a rate needs a first value");
    }
    mixed_workload(&app, &server, &admin).await;
    let after = server.scrape().await;
    for metric in TABLE
        .iter()
        .filter(|metric| metric.name != "handover_webhook_oldest_seconds")
    {
        check(metric, &after);
    }
    let known: BTreeSet<&str> = TABLE.iter().map(|metric| metric.name).collect();
    for name in after.types.keys() {
        assert!(known.contains(name.as_str()), "{name} is not in the table");
    }
    for (name, labels, expected) in [
        ("handover_dismissals_total", &[("origin", "person")][..], 1.0),
        ("handover_dismissals_total", &[("origin", "directory")], 1.0),
        ("handover_dismissals_total", &[], 2.0),
        ("handover_lockout_seconds_count", &[], 2.0),
        ("handover_sign_ins_total", &[("outcome", "succeeded")], 1.0),
        ("handover_sign_ins_total", &[("outcome", "refused")], 1.0),
        (
            "handover_scim_requests_total",
            &[("resource", "users"), ("method", "post"), ("status", "201")],
            1.0,
        ),
        (
            "handover_scim_requests_total",
            &[("method", "other"), ("status", "405")],
            1.0,
        ),
        ("handover_scim_requests_total", &[("resource", "other")], 1.0),
        ("handover_build_info", &[], 1.0),
        ("handover_connections", &[("listener", "metrics")], 1.0),
    ] {
        assert_eq!(after.value(name, labels), expected, "{name} {labels:?}");
    }
    assert_eq!(
        after.value("handover_scim_request_seconds_count", &[]),
        after.value("handover_scim_requests_total", &[])
    );
    assert!(after.value("handover_rate_limited_total", &[("door", "graphql")]) > 0.0);
    assert!(after.value("handover_database_connections", &[]) >= 1.0);
    app.drain().await;
}

/// Waits until a value is as expected: those of the database are read every few seconds.
async fn until(server: &Server, name: &str, labels: &[(&str, &str)], accept: impl Fn(f64) -> bool) {
    let began = Instant::now();
    loop {
        let value = server.scrape().await.value(name, labels);
        if accept(value) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{name} is {value}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_late_lock_out_and_a_waiting_message_are_seen() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let bob = app.employee("bob").await;
    let at = app.db().clock().now() + chrono::TimeDelta::seconds(2);
    let input = json!({ "userId": bob.id(), "effectiveAt": at.to_rfc3339() });
    let planned = app.run(&admin, "dismissUser", input, "changed").await;
    assert_eq!(planned["userErrors"], json!([]), "{planned}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let server = Server::start(&app);
    until(
        &server,
        "handover_dismissals_total",
        &[("origin", "schedule")],
        |count| count == 1.0,
    )
    .await;
    let after = server.scrape().await;
    assert!(
        after.value("handover_lockout_seconds_sum", &[]) >= 1.0,
        "it was due before the start"
    );
    // A message that a process holds is not waiting; one that nobody can process is.
    let cyd = app.employee("cyd").await;
    let input = json!({ "userId": cyd.id(), "effectiveAt": (at + chrono::TimeDelta::hours(1)).to_rfc3339() });
    app.run(&admin, "dismissUser", input, "changed").await;
    until(&server, "handover_outbox_due", &[], |due| due == 0.0).await;
    drop(server);
    let past = app.db().clock().now() - chrono::TimeDelta::minutes(10);
    db::execute(app.raw(), "UPDATE outbox_messages SET due_at = $1", [past.into()])
        .await
        .unwrap();
    let backlog = handover::store::outbox::backlog(app.db()).await.unwrap();
    assert_eq!(backlog.due, 1);
    assert!((595..660).contains(&backlog.oldest.as_secs()), "{backlog:?}");
    app.breaks_rules();
}

#[test]
fn all_metrics_are_documented() {
    let docs = include_str!("../../docs/operations.md");
    let row = |name: &str| {
        docs.lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
    };
    for Metric { name, labels, .. } in TABLE {
        let row = row(name).unwrap_or_else(|| panic!("{name} is not in docs/operations.md"));
        for label in *labels {
            assert!(
                row.contains(&format!("`{}`", label.name)),
                "{name}: {}",
                label.name
            );
        }
    }
    let listed = docs
        .lines()
        .filter(|line| line.starts_with("| `handover_"))
        .count();
    assert_eq!(listed, TABLE.len());
}
