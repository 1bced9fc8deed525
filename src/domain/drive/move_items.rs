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

use super::access::{Link, levels, somebody_gains};
use super::create_folder::open;
use super::place::{self, Moving};
use super::{access, list};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Most folders and files at once.
pub const MAX: usize = 500;
/// How often a name that somebody else took at the same moment is looked for anew.
const ATTEMPTS: usize = 5;

/// Puts folders, with all that is in them, and files into another folder. Where a name is taken there, it gets a
/// number. All of them move or none; answers them in the order in which they were named.
///
/// # Errors
/// [`Code::NotFound`] for what the actor can't see; [`Code::Invalid`] for a folder that would be inside itself, a
/// My Drive, and other people's things in one; [`Code::HandoverInProgress`] for a folder that a handover is
/// filling; [`Error::Forbidden`] without EDIT access to what moves or ADD access to where it goes, and, without FULL
/// access to both, where anybody would have more access to it than before.
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
        place::take_turn(tx).await?;
        let target = open(tx, actor, to, "toFolderId").await?;
        let rows = list::by_ids(&tx.conn, ids).await?;
        let ways = list::ways_up(&tx.conn, actor.user_id, ids).await?;
        let above: HashSet<Uuid> = target.up.iter().map(|link| link.id).collect();
        let grants = Grants::of(ways.values().chain([&target.up]))
            .with_shares(tx)
            .await?;
        let filling = filling(tx, ids).await?;
        let mut refusals = Vec::new();
        let mut moving = Vec::new();
        for (position, id) in ids.iter().enumerate() {
            let mut refuse = |code, message: &str| {
                refusals.push(Refusal::new(code, &format!("itemIds.{position}"), message));
            };
            let level = ways.get(id).and_then(|up| access::level(actor, up));
            let (Some(item), Some(level)) = (rows.get(id), level) else {
                refuse(Code::NotFound, "there is no such folder or file");
                continue;
            };
            if item.parent_id.is_none() {
                refuse(Code::Invalid, "a My Drive can't be moved: move what is in it");
            } else if level < ShareAccess::Edit {
                return Err(Error::Forbidden("EDIT access to what moves").into());
            } else if level.min(target.level) < ShareAccess::Full
                && grants.somebody_gains(&ways[id], &target.up)
            {
                // Whoever may not share it gives it to nobody by moving it, themselves included.
                let needed = "FULL access to what moves and to where it goes: somebody would gain access";
                return Err(Error::Forbidden(needed).into());
            } else if above.contains(id) {
                refuse(Code::Invalid, "a folder can't be put into itself");
            } else if target.item.parent_id.is_none() && item.owner_id != target.item.owner_id {
                let message = "only what belongs to its owner can lie directly in a My Drive";
                refuse(Code::Invalid, message);
            } else if filling.contains(id) {
                refuse(
                    Code::HandoverInProgress,
                    "a handover is still putting things into it",
                );
            } else if item.parent_id != Some(to.0) {
                moving.push(item);
            }
        }
        refuse_if_any(refusals)?;
        if !moving.is_empty() {
            let ids: Vec<Uuid> = moving.iter().map(|item| item.id).collect();
            let data = json!({ "items": moving.iter().map(|item| item.text_id()).collect::<Vec<_>>() });
            let moving: Vec<Moving> = moving.into_iter().map(Moving::from).collect();
            place::put(tx, &moving, to.0).await?;
            drive_item::Entity::update_many()
                .col_expr(drive_item::Column::ModifiedAt, Expr::value(tx.now))
                .col_expr(drive_item::Column::UpdatedAt, Expr::value(tx.now))
                .filter(drive_item::Column::Id.is_in(ids))
                .exec(&tx.conn)
                .await?;
            journal::record(
                tx,
                &actor.author(),
                Action::DriveItemsMoved,
                Some(to.into()),
                data,
            )
            .await?;
        }
        let mut rows = list::by_ids(&tx.conn, ids).await?;
        Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
    })
    .await
}

/// Who may do what with the folders and files that a move is about.
struct Grants(HashMap<Uuid, access::Grants>);

impl Grants {
    /// Those of folders and files and of what lies above them, still without the shares.
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

    /// Whether somebody would have more access to what lies at the end of a way if it lay in the folder at the end of
    /// another one.
    fn somebody_gains(&self, up: &[Link], to: &[Link]) -> bool {
        let grants = |links: &[Link]| levels(links.iter().filter_map(|link| self.0.get(&link.id)));
        let item = &up[..up.len().min(1)];
        somebody_gains(&grants(up), &grants(&[item, to].concat()))
    }
}

/// Those of these folders into which a handover that is not over puts what it hands over.
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

/// Reads the ids of folders and files.
///
/// # Errors
/// [`Code::Invalid`] with the place in the list; [`Code::TooMany`].
pub fn read_ids<S: AsRef<str>>(texts: &[S], field: &str) -> Outcome<Vec<Uuid>> {
    if texts.len() > MAX {
        return refuse(Code::TooMany, field, format!("at most {MAX}"));
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

/// Reads the id of a folder or a file.
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
