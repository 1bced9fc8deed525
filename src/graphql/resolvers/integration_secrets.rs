//! Secrets of integrations in the API.

use crate::domain::auth::Permission;
use crate::domain::integrations::add_secret;
use crate::domain::integrations::revoke_secret;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::integration_secrets::{
    AddIntegrationSecretInput, AddIntegrationSecretPayload, IntegrationSecret, RevokeIntegrationSecretInput,
};
use crate::graphql::types::integrations::{Integration, RevokeIntegrationPayload};
use crate::graphql::types::people::User;
use crate::store::input;
use async_graphql::{ComplexObject, Context, Object};
use entity::user::UserStatus;

#[ComplexObject]
impl IntegrationSecret {
    /// Whose it is. For those with MANAGE_INTEGRATIONS, and the integration itself; null for others.
    async fn integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.integration_id).await
    }

    /// The person who was shown it.
    async fn shown_to(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.shown_to_id).await
    }

    /// Whether it is live although the person who was shown it has been dismissed: it was kept for a while, or has carried
    /// the dismissal out. Add a new secret and revoke this one.
    async fn known_to_leaver(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        if !self.row.is_live(ctx.db().clock().now()) {
            return Ok(false);
        }
        let user = ctx.loaders().users.load(self.row.shown_to_id).await?;
        Ok(user.is_some_and(|person| person.status == UserStatus::Dismissed))
    }
}

/// Changes of the secrets of integrations.
#[derive(Default)]
pub struct IntegrationSecretMutation;

#[Object]
impl IntegrationSecretMutation {
    /// Adds a secret to an integration, which can have five live ones. Needs MANAGE_INTEGRATIONS, and to be a person.
    async fn add_integration_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: AddIntegrationSecretInput,
    ) -> Result<AddIntegrationSecretPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        let outcome = match input.check() {
            Ok(command) => add_secret::add_secret(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        };
        let (added, user_errors) = split(outcome)?;
        let (row, value) = added.unzip();
        Ok(AddIntegrationSecretPayload {
            secret: row.map(IntegrationSecret::from),
            value,
            user_errors,
        })
    }

    /// Revokes one secret of an integration at once; the others go on. Needs MANAGE_INTEGRATIONS, and to be a person.
    async fn revoke_integration_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RevokeIntegrationSecretInput,
    ) -> Result<RevokeIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        let outcome = match input::id(&input.secret_id, "secretId") {
            Ok(id) => revoke_secret::revoke_secret(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(RevokeIntegrationPayload::new(row, user_errors))
    }
}
