//! Calendars: events and when they take place, who sees them, files for other programs, and how they change hands.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entity::{calendar, event, event_attendee, favorite_calendar};
use handover::import::{Options, Summary, import};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn calendar_of(app: &TestApp, person: &Person, name: &str) -> String {
    let made = app
        .run(
            person,
            "createCalendar",
            json!({ "name": name }),
            "calendar { id }",
        )
        .await;
    made["calendar"]["id"].as_str().unwrap().to_owned()
}

/// An event of an hour.
fn hour(calendar: &str, title: &str, starts_at: &str) -> Value {
    let start = chrono::DateTime::parse_from_rfc3339(starts_at).unwrap();
    let ends_at = (start + chrono::TimeDelta::hours(1)).to_rfc3339();
    json!({ "calendarId": calendar, "title": title, "startsAt": starts_at, "endsAt": ends_at })
}

async fn create(app: &TestApp, person: &Person, input: Value) -> String {
    let made = app.run(person, "createEvent", input, "event { id }").await;
    made["event"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

/// The titles of what takes place in a window, as `person` sees it.
async fn listed(app: &TestApp, person: &Person, calendar: &str, window: &str) -> Vec<String> {
    let query = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Calendar {{ events{window} {{ totalCount nodes {{ title }} }} }} }} }}"
    );
    let data = app.data(person, &query, json!({ "id": calendar })).await;
    let events = &data["node"]["events"];
    let titles: Vec<String> = events["nodes"]
        .as_array()
        .unwrap_or_else(|| panic!("{data}"))
        .iter()
        .map(|event| event["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(events["totalCount"], titles.len());
    titles
}

async fn favorites(app: &TestApp, person: &Person) -> Vec<String> {
    let data = app
        .data(
            person,
            "{ viewer { user { favoriteCalendars { name owner { email } } } } }",
            json!({}),
        )
        .await;
    data["viewer"]["user"]["favoriteCalendars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} of {}",
                one["name"].as_str().unwrap(),
                one["owner"]["email"].as_str().unwrap()
            )
        })
        .collect()
}

