//! Handover and return of calendars and events.

use entity::favorite_calendar;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{calendar_of, create, favorites, hour, mark, people_of};
use crate::support::{Person, TestApp};

async fn work(app: &TestApp, admin: &Person, of: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { work { lines { kind open closed } } } }";
    app.data(admin, query, json!({ "id": of.id() })).await["user"]["work"]["lines"].clone()
}

#[tokio::test]
async fn calendars_and_upcoming_events_are_handed_over_and_returned() {
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
    // Only past events stay with the leaver.
    assert_eq!(
        work(&app, &admin, &ann).await,
        json!([{ "kind": "EVENT_ORGANIZER", "open": 0, "closed": 2 }])
    );
    let looked_after = "{ users(filter: { dismissed: true, holdsWork: true }) { totalCount } }";
    assert_eq!(
        app.data(&admin, looked_after, json!({})).await["users"]["totalCount"],
        0
    );
    // The recipient can manage the calendar like an owner.
    let added = create(&app, &bob, hour(&team, "Bob's", "2999-02-01T08:00:00Z")).await;
    app.sound().await;

    // After rehiring, everything is as before; Bob attends what he attended before and keeps what he created.
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
async fn an_undo_removes_only_favorites_added_by_the_handover() {
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

    // To a person who had added it as a favourite: it stays one.
    let moved = give(&ann, &admin).await;
    undo(&moved).await;
    assert_eq!(favorites(&app, &admin).await, team_of_ann);
    app.sound().await;

    // Through several people: only the last one has it, and the owner needs no favourite.
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
        favorite_calendar::Entity::find().count(app.raw()).await.unwrap(),
        1
    );
    app.sound().await;
}
