//! The test harness: a new database per test, the real router, and builders for people and work.

pub mod served;
pub mod web_socket;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use entity::user::{Role, UserStatus};
use entity::{
    CrmActivityId, CrmItemId, TaskId, UserId, crm_activity, crm_item, outbox_message, session, task, user,
};
use handover::check;
use handover::clock::Clock;
use handover::domain::auth;
use handover::domain::auth::Actor;
use handover::domain::auth::session::Lifetime;
use handover::domain::people::create::{Identity, new_row};
use handover::error::Failure;
use handover::http;
use handover::http::app::App;
use handover::server::{self, Options};
use handover::store::db;
use handover::store::db::{Db, Tx};
use handover::worker;
use http_body_util::BodyExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    EntityTrait, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";

/// Upload limit, in bytes.
pub const UPLOAD_LIMIT: u64 = 1 << 20;

pub enum Backend {
    Sqlite,
    Postgres(String),
}

impl Backend {
    pub fn here() -> Self {
        std::env::var("HANDOVER_TEST_POSTGRES").map_or(Self::Sqlite, Self::Postgres)
    }
}

/// Shared by all tests: a migrated database to copy, and a password hash.
struct Template {
    sqlite: Option<PathBuf>,
    postgres: Option<String>,
    hash: String,
    _folder: tempfile::TempDir,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

async fn template() -> &'static Template {
    TEMPLATE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().unwrap();
            let hash = auth::password::Passwords::default()
                .hash(auth::password::Lane::Program, PASSWORD.into())
                .await
                .unwrap();
            match Backend::here() {
                Backend::Sqlite => {
                    let file = folder.path().join("template.db");
                    let db = Db::connect(&sqlite_url(&file), Clock::system()).await.unwrap();
                    db.migrate().await.unwrap();
                    db::query(db.read(), "PRAGMA wal_checkpoint(TRUNCATE)", [])
                        .await
                        .unwrap();
                    db.close().await.unwrap();
                    Template {
                        sqlite: Some(file),
                        postgres: None,
                        hash,
                        _folder: folder,
                    }
                }
                Backend::Postgres(server) => {
                    let admin = Database::connect(&server).await.unwrap();
                    drop_old_templates(&admin).await;
                    let name = format!("{TEMPLATE_NAME}{}", std::process::id());
                    admin
                        .execute_unprepared(&format!("CREATE DATABASE {name}"))
                        .await
                        .unwrap();
                    let db = Db::connect(&with_database(&server, &name), Clock::system())
                        .await
                        .unwrap();
                    db.migrate().await.unwrap();
                    db.close().await.unwrap();
                    Template {
                        sqlite: None,
                        postgres: Some(name),
                        hash,
                        _folder: folder,
                    }
                }
            }
        })
        .await
}

const TEMPLATE_NAME: &str = "handover_template_";

/// Drops the templates of finished test runs: there is no hook after the last test.
async fn drop_old_templates(admin: &DatabaseConnection) {
    let sql = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{TEMPLATE_NAME}%'");
    for row in db::query(admin, &sql, []).await.unwrap() {
        let name: String = row.try_get_by_index(0).unwrap();
        let process = name.trim_start_matches(TEMPLATE_NAME);
        let processes = std::path::Path::new("/proc");
        let ended = processes.join("self").exists() && !processes.join(process).exists();
        if ended || process == std::process::id().to_string() {
            // Another run may be dropping it.
            let drop = format!("DROP DATABASE IF EXISTS {name}");
            let _ = admin.execute_unprepared(&drop).await;
        }
    }
}