/// Who organises an event, and who attends it.
async fn people_of(app: &TestApp, admin: &Person, event: &str) -> (String, Vec<String>) {
    let query =
        "query($id: ID!) { node(id: $id) { ... on Event { organizer { email } attendees { email } } } }";
    let event = app.data(admin, query, json!({ "id": event })).await["node"].clone();
    let name = |user: &Value| {
        user["email"]
            .as_str()
            .unwrap()
            .split('@')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut attendees: Vec<String> = event["attendees"].as_array().unwrap().iter().map(name).collect();
    attendees.sort();
    (name(&event["organizer"]), attendees)
}

/// Adds a calendar to somebody's favourites (true) or takes it away; answers the name, or the refusal.
async fn mark(app: &TestApp, person: &Person, add: bool, calendar: &str) -> String {
    let name = if add {
        "addFavoriteCalendar"
    } else {
        "removeFavoriteCalendar"
    };
    let query = format!(
        "mutation($i: FavoriteCalendarInput!) {{ {name}(input: $i) {{ calendar {{ name }} userErrors {{ code field }} }} }}"
    );
    let data = app
        .data(person, &query, json!({ "i": { "calendarId": calendar } }))
        .await;
    let (calendar, error) = (&data[name]["calendar"]["name"], &data[name]["userErrors"][0]);
    match calendar.as_str() {
        Some(name) => name.to_owned(),
        None => format!(
            "{} {}",
            error["code"].as_str().unwrap(),
            error["field"][0].as_str().unwrap()
        ),
    }
}

async fn file(app: &TestApp, person: Option<&Person>, path: &str) -> (StatusCode, String) {
    let request = || {
        let request = Request::get(path);
        match person {
            Some(person) => request.header(header::AUTHORIZATION, format!("Bearer {}", person.token)),
            None => request,
        }
        .body(Body::empty())
        .unwrap()
    };
    (app.send(request()).await.0, app.text(request()).await)
}

#[tokio::test]
async fn an_event_is_checked_before_it_is_kept() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let mine = calendar_of(&app, &ann, "Mine").await;
    let mut input = hour(&mine, "Stand-up", "2026-01-05T08:00:00.700Z");
    input["recurrence"] = json!("RRULE:freq=weekly;BYDAY=MO;COUNT=3");
    input["timezone"] = json!("Europe/Berlin");
    input["attendeeIds"] = json!([bob.id(), bob.id()]);
    let fields = "event { id title startsAt endsAt recurrence timezone overAt organizer { email } \
                  attendees { email } calendar { name owner { email } keptBy { email } } }";
    let made = app.run(&ann, "createEvent", input.clone(), fields).await["event"].clone();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["startsAt"], "2026-01-05T08:00:00+00:00");
    assert_eq!(made["recurrence"], "FREQ=WEEKLY;BYDAY=MO;COUNT=3");
    assert_eq!(made["overAt"], "2026-01-19T09:00:00+00:00");
    assert_eq!(made["organizer"]["email"], ann.email);
    assert_eq!(made["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(
        made["calendar"],
        json!({ "name": "Mine", "owner": { "email": ann.email }, "keptBy": { "email": ann.email } })
    );

    for (field, value, refused) in [
        ("recurrence", json!("every week"), "INVALID recurrence"),
        ("recurrence", json!("FREQ=SECONDLY"), "INVALID recurrence"),
        ("recurrence", json!("FREQ=WEEKLY;BYDAY=TU"), "INVALID recurrence"),
        (
            "recurrence",
            json!("FREQ=DAILY;COUNT=20000"),
            "INVALID recurrence",
        ),
        ("recurrence", json!("FREQ=DAILY\nX:1"), "INVALID recurrence"),
        ("timezone", json!("PT (Pacific Time)"), "INVALID timezone"),
        ("endsAt", json!("2026-01-05T07:59:59Z"), "INVALID endsAt"),
        ("title", json!(" "), "INVALID title"),
        ("location", json!("x".repeat(501)), "INVALID location"),
        (
            "attendeeIds",
            json!(["task_01j0b3v1mmee6tx9cpdgkfhbch"]),
            "INVALID attendeeIds.0",
        ),
        (
            "attendeeIds",
            json!(["user_01j0b3v1mmee6tx9cpdgkfhbch"]),
            "NOT_FOUND attendeeIds",
        ),
        (
            "calendarId",
            json!("calendar_01j0b3v1mmee6tx9cpdgkfhbch"),
            "NOT_FOUND calendarId",
        ),
    ] {
        let mut wrong = input.clone();
        wrong[field] = value;
        assert_eq!(
            app.refusal(&ann, "createEvent", wrong).await,
            [refused],
            "{field}"
        );
    }
    assert_eq!(
        app.refusal(&ann, "createCalendar", json!({ "name": "" })).await,
        ["INVALID name"]
    );

    // Nobody who has left can be invited; who is there already may stay.
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": bob.id() }),
        "user { id }",
    )
    .await;
    assert_eq!(
        app.refusal(&ann, "createEvent", input).await,
        ["RECIPIENT_NOT_ACTIVE attendeeIds"]
    );
    let keep = json!({ "eventId": id, "attendeeIds": [bob.id()], "title": "Weekly" });
    app.run(&ann, "updateEvent", keep, "event { id }").await;
    assert_eq!(
        people_of(&app, &admin, &id).await,
        ("ann".to_owned(), vec!["ann".to_owned(), "bob".to_owned()])
    );

    // The rule and the beginning have to fit together whichever of them changes.
    let change = |field: &str, value: Value| json!({ "eventId": id, field: value });
    let moved = change("startsAt", json!("2026-01-06T08:00:00Z"));
    assert_eq!(app.refusal(&ann, "updateEvent", moved).await, ["INVALID endsAt"]);
    let moved =
        json!({ "eventId": id, "startsAt": "2026-01-06T08:00:00Z", "endsAt": "2026-01-06T09:00:00Z" });
    assert_eq!(
        app.refusal(&ann, "updateEvent", moved).await,
        ["INVALID recurrence"]
    );
    let endless = change("recurrence", json!("FREQ=WEEKLY"));
    let answer = app
        .run(&ann, "updateEvent", endless, "event { overAt title }")
        .await;
    assert_eq!(answer["event"], json!({ "overAt": null, "title": "Weekly" }));
    let once = change("recurrence", Value::Null);
    let answer = app
        .run(&ann, "updateEvent", once, "event { overAt recurrence }")
        .await;
    assert_eq!(
        answer["event"],
        json!({ "overAt": "2026-01-05T09:00:00+00:00", "recurrence": null })
    );
    let log = app
        .data(
            &admin,
            "{ auditLog(filter: {action: [\"calendar.created\", \"event.created\", \"event.updated\"]}) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(log["auditLog"]["totalCount"], 5);
    app.sound().await;
}

