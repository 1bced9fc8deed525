//! CRM roles in the API.

use crate::domain::crm::roles;
use crate::domain::crm::set_role;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::crm_roles::{CrmRole, CrmRolePayload, CrmRule, SetCrmRoleInput};
use crate::graphql::types::departments::Department;
use crate::graphql::types::people::User;
use async_graphql::{ComplexObject, Context, Object};
use entity::crm_rule;
use std::sync::Arc;

#[ComplexObject]
impl CrmRole {
    /// Its rules; what is not named is allowed with no records.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<CrmRule>, Error> {
        let rows = roles::rules(ctx.db(), self.row.id).await?;
        let rule = |row: crm_rule::Model| CrmRule {
            kind: row.kind.into(),
            operation: row.operation.into(),
            level: row.level.into(),
        };
        Ok(rows.into_iter().map(rule).collect())
    }

    /// Those whom it names.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        let ids = roles::members(ctx.db(), self.row.id).await?;
        let mut found = ctx.loaders().users.load_many(ids.clone()).await;
        let loaded = ids.iter().filter_map(|id| found.remove(id)?.transpose());
        loaded.map(|user| user.map(User::from)).collect()
    }

    /// The departments that it names: it is a role of their people, and of those in the departments below.
    async fn departments(&self, ctx: &Context<'_>) -> Result<Vec<Arc<Department>>, Error> {
        let ids = roles::departments(ctx.db(), self.row.id).await?;
        let mut found = ctx.loaders().departments.load_many(ids.clone()).await;
        ids.iter()
            .filter_map(|id| found.remove(id)?.transpose())
            .collect()
    }
}

/// Reads of CRM roles.
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

/// Changes of CRM roles.
#[derive(Default)]
pub struct CrmRoleMutation;

#[Object]
impl CrmRoleMutation {
    /// Makes a CRM role, or changes one. Needs MANAGE_SETTINGS.
    async fn set_crm_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetCrmRoleInput,
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
