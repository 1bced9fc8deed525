//! `GET /drive/{fileId}`: a file, or a range of it. `GET /drive/{folderId}.zip`: a folder as one archive.

use std::ops::Range;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::drive_item::Model as Item;
use entity::drive_share::ShareAccess;
use entity::{FileId, FolderId};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_range_header::parse_range_header;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::domain::auth::Actor;
use crate::domain::drive::{archive, list};
use crate::error::Error;
use crate::graphql::execute::Caller;
use crate::http::answers::failure;
use crate::http::app::App;
use crate::http::headers::text;
use crate::http::transfer;

/// The path of files and folders.
pub const PATH: &str = "/drive/{item}";

/// Characters that an RFC 8187 value contains unescaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns the file or the archive.
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Response {
    match read(&app, caller, &item, &headers).await {
        Ok(response) => response,
        Err(error) => failure(&error),
    }
}

fn missing() -> Error {
    Error::NotFound("there is no such file or folder".to_owned())
}

async fn read(app: &Arc<App>, caller: Caller, item: &str, headers: &HeaderMap) -> Result<Response, Error> {
    let actor = caller.actor.ok_or(Error::Unauthenticated)?;
    let folder = item
        .strip_suffix(".zip")
        .and_then(|id| id.parse::<FolderId>().ok());
    let id = folder
        .map(|id| id.0)
        .or_else(|| item.parse::<FileId>().ok().map(|id| id.0));
    answer(app, actor, id.ok_or_else(missing)?, folder.is_some(), headers).await
}

/// Returns the content of a file, or the archive of a folder, if the actor can access it.
///
/// # Errors
/// [`Error::NotFound`] for what they can't see; [`Error::Forbidden`] for an integration without the permissions.
pub async fn answer(
    app: &Arc<App>,
    actor: Actor,
    id: Uuid,
    folder: bool,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    actor.require_file_access()?;
    let seen = list::find(app.db.read(), &actor, id)
        .await?
        .filter(|seen| seen.item.folder == folder)
        .ok_or_else(missing)?;
    if seen.item.folder {
        let name = format!("{}.zip", seen.item.name);
        let allowed = allowed(app, &actor, seen.item.id);
        let body = transfer::download(
            archive::stream(app.db.clone(), app.blobs.clone(), seen.item, actor),
            allowed,
        );
        return Ok((about("application/zip", &name), body).into_response());
    }
    answer_file(app, &actor, &seen.item, headers).await
}

/// The headers of a download. Content uploaded by one person must never run as a page in the browser of another.
fn about(media_type: &str, name: &str) -> HeaderMap {
    let disposition = disposition(name);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ] {
        set(&mut headers, name, value);
    }
    headers
}

/// The file name in both forms (RFC 6266, appendix D): encoded for clients that support RFC 8187, and in ASCII for all
/// others.
fn disposition(name: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' | '%' => '_',
        c if c.is_ascii_graphic() || c == ' ' => c,
        _ => '_',
    };
    format!(
        "attachment; filename=\"{}\"; filename*=UTF-8''{}",
        name.chars().map(plain).collect::<String>(),
        utf8_percent_encode(name, PLAIN)
    )
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Checks that the actor can still access the item.
fn allowed(
    app: &Arc<App>,
    actor: &Actor,
    id: Uuid,
) -> impl Fn() -> BoxFuture<'static, Result<(), Error>> + Send + use<> {
    let (app, actor) = (Arc::clone(app), actor.clone());
    move || {
        let (app, actor) = (Arc::clone(&app), actor.clone());
        async move { list::check_again(&app.db, &actor, id, ShareAccess::Read).await }.boxed()
    }
}

async fn answer_file(
    app: &Arc<App>,
    actor: &Actor,
    item: &Item,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let (Some(sha256), Some(media_type)) = (&item.sha256, &item.media_type) else {
        return Err(Error::internal("a file without bytes"));
    };
    let size = u64::try_from(item.size).map_err(Error::internal)?;
    let tag = format!("\"{sha256}\"");
    let mut fields = about(media_type, &item.name);
    set(&mut fields, header::ETAG, &tag);
    set(&mut fields, header::ACCEPT_RANGES, "bytes");
    if transfer::is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, fields).into_response());
    }
    let wanted = match asked(headers, &tag, size) {
        Asked::Everything => None,
        Asked::Stretch(range) => Some(range),
        Asked::Nonsense => {
            set(&mut fields, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, fields).into_response());
        }
    };
    let range = wanted.clone().unwrap_or(0..size);
    set(
        &mut fields,
        header::CONTENT_LENGTH,
        &(range.end - range.start).to_string(),
    );
    let status = match &wanted {
        None => StatusCode::OK,
        Some(range) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            set(&mut fields, header::CONTENT_RANGE, &place);
            StatusCode::PARTIAL_CONTENT
        }
    };
    let bytes = app.blobs.read(sha256, size, range).await?;
    let body = transfer::download(bytes, allowed(app, actor, item.id));
    Ok((status, fields, body).into_response())
}

enum Asked {
    Everything,
    Stretch(Range<u64>),
    Nonsense,
}

/// The requested range (RFC 9110, section 14). A request for several ranges gets the whole file, which the RFC permits.
fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Asked {
    let Some(range) = text(headers, header::RANGE) else {
        return Asked::Everything;
    };
    if text(headers, header::IF_RANGE).is_some_and(|condition| condition.trim() != tag) {
        return Asked::Everything;
    }
    let Ok(parsed) = parse_range_header(range) else {
        return Asked::Everything;
    };
    if parsed.len() > 1 {
        return Asked::Everything;
    }
    match parsed.validate(size).as_deref() {
        Ok([range]) => Asked::Stretch(*range.start()..*range.end() + 1),
        Ok(_) => Asked::Everything,
        Err(_) => Asked::Nonsense,
    }
}
