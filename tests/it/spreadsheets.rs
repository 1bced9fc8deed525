//! `handover import` of files exported by spreadsheets.

use entity::user::{Role, UserStatus};
use entity::{crm_item, department, event, task, user};
use handover::import::date::DateFormat;
use handover::import::{Options, Summary, import};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::drive;
use crate::import::{Folder, counts};
use crate::support::TestApp;

pub async fn take(app: &TestApp, files: &[(&str, &str)]) -> Summary {
    take_with(app, files, DateFormat::Iso).await
}

async fn take_with(app: &TestApp, files: &[(&str, &str)], dates: DateFormat) -> Summary {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    let options = Options {
        dates,
        ..Options::default()
    };
    import(app.db(), Folder::of(&files).path(), &options)
        .await
        .unwrap()
}

async fn people(app: &TestApp) -> Vec<user::Model> {
    let by_address = user::Entity::find().order_by_asc(user::Column::EmailKey);
    by_address.all(app.raw()).await.unwrap()
}

#[tokio::test]
async fn separators_and_empty_rows_and_columns_of_spreadsheets_are_accepted() {
    let saved = "email,given_name,hired_on,,\r\nann@example.com,Ann,2020-01-31,,\r\n,,,,\r\n,,,,\r\n";
    for (separator, name) in [(',', "commas"), (';', "semicolons"), ('\t', "tabs")] {
        let app = TestApp::new().await;
        let text = format!("\u{feff}{}", saved.replace(',', &separator.to_string()));
        let summary = take(&app, &[("users.csv", &text)]).await;
        assert_eq!(
            counts(&summary),
            [("users.csv", [1, 0, 0, 0, 0])],
            "{name}: {summary}"
        );
        assert_eq!(people(&app).await[0].given_name.as_deref(), Some("Ann"), "{name}");
    }
    let app = TestApp::new().await;
    for (text, message) in [
        (
            "e-mail;name\n",
            "separated by semicolons, the columns are e-mail, name",
        ),
        ("email|name\n", "separated by commas, the columns are email|name"),
    ] {
        let folder = Folder::of(&[("users.csv", text.as_bytes())]);
        let failed = import(app.db(), folder.path(), &Options::default())
            .await
            .unwrap_err()
            .to_string();
        assert!(failed.contains(message), "{failed}");
    }
}

#[tokio::test]
async fn line_numbers_are_right_with_any_line_ending() {
    let app = TestApp::new().await;
    for end in ["\n", "\r\n"] {
        let text = ["email,role", "ann@", "\"bob\nby\"@x,", "", "eve@,"]
            .join("\n")
            .replace("\"bob\nby\"@x,", "bob@,");
        let summary = take(&app, &[("users.csv", &text.replace('\n', end))]).await;
        let lines: Vec<&str> = summary.shown.iter().map(|line| &line[..17]).collect();
        assert_eq!(
            lines,
            ["users.csv: line 2", "users.csv: line 3", "users.csv: line 5"],
            "{end:?}"
        );
    }
}

#[tokio::test]
async fn a_date_ignores_its_offset() {
    let app = TestApp::new().await;
    let text = "email,hired_on,dismissed_on\n\
        a@example.com,2024-02-16T00:00:00+02:00,\n\
        b@example.com,2024-02-16T20:00:00-08:00,\n\
        c@example.com,31-12-26,\n\
        d@example.com,2020-02-30,\n\
        e@example.com,,31.12.2026\n\
        f@example.com,2024-02-16,2024-02-15\n";
    let summary = take(&app, &[("users.csv", text)]).await;
    assert_eq!(counts(&summary), [("users.csv", [2, 0, 0, 0, 4])], "{summary}");
    assert!(summary.shown[0].contains("--date-format dmy or mdy"), "{summary}");
    for person in people(&app).await {
        assert_eq!(person.hired_on.unwrap().to_string(), "2024-02-16");
    }
    let text = "email,hired_on\ng@example.com,31.12.2019\nh@example.com,31/12/19\n";
    let summary = take_with(&app, &[("users.csv", text)], DateFormat::Dmy).await;
    assert_eq!(counts(&summary), [("users.csv", [1, 0, 0, 0, 1])], "{summary}");
    assert!(summary.shown[0].contains("four digits"), "{summary}");
    assert_eq!(people(&app).await[2].hired_on.unwrap().to_string(), "2019-12-31");
}

