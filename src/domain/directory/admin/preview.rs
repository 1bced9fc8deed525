//! previewDirectoryRequest.

use entity::directory::Model as Directory;
use entity::{DirectoryId, directory, integration, integration_secret};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::auth::{Actor, Permission};
use crate::domain::directory::protocol::{self, Context, Method, Request, Response};
use crate::domain::integrations::{self, secrets};
use crate::error::Error;
use crate::store::db::Db;

/// Returns what a request of a directory would be answered, and changes nothing; `None` if there is no such directory.
///
/// # Errors
/// [`Error::Forbidden`] without MANAGE_INTEGRATIONS and for integrations; [`Error::BadInput`] if the integration of the
/// directory has no valid secret.
pub async fn preview(
    db: &Db,
    actor: &Actor,
    id: DirectoryId,
    base: &str,
    method: Method,
    request: &Request,
) -> Result<Option<Response>, Error> {
    actor.require_person()?;
    actor.require(Permission::ManageIntegrations)?;
    let found = directory::Entity::find_by_id(id).one(db.read()).await?;
    if request.path.first().is_some_and(|first| first == "Bulk") {
        let message = "path: the operations of a bulk request follow each other; preview each of them";
        return Err(Error::BadInput(message.to_owned()));
    }
    let Some(directory) = found.filter(|row| row.ended_at.is_none()) else {
        return Ok(None);
    };
    let acting = acting(db, &directory).await?;
    let context = Context {
        db: &db.rehearsing(),
        actor: &acting,
        directory: &directory,
        base,
    };
    match protocol::answer(context, method, request).await {
        Err(error @ (Error::Unauthenticated | Error::Conflict)) => Ok(Some(Response::of_error(&error))),
        answered => answered.map(Some),
    }
}

/// Returns the integration of a directory as if it had sent a request.
async fn acting(db: &Db, directory: &Directory) -> Result<Actor, Error> {
    let row = integration::Entity::find_by_id(directory.integration_id)
        .one(db.read())
        .await?;
    let secret = integration_secret::Entity::find()
        .filter(integration_secret::Column::IntegrationId.eq(directory.integration_id))
        .filter(secrets::active(db.clock().now()))
        .order_by_desc(integration_secret::Column::Id)
        .one(db.read())
        .await?;
    match (row, secret) {
        (Some(row), Some(secret)) => Ok(integrations::actor(&row, Some(secret.id))),
        _ => Err(Error::BadInput(
            "directoryId: the integration of this directory has no valid secret".to_owned(),
        )),
    }
}
