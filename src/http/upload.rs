//! `POST /drive/{folderId}?name=NAME`: the body becomes a file in the folder.
//!
//! The bytes are stored first, as they arrive; then one transaction checks the caller again and writes the file. An
//! upload ends early when its caller is locked out or can no longer add to the folder, and leaves no file behind.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use entity::FolderId;
use entity::drive_item::Model as Item;
use entity::drive_share::ShareAccess;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::domain::drive::add_file::add_file;
use crate::domain::drive::blobs::WriteError;
use crate::domain::drive::url;
use crate::domain::drive::{list, name};
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::graphql::execute::Caller;
use crate::http::answers::{failure, refusal, told};
use crate::http::app::App;
use crate::http::transfer;

/// The default media type.
const BYTES: &str = "application/octet-stream";
/// Maximum length of a media type, in bytes.
const MEDIA_TYPE: usize = 200;

/// The parameter `name` of a URL: the name of the file.
///
/// # Errors
/// [`Code::Invalid`] for bytes that are not UTF-8: decoded otherwise, the file would be downloaded under another name.
fn name_in(query: &str) -> Outcome<String> {
    let values = query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, value)) = values.into_iter().find(|(key, _)| *key == "name") else {
        return Ok(String::new());
    };
    let spaced = value.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(name) => Ok(name.into_owned()),
        Err(_) => refuse(Code::Invalid, "name", "these bytes are not UTF-8"),
    }
}

/// Receives a file.
pub async fn post(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(folder): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(&app, caller, &folder, query.as_deref(), &headers, body).await {
        Ok(file) => {
            let about = json!({
                "id": file.text_id(),
                "name": file.name,
                "size": file.size,
                "mediaType": file.media_type,
                "sha256": file.sha256,
                "url": url(&app.public_url, &file),
            });
            let place = [(header::LOCATION, url(&app.public_url, &file))];
            (StatusCode::CREATED, place, Json(about)).into_response()
        }
        Err(Refused::Write(WriteError::Store(cause))) => failure(&Error::internal(cause)),
        Err(Refused::Write(cause)) => not_written(&cause),
        Err(Refused::InParts) => told(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "send the bytes of the file as the body, not a form: --data-binary @FILE with curl, the File itself with fetch",
        ),
        Err(Refused::Here(Failure::Refused(reasons))) => refusal(&reasons),
        Err(Refused::Here(Failure::Broken(error))) => failure(&error),
    }
}

enum Refused {
    Here(Failure),
    Write(WriteError),
    /// The body is a multipart form, with boundaries around the file.
    InParts,
}

/// The error for a body that could not be stored.
fn not_written(cause: &WriteError) -> Response {
    let (status, code) = match cause {
        WriteError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        WriteError::Interrupted(_) => (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        WriteError::Quota(..) => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
        WriteError::Full => {
            tracing::error!("uploads are refused: the disk is nearly full");
            (StatusCode::INSUFFICIENT_STORAGE, "STORAGE_FULL")
        }
        WriteError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
    };
    let mut response = told(status, code, &cause.to_string());
    if let WriteError::Quota(_, seconds) = cause {
        let retry = HeaderValue::from(*seconds);
        response.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    response
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Here(failure)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Here(error.into())
    }
}

async fn take(
    app: &App,
    caller: Caller,
    folder: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Item, Refused> {
    let actor = caller.actor.ok_or(Error::Unauthenticated)?;
    actor.require_person()?;
    let folder = crate::store::input::id::<FolderId>(folder, "folderId")?;
    let name = name::check(&name_in(query.unwrap_or_default())?, "name")?;
    let media_type = media_type(headers)?;
    if media_type.to_ascii_lowercase().starts_with("multipart/") {
        return Err(Refused::InParts);
    }
    // Checked early, so that nobody uploads a gigabyte before being refused.
    match list::find(app.db.read(), &actor, folder.0).await? {
        Some(seen) if seen.item.folder && seen.level >= ShareAccess::Add => {}
        Some(seen) if seen.item.folder => return Err(Error::Forbidden("ADD access to the folder").into()),
        _ => return Err(missing().into()),
    }
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|size| size > app.upload_limit) {
        return Err(Refused::Write(WriteError::TooLarge(app.upload_limit)));
    }
    let clock = app.db.clock();
    let mut upload = app
        .uploads
        .begin(actor.user_id, announced, &app.blobs, clock.now())?
        .map_err(Refused::Write)?;
    let bytes = body.into_data_stream().map(|piece| {
        let piece = piece.map_err(|cause| WriteError::Interrupted(cause.to_string()))?;
        app.uploads
            .take(&mut upload, piece.len(), &app.blobs, clock.now())?;
        Ok(piece)
    });
    let allowed = || list::check_again(&app.db, &actor, folder.0, ShareAccess::Add);
    let bytes = transfer::upload(bytes, allowed);
    let blob = match app.blobs.write(bytes, app.upload_limit, clock.new_id()).await {
        Ok(blob) => blob,
        Err(cause @ WriteError::Interrupted(_)) => {
            // The cause may be that access was lost: then that is the error.
            allowed().await?;
            return Err(Refused::Write(cause));
        }
        Err(cause) => return Err(Refused::Write(cause)),
    };
    Ok(add_file(&app.db, &actor, folder, &name, &media_type, &blob).await?)
}

fn missing() -> Error {
    Error::NotFound("there is no such folder".to_owned())
}

fn media_type(headers: &HeaderMap) -> Outcome<String> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(BYTES.to_owned());
    };
    match value.to_str() {
        // The default of clients for a body of unknown type.
        Ok(text) if text.eq_ignore_ascii_case("application/x-www-form-urlencoded") => Ok(BYTES.to_owned()),
        Ok(text) if text.len() <= MEDIA_TYPE && text.contains('/') => Ok(text.to_owned()),
        _ => refuse(Code::Invalid, "Content-Type", "this is not a media type"),
    }
}
