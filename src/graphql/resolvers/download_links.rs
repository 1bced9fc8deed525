//! Resolvers: download links.

use async_graphql::{Context, Object};

use crate::domain::download_links as links_at;
use crate::domain::download_links::{Download, create};
use crate::error::{Code, Error, refuse};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::download_links::{CreateDownloadLinkInput, CreateDownloadLinkPayload};

/// Mutations for download links.
#[derive(Default)]
pub struct DownloadLinkMutation;

#[Object]
impl DownloadLinkMutation {
    /// Creates a URL that downloads one item without an `Authorization` header, for links and images in a page. Valid
    /// for one download within 60 seconds, while your session lasts.
    async fn create_download_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateDownloadLinkInput,
    ) -> Result<CreateDownloadLinkPayload, Error> {
        let actor = ctx.actor()?;
        actor.require_person()?;
        let outcome = match Download::read(&input.item_id) {
            Some(download) => create::create_download_link(ctx.db(), actor, download).await,
            None => refuse(
                Code::Invalid,
                "itemId",
                "this is not the id of a file, a folder or a calendar",
            ),
        };
        let (made, user_errors) = split(outcome)?;
        let (secret, expires_at) = made.unzip();
        Ok(CreateDownloadLinkPayload {
            url: secret.map(|secret| links_at::url(ctx.public_url(), &secret)),
            expires_at,
            user_errors,
        })
    }
}
