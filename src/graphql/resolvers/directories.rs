//! Resolvers: directories that provision people by SCIM.

use async_graphql::{ComplexObject, Context, ID, Object};
use entity::DirectoryId;
use entity::directory::Model as Row;

use crate::domain::auth::Permission;
use crate::domain::directory::admin::{list, preview};
use crate::domain::directory::groups::{mapped, members};
use crate::domain::directory::policy;
use crate::domain::directory::protocol::{self, Method, Request};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::argument_id;
use crate::graphql::types::crm_roles::CrmRole;
use crate::graphql::types::departments::Department;
use crate::graphql::types::directories::{
    Directory, DirectoryAnswer, DirectoryGroup, DirectoryGroupConnection, DirectoryGroupMapping,
    DirectoryMove, DirectoryPerson, DirectoryRecipient, RefusedRequest, RefusedRequestConnection,
};
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

/// A number of things as GraphQL's Int.
fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Directory {
    /// The directory with this id, if the caller can see it: those with MANAGE_INTEGRATIONS.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(ctx: &Context<'_>, id: DirectoryId) -> Result<Option<Self>, Error> {
        if !ctx.actor()?.may(Permission::ManageIntegrations) {
            return Ok(None);
        }
        let row: Option<Row> = ctx.loaders().directories.load(id).await?;
        Ok(row.map(Self::from))
    }
}

#[ComplexObject]
impl Directory {
    /// The integration that the directory authenticates as. Needs MANAGE_INTEGRATIONS, like everything about a directory but
    /// its name, its URL and its settings.
    async fn integration(&self, ctx: &Context<'_>) -> Result<Integration, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        let row = ctx.loaders().integrations.load(self.row.integration_id).await?;
        let row = row.ok_or_else(|| Error::internal("a directory has no integration"))?;
        Ok(row.into())
    }

    /// URL to be entered at the identity provider.
    async fn base_url(&self, ctx: &Context<'_>) -> String {
        protocol::base(ctx.public_url())
    }

    /// Who gets the work of the people whom the directory dismisses; empty: it stays with them.
    async fn handover_moves(&self, ctx: &Context<'_>) -> Result<Vec<DirectoryMove>, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        let moves = policy::parse(&self.row.handover_moves)?;
        Ok(moves.into_iter().map(DirectoryMove::from).collect())
    }

    /// Number of people linked to the directory.
    #[graphql(complexity = 50)]
    async fn linked(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        Ok(count(list::linked(ctx.db(), self.row.id).await?))
    }

    /// Number of people who are not dismissed and linked to no directory.
    #[graphql(complexity = 50)]
    async fn unlinked(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        Ok(count(list::unlinked(ctx.db()).await?))
    }

    /// Number of handovers that wait for `releaseHeldHandovers`, because the directory dismissed unusually many people.
    #[graphql(complexity = 50)]
    async fn held(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        Ok(count(list::held(ctx.db(), self.row.id).await?))
    }

    /// What an administrator should look at.
    #[graphql(complexity = 10)]
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        list::warnings(ctx.db(), &self.row).await
    }

    /// Attributes that the directory sends and that are not stored.
    #[graphql(complexity = 10)]
    async fn ignored_attributes(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        list::ignored_attributes(ctx.db(), self.row.id).await
    }

    /// Its groups, by creation.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<DirectoryGroupConnection, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        Ok(list::groups(ctx.db(), self.row.id, &args).await?.into())
    }

    /// Requests of it that were refused, newest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn refused_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<RefusedRequestConnection, Error> {
        ctx.permitted(Permission::ManageIntegrations)?;
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        Ok(list::refusals(ctx.db(), self.row.id, &args).await?.into())
    }
}

#[ComplexObject]
impl DirectoryRecipient {
    /// A person.
    async fn user(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.person?).await
    }
}

