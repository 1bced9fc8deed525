//! Fuzzing: valid and invalid documents are sent to a server with limits of memory and CPU time.
//!
//! `HANDOVER_DOCUMENTS_SECONDS` sets the duration (default 3), `HANDOVER_DOCUMENTS_SEED` the seed. Results are printed:
//! `cargo test --test it no_document -- --nocapture`.

mod bad;
mod make;
mod wire;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use self::make::{Document, Maker};
use self::wire::{Answer, Way};
use crate::support::{Person, TestApp};

/// Address space limit of the server, in KiB.
const ADDRESS_SPACE: u64 = 4 << 20;
/// Peak memory limit, in MiB.
const MEMORY: u64 = 512;
/// CPU time limit per document in a debug build.
const TIME: Duration = Duration::from_secs(3);
/// Renewal interval of access tokens, which expire after ten minutes.
const RENEW: Duration = Duration::from_secs(300);
/// Internal terms that no message may reveal.
const INSIDE: [&str; 6] = ["sqlite", "postgres", "select ", "panicked", "/src/", ".rs:"];

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(app: &TestApp) -> Self {
        let script = format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_handover"), "serve"])
            .args(["--listen", "127.0.0.1:0", "--rate-limit", "0"])
            // The issuer of the test tokens.
            .args(["--public-url", &app.app.public_url])
            .env("HANDOVER_DATABASE_URL", &app.url)
            .env("HANDOVER_BLOB_URL", &app.blobs)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, address }
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default()
    }

    /// Peak memory of the server, in MiB.
    fn peak(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or_default() >> 10
    }

    /// CPU time of the server; 100 clock ticks per second.
    fn time(&self) -> Duration {
        let stat = self.proc("stat");
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|field| field.parse().ok())
            .collect();
        // Fields 14 and 15, counted after the process name.
        Duration::from_millis(10 * (fields[10] + fields[11]))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn from_env<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether a response has an expected status and reveals no internals.
fn check(document: &Document, answer: &Answer) -> Result<(), String> {
    if answer.status >= 500 {
        return Err(format!("status {}", answer.status));
    }
    // The body or URL exceeded its limit.
    if matches!(answer.status, 413 | 414 | 431) {
        return Ok(());
    }
    let sent = format!("{}{}", document.query, document.variables).to_lowercase();
    for json in &answer.results {
        let Ok(Value::Object(result)) = serde_json::from_str(json) else {
            return Err(format!("no object: {json:.200}"));
        };
        for error in result
            .get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let code = error["extensions"]["code"].as_str();
            if code.is_none_or(|code| code == "INTERNAL") {
                return Err(format!("code {code:?}: {error}"));
            }
            // The message for conflicting fields looks like SQL.
            let text = error.to_string().to_lowercase();
            let text = text.replace("select different", "ask for different");
            if INSIDE
                .iter()
                .any(|inside| text.contains(inside) && !sent.contains(inside))
            {
                return Err(format!("shows the inside: {error}"));
            }
        }
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    documents: usize,
    answered: usize,
    slowest: Option<(Duration, Document, Way)>,
    kinds: std::collections::BTreeMap<&'static str, (usize, Duration)>,
}

/// Sends documents for the configured time; panics at the first unexpected response.
fn send(server: &Server, maker: &mut Maker, tokens: &[Option<String>], until: Instant, found: &mut Found) {
    while Instant::now() < until {
        let document = maker.document();
        let way = *maker.random.pick(&wire::WAYS);
        let token = maker.random.pick(tokens).as_deref();
        let began = server.time();
        let answer = wire::send(&server.address, way, &document, token);
        let took = server.time().saturating_sub(began);
        let about = || {
            let query: String = document.query.chars().take(2_000).collect();
            let variables: String = document.variables.chars().take(500).collect();
            format!(
                "{} by {way:?}, {} bytes: {query}\n{variables}",
                document.kind,
                document.query.len()
            )
        };
        let answer = answer.unwrap_or_else(|error| panic!("no answer ({error}) to {}", about()));
        if let Err(wrong) = check(&document, &answer) {
            panic!("{wrong} to {}", about());
        }
        let peak = server.peak();
        assert!(peak <= MEMORY, "{peak} MiB after {}", about());
        assert!(took <= TIME, "{took:?} for {}", about());
        found.documents += 1;
        found.answered += usize::from(answer.results.iter().any(|result| result.contains("\"data\":{")));
        let kind = found.kinds.entry(document.kind).or_default();
        *kind = (kind.0 + 1, kind.1.max(took));
        if found.slowest.as_ref().is_none_or(|(slowest, ..)| took > *slowest) {
            found.slowest = Some((took, document, way));
        }
    }
}

/// No document on any transport crashes the server or exceeds its limits.
#[test]
fn no_document_breaks_the_server() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (app, people): (TestApp, Vec<Person>) = runtime.block_on(async {
        let app = TestApp::new().await;
        let (admin, ann) = (app.administrator().await, app.employee("ann").await);
        app.tasks(50, &admin, &ann).await;
        app.deals(50, &ann).await;
        (app, vec![admin, ann])
    });
    let now = || {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    };
    let seed = from_env("HANDOVER_DOCUMENTS_SEED").unwrap_or_else(|| now().as_nanos() as u64);
    let seconds = from_env("HANDOVER_DOCUMENTS_SECONDS").unwrap_or(3);
    println!("seed {seed}");
    let server = Server::start(&app);
    let (began, mut maker, mut found) = (Instant::now(), Maker::new(seed), Found::default());
    let end = began + Duration::from_secs(seconds);
    while Instant::now() < end {
        let mut tokens = vec![None];
        for person in &people {
            tokens.push(Some(runtime.block_on(app.sign_in(person))));
        }
        send(
            &server,
            &mut maker,
            &tokens,
            end.min(Instant::now() + RENEW),
            &mut found,
        );
    }
    println!(
        "{} documents in {:.0?}, {} with data; most memory {} MiB, most time {:?}",
        found.documents,
        began.elapsed(),
        found.answered,
        server.peak(),
        found.slowest.as_ref().map(|slowest| slowest.0)
    );
    for (kind, (count, most)) in &found.kinds {
        println!("{kind:14} {count:8} most time {most:?}");
    }
    if let Some((took, document, way)) = &found.slowest {
        let query: String = document.query.chars().take(300).collect();
        println!(
            "slowest: {took:?} {} by {way:?}, {} bytes: {query}",
            document.kind,
            document.query.len()
        );
    }
    assert!(found.documents > 0 && found.answered > 0);
    let alive = Document {
        kind: "good",
        query: "{ __typename }".to_owned(),
        variables: "{}".to_owned(),
    };
    let answer = wire::send(&server.address, Way::Post, &alive, None).unwrap();
    assert_eq!(
        answer.results,
        [json!({ "data": { "__typename": "Query" } }).to_string()]
    );
}
