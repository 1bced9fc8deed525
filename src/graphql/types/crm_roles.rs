//! The types of the API: crm roles.

use crate::domain::crm::set_role::{MAX_NAMED, Rule, SetCrmRole};
use crate::error::Outcome;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::crm::CrmKind;
use crate::store::input;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use entity::crm_item::CrmKind as CrmKindOfRecord;
use entity::crm_role::{self, Model};
use entity::crm_rule;

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
    pub(crate) row: Model,
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
    pub(crate) kind: CrmKind,
    /// What is done.
    pub(crate) operation: CrmOperation,
    /// With whose records.
    pub(crate) level: CrmLevel,
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
    pub(crate) role: Option<CrmRole>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

impl SetCrmRoleInput {
    pub(crate) fn check(self) -> Outcome<SetCrmRole> {
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

/// The ids, each once, in order.
fn set<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
