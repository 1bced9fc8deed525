//! `GET /calendar/{calendarId}.ics`: a calendar for other calendar programs.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entity::calendar;
use sea_orm::EntityTrait;

use super::{access, ics};
use crate::app::App;
use crate::error::Error;
use crate::graphql::execute::Caller;
use crate::http::failure;

/// The path of a calendar's file.
pub const PATH: &str = "/calendar/{file}";

/// The address of a calendar's file.
pub fn url(app: &App, id: entity::CalendarId) -> String {
    format!("{}/calendar/{id}.ics", app.issuer.trim_end_matches('/'))
}

/// Answers the file.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
) -> Response {
    match read(&app, caller, &file).await {
        Ok(text) => {
            let about = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (about, text).into_response()
        }
        Err(error) => failure(&error),
    }
}

async fn read(app: &App, caller: Caller, file: &str) -> Result<String, Error> {
    let actor = caller.actor.ok_or(Error::Unauthenticated)?;
    let missing = || Error::NotFound("there is no such calendar".to_owned());
    let id = file
        .strip_suffix(".ics")
        .and_then(|id| id.parse().ok())
        .ok_or_else(missing)?;
    let row = calendar::Entity::find_by_id::<entity::CalendarId>(id)
        .one(app.db.read())
        .await?
        .filter(|row| access::may_see(&actor, row))
        .ok_or_else(missing)?;
    ics::write(&app.db, &row).await
}
