//! Validation of events, and their occurrences.

use serde_json::{Value, json};

use super::{calendar_of, create, hour, people_of};
use crate::support::{Person, TestApp};

/// The titles of occurrences in a window, as `person` sees them.
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

#[tokio::test]
async fn invalid_events_are_refused() {
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

    // Dismissed people can't be added; existing attendees may stay.
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

    // Rule and start must match, whichever is updated.
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
async fn a_window_lists_its_occurrences() {
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
        // The last Monday in winter: both at the same time.
        (
            "2026-03-02T14:00:00Z",
            "2026-03-02T14:01:00Z",
            vec!["Nine in New York", "Fourteen in UTC"],
        ),
        // The first Monday in summer: nine in New York is an hour earlier in UTC.
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
    // Page by page, ordered by start.
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