#[tokio::test]
async fn a_local_time_uses_the_time_zone_of_its_row() {
    let app = TestApp::new().await;
    let events = "id,title,organizer_email,starts_at,ends_at,recurrence,timezone\n\
        1,Nine in New York,o@example.com,2026-01-05T09:00:00,2026-01-05T10:00:00,,America/New_York\n\
        2,Mondays,o@example.com,2026-01-05T00:30,2026-01-05T01:00,FREQ=WEEKLY;BYDAY=MO,America/New_York\n\
        3,With an offset,o@example.com,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,America/New_York\n\
        4,Skipped by the clocks,o@example.com,2026-03-08T02:30:00,,,America/New_York\n\
        5,Shown twice,o@example.com,2026-11-01T01:30:00,,,America/New_York\n";
    let summary = take(
        &app,
        &[("users.csv", "email\no@example.com\n"), ("events.csv", events)],
    )
    .await;
    assert_eq!(counts(&summary)[1], ("events.csv", [5, 0, 0, 0, 0]), "{summary}");
    let rows = event::Entity::find()
        .order_by_asc(event::Column::ExternalId)
        .all(app.raw())
        .await
        .unwrap();
    let starts: Vec<String> = rows
        .iter()
        .map(|row| row.starts_at.unwrap().format("%dT%H:%M").to_string())
        .collect();
    assert_eq!(
        starts,
        ["05T14:00", "05T05:30", "05T09:00", "08T07:30", "01T05:30"]
    );
    assert_eq!(rows[1].recurrence.as_deref(), Some("FREQ=WEEKLY;BYDAY=MO"));
}

