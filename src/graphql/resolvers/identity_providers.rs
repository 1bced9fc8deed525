//! Resolvers: identity providers, and signing in with them.

use async_graphql::{ComplexObject, Context, Object};

use crate::domain::auth::Permission;
use crate::domain::openid::{
    complete, create_provider, link_identity, list, retire_provider, start, unlink_identity, update_provider,
};
use crate::domain::people::update::Updated;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::points::CHECKING;
use crate::graphql::resolvers::auth::from;
use crate::graphql::types::auth::SignInPayload;
use crate::graphql::types::directories::Directory;
use crate::graphql::types::identity_providers::{
    CompleteSignInWithInput, CreateIdentityProviderInput, Identity, IdentityProvider,
    IdentityProviderPayload, RetireIdentityProviderInput, StartSignInWithInput, StartSignInWithPayload,
    UnlinkIdentityInput, UpdateIdentityProviderInput,
};
use crate::graphql::types::user_update::UpdateUserPayload;
use crate::store::input;

/// Whether the caller manages identity providers; strangers don't.
fn manages(ctx: &Context<'_>) -> bool {
    ctx.actor()
        .is_ok_and(|actor| actor.may(Permission::ManageIntegrations))
}

#[ComplexObject]
impl IdentityProvider {
    /// Issuer.
    async fn issuer(&self, ctx: &Context<'_>) -> Option<&str> {
        manages(ctx).then_some(&*self.row.issuer)
    }

    /// The client ID of this server there.
    async fn client_id(&self, ctx: &Context<'_>) -> Option<&str> {
        manages(ctx).then_some(&*self.row.client_id)
    }

    /// Whether a client secret is stored. It is never returned.
    async fn has_client_secret(&self, ctx: &Context<'_>) -> Option<bool> {
        manages(ctx).then_some(self.row.client_secret.is_some())
    }

    /// Where people may be sent back to.
    async fn redirect_uris(&self, ctx: &Context<'_>) -> Option<Vec<&str>> {
        manages(ctx).then(|| self.row.redirects().collect())
    }

    /// Domains of the e-mail addresses that the provider speaks for.
    async fn email_domains(&self, ctx: &Context<'_>) -> Option<Vec<&str>> {
        manages(ctx).then(|| self.row.domains().collect())
    }

    /// Whether people who are not known yet are created when they sign in.
    async fn just_in_time(&self, ctx: &Context<'_>) -> Option<bool> {
        manages(ctx).then_some(self.row.just_in_time)
    }

    /// The directory whose people are linked by their external ID.
    async fn directory(&self, ctx: &Context<'_>) -> Nullable<Directory> {
        let id = self.row.directory_id.filter(|_| manages(ctx))?;
        let row = ctx.loaders().directories.load(id).await.transpose()?;
        Some(row.map(Directory::from))
    }

    /// The claim that has the external ID.
    async fn external_id_claim(&self, ctx: &Context<'_>) -> Option<&str> {
        manages(ctx).then_some(&*self.row.external_id_claim)
    }

    /// The URL to enter at the provider for back-channel logout.
    async fn backchannel_logout_uri(&self, ctx: &Context<'_>) -> Option<String> {
        let base = ctx.public_url().trim_end_matches('/');
        manages(ctx).then(|| format!("{base}/auth/oidc/{}/backchannel-logout", self.row.id))
    }

    /// The URL to enter at the provider for global token revocation, which Okta calls Universal Logout.
    async fn revocation_uri(&self, ctx: &Context<'_>) -> Option<String> {
        manages(ctx).then(|| format!("{}/auth/revoke", ctx.public_url().trim_end_matches('/')))
    }
}

#[ComplexObject]
impl Identity {
    /// The provider.
    async fn provider(&self, ctx: &Context<'_>) -> Nullable<IdentityProvider> {
        let row = ctx.loaders().identity_providers.load(self.row.provider_id).await;
        Some(row.transpose()?.map(IdentityProvider::from))
    }
}

/// Queries for identity providers.
#[derive(Default)]
pub struct IdentityProviderQuery;

