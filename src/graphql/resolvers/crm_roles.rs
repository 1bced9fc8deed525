//! CRM roles in the API.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use entity::crm_item::CrmKind as CrmKindOfRecord;
use entity::crm_role::{self, Model};
use entity::crm_rule;

use crate::domain::crm::roles;
use crate::domain::crm::set_role;
use crate::domain::crm::set_role::{MAX_NAMED, Rule, SetCrmRole};
use crate::error::{Error, Outcome};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::crm::CrmKind;
use crate::graphql::resolvers::departments::Department;
use crate::graphql::resolvers::people::User;
use crate::store::input;

/// Whose role it is.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_role::CrmAudience")]
pub enum CrmAudience {
    /// Those whom it names, and the people of the departments that it names.
    Named,
    /// All administrators, and those whom it names.
    Administrators,
    /// Everybody.
    Everybody,
}

/// What is done with a record.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_rule::CrmOperation")]
pub enum CrmOperation {
    /// Looked at.
    Read,
    /// Made.
    Add,
    /// Changed, or handed over.
    Update,
    /// Deleted.
    Delete,
    /// Taken out in bulk.
    Export,
    /// Brought in, in bulk.
    Import,
}

/// With whose records; each level has all that the ones before it have. The department is that of the record's
/// responsible person.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_rule::CrmLevel")]
pub enum CrmLevel {
    /// With none.
    None,
    /// One's own.
    Own,
    /// Those of one's department.
    Department,
    /// Those of one's department and the ones below it.
    DepartmentTree,
    /// Those that are opened to all, too.
    Open,
    /// Every record.
    All,
}

/// CRM access permissions: who may do what with whose records. The widest of a person's roles wins.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmRole {
    /// The id.
    pub id: ID,
    /// What it is called.
    name: String,
    /// Whose role it is.
    audience: CrmAudience,
    #[graphql(skip)]
    row: Model,
}

impl From<Model> for CrmRole {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            audience: row.audience.into(),
            row,
        }
    }
}

/// What a role allows with one kind of record.
#[derive(SimpleObject)]
pub struct CrmRule {
    /// The kind.
    kind: CrmKind,
    /// What is done.
    operation: CrmOperation,
    /// With whose records.
    level: CrmLevel,
}

impl CrmRule {
    /// The rule that lets somebody change, or hand over, records of a kind.
    pub fn to_update(kind: CrmKindOfRecord, level: crm_rule::CrmLevel) -> Self {
        Self {
            kind: kind.into(),
            operation: CrmOperation::Update,
            level: level.into(),
        }
    }
}

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

/// A level for a kind of record and an operation.
#[derive(InputObject)]
pub struct CrmRuleInput {
    /// The kind.
    kind: CrmKind,
    /// What is done.
    operation: CrmOperation,
    /// With whose records.
    level: CrmLevel,
}

/// What a role is to be.
#[derive(InputObject)]
pub struct SetCrmRoleInput {
    /// Which role; a new one when left out.
    role_id: Option<ID>,
    /// What it is called.
    name: String,
    /// All its rules: what is not named is allowed with no records.
    rules: Vec<CrmRuleInput>,
    /// Those who have it by name; they stay as they are when left out.
    member_ids: Option<Vec<ID>>,
    /// The departments whose people have it; they stay as they are when left out.
    department_ids: Option<Vec<ID>>,
}

/// The answer to `setCrmRole`.
#[derive(SimpleObject)]
pub struct CrmRolePayload {
    /// The role as it is now.
    role: Option<CrmRole>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
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

/// The ids, each once, in order.
fn set<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl SetCrmRoleInput {
    fn check(self) -> Outcome<SetCrmRole> {
        let rule = |rule: CrmRuleInput| Rule {
            kind: rule.kind.into(),
            operation: rule.operation.into(),
            level: rule.level.into(),
        };
        let members = self
            .member_ids
            .map(|ids| input::ids(&ids, MAX_NAMED, "memberIds"))
            .transpose()?;
        let departments = self
            .department_ids
            .map(|ids| input::ids(&ids, MAX_NAMED, "departmentIds"))
            .transpose()?;
        Ok(SetCrmRole {
            role: self.role_id.map(|id| input::id(&id, "roleId")).transpose()?,
            name: input::line(&self.name, input::NAME, "name")?,
            rules: self.rules.into_iter().map(rule).collect(),
            members: members.map(set),
            departments: departments.map(set),
        })
    }
}
