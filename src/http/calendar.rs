//! `GET /calendar/{calendarId}.ics`: a calendar in iCalendar format. `GET /calendar/feed/{secret}.ics`: the same for
//! clients that can't send a token, see [`feed`].

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::{CalendarId, calendar};
use futures_util::future::BoxFuture;

use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::reauthenticate;
use crate::domain::auth::secret::fingerprint;
use crate::domain::calendar::{feed, ics, list};
use crate::error::Error;
use crate::graphql::execute::Caller;
use crate::http::answers::failure;
use crate::http::app::App;
use crate::http::transfer;

/// The path of a calendar file.
pub const PATH: &str = "/calendar/{file}";
/// The path of a feed.
pub const FEED_PATH: &str = "/calendar/feed/{file}";

/// Returns the file.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answered = async {
        let actor = caller.actor.ok_or(Error::Unauthenticated)?;
        let id = file.strip_suffix(".ics").and_then(|id| id.parse().ok());
        answer(&app, actor, id.ok_or_else(missing)?, &headers).await
    };
    answered.await.unwrap_or_else(|error| failure(&error))
}

/// Returns the file to anyone who knows the secret.
pub async fn get_feed(State(app): State<Arc<App>>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let answered = async {
        let hash = fingerprint(file.strip_suffix(".ics").ok_or_else(missing)?);
        let row = feed::find(&app.db, &hash).await?.ok_or_else(missing)?;
        let checked = Arc::clone(&app);
        write(&app, &row, &headers, move || {
            let (app, hash) = (Arc::clone(&checked), hash.clone());
            Box::pin(async move { feed::find(&app.db, &hash).await?.map(drop).ok_or_else(missing) })
        })
        .await
    };
    answered.await.unwrap_or_else(|error| failure(&error))
}

fn missing() -> Error {
    Error::NotFound("there is no such calendar".to_owned())
}

/// Returns the file if the actor can see the calendar.
///
/// # Errors
/// [`Error::NotFound`] for one that they can't see; [`Error::Forbidden`] for an integration without READ_WORK.
pub async fn answer(
    app: &Arc<App>,
    actor: Actor,
    id: CalendarId,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    actor.require_work_access()?;
    let row = list::find(&app.db, &actor, id).await?.ok_or_else(missing)?;
    let checked = Arc::clone(app);
    write(app, &row, headers, move || {
        let (app, actor) = (Arc::clone(&checked), actor.clone());
        Box::pin(async move {
            let actor = reauthenticate(&app.db, &actor).await?;
            let seen = list::find(&app.db, &actor, id).await?;
            seen.map(drop).ok_or(Error::Forbidden("access to the calendar"))
        })
    })
    .await
}

/// The file, or status 304 when the client already has it; the body is cut off when `allowed` fails.
async fn write(
    app: &App,
    row: &calendar::Model,
    headers: &HeaderMap,
    allowed: impl Fn() -> BoxFuture<'static, Result<(), Error>> + Send + 'static,
) -> Result<Response, Error> {
    let text = ics::write(&app.db, row).await?;
    let tag = format!("\"{}\"", fingerprint(&text));
    let about = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::ETAG, tag.clone()),
    ];
    if transfer::is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, transfer::download_whole(text.into(), allowed)).into_response())
}
