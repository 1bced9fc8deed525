//! Resolvers: integrations.

use async_graphql::{ComplexObject, Context, Object};
use chrono::{DateTime, Utc};
use entity::IntegrationId;
use entity::integration_secret::Model as SecretRow;

use crate::domain::auth::Permission as Held;
use crate::domain::integrations::create;
use crate::domain::integrations::rules::expiry_warning;
use crate::domain::integrations::secrets;
use crate::domain::integrations::{id_of, read_scopes, revoke};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::auth::Permission;
use crate::graphql::types::integration_secrets::IntegrationSecret;
use crate::graphql::types::integrations::{
    CreateIntegrationInput, CreateIntegrationPayload, Integration, RevokeIntegrationInput,
    RevokeIntegrationPayload,
};
use crate::graphql::types::people::User;
use crate::store::input;

impl Integration {
    /// The integration with this id, if it exists and the caller can see it: callers with MANAGE_INTEGRATIONS see all
    /// of them, an integration sees itself.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the caller is not signed in.
    pub async fn load(ctx: &Context<'_>, id: IntegrationId) -> Nullable<Self> {
        let visible = ctx
            .actor()
            .map(|actor| actor.may(Held::ManageIntegrations) || id_of(actor) == Some(id));
        let row = match visible {
            Ok(true) => ctx.loaders().integrations.load(id).await.transpose()?,
            Ok(false) => return None,
            Err(error) => Err(error),
        };
        Some(row.map(Self::from))
    }

    async fn secret_rows(&self, ctx: &Context<'_>) -> Result<Vec<SecretRow>, Error> {
        let loaders = ctx.loaders();
        Ok(loaders
            .integration_secrets
            .load(self.row.id)
            .await?
            .unwrap_or_default())
    }
}

#[ComplexObject]
impl Integration {
    /// Owner: the person who created it, until a handover of INTEGRATION assigns someone else.
    async fn owner(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.owner_id).await
    }

    /// Permissions of the integration.
    async fn scopes(&self) -> Vec<Permission> {
        read_scopes(&self.row.scopes)
            .into_iter()
            .map(Permission::from)
            .collect()
    }

    /// When any of its secrets was last used, to the minute; null when never.
    async fn last_used_at(&self, ctx: &Context<'_>) -> Nullable<DateTime<Utc>> {
        let latest = |secrets: Vec<SecretRow>| secrets.iter().filter_map(|secret| secret.last_used_at).max();
        self.secret_rows(ctx).await.map(latest).transpose()
    }

    /// When the last of its active secrets expires; null when one of them does not expire, or when none is active.
    async fn expires_at(&self, ctx: &Context<'_>) -> Nullable<DateTime<Utc>> {
        let now = ctx.db().clock().now();
        let latest = |secrets: Vec<SecretRow>| {
            let mut latest = None;
            for secret in secrets.iter().filter(|secret| secret.is_active(now)) {
                latest = latest.max(Some(secret.expires_at?));
            }
            latest
        };
        self.secret_rows(ctx).await.map(latest).transpose()
    }

    /// What needs attention: for each active secret that expires within 30 days, the day, with the end of the secret.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        let now = ctx.db().clock().now();
        let rows = self.secret_rows(ctx).await?;
        Ok(rows
            .iter()
            .filter_map(|secret| expiry_warning(secret, now))
            .collect())
    }

    /// All secrets, newest first, including expired and revoked ones.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn secrets(&self, ctx: &Context<'_>) -> Result<Vec<IntegrationSecret>, Error> {
        let rows = self.secret_rows(ctx).await?;
        Ok(rows.into_iter().map(IntegrationSecret::from).collect())
    }
}

/// Queries for integrations.
#[derive(Default)]
pub struct IntegrationQuery;

#[Object]
impl IntegrationQuery {
    /// All integrations, newest first, including revoked ones; at most 1,000. Needs MANAGE_INTEGRATIONS.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn integrations(&self, ctx: &Context<'_>) -> Nullable<Vec<Integration>> {
        let all = async {
            ctx.actor()?.require(Held::ManageIntegrations)?;
            let rows = secrets::integrations(ctx.db()).await?;
            Ok(rows.into_iter().map(Integration::from).collect())
        };
        Some(all.await)
    }
}

/// Mutations for integrations.
#[derive(Default)]
pub struct IntegrationMutation;

#[Object]
impl IntegrationMutation {
    /// Creates an integration and its first secret. Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn create_integration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateIntegrationInput,
    ) -> Result<CreateIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Held::ManageIntegrations)?;
        let outcome = async { create::create_integration(ctx.db(), actor, &input.check()?).await }.await;
        let (made, user_errors) = split(outcome)?;
        let (row, token) = made.unzip();
        Ok(CreateIntegrationPayload {
            integration: row.map(Integration::from),
            token,
            user_errors,
        })
    }

    /// Revokes an integration and all its secrets, permanently and at once. Dismissals that it has scheduled pass to
    /// you. Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn revoke_integration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RevokeIntegrationInput,
    ) -> Result<RevokeIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Held::ManageIntegrations)?;
        let outcome = async {
            revoke::revoke_integration(
                ctx.db(),
                actor,
                input::id(&input.integration_id, "integrationId")?,
            )
            .await
        }
        .await;
        let (done, user_errors) = split(outcome)?;
        Ok(RevokeIntegrationPayload::new(done, user_errors))
    }
}
