//! moveDriveItems.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::drive_item::{self, Model as Item};
use entity::drive_share::ShareAccess;
use entity::handover::HandoverState;
use entity::{FolderId, handover, handover_part};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::access::{Link, anyone_gains, levels};
use super::create_folder::open;
use super::place::{self, PlacedItem};
use super::{access, list};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, collect, refuse, refuse_if_any};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Maximum number of folders and files per call.
pub const MAX_ITEMS: usize = 500;
/// Attempts at finding free names that nobody else takes concurrently.
const ATTEMPTS: usize = 5;

/// Moves folders, with everything below them, and files into another folder. If a name is taken there, the item gets a
/// number. Moves all or none; returns them in the order of the input.
///
/// # Errors
/// [`Code::NotFound`] for items that the actor can't see; [`Code::Invalid`] for a folder that would be inside itself, a
/// My Drive, and items of others moved directly into one; [`Code::HandoverInProgress`] for a folder that a handover is
/// filling; [`Error::Forbidden`] without EDIT access to the items or ADD access to the target, and, without FULL access
/// to both, if anybody would gain access.
pub async fn move_items(db: &Db, actor: &Actor, ids: &[Uuid], to: FolderId) -> Outcome<Vec<Item>> {
    for _ in 1..ATTEMPTS {
        match attempt(db, actor, ids, to).await {
            Err(Failure::Broken(Error::Database(cause))) if db::is_duplicate(&cause) => {}
            answer => return answer,
        }
    }
    attempt(db, actor, ids, to).await
}

async fn attempt(db: &Db, actor: &Actor, ids: &[Uuid], to: FolderId) -> Outcome<Vec<Item>> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        place::lock_moves(tx).await?;
        let target = open(tx, actor, to, "toFolderId").await?;
        let items = list::by_ids(&tx.conn, ids).await?;
        let ways = list::paths_up(&tx.conn, actor.user_id, ids).await?;
        let grants = Grants::of(ways.values().chain([&target.up]))
            .with_shares(tx)
            .await?;
        let found = Found {
            target,
            items,
            ways,
            grants,
            filling: filling(tx, ids).await?,
        };
        let mut refusals = Vec::new();
        let mut moving = Vec::new();
        for (position, id) in ids.iter().enumerate() {
            let checked = found.check(actor, *id, &format!("itemIds.{position}"));
            moving.extend(collect(checked, &mut refusals)?.flatten());
        }
        refuse_if_any(refusals)?;
        let recorded = match moving.is_empty() {
            true => Recorded::nothing_changed(),
            false => put(tx, actor, &moving, to).await?,
        };
        let mut rows = list::by_ids(&tx.conn, ids).await?;
        Ok((ids.iter().filter_map(|id| rows.remove(id)).collect(), recorded))
    })
    .await
}

/// Places the items into the folder.
async fn put(tx: &Tx, actor: &Actor, items: &[&Item], to: FolderId) -> Outcome<Recorded> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let data = json!({ "items": items.iter().map(|item| item.text_id()).collect::<Vec<_>>() });
    let moving: Vec<PlacedItem> = items.iter().copied().map(PlacedItem::from).collect();
    place::put(tx, &moving, to.0).await?;
    drive_item::Entity::update_many()
        .col_expr(drive_item::Column::ModifiedAt, Expr::value(tx.now))
        .col_expr(drive_item::Column::UpdatedAt, Expr::value(tx.now))
        .filter(drive_item::Column::Id.is_in(ids))
        .exec(&tx.conn)
        .await?;
    Ok(journal::record(
        tx,
        &actor.author(),
        Action::DriveItemsMoved,
        Some(to.into()),
        data,
    )
    .await?)
}

/// The objects of a move.
struct Found {
    /// Target folder.
    target: list::Seen,
    items: HashMap<Uuid, Item>,
    /// Paths up from the items.
    ways: HashMap<Uuid, Vec<Link>>,
    grants: Grants,
    /// Folders that a handover is filling.
    filling: HashSet<Uuid>,
}

