//! endDirectory.

use std::sync::Arc;

use entity::DirectoryId;
use entity::directory::{self, Model as Directory};
use entity::outbox_message::Topic;
use entity::{directory_email, directory_group, directory_handover, directory_person};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::find;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::directory::groups::mapped;
use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Ends a directory: its people are unlinked, nobody is dismissed, and members of its groups keep what they got.
/// Handovers that have not begun are cancelled.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn end_directory(db: &Db, actor: &Actor, id: DirectoryId) -> Outcome<Directory> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let mut row = find(tx, id).await?;
            row.ended_at = Some(tx.now);
            row.updated_at = tx.now;
            let row_to_save = row.clone().into_active_model().reset_all();
            directory::Entity::update(row_to_save).exec(&tx.conn).await?;
            let unlinked = unlink_all(tx, id).await?;
            end_groups(tx, id).await?;
            cancel_handovers(tx, id).await?;
            let data = json!({ "unlinked": unlinked });
            let recorded =
                journal::record(tx, &actor.author(), Action::DirectoryEnded, Some(id.into()), data).await?;
            Ok((row, recorded))
        },
    )
    .await
}

async fn unlink_all(tx: &Tx, id: DirectoryId) -> Result<u64, Error> {
    let linked = Query::select()
        .column(directory_person::Column::UserId)
        .from(directory_person::Entity)
        .and_where(directory_person::Column::DirectoryId.eq(id))
        .and_where(directory_person::Column::DeletedAt.is_null())
        .to_owned();
    directory_email::Entity::delete_many()
        .filter(directory_email::Column::UserId.in_subquery(linked))
        .exec(&tx.conn)
        .await?;
    let deleted = directory_person::Entity::delete_many()
        .filter(directory_person::Column::DirectoryId.eq(id))
        .filter(directory_person::Column::DeletedAt.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(deleted.rows_affected)
}

async fn end_groups(tx: &Tx, id: DirectoryId) -> Result<(), Error> {
    let groups = directory_group::Entity::find()
        .filter(directory_group::Column::DirectoryId.eq(id))
        .filter(directory_group::Column::DeletedAt.is_null())
        .all(&tx.conn)
        .await?;
    for group in groups {
        mapped::delete_all(tx, group.id).await?;
    }
    directory_group::Entity::update_many()
        .col_expr(directory_group::Column::DeletedAt, Expr::value(tx.now))
        .filter(directory_group::Column::DirectoryId.eq(id))
        .filter(directory_group::Column::DeletedAt.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(())
}

async fn cancel_handovers(tx: &Tx, id: DirectoryId) -> Result<(), Error> {
    let pending = directory_handover::Entity::find()
        .filter(directory_handover::Column::DirectoryId.eq(id))
        .all(&tx.conn)
        .await?;
    for row in &pending {
        journal::withdraw(tx, Topic::RunDirectoryHandover, row.dismissal_id.0).await?;
    }
    directory_handover::Entity::delete_many()
        .filter(directory_handover::Column::DirectoryId.eq(id))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
