//! Resolvers: CRM roles.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object};
use entity::crm_rule;

use crate::domain::crm::roles;
use crate::domain::crm::set_role;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::crm_roles::{CrmRole, CrmRolePayload, CrmRule, SetCrmRoleInput};
use crate::graphql::types::departments::Department;
use crate::graphql::types::people::User;

#[ComplexObject]
impl CrmRole {
    /// Rules; a combination of kind and operation that is not listed has the level NONE.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<CrmRule>, Error> {
        let rows = roles::rules(ctx.db(), self.row.id).await?;
        let rule = |row: crm_rule::Model| CrmRule {
            kind: row.kind.into(),
            operation: row.operation.into(),
            level: row.level.into(),
        };
        Ok(rows.into_iter().map(rule).collect())
    }

    /// Changes whenever the role does; for `expectedRevision` of `setCrmRole`.
    async fn revision(&self, ctx: &Context<'_>) -> Result<String, Error> {
        roles::revision(ctx.db(), self.row.id).await
    }

    /// Named members.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        let ids = roles::members(ctx.db(), self.row.id).await?;
        let people = ctx.loaders().users.load_all(&ids).await?;
        Ok(people.into_iter().map(User::from).collect())
    }

    /// Named departments; their people and those in departments below them have the role.
    async fn departments(&self, ctx: &Context<'_>) -> Result<Vec<Arc<Department>>, Error> {
        let ids = roles::departments(ctx.db(), self.row.id).await?;
        ctx.loaders().departments.load_all(&ids).await
    }
}

/// Queries for CRM roles.
#[derive(Default)]
pub struct CrmRoleQuery;

#[Object]
impl CrmRoleQuery {
    /// All CRM roles, by name. Needs MANAGE_SETTINGS.
    async fn crm_roles(&self, ctx: &Context<'_>) -> Result<Vec<CrmRole>, Error> {
        let rows = roles::all(ctx.db(), ctx.actor()?).await?;
        Ok(rows.into_iter().map(CrmRole::from).collect())
    }
}

/// Mutations for CRM roles.
#[derive(Default)]
pub struct CrmRoleMutation;

#[Object]
impl CrmRoleMutation {
    /// Creates or updates a CRM role. Needs MANAGE_SETTINGS.
    async fn set_crm_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: SetCrmRoleInput,
    ) -> Result<CrmRolePayload, Error> {
        let actor = ctx.actor()?;
        actor.require(crate::domain::auth::Permission::ManageSettings)?;
        let (row, user_errors) = split(match input.check() {
            Ok(command) => set_role::set_crm_role(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })?;
        Ok(CrmRolePayload {
            role: row.map(CrmRole::from),
            user_errors,
        })
    }
}
