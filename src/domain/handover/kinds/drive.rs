//! DRIVE: folders and files the person owns. The recipient becomes the owner; what is directly in the leaver's My Drive
//! goes into one target folder in the recipient's, with everything below it. So only the tops of a tree move: their
//! contents keep their place, names and shares.
//!
//! Items of the leaver in other people's folders get the new owner and stay in place.

use std::collections::HashMap;

use entity::drive_item;
use entity::handover_part::{Model as Part, WorkKind};
use entity::{FolderId, HandoverId, UserId, drive_move, handover_part, handover_recipient, user};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};
use uuid::Uuid;

use super::{Kind, Source};
use crate::domain::drive::place;
use crate::domain::drive::place::PlacedItem;
use crate::domain::drive::{ensure_my_drives, folder, share_folder};
use crate::domain::handover::Share;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Prefix of folders and files alike in the ledger.
pub const SUBJECT: &str = "driveitem";

/// See the module.
pub struct Drive;

impl Kind for Drive {
    fn kind(&self) -> WorkKind {
        WorkKind::Drive
    }

    fn table(&self) -> &'static str {
        "drive_items"
    }

    fn subject(&self) -> &'static str {
        SUBJECT
    }

    fn accepts_prefix(&self, prefix: &str) -> bool {
        [FolderId::PREFIX, entity::FileId::PREFIX].contains(&prefix)
    }

    fn source(&self) -> Source {
        Source {
            table: "drive_items w",
            join: "",
            id: "w.id",
            holder: "w.owner_id",
            closed: "FALSE",
            changed: "w.updated_at",
            // A My Drive itself stays with its owner.
            filter: "w.parent_id IS NOT NULL",
        }
    }

    /// A folder includes its contents.
    fn id_filter(&self, ids: &str) -> String {
        format!(
            "w.id IN (WITH RECURSIVE below (id) AS (SELECT id FROM drive_items WHERE id IN ({ids}) \
             UNION SELECT i.id FROM drive_items i JOIN below ON i.parent_id = below.id) SELECT id FROM below)"
        )
    }

    fn can_be_shared(&self) -> bool {
        true
    }

    fn can_be_distributed(&self) -> bool {
        false
    }

    fn undo_condition(&self) -> &'static str {
        "NOT EXISTS (SELECT 1 FROM drive_moves m WHERE m.handover_id = b.handover_id AND m.item_id = w.id \
         AND m.to_id <> w.parent_id)"
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE drive_items SET owner_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND drive_items.id = e.subject_id",
        ]
    }

    fn finish_chunk<'a>(
        &'a self,
        tx: &'a Tx,
        part: &'a Part,
        chunk: &'a [Value],
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            match part.undoes_id {
                None => gather(tx, part, chunk).await,
                Some(undone) => put_back(tx, undone, chunk).await,
            }
        })
    }
}

/// Moves the tops of what this chunk has moved into the target folder.
async fn gather(tx: &Tx, part: &Part, chunk: &[Value]) -> Result<(), Error> {
    // The tops of a whole drive are the items directly in it. Among picked items, a top is one that is picked itself,
    // is in a folder of the same person, and is not below another picked one.
    let mut values = chunk[..5].to_vec();
    let tops = if part.picked {
        values.push(part.position.into());
        "EXISTS (SELECT 1 FROM handover_picks k \
             WHERE k.handover_id = e.handover_id AND k.part = $6 AND k.subject_id = i.id) \
         AND EXISTS (SELECT 1 FROM drive_items p WHERE p.id = i.parent_id AND p.owner_id = e.from_id) \
         AND NOT EXISTS (WITH RECURSIVE up (at) AS (SELECT i.parent_id \
             UNION SELECT a.parent_id FROM up JOIN drive_items a ON a.id = up.at WHERE a.parent_id IS NOT NULL) \
             SELECT 1 FROM up JOIN handover_picks k ON k.subject_id = up.at \
             WHERE k.handover_id = e.handover_id AND k.part = $6)"
    } else {
        "i.parent_id = e.from_id"
    };
    let sql = format!(
        "SELECT i.id, i.name, i.folder, i.parent_id FROM handover_entries e JOIN drive_items i ON i.id = e.subject_id \
         WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
         AND e.outcome = 'MOVED' AND {tops} ORDER BY i.id"
    );
    let rows = db::query(&tx.conn, &sql, values).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let general = target_folder(tx, part).await?;
    let (mut moving, mut moves) = (Vec::new(), Vec::new());
    for row in rows {
        let (id, name): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        moves.push(drive_move::ActiveModel {
            handover_id: Set(part.handover_id),
            item_id: Set(id),
            from_id: Set(row.try_get_by_index(3)?),
            from_name: Set(name.clone()),
            to_id: Set(general),
        });
        moving.push(PlacedItem {
            id,
            name_now: name.clone(),
            name,
            folder: row.try_get_by_index(2)?,
        });
    }
    db::insert_all(tx, moves).await?;
    place::put(tx, &moving, general).await
}

