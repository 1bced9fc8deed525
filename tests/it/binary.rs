//! The binary: commands, exit codes, and recovery after a kill.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use handover::store::db;
use serde_json::json;

use crate::support::TestApp;

fn handover(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
    command
        .args(arguments)
        .env("HANDOVER_DATABASE_URL", &app.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(app: &TestApp, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = handover(app, arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Starts a server on a free port and waits until it listens.
fn serve(app: &TestApp) -> (Child, String) {
    let mut child = handover(app, &["serve", "--listen", "127.0.0.1:0", "--chunk", "20"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .unwrap_or_else(|| panic!("{line}"));
    (child, address.to_owned())
}

#[tokio::test]
async fn commands_report_their_results() {
    let app = TestApp::new().await;
    app.breaks_rules();
    let (code, said, _) = run(&app, &["migrate", "status"], "");
    assert_eq!((code, said.as_str()), (Some(0), "up to date\n"));

    let create = [
        "user",
        "create",
        "ada@example.com",
        "--role",
        "administrator",
        "--password-stdin",
    ];
    let (code, _, error) = run(&app, &create, "short");
    assert_eq!(code, Some(1));
    assert!(error.starts_with("handover: password: "), "{error}");
    assert!(!error.contains("short"), "{error}");
    let (code, said, _) = run(&app, &create, "a password that nobody guesses\n");
    assert_eq!(code, Some(0));
    assert!(
        said.starts_with("user_") && said.ends_with(" ada@example.com\n"),
        "{said}"
    );
    let (code, _, error) = run(&app, &create, "a password that nobody guesses\n");
    assert_eq!(
        (code, error.as_str()),
        (Some(1), "handover: email: this address is already in use\n")
    );

    let (code, said, _) = run(&app, &["check"], "");
    assert_eq!((code, said.as_str()), (Some(0), "no violations found\n"));
    db::execute(app.raw(), "UPDATE users SET search_text = ''", [])
        .await
        .unwrap();
    let (code, said, _) = run(&app, &["check"], "");
    assert_eq!(code, Some(4));
    assert!(said.contains(": user_"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("crm.csv"),
        "id,kind,title\nc-1,DEAL,Deal\nc-2,BOAT,Boat\n",
    )
    .unwrap();
    let (code, said, _) = run(&app, &["import", folder.path().to_str().unwrap()], "");
    assert_eq!(code, Some(3));
    assert!(said.contains("crm.csv: line 3: kind: "), "{said}");
    let (code, _, error) = run(&app, &["import", "/nowhere"], "");
    assert_eq!(code, Some(1));
    assert!(error.starts_with("handover: /nowhere: "), "{error}");

    let (code, said, _) = run(&app, &["keys", "rotate"], "");
    assert_eq!(code, Some(0));
    assert!(said.starts_with("new signing key "), "{said}");
}

/// The paths below `folder` that other users can read.
#[cfg(unix)]
fn readable_by_others(folder: &std::path::Path, found: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = std::fs::metadata(&path).unwrap();
        if about.permissions().mode() & 0o077 != 0 {
            found.push(format!("{} {:o}", path.display(), about.permissions().mode()));
        }
        if about.is_dir() {
            readable_by_others(&path, found);
        }
    }
}

#[cfg(unix)]
#[test]
fn files_are_private_to_their_owner() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("made");
    let rows = folder.path().join("rows");
    std::fs::create_dir(&rows).unwrap();
    std::fs::write(rows.join("users.csv"), "email\nann@example.com\n=1+1\n").unwrap();
    std::fs::create_dir(&place).unwrap();
    let run = |arguments: &[&str]| {
        // A typical umask: new files are world-readable.
        let output = Command::new("sh")
            .args([
                "-c",
                "umask 022; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_handover"),
            ])
            .args(arguments)
            .env(
                "HANDOVER_DATABASE_URL",
                format!("sqlite://{}/a.db?mode=rwc", place.display()),
            )
            .env("HANDOVER_BLOB_URL", format!("file://{}/blobs", place.display()))
            .output()
            .unwrap();
        assert!(
            output.status.code().is_some_and(|code| code == 0 || code == 3),
            "{output:?}"
        );
    };
    run(&["migrate", "up"]);
    let rejects = place.join("rejects.csv");
    run(&[
        "import",
        rows.to_str().unwrap(),
        "--rejects",
        rejects.to_str().unwrap(),
    ]);
    assert!(std::fs::read_to_string(&rejects).unwrap().contains(",'=1+1,"));
    run(&[
        "export",
        "ann@example.com",
        "--out",
        place.join("ann.zip").to_str().unwrap(),
    ]);
    assert!(demo(folder.path(), Some(&place.join("demo"))).is_some());
    let mut found = Vec::new();
    readable_by_others(&place, &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert!(place.join("ann.zip").is_file() && place.join("demo/blobs").is_dir());
}

#[cfg(unix)]
#[tokio::test]
async fn shutdown_time_is_bounded() {
    let app = TestApp::new().await;
    let (mut child, address) = serve(&app);
    let mut half = std::net::TcpStream::connect(&address).unwrap();
    half.write_all(b"GET /livez HTTP/1.1\r\nHost:").unwrap();
    let mut kept = std::net::TcpStream::connect(&address).unwrap();
    kept.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let told = Instant::now();
    let kill = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(told.elapsed() < Duration::from_secs(9), "{:?}", told.elapsed());
}

#[tokio::test]
async fn a_database_of_another_version_is_not_served() {
    let app = TestApp::new().await;
    let name = "SELECT MAX(version) FROM seaql_migrations";
    let newest: String = db::query(app.raw(), name, []).await.unwrap()[0]
        .try_get_by_index(0)
        .unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--no-migrate"];
    for (change, expected) in [
        (
            format!("UPDATE seaql_migrations SET version = 'm9999_later' WHERE version = '{newest}'"),
            "newer",
        ),
        (
            "DELETE FROM seaql_migrations WHERE version = 'm9999_later'".to_owned(),
            "not up to date",
        ),
    ] {
        db::execute(app.raw(), &change, []).await.unwrap();
        let (code, _, error) = run(&app, &serve, "");
        assert_eq!(code, Some(6));
        assert!(error.contains(expected), "{error}");
    }
}

/// Starts a demo and returns its output once it listens; `None` if it fails.
fn demo(temporary: &std::path::Path, dir: Option<&std::path::Path>) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
    command
        .args(["demo", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", temporary)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(dir) = dir {
        command.arg("--dir").arg(dir);
    }
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        said.push_str(&line.unwrap());
        said.push('\n');
        if said.contains("listening on http://") {
            child.kill().unwrap();
            child.wait().unwrap();
            return Some(said);
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(2));
    None
}

#[test]
fn a_demo_uses_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let said = demo(folder.path(), None).unwrap();
    assert!(
        said.contains(folder.path().to_str().unwrap()) && said.contains("@example.com"),
        "{said}"
    );
    // A name with characters that have a meaning in database URLs.
    let odd = folder.path().join("100% #1?");
    assert!(demo(folder.path(), Some(&odd)).is_some());
    assert!(odd.join("handover.db").is_file());
    assert_eq!(
        demo(folder.path(), Some(&odd)),
        None,
        "an existing database is not overwritten"
    );
}

#[tokio::test]
async fn a_run_resumes_after_a_kill() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.tasks(2_000, &admin, &ann).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let input = json!({ "userId": ann.id(), "handover": moves });
    app.run(&admin, "dismissUser", input, "user { id }").await;

    let mut seen = 0;
    for round in 0..3 {
        let (mut child, _) = serve(&app);
        // Killed during the run, each time slightly later in the chunk.
        while app.tasks_of(&bob).await == seen && app.messages().await > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(3 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        seen = app.tasks_of(&bob).await;
        assert_eq!(app.tasks_of(&ann).await + seen, 2_000);
        if round < 2 {
            let sql = "UPDATE outbox_messages SET leased_until = NULL";
            db::execute(app.raw(), sql, []).await.unwrap();
        }
    }
    assert!(seen < 2_000, "the run finished before it was killed");

    // The last lease expires by itself.
    let (mut child, _) = serve(&app);
    let began = Instant::now();
    while app.messages().await > 0 {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the run did not resume"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((app.tasks_of(&ann).await, app.tasks_of(&bob).await), (0, 2_000));
    app.sound().await;
}
