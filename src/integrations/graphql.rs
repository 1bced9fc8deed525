//! Integrations in the API.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration::{self, Model as Row};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use super::create::{self, CreateIntegration};
use super::{read_scopes, revoke};
use crate::auth::Permission as Held;
use crate::auth::graphql::Permission;
use crate::error::{Error, Outcome};
use crate::graphql::context::ContextExt;
use crate::graphql::user_error::{UserError, split};
use crate::input;
use crate::people::graphql::User;

/// Most integrations that are listed.
const MAX: u64 = 1_000;

/// A program of a third party, with a token of its own.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Integration {
    /// The id.
    pub id: ID,
    /// What it is called.
    name: String,
    /// When it last called, to the minute; null when it never has.
    last_used_at: Option<DateTime<Utc>>,
    /// When its token ends; null when it does not end by itself.
    expires_at: Option<DateTime<Utc>>,
    /// When its token was revoked.
    revoked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: Row,
}

impl From<Row> for Integration {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            row,
        }
    }
}

#[ComplexObject]
impl Integration {
    /// Who looks after it: who has made it, until a handover gives it to somebody else (INTEGRATION).
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        Ok(ctx.loaders().users.load(self.row.owner_id).await?.map(User::from))
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<Permission> {
        read_scopes(&self.row.scopes)
            .into_iter()
            .map(Permission::from)
            .collect()
    }
}

/// Reads of integrations.
#[derive(Default)]
pub struct IntegrationQuery;

#[Object]
impl IntegrationQuery {
    /// The integrations, the newest first, those that are revoked or over included; at most 1,000. Needs
    /// MANAGE_INTEGRATIONS.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn integrations(&self, ctx: &Context<'_>) -> Result<Vec<Integration>, Error> {
        ctx.actor()?.require(Held::ManageIntegrations)?;
        let rows = integration::Entity::find()
            .order_by_desc(integration::Column::Id)
            .limit(MAX)
            .all(ctx.db().read())
            .await?;
        Ok(rows.into_iter().map(Integration::from).collect())
    }
}

/// A new integration; you own it.
#[derive(InputObject)]
pub struct CreateIntegrationInput {
    /// What it is called.
    name: String,
    /// What it may do: at least one.
    scopes: Vec<Permission>,
    /// When its token ends; never by itself, when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// The answer to `createIntegration`.
#[derive(SimpleObject)]
pub struct CreateIntegrationPayload {
    /// The integration.
    integration: Option<Integration>,
    /// Its token, `hnd_…`: shown this once, to be sent as `Authorization: Bearer hnd_…`.
    token: Option<String>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// The integration whose token is to end.
#[derive(InputObject)]
pub struct RevokeIntegrationInput {
    /// Which one.
    integration_id: ID,
}

/// The answer to `revokeIntegration`.
#[derive(SimpleObject)]
pub struct RevokeIntegrationPayload {
    /// The integration.
    integration: Option<Integration>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Changes of integrations.
#[derive(Default)]
pub struct IntegrationMutation;

#[Object]
impl IntegrationMutation {
    /// Makes an integration with a token of its own. Needs MANAGE_INTEGRATIONS, and to be a person.
    async fn create_integration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateIntegrationInput,
    ) -> Result<CreateIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Held::ManageIntegrations)?;
        let outcome = match input.check() {
            Ok(command) => create::create_integration(ctx.app(), actor, &command).await,
            Err(refused) => Err(refused),
        };
        let (made, user_errors) = split(outcome)?;
        let (row, token) = made.unzip();
        Ok(CreateIntegrationPayload {
            integration: row.map(Integration::from),
            token,
            user_errors,
        })
    }

    /// Ends the token of an integration at once. Needs MANAGE_INTEGRATIONS, and to be a person.
    async fn revoke_integration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RevokeIntegrationInput,
    ) -> Result<RevokeIntegrationPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Held::ManageIntegrations)?;
        let outcome = match input::id(&input.integration_id, "integrationId") {
            Ok(id) => revoke::revoke_integration(ctx.app(), actor, id).await,
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(RevokeIntegrationPayload {
            integration: row.map(Integration::from),
            user_errors,
        })
    }
}

impl CreateIntegrationInput {
    fn check(self) -> Outcome<CreateIntegration> {
        Ok(CreateIntegration {
            name: input::line(&self.name, input::NAME, "name")?,
            scopes: self.scopes.into_iter().map(Held::from).collect(),
            expires_at: self
                .expires_at
                .map(|at| input::moment(at, "expiresAt"))
                .transpose()?,
        })
    }
}
