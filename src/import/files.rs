//! files.csv: id, name, owner_email, is_folder, folder_id, revision, status, modified_on; and drive_folders.csv: path,
//! owners, reviewers.
//!
//! Neither file has content, so files are imported empty. Items without a folder go to their owner's My Drive.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::drive_item::{self, Model as Item};
use entity::drive_share::{self, ShareAccess};
use entity::{FolderId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::lookup::{self, People, nobody};
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::domain::drive::place;
use crate::domain::drive::place::PlacedItem;
use crate::domain::drive::{ensure_my_drives, name};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;

/// The SHA-256 of the empty file.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The media type of imported files, of which only the name is known.
const BYTES: &str = "application/octet-stream";
/// Maximum length of an id or path, in characters.
const KEY: usize = 500;

/// A parsed row, with the references that could not be resolved.
struct Entry {
    key: String,
    name: String,
    /// `None` if it is inherited from the parent folder.
    owner: Option<UserId>,
    folder: bool,
    /// The keys of candidate parent folders; the first existing one is used.
    within: Vec<String>,
    /// Whether it is an error if none of them exists.
    needs_folder: bool,
    revision: Option<i32>,
    status: Option<String>,
    modified_at: Timestamp,
    shares: Vec<(UserId, ShareAccess)>,
    reasons: Vec<Reason>,
}

/// Imports folders and files.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let people = People::of(tx, rows.iter().filter_map(|row| row.get("owner_email"))).await?;
    let read = rows.iter().map(|row| read_file(tx, row, &people)).collect();
    settle(tx, read, run, "id").await
}

/// Imports folders of which only the path is known.
///
/// # Errors
/// When the database fails.
pub async fn import_folders(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let addresses = |row| value::list(row, "owners").chain(value::list(row, "reviewers"));
    let people = People::of(tx, rows.iter().flat_map(addresses)).await?;
    let read = rows.iter().map(|row| read_folder(tx, row, &people)).collect();
    settle(tx, read, run, "path").await
}

fn read_file(tx: &Tx, row: &Row, people: &People) -> Result<Entry, Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let address = row.get("owner_email");
    let address = address.ok_or_else(|| "owner_email: value required".to_owned())?;
    let folder = value::yes(row, "is_folder")?;
    let within = row
        .get("folder_id")
        .map(|_| value::key(row, "folder_id", KEY))
        .transpose()?;
    let revision = match row.get("revision") {
        None => None,
        Some(text) => {
            let number = text.trim().parse();
            Some(number.map_err(|_| "revision: must be an integer".to_owned())?)
        }
    };
    Ok(Entry {
        key: value::key(row, "id", KEY)?,
        name: value::told("name", name::check(row.get("name").unwrap_or_default(), "name"))?,
        owner: Some(
            people
                .get(address)
                .ok_or_else(|| nobody("owner_email", address))?,
        ),
        folder,
        needs_folder: within.is_some(),
        within: within.into_iter().collect(),
        revision,
        status: value::text(row, "status", crate::store::input::NAME)?,
        modified_at: value::moment(row, "modified_on")?.unwrap_or(tx.now),
        shares: Vec::new(),
        reasons: Vec::new(),
    })
}

/// Parses a folder: the first known owner owns it, the others get EDIT, reviewers get READ.
fn read_folder(tx: &Tx, row: &Row, people: &People) -> Result<Entry, Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let path = value::key(row, "path", KEY)?;
    let parts: Vec<&str> = path
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let last = parts.last().copied().unwrap_or_default();
    // The normalized path: `/Sales/Plans` and `Sales/Plans/` have the same key.
    let key = |length: usize| format!("{}/", parts[..length].join("/"));
    let above = (1..parts.len()).rev().map(key).collect();
    let mut reasons = Vec::new();
    let mut known = |column: &str| {
        let mut found = Vec::new();
        for address in value::list(row, column) {
            match people.get(address) {
                Some(person) => found.push(person),
                None => reasons.push(nobody(column, address)),
            }
        }
        found
    };
    let (owners, reviewers) = (known("owners"), known("reviewers"));
    let owner = owners.first().copied();
    let mut shares: Vec<(UserId, ShareAccess)> = Vec::new();
    let others = owners.iter().map(|&person| (person, ShareAccess::Edit));
    for (person, access) in others.chain(reviewers.iter().map(|&person| (person, ShareAccess::Read))) {
        if Some(person) != owner && !shares.iter().any(|share| share.0 == person) {
            shares.push((person, access));
        }
    }
    Ok(Entry {
        name: value::told("path", name::check(last, "path"))?,
        owner,
        folder: true,
        within: above,
        needs_folder: false,
        revision: None,
        status: None,
        modified_at: tx.now,
        shares,
        reasons,
        key: key(parts.len()),
    })
}