#[ComplexObject]
impl DirectoryPerson {
    /// The directory.
    async fn directory(&self, ctx: &Context<'_>) -> Result<Directory, Error> {
        let row = ctx.loaders().directories.load(self.row.directory_id).await?;
        let row = row.ok_or_else(|| Error::internal("a person has no directory"))?;
        Ok(row.into())
    }

    /// The manager whom the directory names, if they are known.
    async fn manager(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.manager_id?).await
    }

    /// Whether directories may not dismiss them.
    async fn exempt(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        list::is_exempt(ctx.db(), self.row.user_id).await
    }
}

#[ComplexObject]
impl DirectoryGroup {
    /// Number of its members.
    #[graphql(complexity = 5)]
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        Ok(count(members::count(ctx.db().read(), self.row.id).await?))
    }

    /// What its members get.
    #[graphql(complexity = "5 + child_complexity")]
    async fn mappings(&self, ctx: &Context<'_>) -> Result<Vec<DirectoryGroupMapping>, Error> {
        let rows = mapped::of_group(ctx.db().read(), self.row.id).await?;
        Ok(rows.into_iter().map(DirectoryGroupMapping::from).collect())
    }
}

#[ComplexObject]
impl DirectoryGroupMapping {
    /// The department that members are assigned to.
    async fn department(&self, ctx: &Context<'_>) -> Nullable<std::sync::Arc<Department>> {
        ctx.loaders()
            .departments
            .load(self.row.department_id?)
            .await
            .transpose()
    }

    /// The CRM role that members have.
    async fn crm_role(&self, ctx: &Context<'_>) -> Nullable<CrmRole> {
        let row = ctx
            .loaders()
            .crm_roles
            .load(self.row.crm_role_id?)
            .await
            .transpose()?;
        Some(row.map(CrmRole::from))
    }
}

#[ComplexObject]
impl RefusedRequest {
    /// Names of the attributes in its body.
    async fn attributes(&self) -> Result<Vec<String>, Error> {
        serde_json::from_str(&self.names).map_err(Error::internal)
    }
}

/// Queries for directories.
#[derive(Default)]
pub struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// The directories that provision people. Needs MANAGE_INTEGRATIONS.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn directories(&self, ctx: &Context<'_>) -> Nullable<Vec<Directory>> {
        let all = async {
            let rows = list::directories(ctx.db(), ctx.actor()?).await?;
            Ok(rows.into_iter().map(Directory::from).collect())
        };
        Some(all.await)
    }

    /// What a request of a directory would be answered; nothing is changed. Null when there is no such directory. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    #[graphql(complexity = 100)]
    async fn preview_directory_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the directory.")] directory_id: ID,
        #[graphql(desc = "HTTP method, for example PATCH.")] method: String,
        #[graphql(desc = "Path below the base URL, for example /Users/2819c223 or /Users?count=1.")]
        path: String,
        #[graphql(desc = "Body, as JSON.")] body: Option<String>,
    ) -> Nullable<DirectoryAnswer> {
        let answer = async {
            let id = argument_id(&directory_id, "directoryId")?;
            for (text, argument) in [
                (Some(&method), "method"),
                (Some(&path), "path"),
                (body.as_ref(), "body"),
            ] {
                input::argument_texts(text.map(|text| vec![text.clone()]), argument)?;
            }
            let target =
                Request::read(&path).ok_or_else(|| Error::BadInput("path: it can't be read".to_owned()))?;
            let request = Request {
                body: body.unwrap_or_default().into_bytes().into(),
                ..target
            };
            let method = Method::read(&method.to_ascii_uppercase());
            let base = protocol::base(ctx.public_url());
            preview::preview(ctx.db(), ctx.actor()?, id, &base, method, &request).await
        };
        let answer = answer.await.transpose()?;
        Some(answer.map(|answer| DirectoryAnswer {
            status: answer.status.into(),
            body: answer.body.map(|body| body.to_string()),
        }))
    }
}
