//! files.csv: id, name, owner_email, is_folder, folder_id, revision, status, modified_on; and drive_folders.csv: path,
//! owners, reviewers.
//!
//! Neither form has bytes: files come in empty. What has no folder lies in its owner's My Drive.

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
use super::{Fate, Run, Verdict};
use crate::domain::drive::place;
use crate::domain::drive::place::Moving;
use crate::domain::drive::{ensure_my_drives, name};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;

/// The SHA-256 of no bytes.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The media type of a file of which only the name is known.
const BYTES: &str = "application/octet-stream";
/// Longest id or path, in characters.
const KEY: usize = 500;

/// What a row says, and what it has to come without.
struct Entry {
    key: String,
    name: String,
    /// Nobody where the folder above decides.
    owner: Option<UserId>,
    folder: bool,
    /// The folders that it may lie in, by key: the first that there is.
    within: Vec<String>,
    /// Whether it is a mistake when there is none of them.
    needs_folder: bool,
    revision: Option<i32>,
    status: Option<String>,
    modified_at: Timestamp,
    shares: Vec<(UserId, ShareAccess)>,
    reasons: Vec<Reason>,
}

/// Makes folders and files.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let people = People::of(tx, rows.iter().filter_map(|row| row.get("owner_email"))).await?;
    let read = rows.iter().map(|row| read_file(tx, row, &people)).collect();
    settle(tx, read, run, "id").await
}

/// Makes folders of which only the path is known.
///
/// # Errors
/// When the database fails.
pub async fn take_folders(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let addresses = |row| value::list(row, "owners").chain(value::list(row, "reviewers"));
    let people = People::of(tx, rows.iter().flat_map(addresses)).await?;
    let read = rows.iter().map(|row| read_folder(tx, row, &people)).collect();
    settle(tx, read, run, "path").await
}

fn read_file(tx: &Tx, row: &Row, people: &People) -> Result<Entry, Reason> {
    row.misshapen().map_or(Ok(()), Err)?;
    let address = row.get("owner_email");
    let address = address.ok_or_else(|| "owner_email: it is empty".to_owned())?;
    let folder = value::yes(row, "is_folder")?;
    let within = row
        .get("folder_id")
        .map(|_| value::key(row, "folder_id", KEY))
        .transpose()?;
    let revision = match row.get("revision") {
        None => None,
        Some(text) => {
            let number = text.trim().parse();
            Some(number.map_err(|_| "revision: this is no whole number".to_owned())?)
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

/// The first of the owners who is known owns it, the others may edit, reviewers may read.
fn read_folder(tx: &Tx, row: &Row, people: &People) -> Result<Entry, Reason> {
    row.misshapen().map_or(Ok(()), Err)?;
    let path = value::key(row, "path", KEY)?;
    let parts: Vec<&str> = path
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let last = parts.last().copied().unwrap_or_default();
    // However a path is written (`/Sales/Plans`, `Sales/Plans/`), this is its key.
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

async fn settle(tx: &Tx, read: Vec<Result<Entry, Reason>>, run: &Run, column: &str) -> Outcome<Vec<Verdict>> {
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
            Err(reason) => Verdict::rejected(reason),
            Ok(entry) => match there.get(&entry.key) {
                Some(&taken) => {
                    let mut verdict = run.verdict_on_existing(taken, column);
                    if verdict.0 == Fate::Unchanged && run.correcting {
                        verdict = Verdict(complete(tx, taken, &entry, &folders).await?, entry.reasons);
                    }
                    verdict
                }
                None if !seen.insert(entry.key.clone()) => Verdict::rejected(super::twice(column)),
                None => {
                    new.push((place, entry));
                    Verdict(Fate::Added, Vec::new())
                }
            },
        });
    }
    let (mut rows, mut shares) = (Vec::new(), Vec::new());
    // Folders before what lies in them, whatever the order of the rows.
    let waiting: HashSet<String> = new.iter().map(|(_, entry)| entry.key.clone()).collect();
    let mut waiting: HashSet<&str> = waiting.iter().map(String::as_str).collect();
    while !new.is_empty() {
        let ready = |entry: &Entry| entry.within.iter().all(|key| !waiting.contains(key.as_str()));
        let (mut now, mut later): (Vec<_>, Vec<_>) = new.into_iter().partition(|(_, entry)| ready(entry));
        if now.is_empty() {
            // A ring of folders inside each other: one of them has to be the first.
            let (place, mut entry) = later.remove(0);
            entry.within.clear();
            now.push((place, entry));
        }
        for (place, mut entry) in now {
            waiting.remove(entry.key.as_str());
            let parent = entry.within.iter().find_map(|key| folders.get(key).copied());
            if parent.is_none() && entry.needs_folder {
                entry
                    .reasons
                    .push("folder_id: no folder with this id has come before".to_owned());
            }
            let Some(owner) = entry.owner.or(parent.map(|(_, owner)| owner)) else {
                verdicts[place] = Verdict::rejected("owners: nobody is named, here or above".to_owned());
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
        new = later;
    }
    insert(tx, rows, shares).await?;
    Ok(verdicts)
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

/// Those of the items that are folders, with their owners.
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

/// Writes new rows, parents before children, under names that nothing else in their folder has.
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

/// Fills what the first import had to leave empty: the folder, and whom a folder is shared with.
async fn complete(
    tx: &Tx,
    id: Uuid,
    entry: &Entry,
    folders: &HashMap<String, (Uuid, UserId)>,
) -> Outcome<Fate> {
    let Some(item) = drive_item::Entity::find_by_id(id).one(&tx.conn).await? else {
        return Ok(Fate::Unchanged);
    };
    let mut fate = Fate::Unchanged;
    let wanted = entry
        .within
        .iter()
        .find_map(|key| folders.get(key))
        .map(|(id, _)| *id);
    let home = item.parent_id == Some(item.owner_id.0);
    if let Some(to) = wanted.filter(|to| home && *to != item.id)
        && place::rings(tx, &[(item.id, to)]).await?.is_empty()
    {
        place::put(tx, &[Moving::from(&item)], to).await?;
        drive_item::Entity::update_many()
            .col_expr(drive_item::Column::UpdatedAt, Expr::value(tx.now))
            .filter(drive_item::Column::Id.eq(item.id))
            .exec(&tx.conn)
            .await?;
        fate = Fate::Completed;
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
            fate = Fate::Completed;
        }
    }
    Ok(fate)
}