#[tokio::test]
async fn a_window_lists_what_takes_place_in_it() {
    let app = TestApp::new().await;
    let (_admin, ann) = (app.administrator().await, app.employee("ann").await);
    let mine = calendar_of(&app, &ann, "Mine").await;
    let mut nine = hour(&mine, "Nine in New York", "2026-01-05T14:00:00Z");
    nine["recurrence"] = json!("FREQ=WEEKLY;BYDAY=MO");
    nine["timezone"] = json!("America/New_York");
    create(&app, &ann, nine).await;
    let mut utc = hour(&mine, "Fourteen in UTC", "2026-01-05T14:00:00Z");
    utc["recurrence"] = json!("FREQ=WEEKLY;COUNT=20");
    create(&app, &ann, utc).await;
    create(&app, &ann, hour(&mine, "Once", "2026-03-09T13:30:00Z")).await;

    let window = |from: &str, to: &str| format!("(from: \"{from}\", to: \"{to}\")");
    for (from, to, expected) in [
        // The last winter Monday: both at the same time.
        (
            "2026-03-02T14:00:00Z",
            "2026-03-02T14:01:00Z",
            vec!["Nine in New York", "Fourteen in UTC"],
        ),
        // The first summer Monday: nine in New York has become an hour earlier.
        (
            "2026-03-09T13:00:00Z",
            "2026-03-09T13:01:00Z",
            vec!["Nine in New York"],
        ),
        (
            "2026-03-09T13:45:00Z",
            "2026-03-09T13:50:00Z",
            vec!["Nine in New York", "Once"],
        ),
        (
            "2026-03-09T14:00:00Z",
            "2026-03-09T15:00:00Z",
            vec!["Fourteen in UTC", "Once"],
        ),
        ("2026-03-10T00:00:00Z", "2026-03-16T00:00:00Z", vec![]),
        ("2025-01-01T00:00:00Z", "2026-01-05T14:00:00Z", vec![]),
        (
            "2040-01-02T14:59:00Z",
            "2040-01-02T15:00:00Z",
            vec!["Nine in New York"],
        ),
    ] {
        let found = listed(&app, &ann, &mine, &window(from, to)).await;
        assert_eq!(found, expected, "{from}");
    }
    assert_eq!(
        listed(&app, &ann, &mine, "(from: \"2026-05-18T15:00:00Z\")").await,
        ["Nine in New York"]
    );
    assert_eq!(
        listed(&app, &ann, &mine, "(to: \"2026-02-01T00:00:00Z\")").await,
        ["Nine in New York", "Fourteen in UTC"]
    );
    // Page by page, in the order of the first beginning.
    let query = "query($id: ID!, $after: String) { node(id: $id) { ... on Calendar { \
                 events(first: 2, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } } } }";
    let page = app.data(&ann, query, json!({ "id": mine })).await["node"]["events"].clone();
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let next = json!({ "id": mine, "after": page["pageInfo"]["endCursor"] });
    let page = app.data(&ann, query, next).await["node"]["events"].clone();
    assert_eq!(page["nodes"], json!([{ "title": "Once" }]));
    let backwards = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Calendar {{ events{} {{ totalCount }} }} }} }}",
        window("2026-03-10T00:00:00Z", "2026-03-09T00:00:00Z")
    );
    assert_eq!(
        app.error(Some(&ann.token), &backwards, json!({ "id": mine }))
            .await,
        "BAD_USER_INPUT"
    );
    app.sound().await;
}

