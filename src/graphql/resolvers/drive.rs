//! Folders and files in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Interface, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::drive_item::Model as Item;
use entity::drive_share;
use uuid::Uuid;

use crate::domain::drive as drives_at;
use crate::domain::drive::access;
use crate::domain::drive::access::Link;
use crate::domain::drive::{
    MAX_SHARES, create_folder, list, move_items, name, rename_item, share_folder, unshare_folder,
};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

/// What somebody may do in a folder and below it: each level includes those before it.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "drive_share::ShareAccess")]
pub enum ShareAccess {
    /// See and download.
    Read,
    /// Put files and folders in.
    Add,
    /// Move what is there.
    Edit,
    /// Share it with others.
    Full,
}

/// Somebody who may see a folder or file that is not theirs.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Share {
    /// What they may do: the widest of what it and the folders above it give them.
    access: ShareAccess,
    #[graphql(skip)]
    person: entity::UserId,
}

#[ComplexObject]
impl Share {
    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.person).await
    }
}

/// A folder or a file. Seen by its owner and the owners of the folders above, by those whom one of these is shared
/// with, and by administrators.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "&ID", desc = "The id."),
    field(
        name = "name",
        ty = "&String",
        desc = "What it is called: unlike everything else in its folder."
    ),
    field(
        name = "path",
        ty = "String",
        desc = "The way to it, from the owner's drive or from the highest folder that you may see: `/Reports/2026.pdf`."
    ),
    field(
        name = "parent",
        ty = "Nullable<Folder>",
        desc = "The folder that it lies in; null for a My Drive, and where you may not see that folder."
    ),
    field(name = "owner", ty = "User", desc = "Whose it is."),
    field(
        name = "modified_at",
        ty = "&DateTime<Utc>",
        desc = "When somebody last changed it or its place. A handover does not change this."
    ),
    field(
        name = "shares",
        ty = "Vec<Share>",
        desc = "Who else may see it, by what it and the folders above it are shared at."
    )
)]
pub enum DriveItem {
    /// A folder.
    Folder(Box<Folder>),
    /// A file.
    File(Box<File>),
}

impl From<Item> for DriveItem {
    fn from(row: Item) -> Self {
        if row.folder {
            Self::Folder(Box::new(row.into()))
        } else {
            Self::File(Box::new(row.into()))
        }
    }
}

/// A folder, which may hold files and other folders.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Folder {
    /// The id.
    pub id: ID,
    /// What it is called: unlike everything else in its folder.
    name: String,
    /// When somebody last changed it or its place. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// The id in the system that it was imported from.
    external_id: Option<String>,
    #[graphql(skip)]
    row: Item,
}