fn sqlite_url(file: &std::path::Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn with_database(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// A connection to an empty database, with the guard that keeps it alive.
pub async fn empty_database() -> (DatabaseConnection, EmptyDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let url = match Backend::here() {
        Backend::Sqlite => sqlite_url(&folder.path().join("empty.db")),
        Backend::Postgres(server) => {
            let name = format!("handover_empty_{}", uuid_suffix());
            let admin = Database::connect(&server).await.unwrap();
            let create = format!("CREATE DATABASE {name}");
            admin.execute_unprepared(&create).await.unwrap();
            admin.close().await.unwrap();
            with_database(&server, &name)
        }
    };
    let connection = around(&url).await;
    let database = EmptyDatabase { url, _folder: folder };
    (connection, database)
}

/// Drops the database at the end of the test.
pub struct EmptyDatabase {
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for EmptyDatabase {
    fn drop(&mut self) {
        let url = self.url.clone();
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(drop_database(&url));
        });
        done.join().unwrap();
    }
}

/// An application with its own database.
pub struct TestApp {
    pub app: Arc<App>,
    pub url: String,
    pub blobs: String,
    router: Router,
    raw: DatabaseConnection,
    hash: String,
    /// Whether dropping this also checks and drops the database.
    owns_database: bool,
    broken: AtomicBool,
    _folder: tempfile::TempDir,
}

/// Runs `handover check` at the end of each test, then drops the database.
impl Drop for TestApp {
    fn drop(&mut self) {
        if !self.owns_database {
            return;
        }
        let (url, is_sound) = (self.url.clone(), !self.broken.load(Ordering::Relaxed));
        let look = !std::thread::panicking() && is_sound;
        // On another thread, as the runtime of the test is blocked by this drop.
        let findings = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let findings = if look { findings(&url).await } else { Vec::new() };
                drop_database(&url).await;
                findings
            })
        });
        let Ok(findings) = findings.join() else {
            // A second panic would end the process, with the first one untold.
            assert!(std::thread::panicking(), "the database could not be checked");
            return;
        };
        assert!(findings.is_empty(), "at the end of the test: {findings:#?}");
    }
}

async fn findings(url: &str) -> Vec<check::Finding> {
    let db = Db::connect(url, Clock::system()).await.unwrap();
    let mut findings = check::check(&db).await.unwrap();
    db.close().await.unwrap();
    // Many tests have no administrator.
    findings.retain(|finding| finding.row != "users");
    findings
}

/// Drops a PostgreSQL database with its open connections; SQLite's is deleted with its folder.
async fn drop_database(url: &str) {
    if let Backend::Postgres(server) = Backend::here() {
        let (_, name) = url.rsplit_once('/').unwrap();
        let admin = Database::connect(&server).await.unwrap();
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        admin.execute_unprepared(&drop).await.unwrap();
        admin.close().await.unwrap();
    }
}