async fn settle(
    tx: &Tx,
    read: Vec<Result<Entry, Reason>>,
    run: &Run,
    column: &str,
) -> Outcome<Vec<RowOutcome>> {
    let keys = read.iter().flatten().map(|entry| entry.key.as_str());
    let above = read
        .iter()
        .flatten()
        .flat_map(|entry| entry.within.iter().map(String::as_str));
    let there = lookup::imported(tx, "drive_items", keys.chain(above)).await?;
    let mut folders = folders_of(tx, &there).await?;
    let mut seen = HashSet::new();
    let mut verdicts = Vec::with_capacity(read.len());
    let mut new: Vec<(usize, Entry)> = Vec::new();
    for (place, entry) in read.into_iter().enumerate() {
        verdicts.push(match entry {
            Err(reason) => RowOutcome::rejected(reason),
            Ok(entry) => match there.get(&entry.key) {
                Some(&taken) => {
                    let mut outcome = run.outcome_for_existing(taken, column);
                    if outcome.0 == RowStatus::Unchanged && run.correcting {
                        outcome = RowOutcome(complete(tx, taken, &entry, &folders).await?, entry.reasons);
                    }
                    outcome
                }
                None if !seen.insert(entry.key.clone()) => RowOutcome::rejected(super::twice(column)),
                None => {
                    new.push((place, entry));
                    RowOutcome(RowStatus::Added, Vec::new())
                }
            },
        });
    }
    let (mut rows, mut shares) = (Vec::new(), Vec::new());
    for (place, mut entry) in parents_first(new) {
        let parent = entry.within.iter().find_map(|key| folders.get(key).copied());
        if parent.is_none() && entry.needs_folder {
            entry.reasons.push("folder_id: unknown folder".to_owned());
        }
        let Some(owner) = entry.owner.or(parent.map(|(_, owner)| owner)) else {
            let reason = "owners: no known owner here or in a parent folder";
            verdicts[place] = RowOutcome::rejected(reason.to_owned());
            continue;
        };
        let id = run.id(tx.now);
        if entry.folder {
            folders.insert(entry.key.clone(), (id, owner));
            shares.extend(entry.shares.iter().map(|&share| (id, share)));
        }
        verdicts[place].1.append(&mut entry.reasons);
        rows.push(row(tx, id, parent.map_or(owner.0, |(id, _)| id), owner, entry));
    }
    insert(tx, rows, shares).await?;
    Ok(verdicts)
}

/// Sorts new items: parents before children, regardless of row order.
fn parents_first(mut new: Vec<(usize, Entry)>) -> Vec<(usize, Entry)> {
    let mut waiting: HashSet<String> = new.iter().map(|(_, entry)| entry.key.clone()).collect();
    let mut sorted = Vec::with_capacity(new.len());
    while !new.is_empty() {
        let is_ready = |entry: &Entry| !entry.within.iter().any(|key| waiting.contains(key));
        let (mut ready, mut later): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|(_, entry)| is_ready(entry));
        if ready.is_empty() {
            // A cycle of folders: break it at an arbitrary one.
            let (place, mut entry) = later.remove(0);
            entry.within.clear();
            ready.push((place, entry));
        }
        for (_, entry) in &ready {
            waiting.remove(&entry.key);
        }
        sorted.append(&mut ready);
        new = later;
    }
    sorted
}

fn row(tx: &Tx, id: Uuid, parent: Uuid, owner: UserId, entry: Entry) -> Item {
    Item {
        id,
        external_id: Some(entry.key),
        parent_id: Some(parent),
        owner_id: owner,
        folder: entry.folder,
        name_key: text::name_key(&entry.name),
        sort_key: text::sort_key(&entry.name),
        name: entry.name,
        size: 0,
        media_type: (!entry.folder).then(|| BYTES.to_owned()),
        sha256: (!entry.folder).then(|| NOTHING.to_owned()),
        revision: entry.revision,
        status: entry.status,
        modified_at: entry.modified_at,
        created_at: tx.now,
        updated_at: tx.now,
        placed_at: None,
    }
}

