//! Calendars: events, occurrences, access, iCalendar files, and handover.

mod access;
mod events;
mod feeds;
mod hand_over;
mod ics_file;
mod incoming;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
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

/// An event of one hour.
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

/// The organiser and the attendees of an event.
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

/// Adds a calendar to a person's favourites (true) or removes it; returns the name or the error.
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
