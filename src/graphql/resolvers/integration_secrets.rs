//! Secrets of integrations in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration_secret::{Model as Row, SecretKind};
use entity::user::UserStatus;

use crate::domain::auth::Permission;
use crate::domain::integrations::add_secret;
use crate::domain::integrations::add_secret::AddSecret;
use crate::domain::integrations::revoke_secret;
use crate::error::{Code, Error, Outcome, refuse};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::integrations::{Integration, RevokeIntegrationPayload};
use crate::graphql::resolvers::people::User;
use crate::store::input;

/// What kind of secret it is.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "SecretKind")]
pub enum IntegrationSecretKind {
    /// A bearer token, `hnd_…`.
    Token,
    /// A client secret, to be exchanged for access tokens. Not accepted yet.
    ClientSecret,
    /// A public key, whose private key signs requests for access tokens. Not accepted yet.
    PublicKey,
}

/// A secret of an integration, shown once to the person who added it. An integration has up to five live ones, so that
/// they can be rotated without an outage. A secret stops when that person is dismissed, or loses a permission that it
/// carries.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct IntegrationSecret {
    /// The id.
    pub id: ID,
    /// What kind of secret it is.
    kind: IntegrationSecretKind,
    /// Its last characters, to tell it from others; empty for secrets older than this field.
    hint: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; null when it never was.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: Row,
}

impl From<Row> for IntegrationSecret {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            kind: row.kind.into(),
            hint: row.hint.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            row,
        }
    }
}

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

/// A new secret of an integration.
#[derive(InputObject)]
pub struct AddIntegrationSecretInput {
    /// The integration.
    integration_id: ID,
    /// What kind of secret. Only TOKEN is accepted so far.
    #[graphql(default_with = "Some(IntegrationSecretKind::Token)")]
    kind: Option<IntegrationSecretKind>,
    /// The public key, for PUBLIC_KEY alone.
    public_key: Option<String>,
    /// When it ends; never by itself, when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// The answer to `addIntegrationSecret`.
#[derive(SimpleObject)]
pub struct AddIntegrationSecretPayload {
    /// The secret, as it is listed from now on.
    secret: Option<IntegrationSecret>,
    /// The secret itself: shown this once.
    value: Option<String>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

/// The secret to revoke.
#[derive(InputObject)]
pub struct RevokeIntegrationSecretInput {
    /// The secret.
    secret_id: ID,
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

impl AddIntegrationSecretInput {
    fn check(self) -> Outcome<AddSecret> {
        let kind = self.kind.map_or(SecretKind::Token, SecretKind::from);
        if self.public_key.is_some() && kind != SecretKind::PublicKey {
            return refuse(Code::Invalid, "publicKey", "only a PUBLIC_KEY has one");
        }
        Ok(AddSecret {
            integration: input::id(&self.integration_id, "integrationId")?,
            kind,
            expires_at: self
                .expires_at
                .map(|at| input::moment(at, "expiresAt"))
                .transpose()?,
        })
    }
}
