//! The types of the API: crm activities.

use crate::domain::crm::create_activity::CreateCrmActivity;
use crate::domain::crm::update_activity::UpdateCrmActivity;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::user_error::{UserError, split};
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_activity::{self, Model};

/// What is done.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_activity::CrmActivityKind")]
pub enum CrmActivityKind {
    /// A call.
    Call,
    /// A meeting.
    Meeting,
    /// An e-mail.
    Email,
    /// Something to do.
    Todo,
}

/// A call, a meeting, an e-mail or a to-do about a CRM record. Seen by the one who does it and by those who may read
/// the record.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmActivity {
    /// The id.
    pub id: ID,
    /// What is done.
    kind: CrmActivityKind,
    /// What it is about, in a line.
    subject: String,
    /// Whether it is done.
    completed: bool,
    /// When it is due.
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

/// Which activities. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct CrmActivityFilter {
    /// Those of this person.
    pub(crate) responsible_id: Option<ID>,
    /// Those about this record.
    pub(crate) item_id: Option<ID>,
    /// Those that are done (true), or are not (false).
    pub(crate) completed: Option<bool>,
}

/// A new activity.
#[derive(InputObject)]
pub struct CreateCrmActivityInput {
    /// The record that it is about.
    item_id: ID,
    /// What is done.
    kind: CrmActivityKind,
    /// What it is about, in a line.
    subject: String,
    /// Who does it: an active person; you, when left out.
    responsible_id: Option<ID>,
    /// When it is due.
    deadline: Option<DateTime<Utc>>,
}

/// What is to change of an activity; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateCrmActivityInput {
    /// Which activity.
    activity_id: ID,
    /// What it is about; it can't be removed.
    subject: MaybeUndefined<String>,
    /// Whether it is done; it can't be removed.
    completed: MaybeUndefined<bool>,
    /// Who does it: an active person; can't be removed.
    responsible_id: MaybeUndefined<ID>,
    /// When it is due.
    deadline: MaybeUndefined<DateTime<Utc>>,
}

/// The answer to an operation on an activity.
#[derive(SimpleObject)]
pub struct CrmActivityPayload {
    /// The activity as it is now.
    activity: Option<CrmActivity>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl CrmActivityPayload {
    pub(crate) fn new(outcome: Outcome<Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            activity: row.map(CrmActivity::from),
            user_errors,
        })
    }
}

impl CreateCrmActivityInput {
    pub(crate) fn check(self) -> Outcome<CreateCrmActivity> {
        Ok(CreateCrmActivity {
            item: input::id(&self.item_id, "itemId")?,
            kind: self.kind.into(),
            subject: input::line(&self.subject, input::TITLE, "subject")?,
            responsible: self
                .responsible_id
                .map(|id| input::id(&id, "responsibleId"))
                .transpose()?,
            deadline: self
                .deadline
                .map(|at| input::moment(at, "deadline"))
                .transpose()?,
        })
    }
}

impl UpdateCrmActivityInput {
    pub(crate) fn check(self) -> Outcome<UpdateCrmActivity> {
        Ok(UpdateCrmActivity {
            activity: input::id(&self.activity_id, "activityId")?,
            subject: Change::from(self.subject)
                .check(|text: String| input::line(&text, input::TITLE, "subject"))?,
            completed: self.completed.into(),
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            deadline: Change::from(self.deadline).check(|at| input::moment(at, "deadline"))?,
        })
    }
}
