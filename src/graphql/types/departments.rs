//! The types of the API: departments.

use crate::domain::people::set_department::SetDepartment;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::names::name;
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use entity::department;

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
    pub(crate) department: Option<Department>,
    /// What speaks against it.
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
