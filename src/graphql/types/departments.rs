//! GraphQL types: departments.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use entity::department;

use crate::domain::people::set_department::SetDepartment;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::names::name;
use crate::store::input;
use crate::store::input::Change;

/// A department: a node of the department tree.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Department {
    /// ID of the object.
    pub id: ID,
    /// ID in the system that the department was imported from.
    external_id: Option<String>,
    /// Name.
    name: String,
    #[graphql(skip)]
    pub(crate) row: department::Model,
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

columns!(Department { "id": id, "externalId": external_id, "name": name });

connection!(Department, DepartmentConnection, DepartmentEdge, "departments");

/// Input of `setDepartment`; creates a department when `departmentId` is left out.
#[derive(InputObject)]
pub struct SetDepartmentInput {
    /// ID of the department to change.
    department_id: Option<ID>,
    /// Name; unique among the departments with the same parent.
    name: String,
    /// Parent department; null makes it a top-level department.
    parent_id: MaybeUndefined<ID>,
    /// Head of the department; must be active.
    head_id: MaybeUndefined<ID>,
}

/// Payload of `setDepartment`.
#[derive(SimpleObject)]
pub struct DepartmentPayload {
    /// The department after the change.
    pub(crate) department: Option<Department>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

impl SetDepartmentInput {
    pub(crate) fn check(self) -> Outcome<SetDepartment> {
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
