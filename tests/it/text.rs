//! Text comparison: addresses, passwords, names, searches and sort order.

use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::drive::{drive_of, folder};
use crate::support::{Person, TestApp};

const SIGN_IN: &str = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";

async fn sign_in(app: &TestApp, email: &str, password: &str) -> bool {
    let input = json!({ "i": { "email": email, "password": password } });
    let (_, answer) = app.ask(None, SIGN_IN, input).await;
    answer["data"]["signIn"]["accessToken"].is_string()
}

/// Accepts an invitation with this password; returns the error codes.
async fn join(app: &TestApp, admin: &Person, email: &str, password: &str) -> Vec<String> {
    let input = json!({ "email": email });
    let invited = app.run(admin, "inviteUser", input, "invitationToken").await;
    let input = json!({ "i": { "token": invited["invitationToken"], "password": password } });
    let accept =
        "mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { userErrors { code } } }";
    let (_, answer) = app.ask(None, accept, input).await;
    let errors = answer["data"]["acceptInvitation"]["userErrors"].as_array();
    errors
        .unwrap_or_else(|| panic!("{answer}"))
        .iter()
        .map(|error| error["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn addresses_that_look_the_same_are_the_same_person() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    assert!(
        join(&app, &admin, "twin@example.com", "a long password")
            .await
            .is_empty()
    );
    for hidden in [
        '\u{200b}', '\u{feff}', '\u{200e}', '\u{202c}', '\u{ad}', '\u{2060}',
    ] {
        for email in [
            format!("twin@example.com{hidden}"),
            format!("tw{hidden}in@example.com"),
        ] {
            let refused = app.refusal(&admin, "inviteUser", json!({ "email": email })).await;
            assert!(!refused.is_empty(), "{email:?}");
        }
    }
    // NFD as on macOS, and NFC.
    assert!(
        join(&app, &admin, "zoe\u{308}@example.com", "a long password")
            .await
            .is_empty()
    );
    assert!(sign_in(&app, "zoë@example.com", "a long password").await);
    assert!(sign_in(&app, "ZOË@EXAMPLE.COM", "a long password").await);
    for email in ["zoë@example.com", "Zoe\u{308}@Example.com", "TWIN@example.com"] {
        let input = json!({ "email": email });
        let refused = app.refusal(&admin, "inviteUser", input).await;
        assert_eq!(refused, ["EMAIL_TAKEN email"], "{email}");
    }
    app.sound().await;
}

#[tokio::test]
async fn passwords_do_not_depend_on_the_keyboard() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (composed, decomposed) = ("Schlüssel für Zoë", "Schlu\u{308}ssel fu\u{308}r Zoe\u{308}");
    for (email, set) in [("one@example.com", composed), ("two@example.com", decomposed)] {
        assert!(join(&app, &admin, email, set).await.is_empty());
        for typed in [composed, decomposed] {
            assert!(sign_in(&app, email, typed).await, "{email} {typed}");
        }
        assert!(!sign_in(&app, email, "Schlussel fur Zoe").await);
    }
}

/// Hashes from before RFC 8265 are of the unprepared password.
#[tokio::test]
async fn old_password_hashes_still_verify() {
    use argon2::{Argon2, PasswordHasher, password_hash::SaltString};
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let typed = "Schlu\u{308}ssel fu\u{308}r Zoe\u{308}";
    let salt = SaltString::from_b64("DxJBZqU8JfNyEChUTGskaA").unwrap();
    let hash = Argon2::default().hash_password(typed.as_bytes(), &salt).unwrap();
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(hash.to_string()))
        .filter(user::Column::Id.eq(ann.id))
        .exec(app.raw())
        .await
        .unwrap();
    assert!(sign_in(&app, &ann.email, typed).await);
    assert!(!sign_in(&app, &ann.email, "Schlu\u{308}ssel").await);
}

#[tokio::test]
async fn easily_guessed_passwords_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (place, weak) in [
        "1234567890",
        "password12",
        "passwordpassword",
        "qwertyuiop",
        "letmein123",
        "          a b c",
        "w6@example.com",
        "guessable7",
    ]
    .into_iter()
    .enumerate()
    {
        let email = match place {
            7 => "guessable@example.com".to_owned(),
            _ => format!("w{place}@example.com"),
        };
        assert_eq!(
            join(&app, &admin, &email, weak).await,
            ["PASSWORD_TOO_WEAK"],
            "{weak}"
        );
    }
    assert!(
        join(&app, &admin, "good@example.com", "correct horse")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn search_matches_what_people_see() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let titles = [
        "ΑΣΑ",
        "İstanbul",
        "Straße",
        "Müller",
        "Ju\u{308}rgen",
        "ﬁnance",
        "100% \u{ad}sure",
    ];
    for title in titles {
        let input = json!({ "title": title, "responsibleId": admin.id() });
        app.run(&admin, "createTask", input, "task { id }").await;
        let input = json!({ "kind": "LEAD", "title": title });
        app.run(&admin, "createCrmItem", input, "item { id }").await;
    }
    let input = json!({ "email": "g@example.com", "givenName": "Gökçe", "position": "Straßenbau" });
    app.run(&admin, "inviteUser", input, "user { id }").await;
    for (wanted, found) in [
        ("ΑΣ", "ΑΣΑ"),
        ("ας", "ΑΣΑ"),
        ("istanbul", "İstanbul"),
        ("STRASSE", "Straße"),
        ("Mu\u{308}ller", "Müller"),
        ("jürgen", "Jürgen"),
        ("FIN", "ﬁnance"),
        ("100% sure", "100% \u{ad}sure"),
    ] {
        let query = "query($s: String) { tasks(filter: {search: $s}) { nodes { title } } \
                     crmItems(filter: {search: $s}) { nodes { title } } }";
        let answer = app.data(&admin, query, json!({ "s": wanted })).await;
        for list in ["tasks", "crmItems"] {
            assert_eq!(answer[list]["nodes"], json!([{ "title": found }]), "{wanted}");
        }
    }
    let query = "{ users(filter: {search: \"strassenBAU\"}) { nodes { email } } }";
    let answer = app.data(&admin, query, json!({})).await;
    assert_eq!(answer["users"]["nodes"], json!([{ "email": "g@example.com" }]));
    app.sound().await;
}