impl Found {
    /// Returns the item if it has to be moved: not if it is in the folder already.
    fn check(&self, actor: &Actor, id: Uuid, field: &str) -> Outcome<Option<&Item>> {
        let level = self.ways.get(&id).and_then(|up| access::level(actor, up));
        let (Some(item), Some(level)) = (self.items.get(&id), level) else {
            return refuse(Code::NotFound, field, "there is no such folder or file");
        };
        let target = &self.target;
        if item.parent_id.is_none() {
            let message = "a My Drive can't be moved: move its contents";
            return refuse(Code::Invalid, field, message);
        }
        if level < ShareAccess::Edit {
            return Err(Error::Forbidden("EDIT access to the moved items").into());
        }
        if level.min(target.level) < ShareAccess::Full
            && self.grants.anyone_gains(&self.ways[&id], &target.up)
        {
            // Without the right to share an item, the mover may give access to nobody, themselves included.
            let needed =
                "FULL access to the moved items and to the target folder: somebody would gain access";
            return Err(Error::Forbidden(needed).into());
        }
        if target.up.iter().any(|link| link.id == id) {
            return refuse(Code::Invalid, field, "a folder can't be moved into itself");
        }
        if target.item.parent_id.is_none() && item.owner_id != target.item.owner_id {
            let message = "only items of its owner can be directly in a My Drive";
            return refuse(Code::Invalid, field, message);
        }
        if self.filling.contains(&id) {
            let message = "a handover is still moving items into it";
            return refuse(Code::HandoverInProgress, field, message);
        }
        Ok(Some(item).filter(|item| item.parent_id != Some(target.item.id)))
    }
}

/// Access to the folders and files affected by a move.
struct Grants(HashMap<Uuid, access::Grants>);

impl Grants {
    /// Returns those of the items and of everything above them, still without the shares.
    fn of<'a>(ways: impl Iterator<Item = &'a Vec<Link>>) -> Self {
        let grants = |link: &Link| access::Grants {
            owner_id: link.owner_id,
            shares: Vec::new(),
        };
        Self(ways.flatten().map(|link| (link.id, grants(link))).collect())
    }

    async fn with_shares(mut self, tx: &Tx) -> Result<Self, Error> {
        let ids: Vec<Uuid> = self.0.keys().copied().collect();
        for some in ids.chunks(1_000) {
            for (id, shares) in list::shares(&tx.conn, some).await? {
                if let Some(grants) = self.0.get_mut(&id) {
                    grants.shares = shares;
                }
            }
        }
        Ok(self)
    }

    /// Returns whether anybody would gain access to the item of one path if it were in the folder of another one.
    fn anyone_gains(&self, up: &[Link], to: &[Link]) -> bool {
        let grants = |links: &[Link]| levels(links.iter().filter_map(|link| self.0.get(&link.id)));
        let item = &up[..up.len().min(1)];
        anyone_gains(&grants(up), &grants(&[item, to].concat()))
    }
}

/// Returns those of these folders that an unfinished handover is filling.
async fn filling(tx: &Tx, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    let running = Query::select()
        .column(handover::Column::Id)
        .from(handover::Entity)
        .and_where(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .to_owned();
    let parts = handover_part::Entity::find()
        .filter(handover_part::Column::FolderId.is_in(ids.iter().copied()))
        .filter(handover_part::Column::HandoverId.in_subquery(running))
        .all(&tx.conn)
        .await?;
    Ok(parts.into_iter().filter_map(|part| part.folder_id).collect())
}

/// Parses the ids of folders and files.
///
/// # Errors
/// [`Code::Invalid`] with the index in the list; [`Code::TooMany`].
pub fn read_ids<S: AsRef<str>>(texts: &[S], field: &str) -> Outcome<Vec<Uuid>> {
    if texts.len() > MAX_ITEMS {
        return refuse(Code::TooMany, field, format!("at most {MAX_ITEMS}"));
    }
    if texts.is_empty() {
        return refuse(Code::Invalid, field, "name at least one folder or file");
    }
    let mut ids = Vec::with_capacity(texts.len());
    for (place, text) in texts.iter().enumerate() {
        let field = format!("{field}.{place}");
        let id = read_id(text.as_ref(), &field)?;
        if ids.contains(&id) {
            return refuse(Code::Invalid, &field, "it is listed twice");
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Parses the id of a folder or a file.
///
/// # Errors
/// [`Code::Invalid`].
pub fn read_id(text: &str, field: &str) -> Outcome<Uuid> {
    let folder = text.parse::<FolderId>().map(|id| id.0);
    match folder.or_else(|_| text.parse::<entity::FileId>().map(|id| id.0)) {
        Ok(id) => Ok(id),
        Err(_) => refuse(Code::Invalid, field, "this is not the id of a folder or a file"),
    }
}
