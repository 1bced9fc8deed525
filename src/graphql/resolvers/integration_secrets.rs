//! Resolvers: secrets of integrations.

use async_graphql::{ComplexObject, Context, Object};
use entity::user::UserStatus;

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

#[ComplexObject]
impl IntegrationSecret {
    /// The integration that it belongs to. Needs MANAGE_INTEGRATIONS, unless the caller is that integration; null
    /// otherwise.
    async fn integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.integration_id).await
    }

    /// The person it was shown to.
    async fn shown_to(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.shown_to_id).await
    }

    /// Whether it is still active although the person it was shown to has been dismissed, because it was kept or
    /// because the integration carried out the dismissal. Add a new secret and revoke this one.
    async fn known_to_leaver(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        if !self.row.is_active(ctx.db().clock().now()) {
            return Ok(false);
        }
        let user = ctx.loaders().users.load(self.row.shown_to_id).await?;
        Ok(user.is_some_and(|person| person.status == UserStatus::Dismissed))
    }
}

/// Mutations for the secrets of integrations.
#[derive(Default)]
pub struct IntegrationSecretMutation;

#[Object]
impl IntegrationSecretMutation {
    /// Adds a secret to an integration, which can have at most five active ones. Needs MANAGE_INTEGRATIONS; not
    /// available to integrations.
    async fn add_integration_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: AddIntegrationSecretInput,
    ) -> Result<AddIntegrationSecretPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        let outcome = async { add_secret::add_secret(ctx.db(), actor, &input.check()?).await }.await;
        let (added, user_errors) = split(outcome)?;
        let (row, value) = added.unzip();
        Ok(AddIntegrationSecretPayload {
            secret: row.map(IntegrationSecret::from),
            value: value.flatten(),
            user_errors,
        })
    }

    /// Revokes one secret of an integration at once; its other secrets stay valid. Needs MANAGE_INTEGRATIONS; not
    /// available to integrations.
    async fn revoke_integration_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RevokeIntegrationSecretInput,
    ) -> Result<RevokeIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        let outcome = async {
            revoke_secret::revoke_secret(ctx.db(), actor, input::id(&input.secret_id, "secretId")?).await
        }
        .await;
        let (row, user_errors) = split(outcome)?;
        Ok(RevokeIntegrationPayload::new(row, user_errors))
    }
}
