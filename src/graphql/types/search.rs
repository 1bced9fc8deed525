//! GraphQL types: search results.

use async_graphql::{Enum, SimpleObject};

use crate::domain::search;
use crate::graphql::types::node::Node;

/// Type of an object that can be searched.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "search::SearchType")]
pub enum SearchType {
    /// People: name, e-mail address and position.
    User,
    /// Departments: name.
    Department,
    /// Tasks: title.
    Task,
    /// Recurring tasks: title.
    TaskTemplate,
    /// CRM records: title.
    CrmItem,
    /// CRM activities: subject.
    CrmActivity,
    /// Folders: name.
    Folder,
    /// Files: name.
    File,
    /// Calendars: name.
    Calendar,
    /// Events: title.
    Event,
    /// Integrations: name. Needs MANAGE_INTEGRATIONS.
    Integration,
}

/// An object that was found.
#[derive(SimpleObject)]
pub struct SearchHit {
    /// The object.
    pub(crate) node: Node,
    /// Its name or title.
    pub(crate) line: String,
}
