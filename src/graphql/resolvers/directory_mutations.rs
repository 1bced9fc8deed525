//! Resolvers: mutations for directories that provision people by SCIM.

use async_graphql::{Context, Object};

use crate::domain::auth::Permission;
use crate::domain::directory::admin::{create, end, exempt, link, release, update};
use crate::domain::directory::groups::map;
use crate::domain::people::update::Updated;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::types::directories::DirectoryPayload;
use crate::graphql::types::directory_input::{
    CreateDirectoryInput, EndDirectoryInput, ExemptFromDirectoryInput, LinkToDirectoryInput,
    MapDirectoryGroupInput, UpdateDirectoryInput,
};
use crate::graphql::types::user_update::UpdateUserPayload;
use crate::store::input;

/// Mutations for directories.
#[derive(Default)]
pub struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Makes an integration with the scope PROVISION_PEOPLE a directory. Needs MANAGE_INTEGRATIONS; not available to
    /// integrations.
    async fn create_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateDirectoryInput,
    ) -> Result<DirectoryPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        DirectoryPayload::new(
            async {
                let name = input::check_line(&input.name, input::NAME, "name")?;
                let integration = input::id(&input.integration_id, "integrationId")?;
                create::create_directory(ctx.db(), actor, &name, integration).await
            }
            .await,
        )
    }

    /// Changes a directory: its name, and what happens to the work of the people whom it dismisses. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn update_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateDirectoryInput,
    ) -> Result<DirectoryPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        DirectoryPayload::new(
            async { update::update_directory(ctx.db(), actor, &input.check()?).await }.await,
        )
    }

    /// Ends a directory: its people are unlinked, nobody is dismissed, and its integration stays. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn end_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: EndDirectoryInput,
    ) -> Result<DirectoryPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        DirectoryPayload::new(match input::id(&input.directory_id, "directoryId") {
            Ok(id) => end::end_directory(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Links a person to a directory before it does so itself, so that it finds them by this name and ID. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn link_to_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: LinkToDirectoryInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        let done = async { link::link_to_directory(ctx.db(), actor, &input.check()?).await }.await;
        UpdateUserPayload::new(done.map(Updated::from))
    }

    /// Unlinks a person from a directory; nothing else about them changes. Needs MANAGE_INTEGRATIONS; not available to
    /// integrations.
    async fn unlink_from_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: LinkToDirectoryInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        let done = async {
            let given = input.check()?;
            link::unlink_from_directory(ctx.db(), actor, given.directory, given.user).await
        }
        .await;
        UpdateUserPayload::new(done.map(Updated::from))
    }

    /// Exempts a person from dismissal by a directory, or no longer: for accounts that must survive a mistake there. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn exempt_from_directory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: ExemptFromDirectoryInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        let done = match input::id(&input.user_id, "userId") {
            Ok(id) => exempt::exempt_from_directory(ctx.db(), actor, id, input.exempt).await,
            Err(refused) => Err(refused),
        };
        UpdateUserPayload::new(done.map(Updated::from))
    }

    /// Maps a group to a department, a CRM role or the administrator role: its members get it, now and later. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn map_directory_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: MapDirectoryGroupInput,
    ) -> Result<DirectoryPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        DirectoryPayload::new(
            async {
                let group = input::id(&input.group_id, "groupId")?;
                let target = input.to.check()?;
                map::map_directory_group(ctx.db(), actor, group, target, input.map.unwrap_or(true)).await
            }
            .await,
        )
    }

    /// Lets the handovers begin that were held because the directory dismissed unusually many people. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn release_held_handovers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: EndDirectoryInput,
    ) -> Result<DirectoryPayload, Error> {
        let actor = ctx.permitted(Permission::ManageIntegrations)?;
        DirectoryPayload::new(match input::id(&input.directory_id, "directoryId") {
            Ok(id) => release::release_held_handovers(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}