/// Who sees, and who changes: a row for each relation that somebody can have to a calendar.
#[tokio::test]
async fn the_access_table() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut people = Vec::new();
    for name in ["owner", "keeper", "organizer", "attendee", "other"] {
        people.push(app.employee(name).await);
    }
    let [owner, keeper, organizer, attendee, other] = people.try_into().unwrap_or_else(|_| panic!());
    let calendar = calendar_of(&app, &owner, "Team").await;
    let id: entity::CalendarId = calendar.parse().unwrap();
    let mut input = hour(&calendar, "Planning", "2026-01-05T08:00:00Z");
    input["attendeeIds"] = json!([attendee.id()]);
    let planning = create(&app, &owner, input).await;
    create(&app, &owner, hour(&calendar, "Secret", "2026-01-06T08:00:00Z")).await;
    // The calendar goes to one colleague, one event to another.
    for (kind, subject, to) in [
        ("CALENDAR", &calendar, &keeper),
        ("EVENT_ORGANIZER", &planning, &organizer),
    ] {
        let moves =
            json!([{ "kind": kind, "ids": [subject], "includeClosed": true, "to": { "userId": to.id() } }]);
        app.run(
            &admin,
            "bulkReassign",
            json!({ "fromUserId": owner.id(), "moves": moves }),
            "handover { id }",
        )
        .await;
        app.drain().await;
    }

    // (who, the calendar, its events as seen through the event, may add, may change the event)
    let all = vec!["Planning", "Secret"];
    for (who, sees, events, adds, edits) in [
        (&owner, true, all.clone(), true, Some(true)),
        (&keeper, true, all.clone(), true, Some(true)),
        (&admin, true, all, true, Some(true)),
        (&organizer, false, vec!["Planning"], false, Some(true)),
        (&attendee, false, vec!["Planning"], false, Some(false)),
        (&other, false, vec![], false, None),
    ] {
        let node = |id: &str| {
            let query = "query($id: ID!) { node(id: $id) { id ... on Event { calendar { events { nodes { title } } } } } }";
            app.data(who, query, json!({ "id": id }))
        };
        assert_eq!(
            !node(&calendar).await["node"].is_null(),
            sees,
            "{} sees",
            who.email
        );
        let through = node(&planning).await["node"].clone();
        let seen: Vec<&str> = through["calendar"]["events"]["nodes"]
            .as_array()
            .map_or_else(Vec::new, |nodes| {
                nodes.iter().filter_map(|n| n["title"].as_str()).collect()
            });
        assert_eq!(seen, events, "{}", who.email);
        let (status, _) = file(&app, Some(who), &format!("/calendar/{calendar}.ics")).await;
        let expected = if sees {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(status, expected, "{} reads the file", who.email);
        let owned = app
            .data(
                who,
                "query($id: ID!) { user(id: $id) { calendars { id } } }",
                json!({ "id": owner.id() }),
            )
            .await;
        assert_eq!(
            owned["user"]["calendars"].as_array().unwrap().len(),
            usize::from(sees)
        );
        let favorite = mark(&app, who, true, &calendar).await;
        assert_eq!(favorite == "Team", sees, "{} marks", who.email);
        let added = app
            .refusal(who, "createEvent", hour(&calendar, "X", "2026-02-01T00:00:00Z"))
            .await;
        assert_eq!(added.is_empty(), adds, "{} adds", who.email);
        take_away_x(&app, id).await;
        let query =
            "mutation($i: UpdateEventInput!) { updateEvent(input: $i) { event { id } userErrors { code } } }";
        let input = json!({ "i": { "eventId": planning, "location": who.email } });
        let (_, answer) = app.ask(Some(&who.token), query, input).await;
        let may = match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => {
                assert_eq!(code, "FORBIDDEN");
                Some(false)
            }
            None => (answer["data"]["updateEvent"]["userErrors"] == json!([])).then_some(true),
        };
        assert_eq!(may, edits, "{} changes", who.email);
    }
    app.sound().await;
}

/// Takes the events called X away again.
async fn take_away_x(app: &TestApp, calendar: entity::CalendarId) {
    let db = app.db().read();
    let rows = event::Entity::find()
        .filter(event::Column::CalendarId.eq(calendar))
        .filter(event::Column::Title.eq("X"))
        .all(db)
        .await
        .unwrap();
    for row in rows {
        event_attendee::Entity::delete_many()
            .filter(event_attendee::Column::EventId.eq(row.id))
            .exec(db)
            .await
            .unwrap();
        event::Entity::delete_by_id(row.id).exec(db).await.unwrap();
    }
}

