//! `GET /calendar/{calendarId}.ics`: a calendar for other calendar programs.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entity::{CalendarId, calendar};
use sea_orm::EntityTrait;

use super::{access, ics};
use crate::app::App;
use crate::auth::Actor;
use crate::auth::authenticate::again;
use crate::error::Error;
use crate::graphql::execute::Caller;
use crate::http::failure;
use crate::transfer;

/// The path of a calendar's file.
pub const PATH: &str = "/calendar/{file}";

/// The address of a calendar's file.
pub fn url(app: &App, id: CalendarId) -> String {
    format!("{}/calendar/{id}.ics", app.issuer.trim_end_matches('/'))
}

/// Answers the file.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
) -> Response {
    match read(&app, caller, &file).await {
        Ok(body) => {
            let about = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (about, body).into_response()
        }
        Err(error) => failure(&error),
    }
}

async fn read(app: &Arc<App>, caller: Caller, file: &str) -> Result<Body, Error> {
    let actor = caller.actor.ok_or(Error::Unauthenticated)?;
    let missing = || Error::NotFound("there is no such calendar".to_owned());
    let id = file
        .strip_suffix(".ics")
        .and_then(|id| id.parse::<CalendarId>().ok())
        .ok_or_else(missing)?;
    let row = find(app, &actor, id).await?.ok_or_else(missing)?;
    let text = ics::write(&app.db, &row).await?;
    let app = Arc::clone(app);
    let allowed = move || {
        let (app, actor) = (Arc::clone(&app), actor.clone());
        async move {
            let actor = again(&app, &actor).await?;
            let seen = find(&app, &actor, id).await?;
            seen.map(drop).ok_or(Error::Forbidden("sight of the calendar"))
        }
    };
    Ok(transfer::download_whole(text.into(), allowed))
}

async fn find(app: &App, actor: &Actor, id: CalendarId) -> Result<Option<calendar::Model>, Error> {
    let found = calendar::Entity::find_by_id(id).one(app.db.read()).await?;
    Ok(found.filter(|row| access::may_see(actor, row)))
}