#[Object]
impl IdentityProviderQuery {
    /// The identity providers that people can sign in with. Needs no authentication.
    async fn identity_providers(&self, ctx: &Context<'_>) -> Result<Vec<IdentityProvider>, Error> {
        let rows = list::providers(ctx.db()).await?;
        Ok(rows.into_iter().map(IdentityProvider::from).collect())
    }
}

/// Mutations for identity providers.
#[derive(Default)]
pub struct IdentityProviderMutation;

#[Object]
impl IdentityProviderMutation {
    /// Creates an identity provider that people can sign in with by OpenID Connect. Its discovery document is read now.
    /// Needs MANAGE_INTEGRATIONS; not available to integrations.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn create_identity_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateIdentityProviderInput,
    ) -> Result<IdentityProviderPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        actor.require_person()?;
        let created = async {
            create_provider::create_provider(ctx.db(), ctx.providers(), actor, &input.check()?).await
        };
        IdentityProviderPayload::new(created.await)
    }

    /// Changes an identity provider. Its issuer stays: the links to people are those of this issuer. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn update_identity_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateIdentityProviderInput,
    ) -> Result<IdentityProviderPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        actor.require_person()?;
        let updated = async { update_provider::update_provider(ctx.db(), actor, &input.check()?).await };
        IdentityProviderPayload::new(updated.await)
    }

    /// Retires an identity provider for good: nobody can sign in with it any more, and the sessions opened with it end.
    /// Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn retire_identity_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RetireIdentityProviderInput,
    ) -> Result<IdentityProviderPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageIntegrations)?;
        actor.require_person()?;
        IdentityProviderPayload::new(match input::id(&input.provider_id, "providerId") {
            Ok(id) => retire_provider::retire_provider(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Begins a sign-in with an identity provider: returns the URL to open. The client makes a random text, keeps it,
    /// and sends its hash; without that text nobody can complete the sign-in.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn start_sign_in_with(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: StartSignInWithInput,
    ) -> Result<StartSignInWithPayload, Error> {
        let started = async {
            let id = input::id(&input.provider_id, "providerId")?;
            let (hash, to) = (&input.binding_hash, &input.redirect_uri);
            start::start(ctx.auth(), ctx.providers(), id, hash, to, ctx.network()).await
        }
        .await;
        if started.is_ok() {
            // These have a limit of their own.
            ctx.refund_points(CHECKING);
        }
        let (url, user_errors) = split(started)?;
        Ok(StartSignInWithPayload { url, user_errors })
    }

    /// Completes a sign-in with an identity provider. The session lasts at most twelve hours, and ends when the provider
    /// says so. Somebody who is unknown, invited or dismissed gets the same error as for a wrong answer of the provider.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn complete_sign_in_with(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CompleteSignInWithInput,
    ) -> Result<SignInPayload, Error> {
        let completed = complete::complete(ctx.auth(), ctx.providers(), &input.into(), from(ctx)).await;
        if completed.is_ok() {
            ctx.refund_points(CHECKING);
        }
        SignInPayload::new(completed)
    }

    /// Links your account at an identity provider to yourself, with what `startSignInWith` has led to. Administrators are
    /// linked in no other way than this. Your session must have begun less than ten minutes ago.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn link_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CompleteSignInWithInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require_person()?;
        let linked = link_identity::link_identity(ctx.auth(), ctx.providers(), actor, &input.into()).await;
        if linked.is_ok() {
            ctx.refund_points(CHECKING);
        }
        UpdateUserPayload::new(linked.map(Updated::from))
    }

    /// Unlinks an account at an identity provider from its person, and ends the sessions opened with it: your own, or
    /// anyone's with MANAGE_INTEGRATIONS. Not available to integrations.
    async fn unlink_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UnlinkIdentityInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require_person()?;
        let unlinked = match input::id(&input.identity_id, "identityId") {
            Ok(id) => unlink_identity::unlink_identity(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        UpdateUserPayload::new(unlinked.map(Updated::from))
    }
}