/// Selects the items that are folders, with their owners.
async fn folders_of(tx: &Tx, there: &HashMap<String, Uuid>) -> Outcome<HashMap<String, (Uuid, UserId)>> {
    let ids: Vec<Uuid> = there.values().copied().collect();
    let mut owners = HashMap::new();
    for some in ids.chunks(1_000) {
        let rows: Vec<(Uuid, UserId)> = drive_item::Entity::find()
            .select_only()
            .columns([drive_item::Column::Id, drive_item::Column::OwnerId])
            .filter(drive_item::Column::Id.is_in(some.iter().copied()))
            .filter(drive_item::Column::Folder.eq(true))
            .into_tuple()
            .all(&tx.conn)
            .await?;
        owners.extend(rows);
    }
    let folder = |(key, id): (&String, &Uuid)| owners.get(id).map(|&owner| (key.clone(), (*id, owner)));
    Ok(there.iter().filter_map(folder).collect())
}

/// Inserts rows, parents before children, under names that are unique in their folder.
async fn insert(tx: &Tx, mut rows: Vec<Item>, shares: Vec<(Uuid, (UserId, ShareAccess))>) -> Outcome<()> {
    let drives: BTreeSet<UserId> = rows.iter().map(|row| row.owner_id).collect();
    let drives: Vec<UserId> = drives.into_iter().collect();
    for some in drives.chunks(1_000) {
        ensure_my_drives(tx, some.iter().copied()).await?;
    }
    let mut by_folder: HashMap<Uuid, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        by_folder
            .entry(row.parent_id.unwrap_or_default())
            .or_default()
            .push(place);
    }
    for (folder, places) in by_folder {
        let mut taken = HashSet::new();
        for some in places.chunks(1_000) {
            let wanted = some.iter().map(|&place| rows[place].name_key.clone());
            taken.extend(place::taken(tx, folder, drive_item::Column::NameKey.is_in(wanted)).await?);
        }
        let mut all = false;
        for place in places {
            if taken.contains(&rows[place].name_key) {
                if !all {
                    taken.extend(place::taken(tx, folder, Expr::value(true)).await?);
                    all = true;
                }
                let free = name::free(&rows[place].name, rows[place].folder, &taken);
                rows[place].set_name(free);
            }
            taken.insert(rows[place].name_key.clone());
        }
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    db::insert_all::<drive_item::ActiveModel>(tx, rows).await?;
    let share = |(folder, (user_id, access)): (Uuid, (UserId, ShareAccess))| drive_share::ActiveModel {
        folder_id: Set(FolderId(folder)),
        user_id: Set(user_id),
        access: Set(access),
        created_at: Set(tx.now),
    };
    Ok(db::insert_all(tx, shares.into_iter().map(share).collect()).await?)
}

/// Fills what the first import left empty: the parent folder and the shares.
async fn complete(
    tx: &Tx,
    id: Uuid,
    entry: &Entry,
    folders: &HashMap<String, (Uuid, UserId)>,
) -> Outcome<RowStatus> {
    let Some(item) = drive_item::Entity::find_by_id(id).one(&tx.conn).await? else {
        return Ok(RowStatus::Unchanged);
    };
    let mut fate = RowStatus::Unchanged;
    let wanted = entry
        .within
        .iter()
        .find_map(|key| folders.get(key))
        .map(|(id, _)| *id);
    let home = item.parent_id == Some(item.owner_id.0);
    if let Some(to) = wanted.filter(|to| home && *to != item.id)
        && place::cycles(tx, &[(item.id, to)]).await?.is_empty()
    {
        place::put(tx, &[PlacedItem::from(&item)], to).await?;
        drive_item::Entity::update_many()
            .col_expr(drive_item::Column::UpdatedAt, Expr::value(tx.now))
            .filter(drive_item::Column::Id.eq(item.id))
            .exec(&tx.conn)
            .await?;
        fate = RowStatus::Completed;
    }
    let shares = entry
        .shares
        .iter()
        .map(|&(user_id, access)| drive_share::ActiveModel {
            folder_id: Set(FolderId(id)),
            user_id: Set(user_id),
            access: Set(access),
            created_at: Set(tx.now),
        });
    let shares: Vec<_> = shares.collect();
    if !shares.is_empty() {
        let added = drive_share::Entity::insert_many(shares)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn)
            .await?;
        if added > 0 {
            fate = RowStatus::Completed;
        }
    }
    Ok(fate)
}