/// Reads all pages of a list, two items each, forwards and backwards.
async fn walked(app: &TestApp, admin: &Person, order: &str, field: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = format!(
            "query($a: String) {{ users(first: 2, after: $a, orderBy: {order}) \
             {{ nodes {{ {field} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let page = app.data(admin, &query, json!({ "a": after })).await["users"].clone();
        found.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node[field].clone()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
    }
}

#[tokio::test]
async fn lists_are_sorted_alphabetically() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (place, name) in ["Zoe", "Émile", "Emil", "emily", "Ångström", "Andy"]
        .iter()
        .enumerate()
    {
        let input = json!({ "email": format!("p{place}@example.com"), "givenName": name });
        app.run(&admin, "inviteUser", input, "user { id }").await;
    }
    for email in ["émile@example.com", "zoe@example.com", "ernst@example.com"] {
        app.run(&admin, "inviteUser", json!({ "email": email }), "user { id }")
            .await;
    }
    let names = [
        "admin",
        "Andy",
        "Ångström",
        "Emil",
        "Émile",
        "émile@example.com",
        "emily",
        "ernst@example.com",
        "Zoe",
        "zoe@example.com",
    ];
    let ascending = walked(&app, &admin, "{field: NAME, direction: ASC}", "name").await;
    let shown: Vec<&str> = ascending.iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(shown, names);
    let mut descending = walked(&app, &admin, "{field: NAME, direction: DESC}", "name").await;
    descending.reverse();
    assert_eq!(ascending, descending);
    let emails = walked(&app, &admin, "{field: EMAIL, direction: ASC}", "email").await;
    let place = |email: &str| emails.iter().position(|found| found == email).unwrap();
    assert!(place("émile@example.com") < place("ernst@example.com"));
    assert!(place("p0@example.com") < place("zoe@example.com"));

    let home = drive_of(&admin);
    for name in ["Zahlen", "Übersicht", "unsorted", "Äpfel", "Berichte"] {
        folder(&app, &admin, &home, name).await;
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Folder { items { nodes { ... on DriveItem { name } } } } } }";
    let items = app.data(&admin, query, json!({ "id": home })).await["node"]["items"]["nodes"].clone();
    let shown: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["Äpfel", "Berichte", "Übersicht", "unsorted", "Zahlen"]);

    let company = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Company" }),
            "department { id }",
        )
        .await;
    for name in ["Zoll", "Öffentlichkeit", "Personal", "Ärzte"] {
        let input = json!({ "name": name, "parentId": company["department"]["id"] });
        app.run(&admin, "setDepartment", input, "department { id }").await;
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Department { children { name } } } }";
    let answer = app
        .data(&admin, query, json!({ "id": company["department"]["id"] }))
        .await;
    let children: Vec<&str> = answer["node"]["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(children, ["Ärzte", "Öffentlichkeit", "Personal", "Zoll"]);
    app.sound().await;
}

#[tokio::test]
async fn times_beyond_the_year_9999_are_clamped() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let made = app
        .run(
            &admin,
            "createCalendar",
            json!({ "name": "Y" }),
            "calendar { id }",
        )
        .await;
    let calendar = made["calendar"]["id"].as_str().unwrap();
    let event = json!({ "calendarId": calendar, "title": "one",
        "startsAt": "2027-01-01T10:00:00Z", "endsAt": "2027-01-01T11:00:00Z" });
    app.run(&admin, "createEvent", event, "event { id }").await;
    for to in [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-05:00",
        "+262000-01-01T00:00:00Z",
    ] {
        let query = "query($c: ID!, $t: DateTime) { node(id: $c) { ... on Calendar { events(to: $t) { totalCount } } } \
                     until: auditLog(filter: {until: $t}) { totalCount } \
                     since: auditLog(filter: {since: $t}) { totalCount } all: auditLog { totalCount } }";
        let answer = app.data(&admin, query, json!({ "c": calendar, "t": to })).await;
        assert_eq!(answer["node"]["events"]["totalCount"], 1, "{to}");
        assert_eq!(answer["until"], answer["all"], "{to}");
        assert_eq!(answer["since"]["totalCount"], 0, "{to}");
    }
    let query = "{ since: auditLog(filter: {since: \"-4800-01-01T00:00:00Z\"}) { totalCount } all: auditLog { totalCount } }";
    let answer = app.data(&admin, query, json!({})).await;
    assert_eq!(answer["since"], answer["all"]);
}

#[tokio::test]
async fn inviting_a_dismissed_person_names_hire_user() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    let query = "mutation($i: InviteUserInput!) { inviteUser(input: $i) { userErrors { code message } } }";
    let answer = app
        .data(&admin, query, json!({ "i": { "email": "ANN@example.com" } }))
        .await;
    let error = &answer["inviteUser"]["userErrors"][0];
    assert_eq!(error["code"], "EMAIL_TAKEN");
    assert!(error["message"].as_str().unwrap().contains("hireUser"), "{error}");
}