#[tokio::test]
async fn deceptive_ids_and_addresses_are_rejected() {
    let app = TestApp::new().await;
    let crm = "id,kind,title\n\"D\n1\",DEAL,a\n\"D\t2\",DEAL,b\nD\u{200b}3,DEAL,c\n=D4,DEAL,d\n#REF!,DEAL,e\nD-6,DEAL,f\n";
    let users = "email\n\"=HYPERLINK(\"\"mailto:c@example.com\"\")\"\nd\u{200b}@example.com\ne@example.com\n";
    let departments = "id,name\n\"x\ny\",Sales\n";
    let tasks = "id,title,creator_email\n\"t\n1\",Call,e@example.com\n";
    let files = [
        ("departments.csv", departments),
        ("users.csv", users),
        ("tasks.csv", tasks),
        ("crm.csv", crm),
    ];
    let summary = take(&app, &files).await;
    let expected = [
        ("departments.csv", [0, 0, 0, 0, 1]),
        ("users.csv", [1, 0, 0, 0, 2]),
        ("tasks.csv", [0, 0, 0, 0, 1]),
        ("crm.csv", [1, 0, 0, 0, 5]),
    ];
    assert_eq!(counts(&summary), expected, "{summary}");
    // A second import changes nothing.
    let again = take(&app, &files).await;
    assert!(
        again.files.iter().all(|file| file.added + file.completed == 0),
        "{again}"
    );
    assert_eq!(crm_item::Entity::find().all(app.raw()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn people_are_found_after_a_change_of_address() {
    for with_ids in [false, true] {
        let app = TestApp::new().await;
        let admin = app.administrator().await;
        let users = match with_ids {
            true => "id,email,given_name\n17,ada@example.com,Ada\n18,ben@example.com,Ben\n",
            false => "email,given_name\nada@example.com,Ada\nben@example.com,Ben\n",
        };
        let tasks = "id,title,creator_email,responsible_email\nt-1,Call,ada@example.com,ben@example.com\n";
        take(&app, &[("users.csv", users)]).await;
        let found = people(&app).await;
        let (ada, ben) = (&found[0], &found[2]);
        assert_eq!(
            ada.external_id.as_deref(),
            Some(if with_ids { "17" } else { "ada@example.com" })
        );
        let input = json!({ "userId": ada.id.to_string(), "email": "ada.okafor@example.com" });
        app.run(&admin, "updateUser", input, "user { id }").await;
        app.run(
            &admin,
            "dismissUser",
            json!({ "userId": ben.id.to_string() }),
            "user { id }",
        )
        .await;
        let input = json!({ "userId": ben.id.to_string(), "email": "ben.left@example.com" });
        app.run(&admin, "updateUser", input, "user { id }").await;
        let before = people(&app).await;

        let summary = take(&app, &[("users.csv", users), ("tasks.csv", tasks)]).await;
        let expected = [
            ("users.csv", [0, 2, 0, 0, 0]),
            ("tasks.csv", [u64::from(!with_ids), 0, 0, 0, u64::from(with_ids)]),
        ];
        assert_eq!(counts(&summary), expected, "{summary}");
        assert_eq!(people(&app).await, before);
        // A person imported without an id can get one later; ids of others can't be taken.
        let summary = take(&app, &[("users.csv", "id,email\n99,ben.left@example.com\n")]).await;
        let expected = if with_ids {
            [0, 0, 0, 0, 1]
        } else {
            [0, 0, 1, 0, 0]
        };
        assert_eq!(counts(&summary), [("users.csv", expected)], "{summary}");
        app.sound().await;
    }
}

#[tokio::test]
async fn unknown_roles_are_reported() {
    let app = TestApp::new().await;
    let users = "email,role\na@example.com,adminstrator\nb@example.com,Owner\nc@example.com,owner\nd@example.com,Admin\ne@example.com,member\n";
    let summary = take(&app, &[("users.csv", users)]).await;
    assert_eq!(counts(&summary), [("users.csv", [5, 0, 0, 0, 0])]);
    let text = summary.to_string();
    assert!(
        text.contains("unknown role \"adminstrator\": 1 people imported as EMPLOYEE"),
        "{text}"
    );
    assert!(
        text.contains("\"Owner\"") && text.contains("\"owner\"") && !text.contains("member"),
        "{text}"
    );
    let found = people(&app).await;
    assert_eq!(
        (found[0].role, found[3].role),
        (Role::Employee, Role::Administrator)
    );
}

#[tokio::test]
async fn tasks_without_a_creator_are_rejected() {
    let app = TestApp::new().await;
    let tasks = "id,title,creator_email,responsible_email\nt-1,Call,,a@example.com\n";
    let summary = take(
        &app,
        &[("users.csv", "email\na@example.com\n"), ("tasks.csv", tasks)],
    )
    .await;
    assert_eq!(counts(&summary)[1], ("tasks.csv", [0, 0, 0, 0, 1]));
    assert_eq!(
        summary.shown,
        ["tasks.csv: line 2: creator_email: value required"]
    );
}

#[tokio::test]
async fn folders_nest_with_any_notation_of_their_path() {
    for spelling in ["{}/", "{}", "/{}", "/{}/", " //{}"] {
        let app = TestApp::new().await;
        let admin = app.administrator().await;
        let ann = app.employee("ann").await;
        let row = |path: &str| format!("{},ann@example.com\n", spelling.replace("{}", path));
        let text = format!(
            "path,owners\n{}{}{}",
            row("Sales"),
            row("Sales/Plans"),
            row("Sales/Plans/2026")
        );
        let summary = take(&app, &[("drive_folders.csv", &text)]).await;
        assert_eq!(
            counts(&summary),
            [("drive_folders.csv", [3, 0, 0, 0, 0])],
            "{spelling}: {summary}"
        );
        let tree = drive::tree(&app, &admin, &drive::drive_of(&ann)).await;
        assert_eq!(
            tree,
            ["/Sales ann", "/Sales/Plans ann", "/Sales/Plans/2026 ann"],
            "{spelling}"
        );
    }
}

#[tokio::test]
async fn departments_with_the_same_name_are_numbered() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let departments = "id,name,parent_id\n1,Sales,\n2,Sales,\n3,Sales,1\n4,Sales,\n";
    let summary = take(&app, &[("departments.csv", departments)]).await;
    assert_eq!(
        counts(&summary),
        [("departments.csv", [4, 0, 0, 2, 0])],
        "{summary}"
    );
    assert!(
        summary.shown[0].contains("imported as \"Sales (2)\""),
        "{summary}"
    );
    let again = take(&app, &[("departments.csv", departments)]).await;
    assert_eq!(counts(&again), [("departments.csv", [0, 4, 0, 0, 0])], "{again}");
    let rows = department::Entity::find()
        .order_by_asc(department::Column::ExternalId)
        .all(app.raw())
        .await
        .unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Sales", "Sales (2)", "Sales", "Sales (3)"]);
    for row in &rows {
        let input = json!({ "departmentId": row.id.to_string(), "name": row.name, "headId": admin.id() });
        app.run(&admin, "setDepartment", input, "department { id }").await;
    }
    app.sound().await;
}

#[tokio::test]
async fn imported_tasks_are_sorted_by_creation_time() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let tasks = "id,title,creator_email,created_at\n1,2026,o@example.com,2026-01-01\n2,2020,o@example.com,2020-01-01\n\
        3,2024,o@example.com,2024-01-01\n4,1969,o@example.com,1969-01-01\n5,2024 too,o@example.com,2024-01-01\n";
    let crm = "id,kind,title,created_at\n1,DEAL,2025,2025-01-01\n2,DEAL,2021,2021-01-01\n";
    take(
        &app,
        &[
            ("users.csv", "email\no@example.com\n"),
            ("tasks.csv", tasks),
            ("crm.csv", crm),
        ],
    )
    .await;
    let found = app
        .data(
            &admin,
            "{ tasks { nodes { title } } crmItems { nodes { title } } }",
            json!({}),
        )
        .await;
    let titles = |list: &str| -> Vec<String> {
        let nodes = found[list]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles("tasks"), ["2026", "2024 too", "2024", "2020", "1969"]);
    assert_eq!(titles("crmItems"), ["2025", "2021"]);
    assert_eq!(
        task::Entity::find()
            .filter(task::Column::ExternalId.eq("4"))
            .one(app.raw())
            .await
            .unwrap()
            .unwrap()
            .created_at
            .to_rfc3339(),
        "1969-01-01T00:00:00+00:00"
    );
    let again = take(&app, &[("tasks.csv", tasks)]).await;
    assert_eq!(counts(&again), [("tasks.csv", [0, 5, 0, 0, 0])]);
    let twice = take(
        &app,
        &[(
            "tasks.csv",
            "id,title,creator_email,created_at\n9,a,o@example.com,2020-01-01\n9,b,o@example.com,2020-01-01\n",
        )],
    )
    .await;
    assert_eq!(counts(&twice), [("tasks.csv", [1, 0, 0, 0, 1])]);
    assert_eq!(people(&app).await[1].status, UserStatus::Active);
}
