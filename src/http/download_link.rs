//! `GET /download/{secret}`: the download for which [`create`](crate::domain::download_links::create) has created a
//! URL, once.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::Response;

use crate::domain::auth::authenticate::of_session;
use crate::domain::auth::secret::{MAX_SECRET_LENGTH, fingerprint};
use crate::domain::download_links::Download;
use crate::domain::download_links::take::{look, take};
use crate::error::{Error, Failure};
use crate::http::answers::failure;
use crate::http::app::App;
use crate::http::calendar;
use crate::http::download as drive;

/// The path of such a URL.
pub const PATH: &str = "/download/{secret}";

/// Returns the download, as with the token of the person who created the URL. A HEAD request does not use the URL up.
pub async fn get(
    State(app): State<Arc<App>>,
    method: Method,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    match answer(&app, &method, &secret, &headers).await {
        Ok(mut response) => {
            // Any origin may embed the response: access is granted by the URL.
            let policy = HeaderName::from_static("cross-origin-resource-policy");
            let anywhere = HeaderValue::from_static("cross-origin");
            response.headers_mut().insert(policy, anywhere);
            response
        }
        Err(error) => failure(&error),
    }
}

async fn answer(
    app: &Arc<App>,
    method: &Method,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let gone = || Error::NotFound("this address has been used, or has expired".to_owned());
    if secret.len() > MAX_SECRET_LENGTH {
        return Err(gone());
    }
    let hash = fingerprint(secret);
    let link = match *method == Method::HEAD {
        true => look(&app.db, &hash).await?,
        false => take(&app.db, &hash).await.map_err(Failure::into_error)?,
    };
    let link = link
        .filter(|link| link.expires_at > app.db.clock().now())
        .ok_or_else(gone)?;
    let actor = of_session(&app.db, link.user_id, link.session_id).await?;
    match Download::of(&link.subject_type, link.subject_id) {
        Some(Download::File(id)) => drive::answer(app, actor, id.0, false, headers).await,
        Some(Download::Folder(id)) => drive::answer(app, actor, id.0, true, headers).await,
        Some(Download::Calendar(id)) => calendar::answer(app, actor, id, headers).await,
        None => Err(Error::internal("an address of nothing that can be downloaded")),
    }
}
