//! `POST /drive/{folderId}?name=NAME`: the body becomes a file in the folder.
//!
//! The bytes are kept first, as they come; then one transaction looks again at who is calling and writes the
//! file. An upload ends early when its caller is locked out, or may no longer put anything into the folder, and leaves
//! no file behind.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use entity::drive_item::{self, Model as Item};
use entity::drive_share::ShareAccess;
use entity::{FileId, FolderId};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::download::url;
use crate::app::App;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::drive::blobs::{Blob, WriteError};
use crate::domain::drive::create_folder::open;
use crate::domain::drive::{list, name, place};
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::graphql::execute::Caller;
use crate::http::transfer;
use crate::http::{failure, refusal, told};
use crate::store::db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// The media type of bytes that nobody has said anything about.
const BYTES: &str = "application/octet-stream";
/// Longest media type, in bytes.
const MEDIA_TYPE: usize = 200;
/// How often a name that somebody else took at the same moment is looked for anew.
const ATTEMPTS: usize = 5;

/// The parameter `name` of an address: what the file is to be called.
///
/// # Errors
/// [`Code::Invalid`] for bytes that are no UTF-8: read as anything else, the file would come down under another name.
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

/// Takes a file.
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
                "url": url(&app, &file),
            });
            let place = [(header::LOCATION, url(&app, &file))];
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
    /// The body is a form that holds the file among others, with boundaries between them.
    InParts,
}

/// What is said to a body that could not be kept.
fn not_written(cause: &WriteError) -> Response {
    let (status, code) = match cause {
        WriteError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        WriteError::BrokeOff(_) => (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
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
    // Nobody sends a gigabyte to hear that they may not.
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
        let piece = piece.map_err(|cause| WriteError::BrokeOff(cause.to_string()))?;
        app.uploads
            .take(&mut upload, piece.len(), &app.blobs, clock.now())?;
        Ok(piece)
    });
    let allowed = || list::check_again(app, &actor, folder.0, ShareAccess::Add);
    let bytes = transfer::upload(bytes, allowed);
    let blob = match app.blobs.write(bytes, app.upload_limit, clock.new_id()).await {
        Ok(blob) => blob,
        Err(cause @ WriteError::BrokeOff(_)) => {
            // Perhaps because the right to it was lost: then that is the answer.
            allowed().await?;
            return Err(Refused::Write(cause));
        }
        Err(cause) => return Err(Refused::Write(cause)),
    };
    Ok(add_file(app, &actor, folder, &name, &media_type, &blob).await?)
}

fn missing() -> Error {
    Error::NotFound("there is no such folder".to_owned())
}

fn media_type(headers: &HeaderMap) -> Outcome<String> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(BYTES.to_owned());
    };
    match value.to_str() {
        // What programs say of any body when nobody has told them what it is.
        Ok(text) if text.eq_ignore_ascii_case("application/x-www-form-urlencoded") => Ok(BYTES.to_owned()),
        Ok(text) if text.len() <= MEDIA_TYPE && text.contains('/') => Ok(text.to_owned()),
        _ => refuse(Code::Invalid, "Content-Type", "this is not a media type"),
    }
}

/// Writes a file whose bytes are kept already. Where the name is taken, it gets a number.
///
/// # Errors
/// [`Code::NotFound`] for a folder that the actor can't see; [`Error::Forbidden`] where they may not put anything.
pub async fn add_file(
    app: &App,
    actor: &Actor,
    folder: FolderId,
    name: &str,
    media_type: &str,
    blob: &Blob,
) -> Outcome<Item> {
    for _ in 1..ATTEMPTS {
        match attempt(app, actor, folder, name, media_type, blob).await {
            Err(Failure::Broken(Error::Database(cause))) if db::is_duplicate(&cause) => {}
            answer => return answer,
        }
    }
    attempt(app, actor, folder, name, media_type, blob).await
}

async fn attempt(
    app: &App,
    actor: &Actor,
    folder: FolderId,
    name: &str,
    media_type: &str,
    blob: &Blob,
) -> Outcome<Item> {
    app.db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let folder = open(tx, actor, folder, "folderId").await?;
            let id = FileId(tx.new_id());
            let name = place::free_name(tx, folder.item.id, name, false).await?;
            let row = Item {
                id: id.0,
                external_id: None,
                parent_id: Some(folder.item.id),
                owner_id: folder.keeps_for(actor),
                folder: false,
                name_key: text::name_key(&name),
                sort_key: text::sort_key(&name),
                name,
                size: i64::try_from(blob.size).map_err(Error::internal)?,
                media_type: Some(media_type.to_owned()),
                sha256: Some(blob.sha256.clone()),
                revision: None,
                status: None,
                modified_at: tx.now,
                created_at: tx.now,
                updated_at: tx.now,
                placed_at: None,
            };
            let saved = drive_item::Entity::insert(row.into_active_model())
                .exec_with_returning(&tx.conn)
                .await?;
            let data = json!({ "name": saved.name, "in": folder.item.text_id(), "sha256": blob.sha256 });
            journal::record(tx, &actor.author(), Action::FileUploaded, Some(id.into()), data).await?;
            Ok(saved)
        })
        .await
}
