//! createDownloadLink.

use std::sync::Arc;

use entity::{Timestamp, calendar, download_link};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{Download, LIFETIME};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::secret::{fingerprint, new_secret};
use crate::domain::calendar::access;
use crate::domain::drive::list;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Creates a download link; returns its secret and its expiry.
///
/// # Errors
/// [`Code::NotFound`] for objects that the actor can't see.
pub async fn create_download_link(
    db: &Db,
    actor: &Actor,
    download: Download,
) -> Outcome<(String, Timestamp)> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        if !may_have(tx, actor, download).await? {
            return refuse(
                Code::NotFound,
                "itemId",
                "there is no such folder, file or calendar",
            );
        }
        // Expired links are deleted.
        download_link::Entity::delete_many()
            .filter(download_link::Column::UserId.eq(actor.user_id))
            .filter(download_link::Column::ExpiresAt.lte(tx.now))
            .exec(&tx.conn)
            .await?;
        let (secret, expires_at) = (new_secret()?, tx.now + LIFETIME);
        let subject = download.subject();
        download_link::Entity::insert(download_link::ActiveModel {
            hash: Set(fingerprint(&secret)),
            subject_type: Set(subject.0.to_owned()),
            subject_id: Set(subject.1),
            user_id: Set(actor.user_id),
            session_id: Set(actor.session_id),
            expires_at: Set(expires_at),
        })
        .exec_without_returning(&tx.conn)
        .await?;
        let action = Action::DownloadLinkCreated;
        let recorded = journal::record(tx, &actor.author(), action, Some(subject), json!({})).await?;
        Ok(((secret, expires_at), recorded))
    })
    .await
}

async fn may_have(tx: &Tx, actor: &Actor, download: Download) -> Result<bool, Error> {
    Ok(match download {
        Download::File(_) | Download::Folder(_) => {
            let found = list::find(&tx.conn, actor, download.subject().1).await?;
            found.is_some_and(|seen| seen.item.folder == matches!(download, Download::Folder(_)))
        }
        Download::Calendar(id) => {
            let found = calendar::Entity::find_by_id(id).one(&tx.conn).await?;
            found.is_some_and(|row| access::may_see(actor, &row))
        }
    })
}
