//! GraphQL types: directories that provision people by SCIM.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::UserId;
use entity::directory::{Model as Row, WhenDismissedHere as Stored};
use entity::directory_group::Model as GroupRow;
use entity::directory_group_mapping::Model as MappingRow;
use entity::directory_person::Model as PersonRow;
use entity::directory_refusal::Model as RefusalRow;

use crate::domain::directory::policy::DirectoryMove as MoveRow;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::payload::payload;
use crate::graphql::types::work::WorkKind;

/// What happens when a directory activates a person who was dismissed here, by an administrator or another program.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Stored")]
pub enum WhenDismissedHere {
    /// They stay dismissed. Some identity providers send `active: true` with every change of a profile.
    Stands,
    /// They are rehired.
    DirectoryDecides,
}

/// A directory, such as Okta or Entra ID, that provisions people and groups by SCIM 2.0.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Directory {
    /// ID of the object.
    pub id: ID,
    /// Name.
    name: String,
    /// Seconds between a dismissal by the directory and the handover of the work. The lock-out never waits.
    handover_after_seconds: i32,
    /// What happens when it activates a person who was dismissed here.
    when_dismissed_here: WhenDismissedHere,
    /// Whether people are assigned to the department whose name the directory sends.
    departments_by_name: bool,
    /// When it last sent a request, to the minute; null when never.
    last_request_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for Directory {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            handover_after_seconds: row.handover_after_seconds,
            when_dismissed_here: row.when_dismissed_here.into(),
            departments_by_name: row.departments_by_name,
            last_request_at: row.last_request_at,
            row,
        }
    }
}

/// Who gets one kind of work of the people whom a directory dismisses: the first of these who is active.
#[derive(SimpleObject, Clone)]
pub struct DirectoryMove {
    /// Kind of work.
    kind: WorkKind,
    /// Recipients in order of preference.
    to: Vec<DirectoryRecipient>,
    /// Whether closed items move too.
    include_closed: bool,
}

impl From<MoveRow> for DirectoryMove {
    fn from(row: MoveRow) -> Self {
        use crate::domain::directory::policy::Recipient;
        Self {
            kind: row.kind.into(),
            to: row
                .to
                .into_iter()
                .map(|recipient| DirectoryRecipient {
                    manager: recipient == Recipient::Manager,
                    head_of_department: recipient == Recipient::HeadOfDepartment,
                    person: match recipient {
                        Recipient::User(id) => Some(id),
                        _ => None,
                    },
                })
                .collect(),
            include_closed: row.include_closed,
        }
    }
}

/// Somebody who may get work: exactly one of these.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DirectoryRecipient {
    /// The manager whom the directory names.
    manager: bool,
    /// The nearest active head of department above the person.
    head_of_department: bool,
    #[graphql(skip)]
    pub(crate) person: Option<UserId>,
}

/// What a directory says of a person.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DirectoryPerson {
    /// Name in the directory.
    user_name: String,
    /// ID in the directory.
    external_id: Option<String>,
    /// When the person was linked to the directory.
    linked_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) row: PersonRow,
}

impl From<PersonRow> for DirectoryPerson {
    fn from(row: PersonRow) -> Self {
        Self {
            user_name: row.user_name.clone(),
            external_id: row.external_id.clone(),
            linked_at: row.created_at,
            row,
        }
    }
}

/// A group of a directory. Its members get what it is mapped to, and nothing without a mapping.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DirectoryGroup {
    /// ID of the object.
    pub id: ID,
    /// Name.
    display_name: String,
    #[graphql(skip)]
    pub(crate) row: GroupRow,
}

impl From<GroupRow> for DirectoryGroup {
    fn from(row: GroupRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            display_name: row.display_name.clone(),
            row,
        }
    }
}

/// What the members of a group get: exactly one of these.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DirectoryGroupMapping {
    /// Whether members are administrators.
    administrators: bool,
    #[graphql(skip)]
    pub(crate) row: MappingRow,
}

impl From<MappingRow> for DirectoryGroupMapping {
    fn from(row: MappingRow) -> Self {
        Self {
            administrators: row.administrators,
            row,
        }
    }
}

/// A request of a directory that was refused. Kept for thirty days, without the values of attributes.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct RefusedRequest {
    /// ID of the object.
    pub id: ID,
    /// When it was refused.
    at: DateTime<Utc>,
    /// HTTP method.
    method: String,
    /// Path, without the query.
    path: String,
    /// HTTP status.
    status: i32,
    /// Why it was refused.
    detail: String,
    /// Names of the attributes in its body, as JSON.
    #[graphql(skip)]
    pub(crate) names: String,
}

impl From<RefusalRow> for RefusedRequest {
    fn from(row: RefusalRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            at: row.at,
            method: row.method,
            path: row.path,
            status: row.status,
            detail: row.detail,
            names: row.attributes,
        }
    }
}

/// The answer to a request of a directory.
#[derive(SimpleObject)]
pub struct DirectoryAnswer {
    /// HTTP status.
    pub(crate) status: i32,
    /// Body, as JSON; null when it has none.
    pub(crate) body: Option<String>,
}

impl Columns for DirectoryGroup {}

impl Columns for RefusedRequest {}

connection!(
    DirectoryGroup,
    DirectoryGroupConnection,
    DirectoryGroupEdge,
    "groups of a directory"
);
connection!(
    RefusedRequest,
    RefusedRequestConnection,
    RefusedRequestEdge,
    "refused requests"
);

payload! {
    /// Payload of the mutations on directories.
    DirectoryPayload {
        /// The directory after the change.
        directory: Directory from Row,
    }
}
