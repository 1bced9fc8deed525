//! GraphQL types: CRM activities.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_activity::{self, Model};

use crate::domain::crm::activities;
use crate::domain::crm::create_activity::CreateCrmActivity;
use crate::domain::crm::update_activity::UpdateCrmActivity;
use crate::error::Error;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::argument_id_option;
use crate::store::input;
use crate::store::input::Change;

/// Kind of CRM activity.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_activity::CrmActivityKind")]
pub enum CrmActivityKind {
    /// A call.
    Call,
    /// A meeting.
    Meeting,
    /// An e-mail.
    Email,
    /// A to-do.
    Todo,
}

/// A call, meeting, e-mail or to-do about a CRM record. Visible to its responsible person and to everyone who can read
/// the record.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmActivity {
    /// ID of the object.
    pub id: ID,
    /// Kind.
    kind: CrmActivityKind,
    /// Subject, one line.
    subject: String,
    /// Whether it is completed.
    completed: bool,
    /// Due date and time.
    deadline: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: Model,
}

impl From<Model> for CrmActivity {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            kind: row.kind.into(),
            subject: row.subject.clone(),
            completed: row.completed,
            deadline: row.deadline,
            row,
        }
    }
}

columns!(CrmActivity {
    "id": id,
    "kind": kind,
    "subject": subject,
    "completed": completed,
    "deadline": deadline,
});

words!(CrmActivityKind);

connection!(
    CrmActivity,
    CrmActivityConnection,
    CrmActivityEdge,
    "CRM activities"
);

/// Filter for activities. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct CrmActivityFilter {
    /// Activities of this responsible person.
    responsible_id: Option<ID>,
    /// Activities about this record.
    item_id: Option<ID>,
    /// Completed activities (true) or open ones (false).
    completed: Option<bool>,
    /// Activities whose responsible person has been dismissed (true), or has not (false).
    responsible_dismissed: Option<bool>,
    /// Subject contains this text, case-insensitive.
    search: Option<String>,
}

impl CrmActivityFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<activities::CrmActivityFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(activities::CrmActivityFilter {
            responsible: argument_id_option(self.responsible_id.as_ref(), &path("responsibleId"))?,
            item: argument_id_option(self.item_id.as_ref(), &path("itemId"))?,
            completed: self.completed,
            responsible_dismissed: self.responsible_dismissed,
            search: self.search,
        })
    }
}

/// A new CRM activity.
#[derive(InputObject)]
pub struct CreateCrmActivityInput {
    /// ID of the CRM record that it is about.
    item_id: ID,
    /// Kind.
    kind: CrmActivityKind,
    /// Subject, one line.
    subject: String,
    /// The person responsible; must be active. Defaults to you.
    responsible_id: Option<ID>,
    /// Due date and time.
    deadline: Option<DateTime<Utc>>,
}

/// Changes to an activity. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateCrmActivityInput {
    /// ID of the activity.
    activity_id: ID,
    /// Subject; can't be null.
    subject: MaybeUndefined<String>,
    /// Whether it is completed; can't be null.
    completed: MaybeUndefined<bool>,
    /// The person responsible; must be active. Can't be null.
    responsible_id: MaybeUndefined<ID>,
    /// Due date and time.
    deadline: MaybeUndefined<DateTime<Utc>>,
}

payload! {
    /// Payload of the CRM activity mutations.
    CrmActivityPayload {
        /// The activity after the change.
        activity: CrmActivity from Model,
    }
}

impl CreateCrmActivityInput {
    pub(crate) fn check(self) -> Outcome<CreateCrmActivity> {
        Ok(CreateCrmActivity {
            item: input::id(&self.item_id, "itemId")?,
            kind: self.kind.into(),
            subject: input::check_line(&self.subject, input::TITLE, "subject")?,
            responsible: self
                .responsible_id
                .map(|id| input::id(&id, "responsibleId"))
                .transpose()?,
            deadline: self
                .deadline
                .map(|at| input::check_timestamp(at, "deadline"))
                .transpose()?,
        })
    }
}

impl UpdateCrmActivityInput {
    pub(crate) fn check(self) -> Outcome<UpdateCrmActivity> {
        Ok(UpdateCrmActivity {
            activity: input::id(&self.activity_id, "activityId")?,
            subject: Change::from(self.subject)
                .check(|text: String| input::check_line(&text, input::TITLE, "subject"))?,
            completed: self.completed.into(),
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            deadline: Change::from(self.deadline).check(|at| input::check_timestamp(at, "deadline"))?,
        })
    }
}