impl From<Item> for Folder {
    fn from(row: Item) -> Self {
        Self {
            id: row.text_id().into(),
            name: row.name.clone(),
            modified_at: row.modified_at,
            external_id: row.external_id.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl Folder {
    /// The way to it, from the owner's drive or from the highest folder that you may see: `/Reports`.
    async fn path(&self, ctx: &Context<'_>) -> Result<String, Error> {
        path(ctx, &self.row).await
    }

    /// The folder that it lies in; null for a My Drive, and where you may not see that folder.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        parent(ctx, &self.row).await.transpose()
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Who else may see it, by what it and the folders above it are shared at.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<Share>, Error> {
        shares(ctx, &self.row).await
    }

    /// What lies in it, by name.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<DriveItemConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        Ok(list::items(ctx.db(), self.row.id, &args).await?.into())
    }

    /// Where the whole folder can be downloaded as one .zip. It needs the same token as this API; `createDownloadLink`
    /// makes an address that needs none.
    async fn archive_url(&self, ctx: &Context<'_>) -> String {
        drives_at::url(ctx.public_url(), &self.row)
    }
}

/// A file.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct File {
    /// The id.
    pub id: ID,
    /// What it is called: unlike everything else in its folder.
    name: String,
    /// When somebody last changed it or its place. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// Bytes.
    size: i32,
    /// What kind of bytes, as whoever uploaded them has said.
    media_type: String,
    /// The SHA-256 of the bytes, in hexadecimal digits.
    sha256: String,
    /// The id in the system that it was imported from.
    external_id: Option<String>,
    /// The number of its revision in the system that it was imported from.
    revision: Option<i32>,
    /// Its status there, in the words of that system.
    status: Option<String>,
    #[graphql(skip)]
    row: Item,
}

impl From<Item> for File {
    fn from(row: Item) -> Self {
        Self {
            id: row.text_id().into(),
            name: row.name.clone(),
            modified_at: row.modified_at,
            size: i32::try_from(row.size).unwrap_or(i32::MAX),
            media_type: row.media_type.clone().unwrap_or_default(),
            sha256: row.sha256.clone().unwrap_or_default(),
            external_id: row.external_id.clone(),
            revision: row.revision,
            status: row.status.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl File {
    /// The way to it, from the owner's drive or from the highest folder that you may see: `/Reports/2026.pdf`.
    async fn path(&self, ctx: &Context<'_>) -> Result<String, Error> {
        path(ctx, &self.row).await
    }

    /// The folder that it lies in; null where you may not see that folder.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        parent(ctx, &self.row).await.transpose()
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Who else may see it, by what the folders above it are shared at.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<Share>, Error> {
        shares(ctx, &self.row).await
    }

    /// Where it can be downloaded, whole or in parts. It needs the same token as this API; `createDownloadLink` makes an
    /// address that needs none.
    async fn url(&self, ctx: &Context<'_>) -> String {
        drives_at::url(ctx.public_url(), &self.row)
    }
}

async fn user(ctx: &Context<'_>, id: entity::UserId) -> Result<User, Error> {
    let found = ctx.loaders().users.load(id).await?;
    found
        .map(User::from)
        .ok_or_else(|| Error::internal("a folder or a file of nobody"))
}

/// The way up from something, itself first.
async fn way_up(ctx: &Context<'_>, id: Uuid) -> Result<Vec<Link>, Error> {
    let person = ctx.actor()?.user_id;
    let found = ctx.loaders().drive_ways.load((person, id)).await?;
    Ok(found.unwrap_or_default())
}

async fn path(ctx: &Context<'_>, row: &Item) -> Result<String, Error> {
    let up = way_up(ctx, row.id).await?;
    let seen = access::visible(ctx.actor()?, &up);
    // A My Drive itself is what the path begins at.
    let named = match seen.last() {
        Some(top) if top.id == top.owner_id.0 => &seen[..seen.len() - 1],
        _ => seen,
    };
    let names: Vec<&str> = named.iter().rev().map(|link| link.name.as_str()).collect();
    Ok(format!("/{}", names.join("/")))
}

async fn parent(ctx: &Context<'_>, row: &Item) -> Result<Option<Folder>, Error> {
    let Some(parent) = row.parent_id else {
        return Ok(None);
    };
    let up = way_up(ctx, row.id).await?;
    if access::visible(ctx.actor()?, &up).len() < 2 {
        return Ok(None);
    }
    Ok(ctx.loaders().drive_items.load(parent).await?.map(Folder::from))
}

async fn shares(ctx: &Context<'_>, row: &Item) -> Result<Vec<Share>, Error> {
    let up = way_up(ctx, row.id).await?;
    let folders = up.iter().map(|link| link.id).collect();
    let mut widest = std::collections::BTreeMap::new();
    for loaded in ctx.loaders().drive_shares.load_many(folders).await.into_values() {
        for (person, access) in loaded?.unwrap_or_default() {
            let here = widest.entry(person).or_insert(access);
            *here = access.max(*here);
        }
    }
    widest.remove(&row.owner_id);
    let share = |(person, access): (entity::UserId, drive_share::ShareAccess)| Share {
        access: access.into(),
        person,
    };
    Ok(widest.into_iter().map(share).collect())
}

/// The folder or file with this id, if the caller may see it.
///
/// # Errors
/// When the database fails.
pub async fn seen(ctx: &Context<'_>, id: Uuid) -> Result<Option<DriveItem>, Error> {
    let Some(row) = ctx.loaders().drive_items.load(id).await? else {
        return Ok(None);
    };
    let up = way_up(ctx, id).await?;
    Ok(access::level(ctx.actor()?, &up).map(|_| row.into()))
}

// Of two types at once: neither says it for the other.
impl Columns for DriveItem {}
connection!(DriveItem, DriveItemConnection, DriveItemEdge, "folders and files");

/// A new folder.
#[derive(InputObject)]
pub struct CreateFolderInput {
    /// The folder that it is to be in.
    parent_id: ID,
    /// What it is called: up to 255 bytes of any script, without / and \.
    name: String,
}

/// People to share a folder with.
#[derive(InputObject)]
pub struct ShareFolderInput {
    /// The folder.
    folder_id: ID,
    /// Active people, at most 1,000.
    with: Vec<ID>,
    /// What they may do in it from now on.
    access: ShareAccess,
}

/// People who are to have a folder no longer.
#[derive(InputObject)]
pub struct UnshareFolderInput {
    /// The folder.
    folder_id: ID,
    /// The people, at most 1,000.
    with: Vec<ID>,
}

/// The answer to an operation on a folder.
#[derive(SimpleObject)]
pub struct FolderPayload {
    /// The folder as it is now.
    folder: Option<Folder>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl FolderPayload {
    fn new(outcome: Outcome<Item>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            folder: row.map(Folder::from),
            user_errors,
        })
    }
}

/// Folders and files to be put elsewhere.
#[derive(InputObject)]
pub struct MoveDriveItemsInput {
    /// Which ones, at most 500.
    item_ids: Vec<ID>,
    /// The folder that they go into.
    to_folder_id: ID,
}

/// The answer to `moveDriveItems`.
#[derive(SimpleObject)]
pub struct MoveDriveItemsPayload {
    /// The folders and files as they are now; empty when none has moved.
    items: Vec<DriveItem>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// What something is to be called.
#[derive(InputObject)]
pub struct RenameDriveItemInput {
    /// The folder or file.
    item_id: ID,
    /// Its new name: up to 255 bytes of any script, without / and \.
    name: String,
}

/// The answer to `renameDriveItem`.
#[derive(SimpleObject)]
pub struct RenameDriveItemPayload {
    /// The folder or file as it is now.
    item: Option<DriveItem>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Changes of folders and files. Files are uploaded to `POST /drive/{folderId}?name=…`.
#[derive(Default)]
pub struct DriveMutation;

#[Object]
impl DriveMutation {
    /// Makes a folder. In another's folder it needs ADD access, and what you make is yours; directly in a My Drive
    /// it belongs to whom that belongs to.
    async fn create_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        FolderPayload::new(match input.check() {
            Ok((parent, name)) => create_folder::create_folder(ctx.db(), actor, parent, &name).await,
            Err(refused) => Err(refused),
        })
    }

    /// Puts folders and files into another folder: all of them or none. It needs EDIT access to them and ADD access
    /// to the folder, and FULL access to both where somebody would gain access by the move. A name that is taken there
    /// gets a number.
    async fn move_drive_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: MoveDriveItemsInput,
    ) -> Result<MoveDriveItemsPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = match input.check() {
            Ok((ids, to)) => move_items::move_items(ctx.db(), actor, &ids, to).await,
            Err(refused) => Err(refused),
        };
        let (rows, user_errors) = split(outcome)?;
        Ok(MoveDriveItemsPayload {
            items: rows
                .unwrap_or_default()
                .into_iter()
                .map(DriveItem::from)
                .collect(),
            user_errors,
        })
    }

    /// Calls a folder or file otherwise. It needs EDIT access. A name that something else in the folder has, in any letter
    /// case, is refused.
    async fn rename_drive_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RenameDriveItemInput,
    ) -> Result<RenameDriveItemPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = match input.check() {
            Ok((id, name)) => rename_item::rename_item(ctx.db(), actor, id, &name).await,
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(RenameDriveItemPayload {
            item: row.map(DriveItem::from),
            user_errors,
        })
    }

