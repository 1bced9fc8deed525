//! Import of `events.csv`.

use entity::{calendar, event, event_attendee};
use handover::import::{Options, Summary, import};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::support::TestApp;

#[tokio::test]
async fn events_are_imported_with_what_is_known() {
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
        "line 4: attendees: no person with the address \"zoe@example.com\"; timezone: not an IANA time zone",
        "line 5: organizer_email: no person with the address",
        "line 6: ends_at: must not be before starts_at",
        "line 7: recurrence: startsAt is not one of the times",
        "line 8: id: duplicate of an earlier row",
    ] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
    let found = async |id: &str| {
        event::Entity::find()
            .filter(event::Column::ExternalId.eq(id))
            .one(app.raw())
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
    let calendars = calendar::Entity::find().all(app.raw()).await.unwrap();
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

    // The corrected rejects file.
    let corrected = std::fs::read_to_string(path("rejects"))
        .unwrap()
        .replace("zoe@example.com", "admin@example.com")
        .replace("our time", "America/Los_Angeles")
        .replace("BYDAY=TU", "BYDAY=MO")
        .replace(",e-1,", ",e-7,");
    std::fs::write(path("corrected"), corrected).unwrap();
    let summary = import(app.db(), &path("corrected"), &Options::default())
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
        .count(app.raw());
    assert_eq!(attendees.await.unwrap(), 3);
    app.sound().await;
}