async fn around(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.connect_lazy(true).max_connections(2).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with_chunk(handover::domain::handover::CHUNK).await
    }

    pub async fn with_chunk(chunk: u64) -> Self {
        Self::with(|options| options.chunk = chunk).await
    }

    /// With a clock that the test moves.
    pub async fn at(clock: Clock) -> Self {
        Self::opened(|_| {}, clock).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::opened(change, Clock::system()).await
    }

    /// With other options, and a clock that the test moves.
    pub async fn opened(change: impl FnOnce(&mut Options), clock: Clock) -> Self {
        let template = template().await;
        let folder = tempfile::tempdir().unwrap();
        let url = match Backend::here() {
            Backend::Sqlite => {
                let file = folder.path().join("test.db");
                std::fs::copy(template.sqlite.as_ref().unwrap(), &file).unwrap();
                sqlite_url(&file)
            }
            Backend::Postgres(server) => {
                let name = format!("handover_test_{}", uuid_suffix());
                let admin = Database::connect(&server).await.unwrap();
                let from = template.postgres.as_ref().unwrap();
                // Copying requires exclusive access to the template, so concurrent tests take turns.
                static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
                let _turn = TURN.lock().await;
                admin
                    .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {from}"))
                    .await
                    .unwrap();
                admin.close().await.unwrap();
                with_database(&server, &name)
            }
        };
        let blobs = format!("file://{}/blobs", folder.path().display());
        let mut options = Options {
            upload_limit: UPLOAD_LIMIT,
            // Tests also pass on a nearly full disk.
            keep_free: 0,
            ..Options::new(&url, &blobs)
        };
        change(&mut options);
        let app = server::open(&options, clock).await.unwrap();
        let router = http::router(Arc::clone(&app));
        Self {
            app,
            blobs,
            router,
            raw: around(&url).await,
            url,
            hash: template.hash.clone(),
            owns_database: true,
            broken: AtomicBool::new(false),
            _folder: folder,
        }
    }

    /// A second process on the same database.
    pub async fn replica(&self) -> Self {
        self.replica_with(|_| {}).await
    }

    pub async fn replica_with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(&self.url, &self.blobs);
        change(&mut options);
        let app = server::open(&options, Clock::system()).await.unwrap();
        let router = http::router(Arc::clone(&app));
        let _folder = tempfile::tempdir().unwrap();
        Self {
            app,
            url: self.url.clone(),
            blobs: self.blobs.clone(),
            router,
            raw: around(&self.url).await,
            hash: self.hash.clone(),
            owns_database: false,
            broken: AtomicBool::new(false),
            _folder,
        }
    }

    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Direct database access, for inspection and changes that no operation makes.
    pub fn raw(&self) -> &DatabaseConnection {
        &self.raw
    }

    pub async fn person(&self, name: &str, role: Role) -> Person {
        let hash = self.hash.clone();
        let (name, hash) = (&name, &hash);
        let row = self
            .db()
            .write(move |tx: Arc<Tx>| async move {
                let who = Identity {
                    email: format!("{name}@example.com"),
                    given_name: Some((*name).to_owned()),
                    family_name: None,
                    position: None,
                    department_id: None,
                    role,
                };
                let row = new_row(&tx, who, UserStatus::Active, Some(hash.clone()));
                Ok(user::Entity::insert(row).exec_with_returning(&tx.conn).await?)
            })
            .await
            .unwrap();
        let (session, token) = self.open_session(&row).await;
        Person {
            id: row.id,
            email: row.email,
            token,
            session,
        }
    }

    async fn open_session(&self, row: &user::Model) -> (entity::SessionId, String) {
        let id = row.id;
        let (session, _refresh) = self
            .db()
            .write(move |tx: Arc<Tx>| async move {
                auth::session::open(&tx, id, Some("tests"), Lifetime::Long).await
            })
            .await
            .unwrap();
        let tokens = auth::session::tokens(self.app.auth(), row.clone(), session, String::new())
            .await
            .unwrap();
        (session, tokens.access)
    }

    /// Issues an access token for a person, as if they had signed in.
    pub async fn sign_in(&self, person: &Person) -> String {
        let row = user::Entity::find_by_id(person.id).one(self.raw()).await.unwrap();
        self.open_session(&row.unwrap()).await.1
    }

    pub async fn administrator(&self) -> Person {
        self.person("admin", Role::Administrator).await
    }

    pub async fn employee(&self, name: &str) -> Person {
        self.person(name, Role::Employee).await
    }

    /// The person as an actor, for calling operations without HTTP.
    pub fn actor(person: &Person, role: Role) -> Actor {
        Actor {
            user_id: person.id,
            session_id: person.session,
            role,
            email: person.email.clone(),
            dismissed_shown: true,
            may_read_replica: false,
            integration: None,
        }
    }

    pub async fn tasks(&self, count: usize, creator: &Person, responsible: &Person) -> Vec<TaskId> {
        let now = self.db().clock().now();
        let rows: Vec<_> = (0..count)
            .map(|n| task::ActiveModel {
                id: Set(TaskId(self.db().clock().new_id())),
                title: Set(format!("Task {n}")),
                search_text: Set(format!("task {n}")),
                status: Set(task::TaskStatus::Pending),
                creator_id: Set(creator.id),
                responsible_id: Set(Some(responsible.id)),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            })
            .collect();
        let ids = rows.iter().map(|row| row.id.clone().unwrap()).collect();
        for chunk in rows.chunks(1_000) {
            task::Entity::insert_many(chunk.to_vec())
                .exec_without_returning(self.raw())
                .await
                .unwrap();
        }
        ids
    }

    pub async fn deals(&self, count: usize, responsible: &Person) -> Vec<CrmItemId> {
        let now = self.db().clock().now();
        let rows: Vec<_> = (0..count)
            .map(|n| crm_item::ActiveModel {
                id: Set(CrmItemId(self.db().clock().new_id())),
                external_id: Set(None),
                kind: Set(crm_item::CrmKind::Deal),
                title: Set(format!("Deal {n}")),
                search_text: Set(format!("deal {n}")),
                stage: Set(None),
                closed: Set(false),
                amount: Set(None),
                currency: Set(None),
                responsible_id: Set(Some(responsible.id)),
                opened_to_all: Set(false),
                created_at: Set(now),
                updated_at: Set(now),
            })
            .collect();
        let ids = rows.iter().map(|row| row.id.clone().unwrap()).collect();
        crm_item::Entity::insert_many(rows)
            .exec_without_returning(self.raw())
            .await
            .unwrap();
        ids
    }

    /// Creates two activities for a record: one open, one done.
    pub async fn activities(&self, item: CrmItemId, responsible: &Person) {
        let now = self.db().clock().now();
        let rows = [false, true].map(|completed| crm_activity::ActiveModel {
            id: Set(CrmActivityId(self.db().clock().new_id())),
            item_id: Set(item),
            kind: Set(crm_activity::CrmActivityKind::Call),
            subject: Set("Call".to_owned()),
            search_text: Set("call".to_owned()),
            completed: Set(completed),
            deadline: Set(None),
            responsible_id: Set(responsible.id),
            created_at: Set(now),
            updated_at: Set(now),
        });
        crm_activity::Entity::insert_many(rows)
            .exec_without_returning(self.raw())
            .await
            .unwrap();
    }

    pub async fn tasks_of(&self, person: &Person) -> u64 {
        task::Entity::find()
            .filter(task::Column::ResponsibleId.eq(person.id))
            .count(self.raw())
            .await
            .unwrap()
    }

    pub async fn open_sessions(&self, person: &Person) -> u64 {
        session::Entity::find()
            .filter(session::Column::UserId.eq(person.id))
            .filter(session::Column::EndedAt.is_null())
            .count(self.raw())
            .await
            .unwrap()
    }

    /// Sends a raw request; returns the body as text.
    pub async fn text(&self, request: Request<Body>) -> String {
        self.answer(request).await.1
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, String) {
        let (status, _, bytes) = self.bytes(request).await;
        (status, String::from_utf8(bytes).unwrap())
    }

    /// Sends a raw request; returns the streaming response.
    pub async fn open(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a raw request; returns the status and the start of the body if it arrives soon.
    pub async fn beginning(&self, request: Request<Body>) -> (StatusCode, Option<String>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, mut body) = (response.status(), response.into_body());
        let soon = tokio::time::timeout(std::time::Duration::from_millis(150), body.frame());
        let frame = soon
            .await
            .ok()
            .flatten()
            .map(|frame| frame.unwrap().into_data().unwrap());
        (
            status,
            frame.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
        )
    }

    /// Sends a raw request; returns the raw headers and body.
    pub async fn bytes(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, headers, bytes.to_vec())
    }

    /// Sends a raw request.
    pub async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let (status, text) = self.answer(request).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Builds a GraphQL request as `person`, or unauthenticated.
    pub fn request(token: Option<&str>, query: &str, variables: Value) -> Request<Body> {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        request.body(Body::from(body)).unwrap()
    }

    /// Runs a GraphQL request as `person`, or unauthenticated.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> (StatusCode, Value) {
        self.send(Self::request(token, query, variables)).await
    }

    /// Runs a request without errors; returns `data`.
    pub async fn data(&self, person: &Person, query: &str, variables: Value) -> Value {
        let (status, answer) = self.ask(Some(&person.token), query, variables).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Runs a request that fails; returns the code of the first error.
    pub async fn error(&self, token: Option<&str>, query: &str, variables: Value) -> String {
        let (_, answer) = self.ask(token, query, variables).await;
        answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// Runs a mutation `name(input:)` and returns its payload; `fields` are selected in addition to `userErrors`.
    pub async fn run(&self, person: &Person, name: &str, input: Value, fields: &str) -> Value {
        let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}) {{ {name}(input: $input) {{ {fields} userErrors {{ code field message }} }} }}"
        );
        self.data(person, &query, json!({ "input": input })).await[name].clone()
    }

    /// Runs a mutation that is refused; returns `CODE field.path` of each user error.
    pub async fn refusal(&self, person: &Person, name: &str, input: Value) -> Vec<String> {
        let payload = self.run(person, name, input, "").await;
        let tell = |error: &Value| {
            let path: Vec<&str> = error["field"]
                .as_array()
                .map_or_else(Vec::new, |path| path.iter().filter_map(Value::as_str).collect());
            format!(
                "{} {}",
                error["code"].as_str().unwrap_or_default(),
                path.join(".")
            )
            .trim()
            .to_owned()
        };
        payload["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(tell)
            .collect()
    }

    /// Processes all outbox messages.
    pub async fn drain(&self) {
        worker::drain(&self.app.db, self.app.chunk).await.unwrap();
    }

    /// The number of outbox messages.
    pub async fn messages(&self) -> u64 {
        outbox_message::Entity::find().count(self.raw()).await.unwrap()
    }

    /// Disables the check at the end of a test that violates rules on purpose.
    pub fn breaks_rules(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// End of a test: no outbox messages are left, and `handover check` finds no violation.
    pub async fn sound(&self) {
        assert_eq!(self.messages().await, 0, "left in the outbox");
        assert_eq!(check::check(self.db()).await.unwrap(), []);
    }
}

fn uuid_suffix() -> String {
    entity::id::encode_suffix(Clock::system().new_id())
}

/// An authenticated person.
#[derive(Clone)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub token: String,
    pub session: entity::SessionId,
}

impl Person {
    pub fn id(&self) -> String {
        self.id.to_string()
    }
}

/// Whether a failure means that the actor is no longer accepted.
pub fn is_locked_out<T>(outcome: &Result<T, Failure>) -> bool {
    matches!(
        outcome,
        Err(Failure::Broken(handover::error::Error::Unauthenticated))
    )
}
