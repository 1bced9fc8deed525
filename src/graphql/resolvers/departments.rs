//! Departments in the API.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::department;

use crate::domain::people::list;
use crate::domain::people::set_department;
use crate::domain::people::set_department::SetDepartment;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::people::{User, name};
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

/// A department: one place in a tree.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Department {
    /// The id.
    pub id: ID,
    /// The id in the system that the department was imported from.
    external_id: Option<String>,
    /// What it is called.
    name: String,
    #[graphql(skip)]
    row: department::Model,
}

impl From<department::Model> for Department {
    fn from(row: department::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            external_id: row.external_id.clone(),
            name: row.name.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl Department {
    /// The department above.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Arc<Department>> {
        ctx.loaders()
            .departments
            .load(self.row.parent_id?)
            .await
            .transpose()
    }

    /// The departments right below, by name.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Department>, Error> {
        let below = ctx
            .loaders()
            .children
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        Ok(below.into_iter().map(Self::from).collect())
    }

    /// Who leads it, even if they have left: a headship is work, which a handover moves.
    async fn head(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.head_id?).await
    }

    /// How many people it has, those below and the dismissed not counted.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        let count = ctx.loaders().members.load(self.row.id).await?.unwrap_or(0);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

columns!(Department { "id": id, "externalId": external_id, "name": name });
connection!(Department, DepartmentConnection, DepartmentEdge, "departments");

/// What a department is to be; without `departmentId` a new one is made.
#[derive(InputObject)]
pub struct SetDepartmentInput {
    /// Which one.
    department_id: Option<ID>,
    /// What it is called; no two beside each other have the same name.
    name: String,
    /// The department above; null puts it at the top.
    parent_id: MaybeUndefined<ID>,
    /// Who leads it: an active person.
    head_id: MaybeUndefined<ID>,
}

/// The answer to `setDepartment`.
#[derive(SimpleObject)]
pub struct DepartmentPayload {
    /// The department as it is now.
    department: Option<Department>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Reads of departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// All departments, in the order in which they were made.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<DepartmentConnection, Error> {
        ctx.actor()?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::departments(ctx.db(), &args).await?.into())
    }
}

/// Changes of departments.
#[derive(Default)]
pub struct DepartmentMutation;

#[Object]
impl DepartmentMutation {
    /// Makes a department, or changes one. Needs MANAGE_USERS.
    async fn set_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetDepartmentInput,
    ) -> Result<DepartmentPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(crate::domain::auth::Permission::ManageUsers)?;
        let outcome = match input.check() {
            Ok(command) => set_department::set_department(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        };
        let (department, user_errors) = split(outcome)?;
        Ok(DepartmentPayload {
            department: department.map(Department::from),
            user_errors,
        })
    }
}

impl SetDepartmentInput {
    fn check(self) -> Outcome<SetDepartment> {
        Ok(SetDepartment {
            department: self
                .department_id
                .map(|id| input::id(&id, "departmentId"))
                .transpose()?,
            name: name(self.name, "name")?,
            parent: Change::from(self.parent_id).check(|id: ID| input::id(&id, "parentId"))?,
            head: Change::from(self.head_id).check(|id: ID| input::id(&id, "headId"))?,
        })
    }
}
