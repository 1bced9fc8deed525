//! releaseHeldHandovers.

use std::sync::Arc;

use entity::directory::Model as Directory;
use entity::outbox_message::Topic;
use entity::{DirectoryId, directory_handover};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::find;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::Outcome;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// Lets the handovers begin that were held because the directory dismissed unusually many people. Idempotent.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn release_held_handovers(db: &Db, actor: &Actor, id: DirectoryId) -> Outcome<Directory> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let row = find(tx, id).await?;
            let held = directory_handover::Entity::find()
                .filter(directory_handover::Column::DirectoryId.eq(id))
                .filter(directory_handover::Column::Held.eq(true))
                .all(&tx.conn)
                .await?;
            if held.is_empty() {
                return Ok((row, Recorded::nothing_changed()));
            }
            for one in &held {
                let due = one.due_at.max(tx.now);
                journal::enqueue(tx, Topic::RunDirectoryHandover, one.dismissal_id.0, due).await?;
            }
            directory_handover::Entity::update_many()
                .col_expr(directory_handover::Column::Held, Expr::value(false))
                .col_expr(directory_handover::Column::Released, Expr::value(true))
                .filter(directory_handover::Column::DirectoryId.eq(id))
                .filter(directory_handover::Column::Held.eq(true))
                .exec(&tx.conn)
                .await?;
            let data = json!({ "released": held.len() });
            let action = Action::DirectoryHandoversReleased;
            let recorded = journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
            Ok((row, recorded))
        },
    )
    .await
}