    /// Shares a folder, and all that is in it, with people. It needs FULL access.
    async fn share_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ShareFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        let access = input.access.into();
        FolderPayload::new(match input.check() {
            Ok((folder, with)) => share_folder::share_folder(ctx.db(), actor, folder, &with, access).await,
            Err(refused) => Err(refused),
        })
    }

    /// Takes people's access to a folder back; what folders above give them stays. It needs FULL access.
    async fn unshare_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UnshareFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        FolderPayload::new(match input.check() {
            Ok((folder, with)) => unshare_folder::unshare_folder(ctx.db(), actor, folder, &with).await,
            Err(refused) => Err(refused),
        })
    }
}

impl CreateFolderInput {
    fn check(self) -> Outcome<(entity::FolderId, String)> {
        let parent = input::id(&self.parent_id, "parentId")?;
        Ok((parent, name::check(&self.name, "name")?))
    }
}

impl MoveDriveItemsInput {
    fn check(self) -> Outcome<(Vec<Uuid>, entity::FolderId)> {
        let ids = move_items::read_ids(&self.item_ids, "itemIds")?;
        Ok((ids, input::id(&self.to_folder_id, "toFolderId")?))
    }
}

impl ShareFolderInput {
    fn check(self) -> Outcome<(entity::FolderId, Vec<entity::UserId>)> {
        let folder = input::id(&self.folder_id, "folderId")?;
        Ok((folder, input::ids(&self.with, MAX_SHARES, "with")?))
    }
}

impl RenameDriveItemInput {
    fn check(self) -> Outcome<(Uuid, String)> {
        let id = move_items::read_id(&self.item_id, "itemId")?;
        Ok((id, name::check(&self.name, "name")?))
    }
}

impl UnshareFolderInput {
    fn check(self) -> Outcome<(entity::FolderId, Vec<entity::UserId>)> {
        let folder = input::id(&self.folder_id, "folderId")?;
        Ok((folder, input::ids(&self.with, MAX_SHARES, "with")?))
    }
}
