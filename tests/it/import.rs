//! `handover import`.

use std::io::Write;
use std::path::{Path, PathBuf};

use entity::task::TaskStatus;
use entity::task_member::MemberRole;
use entity::user::{Role, UserStatus};
use entity::{audit_entry, crm_item, department, dismissal, task, task_member, user};
use handover::check;
use handover::error::Error;
use handover::import::{Options, Summary, import};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::drive;
use crate::support::TestApp;

const DEPARTMENTS: &str = "id,name,parent_id,head_email\n\
    sales,Sales,company,BOB@example.com\n\
    company,The Company,,ann@example.com\n\
    lost,Lost,nowhere,nobody@example.com\n";
const USERS: &str = "email,given_name,family_name,position,department_id,hired_on,dismissed_on,role,shoe_size\n\
    ann@example.com,Ann,\"O'Hara, née Ström\",Founder,company,2011-05-31,,Administrator,38\n\
    bob@example.com,Bob,,Seller,sales,2015-01-01,,member,\n\
    Eve@Example.com,Eve,,Seller,sales,2015-01-01,2020-02-29,,\n\
    BOB@EXAMPLE.COM,Bob,Again,,,,,,\n\
    not an address,Dan,,,,,,,\n\
    dan@example.com,Dan,,,atlantis,,9999-01-01,,\n\
    kim@example.com,Kim,,,,31.12.2020,,,\n";
const TASKS: &str = "id,title,creator_email,responsible_email,participants,observers,status,created_at,deadline\r\n\
    t-1,\"Write, and \"\"sign\"\"\r\nthe offer\",ann@example.com,bob@example.com,EVE@example.com;ann@example.com,,COMPLETE,2024-01-02,\r\n\
    t-2,Call back,bob@example.com,bob@example.com,,TBD;ann@example.com,imlpemented (beta),2024-01-02T10:11:12+02:00,2024-02-01\r\n\
    t-3,Nobody's,ann@example.com,zoe@example.com,,,,,\r\n\
    t-4,Unassigned,ann@example.com,,,,whatever,,\r\n\
    t-5,Too short,ann@example.com\r\n";
const CRM: &str = "id,kind,title,stage,amount,currency,responsible_email,created_at\n\
    c-1,deal,Big deal,SHIPPED,23153.2339,usd,eve@example.com,2011-05-31\n\
    c-2,COMPANY,Small firm,,,,zoe@example.com,\n\
    c-3,BOAT,Boat,,,,,\n\
    c-4,LEAD,Lead,,12 apples,,,\n\
    c-1,DEAL,Twice,,,,,\n";

pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn of(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn company() -> Self {
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(CRM.as_bytes()).unwrap();
        Self::of(&[
            ("departments.csv", DEPARTMENTS.as_bytes()),
            ("users.csv", USERS.as_bytes()),
            ("tasks.csv", TASKS.as_bytes()),
            ("crm.csv.gz", &zipped.finish().unwrap()),
            ("notes.csv", b"id\n"),
        ])
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn rejects(&self) -> PathBuf {
        self.path().join("out").with_extension("csv")
    }
}

/// Counters by file: added, unchanged, completed, incomplete, rejected.
pub fn counts(summary: &Summary) -> Vec<(&str, [u64; 5])> {
    summary
        .files
        .iter()
        .map(|f| {
            (
                f.file.as_str(),
                [f.added, f.unchanged, f.completed, f.incomplete, f.rejected],
            )
        })
        .collect()
}

async fn person(app: &TestApp, email: &str) -> user::Model {
    user::Entity::find()
        .filter(user::Column::EmailKey.eq(email))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap()
}

async fn task_of(app: &TestApp, id: &str) -> task::Model {
    task::Entity::find()
        .filter(task::Column::ExternalId.eq(id))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_company_is_imported_completely() {
    let app = TestApp::new().await;
    let folder = Folder::company();
    let options = Options {
        rejects: Some(folder.rejects()),
        ..Options::default()
    };
    let summary = import(app.db(), folder.path(), &options).await.unwrap();
    assert_eq!(
        counts(&summary),
        [
            ("departments.csv", [3, 0, 0, 1, 0]),
            ("users.csv", [4, 0, 0, 1, 3]),
            ("tasks.csv", [3, 0, 0, 1, 2]),
            ("crm.csv", [2, 0, 0, 1, 3]),
        ]
    );
    assert_eq!(
        summary.ignored,
        [
            "notes.csv: unknown file, ignored",
            "users.csv: unknown column shoe_size, ignored"
        ]
    );
    let said = summary.to_string();
    assert!(
        said.contains("users.csv               7 rows: 4 added, 1 incomplete, 3 rejected\n"),
        "{said}"
    );
    assert!(
        said.contains("users.csv: line 5: email: duplicate of an earlier row in this import\n"),
        "{said}"
    );

    let (ann, bob, eve) = (
        person(&app, "ann@example.com").await,
        person(&app, "bob@example.com").await,
        person(&app, "eve@example.com").await,
    );
    assert_eq!((ann.role, ann.status), (Role::Administrator, UserStatus::Active));
    assert_eq!(ann.family_name.as_deref(), Some("O'Hara, née Ström"));
    assert_eq!(
        (eve.role, eve.status, eve.email.as_str()),
        (Role::Employee, UserStatus::Dismissed, "Eve@Example.com")
    );
    assert_eq!(
        eve.dismissed_at.unwrap().to_rfc3339(),
        "2020-02-29T00:00:00+00:00"
    );
    assert_eq!(dismissal::Entity::find().count(app.raw()).await.unwrap(), 1);
    let sales = department::Entity::find()
        .filter(department::Column::ExternalId.eq("sales"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((sales.head_id, bob.department_id), (Some(bob.id), Some(sales.id)));
    assert!(sales.parent_id.is_some());

    let (first, second, fourth) = (
        task_of(&app, "t-1").await,
        task_of(&app, "t-2").await,
        task_of(&app, "t-4").await,
    );
    assert_eq!(first.title, "Write, and \"sign\"  the offer");
    assert_eq!(
        (first.status, first.status_text.as_deref()),
        (TaskStatus::Completed, Some("COMPLETE"))
    );
    assert_eq!((first.creator_id, first.responsible_id), (ann.id, Some(bob.id)));
    assert_eq!(
        (second.status, second.creator_id),
        (TaskStatus::Completed, bob.id)
    );
    assert_eq!(second.created_at.to_rfc3339(), "2024-01-02T08:11:12+00:00");
    assert_eq!(
        (fourth.status, fourth.status_text.as_deref()),
        (TaskStatus::Pending, Some("whatever"))
    );
    assert_eq!(fourth.responsible_id, None);
    let participants = task_member::Entity::find()
        .filter(task_member::Column::TaskId.eq(first.id))
        .filter(task_member::Column::Role.eq(MemberRole::Participant))
        .count(app.raw());
    assert_eq!(participants.await.unwrap(), 2);

    let items = crm_item::Entity::find().all(app.raw()).await.unwrap();
    let deal = items
        .iter()
        .find(|item| item.external_id.as_deref() == Some("c-1"))
        .unwrap();
    assert_eq!(
        (
            deal.amount.as_deref(),
            deal.currency.as_deref(),
            deal.closed,
            deal.responsible_id
        ),
        (Some("23153.2339"), Some("USD"), true, Some(eve.id))
    );
    app.sound().await;

    // A second import changes nothing, not even the audit log.
    let before = audit_entry::Entity::find().count(app.raw()).await.unwrap();
    let again = import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    assert_eq!(
        counts(&again),
        [
            ("departments.csv", [0, 3, 0, 0, 0]),
            ("users.csv", [0, 5, 0, 0, 2]),
            ("tasks.csv", [0, 3, 0, 0, 2]),
            ("crm.csv", [0, 3, 0, 0, 2]),
        ]
    );
    assert_eq!(
        audit_entry::Entity::find().count(app.raw()).await.unwrap(),
        before
    );
    app.sound().await;
}

#[tokio::test]
async fn a_corrected_rejects_file_completes_existing_rows() {
    let app = TestApp::new().await;
    let folder = Folder::company();
    let options = Options {
        rejects: Some(folder.rejects()),
        ..Options::default()
    };
    import(app.db(), folder.path(), &options).await.unwrap();
    let corrected = std::fs::read_to_string(folder.rejects())
        .unwrap()
        .replace("zoe@example.com", "bob@example.com")
        .replace("TBD", "eve@example.com")
        .replace("not an address", "zoe@example.com")
        .replace("31.12.2020", "2020-12-31")
        .replace("BOAT", "CONTACT")
        .replace("nowhere", "sales")
        .replace("nobody@example.com", "zoe@example.com")
        .replace("12 apples", "12");
    std::fs::write(folder.path().join("corrected.csv"), &corrected).unwrap();
    let left = folder.path().join("left.csv");
    let options = Options {
        rejects: Some(left.clone()),
        ..Options::default()
    };
    let summary = import(app.db(), &folder.path().join("corrected.csv"), &options)
        .await
        .unwrap();
    assert_eq!(
        counts(&summary),
        [
            ("departments.csv", [0, 0, 1, 0, 0]),
            // Bob exists; Dan's department is still unknown.
            ("users.csv", [2, 2, 0, 1, 0]),
            // t-5 is padded with empty cells: a creator and a title are enough.
            ("tasks.csv", [2, 0, 1, 0, 0]),
            ("crm.csv", [2, 1, 1, 0, 0]),
            ("events.csv", [0, 0, 0, 0, 0]),
            ("files.csv", [0, 0, 0, 0, 0]),
            ("drive_folders.csv", [0, 0, 0, 0, 0]),
        ],
        "{corrected}"
    );
    assert_eq!(std::fs::read_to_string(left).unwrap().lines().count(), 2);
    let zoe = person(&app, "zoe@example.com").await;
    let lost = department::Entity::find()
        .filter(department::Column::ExternalId.eq("lost"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(lost.head_id, Some(zoe.id));
    assert_eq!(task::Entity::find().count(app.raw()).await.unwrap(), 5);
    let unassigned = crm_item::Entity::find()
        .filter(crm_item::Column::ExternalId.eq("c-2"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        unassigned.responsible_id,
        Some(person(&app, "bob@example.com").await.id)
    );
    app.sound().await;

    // Importing the corrected file again changes nothing.
    let again = import(
        app.db(),
        &folder.path().join("corrected.csv"),
        &Options::default(),
    )
    .await
    .unwrap();
    assert!(
        again.files.iter().all(|file| file.added + file.completed == 0),
        "{again}"
    );
}

#[tokio::test]
async fn a_dry_run_reports_the_same_and_writes_nothing() {
    let app = TestApp::new().await;
    let folder = Folder::company();
    let tried = Options {
        dry_run: true,
        ..Options::default()
    };
    let tried = import(app.db(), folder.path(), &tried).await.unwrap();
    assert_eq!(user::Entity::find().count(app.raw()).await.unwrap(), 0);
    assert_eq!(audit_entry::Entity::find().count(app.raw()).await.unwrap(), 0);
    assert!(tried.to_string().ends_with("dry run: nothing was written"));
    let done = import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    assert_eq!(tried.files, done.files);
}

#[tokio::test]
async fn malformed_files_change_nothing() {
    let app = TestApp::new().await;
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "tasks.csv",
            b"id,title\nt-1,\"Offer\nt-2,Call\n",
            "tasks.csv: line 2: unterminated quoted field starting here",
        ),
        (
            "tasks.csv",
            b"id,title\nt-1,Offer\nt-2,\"Call\" back\n",
            "tasks.csv: line 3: text after the closing quote of the quoted field",
        ),
        (
            "tasks.csv",
            b"id,title\nt-1,Of\"fer\n",
            "tasks.csv: line 2: quote inside an unquoted field",
        ),
        (
            "crm.csv",
            b"id,kind,title\nc-1,DEAL,M\xfcller\n",
            "crm.csv: line 2: invalid UTF-8",
        ),
        (
            "crm.csv",
            b"id,title\nc-1,Deal\n",
            "crm.csv: line 1: missing column kind",
        ),
        (
            "crm.csv",
            b"id,kind,title,id\n",
            "crm.csv: line 1: duplicate column id",
        ),
        ("crm.csv", b"", "crm.csv: line 1: missing header"),
        ("crm.csv.gz", b"no gzip at all", "crm.csv.gz: invalid gzip header"),
    ];
    for (name, bytes, message) in cases {
        let folder = Folder::of(&[("users.csv", USERS.as_bytes()), (name, bytes)]);
        match import(app.db(), folder.path(), &Options::default()).await {
            Err(Error::BadInput(said)) => assert!(said.contains(message), "{said}"),
            other => panic!("{message}: {other:?}"),
        }
        assert_eq!(user::Entity::find().count(app.raw()).await.unwrap(), 0);
    }
    let said = |outcome: Result<Summary, Error>| outcome.unwrap_err().to_string();
    let folder = Folder::of(&[]);
    assert!(
        said(import(app.db(), folder.path(), &Options::default()).await)
            .contains("found none of departments.csv")
    );
    let folder = Folder::company();
    let users = folder.path().join("users.csv");
    assert!(said(import(app.db(), &users, &Options::default()).await).contains("not a rejects file"));
    let onto_itself = Options {
        rejects: Some(users),
        ..Options::default()
    };
    assert!(said(import(app.db(), folder.path(), &onto_itself).await).contains("already exists"));
    assert_eq!(check::check(app.db()).await.unwrap(), []);
}

#[tokio::test]
async fn a_second_import_does_not_undo_a_handover() {
    let app = TestApp::new().await;
    let folder = Folder::company();
    import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    let admin = app.administrator().await;
    let (bob, ann) = (
        person(&app, "bob@example.com").await,
        person(&app, "ann@example.com").await,
    );
    let input = json!({
        "userId": bob.id.to_string(),
        "handover": [{ "kind": "TASK_OBSERVER", "to": { "userId": ann.id.to_string() } },
                     { "kind": "TASK_CREATOR", "includeClosed": true, "to": { "userId": ann.id.to_string() } }],
    });
    app.run(&admin, "dismissUser", input, "user { id }").await;
    app.drain().await;
    assert_eq!(task_of(&app, "t-2").await.creator_id, ann.id);
    import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    assert_eq!(task_of(&app, "t-2").await.creator_id, ann.id);
    assert_eq!(
        person(&app, "bob@example.com").await.status,
        UserStatus::Dismissed
    );
    app.sound().await;
}

const FILES: &str = "\
id,name,owner_email,is_folder,folder_id,revision,status,modified_on
f-2,plan.txt,ann@example.com,false,d-2,3,approved,2024-05-29
d-2,Inner,ann@example.com,true,d-1,0,2,2020-01-01
d-1,Outer,bob@example.com,true,,0,2,2020-01-01
f-3,plan.txt,BOB@example.com,0,d-2,,,
f-4,lost.txt,ann@example.com,,nowhere,,,
f-5,in a file,ann@example.com,,f-2,,,
f-6,../../x,ann@example.com,,,,,
f-7,x,nobody@example.com,,,,,
f-8,x,ann@example.com,perhaps,,,,
f-9,x,ann@example.com,,,two,,
r-1,ring one,ann@example.com,true,r-2,,,
r-2,ring two,ann@example.com,true,r-1,,,
";

const FOLDERS: &str = "\
path,owners,reviewers,former_owners
org/repo/docs/,,,
org/repo/,ann@example.com;bob@example.com,eve@example.com;ann@example.com,
org/repo/a/b/,bob@example.com,gone@example.com,
nobody/,,eve@example.com,
";

#[tokio::test]
async fn folders_and_files_are_imported_in_any_row_order() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut people = Vec::new();
    for name in ["ann", "bob", "eve"] {
        people.push(app.employee(name).await);
    }
    let folder = Folder::of(&[
        ("files.csv", FILES.as_bytes()),
        ("drive_folders.csv", FOLDERS.as_bytes()),
    ]);
    let options = Options {
        rejects: Some(folder.rejects()),
        ..Options::default()
    };
    let summary = import(app.db(), folder.path(), &options).await.unwrap();
    assert_eq!(
        counts(&summary),
        [
            ("files.csv", [8, 0, 0, 3, 4]),
            ("drive_folders.csv", [3, 0, 0, 1, 1])
        ],
        "{summary}"
    );
    let tree =
        async |person: &crate::support::Person| drive::tree(&app, &admin, &drive::drive_of(person)).await;
    let of_ann = [
        "/in a file ann",
        "/lost.txt ann",
        "/repo ann",
        "/repo/b bob",
        "/repo/docs ann",
        "/ring one ann",
        "/ring one/ring two ann",
    ];
    let of_bob = [
        "/Outer bob",
        "/Outer/Inner ann",
        "/Outer/Inner/plan (2).txt bob",
        "/Outer/Inner/plan.txt ann",
    ];
    assert_eq!(tree(&people[0]).await, of_ann);
    assert_eq!(tree(&people[1]).await, of_bob);
    let plan = entity::drive_item::Entity::find()
        .filter(entity::drive_item::Column::ExternalId.eq("f-2"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (plan.revision, plan.status.as_deref()),
        (Some(3), Some("approved"))
    );
    assert_eq!(plan.modified_at.to_rfc3339(), "2024-05-29T00:00:00+00:00");
    let repo = entity::drive_item::Entity::find()
        .filter(entity::drive_item::Column::ExternalId.eq("org/repo/"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    let shares = drive::item(&app, &admin, &repo.text_id()).await["shares"].clone();
    assert_eq!(
        shares,
        serde_json::json!([
            { "access": "EDIT", "user": { "email": "bob@example.com" } },
            { "access": "READ", "user": { "email": "eve@example.com" } },
        ])
    );
    app.sound().await;

    // A second import changes nothing; a corrected one fills the missing folder.
    let again = import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    assert_eq!(
        counts(&again),
        [
            ("files.csv", [0, 8, 0, 0, 4]),
            ("drive_folders.csv", [0, 3, 0, 0, 1])
        ]
    );
    let corrected = std::fs::read_to_string(folder.rejects())
        .unwrap()
        .replace("nowhere", "d-1")
        .replace("gone@", "eve@");
    std::fs::write(folder.path().join("corrected.csv"), corrected).unwrap();
    let summary = import(
        app.db(),
        &folder.path().join("corrected.csv"),
        &Options::default(),
    )
    .await
    .unwrap();
    let completed: u64 = summary.files.iter().map(|file| file.completed).sum();
    assert_eq!(completed, 2, "{summary}");
    assert!(tree(&people[1]).await.contains(&"/Outer/lost.txt ann".to_owned()));
    app.sound().await;
}