#[tokio::test]
async fn favorites_are_ones_own_choice() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let mine = calendar_of(&app, &ann, "Mine").await;
    for _ in 0..2 {
        assert_eq!(mark(&app, &ann, true, &mine).await, "Mine");
    }
    assert_eq!(favorites(&app, &ann).await, ["Mine of ann@example.com"]);
    for add in [true, false] {
        assert_eq!(mark(&app, &bob, add, &mine).await, "NOT_FOUND calendarId");
        assert_eq!(mark(&app, &bob, add, "nonsense").await, "INVALID calendarId");
    }
    for _ in 0..2 {
        mark(&app, &ann, false, &mine).await;
    }
    assert_eq!(favorites(&app, &ann).await, Vec::<String>::new());
    let log = app
        .data(
            &admin,
            "{ auditLog(filter: {action: [\"calendar.favorited\", \"calendar.unfavorited\"]}) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(log["auditLog"]["totalCount"], 2);
    app.sound().await;
}

/// A reader of content lines that knows nothing of the writer.
fn content_lines(text: &str) -> Vec<(String, String)> {
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let mut lines: Vec<String> = Vec::new();
    for line in text.split_terminator("\r\n") {
        assert!(line.len() <= 75, "{line}");
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    let mut open = Vec::new();
    let mut found = Vec::new();
    for line in lines {
        let mut quoted = false;
        let colon = line
            .char_indices()
            .find(|(_, c)| {
                quoted ^= *c == '"';
                *c == ':' && !quoted
            })
            .unwrap_or_else(|| panic!("{line}"))
            .0;
        let (name, value) = (line[..colon].to_owned(), line[colon + 1..].to_owned());
        match name.as_str() {
            "BEGIN" => open.push(value.clone()),
            "END" => assert_eq!(open.pop().as_ref(), Some(&value)),
            _ => {}
        }
        found.push((name, value));
    }
    assert_eq!(open, Vec::<String>::new());
    found
}

#[tokio::test]
async fn other_programs_read_a_calendar_as_a_file() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let mine = calendar_of(&app, &ann, "Ann's; plans, all").await;
    let title =
        "Lunch; with \"Ü\", and \\ a very long title that has to be folded somewhere between two 🦀🦀🦀🦀";
    let mut input = hour(&mine, title, "2026-01-05T14:00:00Z");
    input["recurrence"] = json!("FREQ=WEEKLY;BYDAY=MO");
    input["timezone"] = json!("America/New_York");
    input["location"] = json!("Here, there");
    input["attendeeIds"] = json!([bob.id()]);
    let weekly = create(&app, &ann, input).await;
    let mut input = hour(&mine, "Once", "2026-07-01T10:00:00Z");
    input["timezone"] = json!("Europe/Berlin");
    input["endsAt"] = json!("2026-07-01T10:00:00Z");
    create(&app, &ann, input).await;

    let query = "query($id: ID!) { node(id: $id) { ... on Calendar { icsUrl } } }";
    let url = app.data(&ann, query, json!({ "id": mine })).await["node"]["icsUrl"].clone();
    let path = url
        .as_str()
        .unwrap()
        .strip_prefix("http://127.0.0.1:8000")
        .unwrap();
    let (status, text) = file(&app, Some(&ann), path).await;
    assert_eq!(status, StatusCode::OK);
    let lines = content_lines(&text);
    let has = |name: &str, value: &str| {
        assert!(
            lines.contains(&(name.to_owned(), value.to_owned())),
            "{name}:{value} in {text}"
        );
    };
    has("X-WR-CALNAME", "Ann's\\; plans\\, all");
    has("TZID", "America/New_York");
    has("UID", &weekly);
    has(
        "SUMMARY",
        &title
            .replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,"),
    );
    has("LOCATION", "Here\\, there");
    has("DTSTART;TZID=America/New_York", "20260105T090000");
    has("DTEND;TZID=America/New_York", "20260105T100000");
    has("RRULE", "FREQ=WEEKLY;BYDAY=MO");
    has("ORGANIZER;CN=\"ann\"", "mailto:ann@example.com");
    has("ATTENDEE;CN=\"bob\"", "mailto:bob@example.com");
    has("DTSTART", "20260701T100000Z");
    let count = |name: &str| lines.iter().filter(|line| line.0.starts_with(name)).count();
    // What takes no time has no end; what does not recur needs no time zone.
    assert_eq!(
        (
            count("DTEND"),
            lines.iter().filter(|l| l.1 == "VTIMEZONE").count()
        ),
        (1, 2)
    );
    assert_eq!((count("UID"), count("DTSTAMP"), count("ATTENDEE")), (2, 2, 3));

    assert_eq!(file(&app, None, path).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(file(&app, Some(&bob), path).await.0, StatusCode::NOT_FOUND);
    for wrong in [
        path.strip_suffix(".ics").unwrap(),
        "/calendar/x.ics",
        "/calendar/calendar_01j0b3v1mmee6tx9cpdgkfhbch.ics",
    ] {
        assert_eq!(
            file(&app, Some(&ann), wrong).await.0,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    let admin = app.administrator().await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    assert_eq!(file(&app, Some(&ann), path).await.0, StatusCode::UNAUTHORIZED);
    app.sound().await;
}

async fn work(app: &TestApp, admin: &Person, of: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { work { lines { kind open closed } } } }";
    app.data(admin, query, json!({ "id": of.id() })).await["user"]["work"]["lines"].clone()
}

#[tokio::test]
async fn calendars_and_events_to_come_change_hands_and_return() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let team = calendar_of(&app, &ann, "Team").await;
    calendar_of(&app, &ann, "Private").await;
    let past = create(&app, &ann, hour(&team, "Past", "2020-01-06T08:00:00Z")).await;
    let mut input = hour(&team, "Over", "2020-01-06T08:00:00Z");
    input["recurrence"] = json!("FREQ=WEEKLY;COUNT=4");
    create(&app, &ann, input).await;
    let mut input = hour(&team, "Endless", "2020-01-06T08:00:00Z");
    input["recurrence"] = json!("FREQ=WEEKLY");
    let endless = create(&app, &ann, input).await;
    let mut input = hour(&team, "To come", "2999-01-07T08:00:00Z");
    input["attendeeIds"] = json!([bob.id()]);
    let to_come = create(&app, &ann, input).await;
    assert_eq!(
        work(&app, &admin, &ann).await,
        json!([
            { "kind": "CALENDAR", "open": 2, "closed": 0 },
            { "kind": "EVENT_ORGANIZER", "open": 2, "closed": 2 },
        ])
    );

    let moves = json!([
        { "kind": "CALENDAR", "to": { "userId": bob.id() } },
        { "kind": "EVENT_ORGANIZER", "to": { "userId": bob.id() } },
    ]);
    let plan = app
        .data(
            &admin,
            "query($input: BulkReassignInput!) { handoverPlan(input: $input) {
               revision lines { kind movable leftClosed } userErrors { code } } }",
            json!({ "input": { "fromUserId": ann.id(), "moves": moves } }),
        )
        .await["handoverPlan"]
        .clone();
    assert_eq!(
        plan["lines"],
        json!([
            { "kind": "CALENDAR", "movable": 2, "leftClosed": 0 },
            { "kind": "EVENT_ORGANIZER", "movable": 2, "leftClosed": 2 },
        ])
    );
    let input = json!({ "userId": ann.id(), "handover": moves, "expectedRevision": plan["revision"] });
    let dismissed = app.run(&admin, "dismissUser", input, "handover { id }").await;
    app.drain().await;
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { state total moved \
                 entries(kind: EVENT_ORGANIZER) { nodes { reason subject { ... on Event { title } } } } } } }";
    let handover = app
        .data(&admin, query, json!({ "id": dismissed["handover"]["id"] }))
        .await["node"]
        .clone();
    assert_eq!(
        (&handover["state"], &handover["moved"]),
        (&json!("SUCCEEDED"), &json!(4))
    );
    assert_eq!(
        handover["entries"]["nodes"],
        json!([
            { "reason": null, "subject": { "title": "Endless" } },
            { "reason": "ALREADY_THERE", "subject": { "title": "To come" } },
        ])
    );

    let said = |organizer: &str, attendees: &[&str]| {
        (
            organizer.to_owned(),
            attendees
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        favorites(&app, &bob).await,
        ["Team of ann@example.com", "Private of ann@example.com"]
    );
    assert_eq!(people_of(&app, &admin, &past).await, said("ann", &["ann"]));
    assert_eq!(people_of(&app, &admin, &endless).await, said("bob", &["bob"]));
    assert_eq!(people_of(&app, &admin, &to_come).await, said("bob", &["bob"]));
    // What is still the leaver's is over.
    assert_eq!(
        work(&app, &admin, &ann).await,
        json!([{ "kind": "EVENT_ORGANIZER", "open": 0, "closed": 2 }])
    );
    let looked_after = "{ users(filter: { dismissed: true, holdsWork: true }) { totalCount } }";
    assert_eq!(
        app.data(&admin, looked_after, json!({})).await["users"]["totalCount"],
        0
    );
    // The recipient can work with the calendar, as if it were theirs.
    let added = create(&app, &bob, hour(&team, "Bob's", "2999-02-01T08:00:00Z")).await;
    app.sound().await;

    // Hired back, everything is as it was; Bob attends what he attended before, and keeps what he has made.
    let input = json!({ "userId": ann.id(), "returnWork": true });
    app.run(&admin, "hireUser", input, "user { id }").await;
    app.drain().await;
    assert_eq!(favorites(&app, &bob).await, Vec::<String>::new());
    assert_eq!(people_of(&app, &admin, &endless).await, said("ann", &["ann"]));
    assert_eq!(
        people_of(&app, &admin, &to_come).await,
        said("ann", &["ann", "bob"])
    );
    assert_eq!(people_of(&app, &admin, &added).await, said("bob", &["bob"]));
    assert_eq!(
        work(&app, &admin, &ann).await,
        json!([
            { "kind": "CALENDAR", "open": 2, "closed": 0 },
            { "kind": "EVENT_ORGANIZER", "open": 2, "closed": 2 },
        ])
    );
    app.sound().await;
}

