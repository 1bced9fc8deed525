//! Writes of an administrator who is demoted between authentication and transaction.

use std::sync::Arc;
use std::time::Duration;

use entity::user::{self, Role};
use handover::store::db::Tx;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::authorization::{For, table};
use crate::drive::{drive_of, folder, share};
use crate::support::{Person, TestApp};

/// How long the demotion blocks the write.
const WAIT: Duration = Duration::from_millis(200);

async fn set_role(app: &TestApp, who: &Person, role: Role, wait: Duration) {
    let set = app.db().write(move |tx: Arc<Tx>| async move {
        user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(role))
            .filter(user::Column::Id.eq(who.id))
            .exec(&tx.conn)
            .await?;
        tokio::time::sleep(wait).await;
        Ok(())
    });
    set.await.unwrap();
}

/// Sends a mutation while a transaction that demotes its caller is open: the request is authenticated as an
/// administrator, and its transaction starts after that commit. Returns the error code.
async fn sent_while_demoted(app: &TestApp, who: &Person, query: &str, variables: Value) -> String {
    let send = async {
        tokio::time::sleep(WAIT / 4).await;
        app.ask(Some(&who.token), query, variables).await.1
    };
    let ((), answer) = tokio::join!(set_role(app, who, Role::Employee, WAIT), send);
    set_role(app, who, Role::Administrator, Duration::ZERO).await;
    code(&answer)
}

/// The error code, or `none`.
fn code(answer: &Value) -> String {
    let payload = answer["data"].as_object().and_then(|data| data.values().next());
    let refusal = payload.map(|payload| &payload["userErrors"][0]["code"]);
    [Some(&answer["errors"][0]["extensions"]["code"]), refusal]
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
        .unwrap_or("none")
        .to_owned()
}

#[tokio::test]
async fn permissions_are_checked_in_the_transaction() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.person("ann", Role::Administrator).await;
    for (name, who, input) in table() {
        if matches!(who, For::With(_) | For::Administrators) {
            let query = format!("mutation {{ {name}(input: {{{input}}}) {{ userErrors {{ code }} }} }}");
            let code = sent_while_demoted(&app, &ann, &query, json!({})).await;
            assert_eq!(code, "FORBIDDEN", "{name}");
        }
    }
    app.sound().await;
}

/// Mutations that people may run on their own objects and administrators on all.
#[tokio::test]
async fn the_administrator_role_is_checked_in_the_transaction() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (ann, bob) = (
        app.person("ann", Role::Administrator).await,
        app.employee("bob").await,
    );
    let made = async |name: &str, input: Value, thing: &str| {
        let made = app.run(&bob, name, input, &format!("{thing} {{ id }}")).await;
        made[thing]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    };
    let task = app.tasks(1, &bob, &bob).await[0].to_string();
    let deal = app.deals(1, &bob).await[0];
    app.activities(deal, &bob).await;
    let query = "{ crmActivities { nodes { id } } }";
    let activity = app.data(&bob, query, json!({})).await["crmActivities"]["nodes"][0]["id"].clone();
    let input = json!({ "title": "x", "recurrence": "FREQ=DAILY", "responsibleId": bob.id() });
    let template = made("createTaskTemplate", input, "template").await;
    let home = drive_of(&bob);
    let (one, two) = (
        folder(&app, &bob, &home, "one").await,
        folder(&app, &bob, &home, "two").await,
    );
    let eve = app.employee("eve").await;
    assert!(share(&app, &bob, &two, &eve, "READ").await.is_empty());
    let calendar = made("createCalendar", json!({ "name": "Bob" }), "calendar").await;
    let hours = |title: &str| {
        json!({
            "calendarId": calendar, "title": title,
            "startsAt": "2026-01-05T08:00:00Z", "endsAt": "2026-01-05T09:00:00Z",
        })
    };
    let event = made("createEvent", hours("x"), "event").await;

    for (name, input) in [
        ("updateTask", json!({ "taskId": task, "title": "y" })),
        (
            "updateTaskTemplate",
            json!({ "templateId": template, "title": "y" }),
        ),
        (
            "updateCrmItem",
            json!({ "itemId": deal.to_string(), "title": "y" }),
        ),
        (
            "createCrmActivity",
            json!({ "itemId": deal.to_string(), "kind": "CALL", "subject": "y" }),
        ),
        (
            "updateCrmActivity",
            json!({ "activityId": activity, "subject": "y" }),
        ),
        ("createFolder", json!({ "parentId": one, "name": "y" })),
        ("moveDriveItems", json!({ "itemIds": [two], "toFolderId": one })),
        (
            "shareFolder",
            json!({ "folderId": one, "with": [eve.id()], "access": "READ" }),
        ),
        ("unshareFolder", json!({ "folderId": two, "with": [eve.id()] })),
        ("createEvent", hours("y")),
        ("updateEvent", json!({ "eventId": event, "title": "y" })),
        ("removeFavoriteCalendar", json!({ "calendarId": calendar })),
        ("addFavoriteCalendar", json!({ "calendarId": calendar })),
        ("endSession", json!({ "sessionId": bob.session.to_string() })),
    ] {
        let kind = match name {
            "addFavoriteCalendar" | "removeFavoriteCalendar" => "FavoriteCalendarInput!".to_owned(),
            _ => format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]),
        };
        let query =
            format!("mutation($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
        let variables = json!({ "input": input });
        let refused = sent_while_demoted(&app, &ann, &query, variables.clone()).await;
        assert!(
            ["FORBIDDEN", "NOT_FOUND", "CRM_ACCESS_REQUIRED"].contains(&refused.as_str()),
            "{name}: {refused}"
        );
        let (_, answer) = app.ask(Some(&ann.token), &query, variables).await;
        assert_eq!(code(&answer), "none", "{name} as an administrator: {answer}");
    }
    app.sound().await;
}
