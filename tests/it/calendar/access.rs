//! Access to calendars and events, and favourites.

use axum::http::StatusCode;
use entity::{event, event_attendee};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{calendar_of, create, favorites, file, hour, mark};
use crate::support::TestApp;

/// Read and write access: a row for each relation of a person to a calendar.
#[tokio::test]
async fn the_access_table_of_calendars() {
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
    // The calendar is handed over to one colleague, one event to another.
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

    // (person, calendar, its events through the event, may add, may edit the event): those who can only see the event
    // can't follow it to its calendar.
    let all = vec!["Planning", "Secret"];
    for (who, sees, events, adds, edits) in [
        (&owner, true, all.clone(), true, Some(true)),
        (&keeper, true, all.clone(), true, Some(true)),
        (&admin, true, all, true, Some(true)),
        (&organizer, false, vec![], false, Some(true)),
        (&attendee, false, vec![], false, Some(false)),
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

/// Removes the events called X.
async fn take_away_x(app: &TestApp, calendar: entity::CalendarId) {
    let db = app.raw();
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
async fn favorites_are_personal() {
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