#[tokio::test]
async fn an_undo_takes_only_the_favorites_that_the_handover_made() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    let team = calendar_of(&app, &ann, "Team").await;
    mark(&app, &admin, true, &team).await;
    let give = async |from: &Person, to: &Person| {
        let moves = json!([{ "kind": "CALENDAR", "to": { "userId": to.id() } }]);
        let input = json!({ "fromUserId": from.id(), "moves": moves });
        let moved = app.run(&admin, "bulkReassign", input, "handover { id }").await;
        app.drain().await;
        moved["handover"]["id"].clone()
    };
    let undo = async |id: &Value| {
        app.run(
            &admin,
            "undoHandover",
            json!({ "handoverId": id }),
            "handover { id }",
        )
        .await;
        app.drain().await;
    };
    let team_of_ann = ["Team of ann@example.com"];

    // To somebody who has chosen it before: it stays theirs.
    let moved = give(&ann, &admin).await;
    undo(&moved).await;
    assert_eq!(favorites(&app, &admin).await, team_of_ann);
    app.sound().await;

    // From hand to hand: only the last one has it, and the owner needs no favourite of their own.
    give(&ann, &bob).await;
    let second = give(&bob, &eve).await;
    assert_eq!(favorites(&app, &bob).await, Vec::<String>::new());
    assert_eq!(favorites(&app, &eve).await, team_of_ann);
    undo(&second).await;
    assert_eq!(favorites(&app, &bob).await, team_of_ann);
    assert_eq!(favorites(&app, &eve).await, Vec::<String>::new());
    give(&bob, &ann).await;
    assert_eq!(favorites(&app, &ann).await, Vec::<String>::new());
    assert_eq!(
        favorite_calendar::Entity::find()
            .count(app.db().read())
            .await
            .unwrap(),
        1
    );
    app.sound().await;
}

