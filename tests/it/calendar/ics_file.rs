//! Calendars as iCalendar files.

use axum::http::StatusCode;
use serde_json::json;

use super::{calendar_of, create, file, hour};
use crate::support::TestApp;

/// A content line parser, independent of the writer.
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
async fn calendars_are_served_as_ics_files() {
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
    // Events without a duration have no end; events that don't recur need no time zone.
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
