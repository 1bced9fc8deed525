//! GraphQL types: CRM roles.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use entity::crm_item::CrmKind as CrmKindOfRecord;
use entity::crm_role::{self, Model};
use entity::crm_rule;

use crate::domain::crm::set_role::{MAX_NAMED, Rule, SetCrmRole};
use crate::error::Outcome;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::crm::CrmKind;
use crate::store::input;

/// Who has a CRM role.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_role::CrmAudience")]
pub enum CrmAudience {
    /// Its named members, and the people in its named departments.
    Named,
    /// All administrators, and its named members.
    Administrators,
    /// Everyone.
    Everybody,
}

/// Operation on CRM records.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_rule::CrmOperation")]
pub enum CrmOperation {
    /// Read a record.
    Read,
    /// Create a record.
    Add,
    /// Change a record, or hand it over.
    Update,
    /// Delete a record.
    Delete,
    /// Export records in bulk.
    Export,
    /// Import records in bulk.
    Import,
}

/// Which records a rule covers, from the least to the most permissive level; each level includes the ones before it.
/// The department is that of the record's responsible person.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_rule::CrmLevel")]
pub enum CrmLevel {
    /// No records.
    None,
    /// Your own records.
    Own,
    /// Records of your department.
    Department,
    /// Records of your department and the ones below it.
    DepartmentTree,
    /// As DEPARTMENT_TREE, plus the records that are open to everyone.
    Open,
    /// All records.
    All,
}

/// CRM access permissions: who can do what with whose records. The most permissive role applies.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmRole {
    /// ID of the object.
    pub id: ID,
    /// Name.
    name: String,
    /// Who has the role.
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

/// What a role allows for one kind of record.
#[derive(SimpleObject)]
pub struct CrmRule {
    /// Kind of record.
    pub(crate) kind: CrmKind,
    /// Operation.
    pub(crate) operation: CrmOperation,
    /// Which records.
    pub(crate) level: CrmLevel,
}

impl CrmRule {
    /// The rule that allows changing or handing over records of a kind.
    pub fn to_update(kind: CrmKindOfRecord, level: crm_rule::CrmLevel) -> Self {
        Self {
            kind: kind.into(),
            operation: CrmOperation::Update,
            level: level.into(),
        }
    }
}

/// The level for one kind of record and one operation.
#[derive(InputObject)]
pub struct CrmRuleInput {
    /// Kind of record.
    kind: CrmKind,
    /// Operation.
    operation: CrmOperation,
    /// Which records.
    level: CrmLevel,
}

/// Input of `setCrmRole`.
#[derive(InputObject)]
pub struct SetCrmRoleInput {
    /// ID of the role to change; creates a new role when left out.
    role_id: Option<ID>,
    /// Name.
    name: String,
    /// All rules of the role; a combination of kind and operation that is not listed gets the level NONE.
    rules: Vec<CrmRuleInput>,
    /// Named members; unchanged when left out.
    member_ids: Option<Vec<ID>>,
    /// Departments whose people have the role; unchanged when left out.
    department_ids: Option<Vec<ID>>,
    /// Who has the role; unchanged when left out, and NAMED for a new role.
    audience: Option<CrmAudience>,
    /// `revision` of the role you read; CHANGED_MEANWHILE if somebody has changed it since.
    expected_revision: Option<String>,
}

/// Payload of `setCrmRole`.
#[derive(SimpleObject)]
pub struct CrmRolePayload {
    /// The role after the change.
    pub(crate) role: Option<CrmRole>,
    /// Errors the client can act on; empty on success.
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
            name: input::check_line(&self.name, input::NAME, "name")?,
            rules: self.rules.into_iter().map(rule).collect(),
            members: members.map(set),
            departments: departments.map(set),
            audience: self.audience.map(Into::into),
            expected_revision: self.expected_revision,
        })
    }
}

/// The ids without duplicates, sorted.
fn set<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