#[tokio::test]
async fn events_come_in_with_what_is_known_of_them() {
    let app = TestApp::new().await;
    let (_admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let csv = "id,title,organizer_email,attendees,starts_at,ends_at,recurrence,timezone,location\n\
        e-1,Weekly,ANN@example.com,bob@example.com,2026-01-05T14:00:00Z,2026-01-05T15:00:00Z,RRULE:FREQ=WEEKLY;COUNT=10,America/New_York,\"Here, there\"\n\
        e-2,In words,ann@example.com,,,,frequency=biweekly;day=Tuesday;time=9:00,Poland,\n\
        e-3,Where,ann@example.com,zoe@example.com;bob@example.com,2026-01-05,,,our time,\n\
        e-4,Nobody's,zoe@example.com,,,,,,\n\
        e-5,Backwards,bob@example.com,,2026-01-05,2026-01-04,,,\n\
        e-6,Wrong rule,bob@example.com,,2026-01-05,,FREQ=WEEKLY;BYDAY=TU,,\n\
        e-1,Twice,bob@example.com,,,,,,\n";
    std::fs::write(path("events.csv"), csv).unwrap();
    let options = Options {
        rejects: Some(path("rejects")),
        ..Options::default()
    };
    let counts = |summary: &Summary| {
        let file = summary
            .files
            .iter()
            .find(|file| file.file == "events.csv")
            .unwrap();
        [
            file.added,
            file.unchanged,
            file.completed,
            file.incomplete,
            file.rejected,
        ]
    };
    let summary = import(app.db(), folder.path(), &options).await.unwrap();
    assert_eq!(counts(&summary), [4, 0, 0, 2, 3], "{summary}");
    let said = summary.to_string();
    for reason in [
        "line 4: attendees: nobody has the address \"zoe@example.com\"; timezone: this is no time zone",
        "line 5: organizer_email: nobody has the address",
        "line 6: ends_at: it ends before it begins",
        "line 7: recurrence: startsAt is not one of the times",
        "line 8: id: an earlier row",
    ] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
    let found = async |id: &str| {
        event::Entity::find()
            .filter(event::Column::ExternalId.eq(id))
            .one(app.db().read())
            .await
            .unwrap()
            .unwrap()
    };
    let weekly = found("e-1").await;
    assert_eq!(weekly.recurrence.as_deref(), Some("FREQ=WEEKLY;COUNT=10"));
    assert_eq!(weekly.over_at.unwrap().to_rfc3339(), "2026-03-09T14:00:00+00:00");
    assert_eq!(
        (weekly.organizer_id, weekly.location.as_deref()),
        (ann.id, Some("Here, there"))
    );
    let words = found("e-2").await;
    assert_eq!(
        (words.recurrence, words.recurrence_text.as_deref(), words.over_at),
        (None, Some("frequency=biweekly;day=Tuesday;time=9:00"), None)
    );
    assert_eq!(words.timezone.as_deref(), Some("Poland"));
    assert_eq!(
        (found("e-3").await.timezone, found("e-3").await.ends_at),
        (None, found("e-3").await.starts_at)
    );
    let calendars = calendar::Entity::find().all(app.db().read()).await.unwrap();
    let mut owners: Vec<_> = calendars
        .iter()
        .map(|row| (row.name.as_str(), row.owner_id))
        .collect();
    owners.sort();
    assert_eq!(owners, [("Imported", ann.id), ("Imported", bob.id)]);
    app.sound().await;

    let again = import(app.db(), folder.path(), &Options::default())
        .await
        .unwrap();
    assert_eq!(counts(&again), [0, 5, 0, 0, 2], "{again}");

    // The rejects, mended.
    let mended = std::fs::read_to_string(path("rejects"))
        .unwrap()
        .replace("zoe@example.com", "admin@example.com")
        .replace("our time", "America/Los_Angeles")
        .replace("BYDAY=TU", "BYDAY=MO")
        .replace(",e-1,", ",e-7,");
    std::fs::write(path("mended"), mended).unwrap();
    let summary = import(app.db(), &path("mended"), &Options::default())
        .await
        .unwrap();
    assert_eq!(counts(&summary), [2, 0, 2, 0, 1], "{summary}");
    let where_ = found("e-3").await;
    assert_eq!(where_.timezone.as_deref(), Some("America/Los_Angeles"));
    let rule = found("e-6").await;
    assert_eq!(
        (rule.recurrence.as_deref(), rule.recurrence_text, rule.over_at),
        (Some("FREQ=WEEKLY;BYDAY=MO"), None, None)
    );
    let attendees = event_attendee::Entity::find()
        .filter(event_attendee::Column::EventId.eq(where_.id))
        .count(app.db().read());
    assert_eq!(attendees.await.unwrap(), 3);
    app.sound().await;
}
