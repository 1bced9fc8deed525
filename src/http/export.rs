//! `GET /export/{list}.csv`: a list as a file for spreadsheets. `?filter=` is the filter of the list in the API, as JSON.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::domain::auth::authenticate::reauthenticate;
use crate::domain::export;
use crate::error::Error;
use crate::graphql::execute::Caller;
use crate::graphql::exports;
use crate::http::answers::failure;
use crate::http::app::App;
use crate::http::transfer;

/// The path of an export.
pub const PATH: &str = "/export/{file}";

/// Query parameters.
#[derive(Deserialize)]
pub struct Parameters {
    /// Filter of the list, as JSON; everything when left out.
    filter: Option<String>,
}

/// Returns the file.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let answered = answer(&app, caller, &file, parameters.filter.as_deref());
    answered.await.unwrap_or_else(|error| failure(&error))
}

async fn answer(app: &Arc<App>, caller: Caller, file: &str, filter: Option<&str>) -> Result<Response, Error> {
    let actor = caller.actor.ok_or(Error::Unauthenticated)?;
    let list = file.strip_suffix(".csv").unwrap_or_default();
    let export = exports::read(list, filter)?;
    let rows = export::begin(app.db.clone(), actor.clone(), export).await?;
    let app = Arc::clone(app);
    let allowed = move || {
        let (app, actor) = (Arc::clone(&app), actor.clone());
        async move { reauthenticate(&app.db, &actor).await.map(drop) }
    };
    let about = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{list}.csv\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((about, transfer::download(rows, allowed)).into_response())
}
