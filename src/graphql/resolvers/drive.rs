//! Resolvers: folders and files.

use async_graphql::{ComplexObject, Context, Object};
use entity::drive_item::Model as Item;
use entity::drive_share;
use uuid::Uuid;

use crate::domain::drive as drives_at;
use crate::domain::drive::access;
use crate::domain::drive::access::Link;
use crate::domain::drive::{create_folder, list, move_items, rename_item, share_folder, unshare_folder};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::drive::{
    CreateFolderInput, DriveItem, DriveItemConnection, File, Folder, FolderPayload, MoveDriveItemsInput,
    MoveDriveItemsPayload, RenameDriveItemInput, RenameDriveItemPayload, Share, ShareFolderInput,
    UnshareFolderInput,
};
use crate::graphql::types::people::User;
use crate::store::page::PageArgs;

#[ComplexObject]
impl Share {
    /// The person who has access.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.person).await
    }
}

#[ComplexObject]
impl Folder {
    /// Path from the owner's drive, or from the topmost folder that you can see, for example `/Reports`.
    pub(crate) async fn path(&self, ctx: &Context<'_>) -> Result<String, Error> {
        path(ctx, &self.row).await
    }

    /// Parent folder; null for a My Drive, and when you can't see that folder.
    pub(crate) async fn parent(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        parent(ctx, &self.row).await.transpose()
    }

    /// Owner.
    pub(crate) async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Who else has access, through shares of the folder and of the folders above it.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    pub(crate) async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<Share>, Error> {
        shares(ctx, &self.row).await
    }

    /// Content of the folder, by name.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<DriveItemConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        Ok(list::items(ctx.db(), self.row.id, &args).await?.into())
    }

    /// URL of the whole folder as a .zip archive. It needs the same token as this API; `createDownloadLink` creates a
    /// URL that needs none.
    async fn archive_url(&self, ctx: &Context<'_>) -> String {
        drives_at::url(ctx.public_url(), &self.row)
    }
}

#[ComplexObject]
impl File {
    /// Path from the owner's drive, or from the topmost folder that you can see, for example `/Reports/2026.pdf`.
    pub(crate) async fn path(&self, ctx: &Context<'_>) -> Result<String, Error> {
        path(ctx, &self.row).await
    }

    /// Parent folder; null when you can't see that folder.
    pub(crate) async fn parent(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        parent(ctx, &self.row).await.transpose()
    }

    /// Owner.
    pub(crate) async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Who else has access, through shares of the folders above it.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    pub(crate) async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<Share>, Error> {
        shares(ctx, &self.row).await
    }

    /// Download URL; supports range requests. It needs the same token as this API; `createDownloadLink` creates a URL
    /// that needs none.
    async fn url(&self, ctx: &Context<'_>) -> String {
        drives_at::url(ctx.public_url(), &self.row)
    }
}

/// Mutations for folders and files. Files are uploaded to `POST /drive/{folderId}?name=…`.
#[derive(Default)]
pub struct DriveMutation;

#[Object]
impl DriveMutation {
    /// Creates a folder. In someone else's folder you need ADD access, and own the new folder; directly in a My Drive,
    /// its owner owns the new folder.
    async fn create_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        FolderPayload::new(
            async {
                let (parent, name) = input.check()?;
                create_folder::create_folder(ctx.db(), actor, parent, &name).await
            }
            .await,
        )
    }

    /// Moves folders and files into another folder: all of them or none. Needs EDIT access to the items and ADD access
    /// to the target folder, and FULL access to both if the move would give anyone new access. A number is added to a
    /// name that is taken in the target folder.
    async fn move_drive_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: MoveDriveItemsInput,
    ) -> Result<MoveDriveItemsPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = async {
            let (ids, to) = input.check()?;
            move_items::move_items(ctx.db(), actor, &ids, to).await
        }
        .await;
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

    /// Renames a folder or file. Needs EDIT access. A name that is taken in the same folder, ignoring case, returns
    /// NAME_TAKEN.
    async fn rename_drive_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RenameDriveItemInput,
    ) -> Result<RenameDriveItemPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = async {
            let (id, name) = input.check()?;
            rename_item::rename_item(ctx.db(), actor, id, &name).await
        }
        .await;
        let (row, user_errors) = split(outcome)?;
        Ok(RenameDriveItemPayload {
            item: row.map(DriveItem::from),
            user_errors,
        })
    }

    /// Shares a folder and all its content with people. Needs FULL access.
    async fn share_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: ShareFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        let access = input.access.into();
        FolderPayload::new(
            async {
                let (folder, with) = input.check()?;
                share_folder::share_folder(ctx.db(), actor, folder, &with, access).await
            }
            .await,
        )
    }

    /// Removes people's access to a folder; access through the folders above it remains. Needs FULL access.
    async fn unshare_folder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UnshareFolderInput,
    ) -> Result<FolderPayload, Error> {
        let actor = ctx.actor()?;
        FolderPayload::new(
            async {
                let (folder, with) = input.check()?;
                unshare_folder::unshare_folder(ctx.db(), actor, folder, &with).await
            }
            .await,
        )
    }
}

async fn user(ctx: &Context<'_>, id: entity::UserId) -> Result<User, Error> {
    let found = ctx.loaders().users.load(id).await?;
    found
        .map(User::from)
        .ok_or_else(|| Error::internal("a folder or a file of nobody"))
}

/// The item and the folders above it, from the bottom up.
async fn way_up(ctx: &Context<'_>, id: Uuid) -> Result<Vec<Link>, Error> {
    let person = ctx.actor()?.user_id;
    let found = ctx.loaders().drive_ways.load((person, id)).await?;
    Ok(found.unwrap_or_default())
}

async fn path(ctx: &Context<'_>, row: &Item) -> Result<String, Error> {
    let up = way_up(ctx, row.id).await?;
    let seen = access::visible(ctx.actor()?, &up);
    // Paths start at a My Drive, without its name.
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

/// The folder or file with this id, if the caller can see it.
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
