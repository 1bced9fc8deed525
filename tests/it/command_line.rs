//! Messages and exit codes for invalid settings and unusable databases: one line that names the setting or the
//! database, a specific exit code, no panic, and no leftover files.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use handover::store::db;

use crate::support::{Backend, TestApp};

const REFUSED: i32 = 1;
const SETTING: i32 = 2;
const DATABASE: i32 = 5;
const VERSION: i32 = 6;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command; returns its exit code and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, .. } = command(folder, arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

/// The last line; log lines precede it.
fn last_line(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

#[test]
fn invalid_settings_are_reported_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    std::fs::write(place.join("a file"), "").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // Accepts connections but never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = (silent.local_addr().unwrap().port(), silent);
    let refused = format!("postgres://ann:hunter2@127.0.0.1:{closed}/app");
    let unanswered = format!("postgres://ann:hunter2@127.0.0.1:{}/app", silent.0);
    let serve = |more: &[&'static str]| {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(more);
        all
    };
    let migrate = |url| vec!["migrate", "up", "--database-url", url];
    let cases: Vec<(Vec<&str>, i32, &[&str])> = vec![
        (
            migrate("handover.db"),
            SETTING,
            &["--database-url", "sqlite://handover.db?mode=rwc"],
        ),
        (migrate(""), SETTING, &["--database-url", "empty"]),
        (
            migrate("mysql://ann:hunter2@host/app"),
            SETTING,
            &["--database-url", "postgres://"],
        ),
        (
            migrate("sqlite://:memory:"),
            SETTING,
            &["--database-url", "memory"],
        ),
        (
            migrate("postgres://ann:hunter2@127.0.0.1:99999/app"),
            SETTING,
            &["--database-url", "port"],
        ),
        (
            migrate("postgres://ann:hunter2@h/app?sslmode=odd"),
            SETTING,
            &["--database-url", "odd"],
        ),
        (
            migrate("sqlite://nowhere/at/all.db?mode=rwc"),
            DATABASE,
            &["nowhere/at", "folder"],
        ),
        (
            migrate("sqlite://missing.db"),
            DATABASE,
            &["missing.db", "unable to open"],
        ),
        (
            migrate("sqlite://a file/below.db?mode=rwc"),
            DATABASE,
            &["a file/below.db"],
        ),
        (
            migrate(&refused),
            DATABASE,
            &["127.0.0.1", "database app", "user ann", "refused"],
        ),
        (
            migrate(&unanswered),
            DATABASE,
            &["127.0.0.1", "database app", "no answer"],
        ),
        (
            migrate("postgres://ann@no-such-host.invalid/app"),
            DATABASE,
            &["no-such-host.invalid"],
        ),
        (
            migrate("postgres://ann@/app?host=/no/such/folder&port=6000"),
            DATABASE,
            &["/no/such/folder:6000"],
        ),
        (
            serve(&["--public-url", "not a url"]),
            SETTING,
            &["--public-url", "https://handover.example.com"],
        ),
        (
            serve(&["--public-url", "handover.example.com"]),
            SETTING,
            &["--public-url"],
        ),
        (
            serve(&["--public-url", "https://ann@example.com"]),
            SETTING,
            &["--public-url"],
        ),
        (
            serve(&["--blob-url", "https://example.com"]),
            SETTING,
            &["--blob-url", "file:// or s3://"],
        ),
        (
            serve(&["--blob-url", "file:///proc/nowhere"]),
            SETTING,
            &["--blob-url", "/proc/nowhere"],
        ),
        (
            serve(&["--blob-url", "file://a file"]),
            SETTING,
            &["--blob-url", "a file"],
        ),
        (
            serve(&["--cors-origin", "app.example.com"]),
            SETTING,
            &["--cors-origin", "https://app.example.com"],
        ),
        (
            vec!["serve", "--listen", "8000"],
            SETTING,
            &["--listen", "127.0.0.1:8000"],
        ),
        (
            vec![
                "serve",
                "--listen",
                "127.0.0.1:8123",
                "--metrics-listen",
                "127.0.0.1:8123",
            ],
            SETTING,
            &["--metrics-listen 127.0.0.1:8123", "--listen"],
        ),
        (
            serve(&["--metrics-listen", "8000"]),
            SETTING,
            &["--metrics-listen", "127.0.0.1:8000"],
        ),
        (vec!["import", "nowhere"], REFUSED, &["nowhere"]),
        (
            vec!["export", "nobody@example.com", "--out", "nobody.zip"],
            REFUSED,
            &["nobody@example.com"],
        ),
        (vec!["demo", "--dir", "a file"], SETTING, &["--dir", "a file"]),
    ];
    for (arguments, code, words) in cases {
        let began = Instant::now();
        let (ended, said) = run(place, &arguments);
        assert_eq!(ended, code, "{arguments:?}: {said}");
        let told = if said.starts_with("error:") {
            &*said
        } else {
            last_line(&said)
        };
        for word in words {
            assert!(told.contains(word), "{arguments:?}: {word} is not in {said}");
        }
        assert!(
            !said.contains("panicked") && !said.contains(".rs:"),
            "{arguments:?}: {said}"
        );
        assert!(!told.contains("hunter2"), "{arguments:?}: {said}");
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{arguments:?}: {:?}",
            began.elapsed()
        );
    }
    let mut left: Vec<_> = std::fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().contains(".zip")),
        "{left:?}"
    );
}