/// Returns the target folder of a part, created for the first item.
async fn target_folder(tx: &Tx, part: &Part) -> Result<Uuid, Error> {
    if let Some(id) = part.folder_id {
        return Ok(id);
    }
    let recipient = handover_recipient::Entity::find()
        .filter(handover_recipient::Column::HandoverId.eq(part.handover_id))
        .filter(handover_recipient::Column::Part.eq(part.position))
        .order_by_asc(handover_recipient::Column::Slot)
        .one(&tx.conn)
        .await?
        .ok_or_else(|| Error::internal("a drive is handed over without a recipient"))?
        .user_id;
    let share = part.share.as_deref().map(Share::from_json).transpose()?;
    let wanted = match share.as_ref().and_then(|share| share.folder_name.clone()) {
        Some(name) => name,
        None => match name_of_leaver(tx, part).await? {
            Some(name) => format!("Drive of {name}"),
            None => "Handed over".to_owned(),
        },
    };
    ensure_my_drives(tx, [recipient]).await?;
    let name = place::free_name(tx, recipient.0, &wanted, true).await?;
    let id = FolderId(tx.new_id());
    let row = folder(id.0, Some(recipient.0), recipient, &name, tx.now);
    drive_item::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.conn)
        .await?;
    if let Some(share) = share {
        let others: Vec<UserId> = share
            .with
            .into_iter()
            .filter(|&person| person != recipient)
            .collect();
        if !others.is_empty() {
            share_folder::set(tx, id, &others, share.access).await?;
        }
    }
    handover_part::Entity::update_many()
        .col_expr(handover_part::Column::FolderId, Expr::value(id.0))
        .filter(handover_part::Column::HandoverId.eq(part.handover_id))
        .filter(handover_part::Column::Position.eq(part.position))
        .exec(&tx.conn)
        .await?;
    Ok(id.0)
}

/// Returns a valid folder name derived from the name of the leaver.
async fn name_of_leaver(tx: &Tx, part: &Part) -> Result<Option<String>, Error> {
    let found = user::Entity::find()
        .filter(
            user::Column::Id.in_subquery(
                sea_orm::sea_query::Query::select()
                    .column(entity::handover::Column::FromUserId)
                    .from(entity::handover::Entity)
                    .and_where(entity::handover::Column::Id.eq(part.handover_id))
                    .to_owned(),
            ),
        )
        .one(&tx.conn)
        .await?;
    Ok(found.map(|person| {
        let name = person.name().replace(['/', '\\'], " ");
        name.chars().take(200).collect()
    }))
}

/// Moves what this chunk has returned to where the undone handover had found it.
async fn put_back(tx: &Tx, undone: HandoverId, chunk: &[Value]) -> Result<(), Error> {
    let mut values = chunk[..5].to_vec();
    values.push(undone.into());
    let sql = "SELECT i.id, i.name, i.folder, m.from_id, m.from_name, e.to_id FROM handover_entries e \
         JOIN drive_moves m ON m.handover_id = $6 AND m.item_id = e.subject_id \
         JOIN drive_items i ON i.id = e.subject_id \
         WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
         AND e.outcome = 'MOVED' ORDER BY i.id";
    let rows = db::query(&tx.conn, sql, values).await?;
    if rows.is_empty() {
        return Ok(());
    }
    place::lock_moves(tx).await?;
    let (mut going, mut ways) = (Vec::new(), Vec::new());
    for row in rows {
        let moving = PlacedItem {
            id: row.try_get_by_index(0)?,
            name: row.try_get_by_index(4)?,
            name_now: row.try_get_by_index(1)?,
            folder: row.try_get_by_index(2)?,
        };
        let (to, own): (Uuid, Uuid) = (row.try_get_by_index(3)?, row.try_get_by_index(5)?);
        if moving.folder && to != own {
            ways.push((moving.id, to));
        }
        going.push((moving, to, own));
    }
    // The original folder may be below the item by now: then the item goes into the person's My Drive.
    let cycles = place::cycles(tx, &ways).await?;
    let mut by_folder: HashMap<Uuid, Vec<PlacedItem>> = HashMap::new();
    for (moving, to, own) in going {
        let to = if cycles.contains(&moving.id) { own } else { to };
        by_folder.entry(to).or_default().push(moving);
    }
    for (to, moving) in by_folder {
        place::put(tx, &moving, to).await?;
    }
    Ok(())
}