#[test]
fn an_unresponsive_database_times_out_within_three_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "postgres://ann@127.0.0.1:{}/app",
        silent.local_addr().unwrap().port()
    );
    let began = Instant::now();
    let (code, said) = run(folder.path(), &["check", "--database-url", &url]);
    assert_eq!(code, DATABASE, "{said}");
    assert!(
        began.elapsed() < Duration::from_millis(4_500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_refusal_by_the_database_is_explained() {
    let Backend::Postgres(server) = Backend::here() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let base = server.rsplit_once('/').unwrap().0;
    let (code, said) = run(
        folder.path(),
        &["check", "--database-url", &format!("{base}/no_such_database")],
    );
    assert_eq!(code, DATABASE, "{said}");
    assert!(
        last_line(&said).contains("\"no_such_database\" does not exist"),
        "{said}"
    );
}

#[tokio::test]
async fn databases_of_other_versions_have_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let empty = ["--database-url", "sqlite://empty.db?mode=rwc"];
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--no-migrate"][..],
        &["check"][..],
    ] {
        let (code, said) = run(place, &[command, &empty].concat());
        assert_eq!(code, VERSION, "{said}");
        assert!(last_line(&said).contains("handover migrate up"), "{said}");
    }
    // Switches accept the usual boolean words in environment variables.
    for (word, code) in [("1", VERSION), ("yes", VERSION), ("maybe", SETTING)] {
        let output = command(place, &["serve", "--listen", "127.0.0.1:0", empty[0], empty[1]])
            .env("HANDOVER_NO_MIGRATE", word)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{word}: {output:?}");
    }

    let app = TestApp::new().await;
    let newest = "UPDATE seaql_migrations SET version = 'm9999_later'
        WHERE version = (SELECT MAX(version) FROM seaql_migrations)";
    db::execute(app.raw(), newest, []).await.unwrap();
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["serve", "--listen", "127.0.0.1:0", "--no-migrate"][..],
        &["migrate", "up"][..],
        &["check"][..],
        &["import", "."][..],
    ] {
        let (code, said) = run(place, &[command, &["--database-url", &app.url]].concat());
        assert_eq!(code, VERSION, "{command:?}: {said}");
        let told = last_line(&said);
        assert!(
            told.contains("newer version") && told.contains("m9999_later"),
            "{said}"
        );
    }
    drop(app);
}

#[tokio::test]
async fn a_read_only_database_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let (code, said) = run(
        place,
        &["migrate", "up", "--database-url", "sqlite://a.db?mode=rwc"],
    );
    assert_eq!(code, 0, "{said}");
    let create = ["keys", "rotate", "--database-url", "sqlite://a.db?mode=ro"];
    let (code, said) = run(place, &create);
    assert_eq!(code, DATABASE, "{said}");
    assert!(last_line(&said).contains("readonly"), "{said}");
}

#[tokio::test]
async fn a_failed_export_leaves_no_file() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let drive = app
        .data(
            &ann,
            "{ viewer { user { drive { id } } } }",
            serde_json::json!({}),
        )
        .await;
    let drive = drive["viewer"]["user"]["drive"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let upload = axum::http::Request::post(format!("/drive/{drive}?name=a.txt"))
        .header("authorization", format!("Bearer {}", ann.token))
        .body(axum::body::Body::from("some text"))
        .unwrap();
    app.bytes(upload).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    std::fs::write(place.join("there.zip"), "kept").unwrap();
    // A blob store without the file.
    let elsewhere = format!("file://{}", place.join("elsewhere").display());
    for (out, blobs, code) in [
        ("ann.zip", elsewhere.as_str(), REFUSED),
        ("there.zip", app.blobs.as_str(), REFUSED),
        ("no/such/folder.zip", app.blobs.as_str(), REFUSED),
        ("good.zip", app.blobs.as_str(), 0),
    ] {
        let export = [
            "export",
            "ann@example.com",
            "--out",
            out,
            "--blob-url",
            blobs,
            "--database-url",
            &app.url,
        ];
        let (ended, said) = run(place, &export);
        assert_eq!(ended, code, "{out}: {said}");
    }
    let mut left: Vec<_> = std::fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["good.zip", "there.zip"]);
    assert_eq!(std::fs::read_to_string(place.join("there.zip")).unwrap(), "kept");
}

/// The log of a server until it listens.
fn log_of_start(app: &TestApp, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(
        folder.path(),
        &[
            &["serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
            more,
        ]
        .concat(),
    )
    .env("HANDOVER_DATABASE_URL", &app.url)
    .env("HANDOVER_BLOB_URL", &app.blobs)
    .spawn()
    .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[tokio::test]
async fn a_changed_public_url_is_reported() {
    let app = TestApp::new().await;
    app.administrator().await;
    let one = ["--public-url", "https://one.example.com"];
    assert!(!log_of_start(&app, &one).contains("--public-url"));
    assert!(!log_of_start(&app, &["--public-url", "https://one.example.com/"]).contains("--public-url"));
    let log = log_of_start(&app, &["--public-url", "https://two.example.com"]);
    assert!(
        log.contains("--public-url") && log.contains("https://one.example.com"),
        "{log}"
    );
}

#[tokio::test]
async fn a_company_without_an_administrator_is_told_how_to_make_one() {
    let app = TestApp::new().await;
    assert!(log_of_start(&app, &[]).contains("handover user create"));
    app.administrator().await;
    assert!(!log_of_start(&app, &[]).contains("handover user create"));
}
