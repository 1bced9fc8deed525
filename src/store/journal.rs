//! The journal: the audit entry of a change and the outbox message for its follow-up, written in the transaction that
//! makes the change.

use entity::outbox_message::Topic;
use entity::{
    AuditEntryId, HandoverId, IntegrationId, OutboxMessageId, Timestamp, UserId, audit_entry, outbox_message,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Returns a lower bound for the ids of all entries made at or after a time.
pub fn min_id_at(at: Timestamp) -> AuditEntryId {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    AuditEntryId(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// Who makes a change.
#[derive(Debug, Clone)]
pub enum Author {
    /// A person, and the e-mail address to show.
    Person(UserId, String),
    /// An integration, and its name.
    Integration(IntegrationId, String),
    /// The program itself: a command or a scheduled run.
    Program(&'static str),
}

macro_rules! actions {
    ($($action:ident = $text:literal,)*) => {
        /// Audited actions. The texts are part of the API: `auditLog(filter: {action: […]})`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names and texts are self-explanatory")]
        pub enum Action {
            $($action,)*
        }

        impl Action {
            /// Returns the text in the audit log.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$action => $text,)*
                }
            }
        }
    };
}

actions! {
    UserCreated = "user.created",
    UserInvited = "user.invited",
    InvitationRenewed = "user.invitation_renewed",
    InvitationEnded = "user.invitation_ended",
    InvitationAccepted = "user.invitation_accepted",
    UserUpdated = "user.updated",
    UserDismissed = "user.dismissed",
    UserHired = "user.hired",
    DismissalScheduled = "dismissal.scheduled",
    DismissalCancelled = "dismissal.cancelled",
    DismissalFailed = "dismissal.failed",
    DismissalPassed = "dismissal.passed",
    PasswordChanged = "user.password_changed",
    PasswordResetIssued = "user.password_reset_issued",
    PasswordReset = "user.password_reset",
    SignedIn = "session.started",
    SignedOut = "session.signed_out",
    SessionEnded = "session.ended",
    SessionsEnded = "user.sessions_ended",
    RefreshTokenReused = "session.refresh_token_reused",
    DepartmentCreated = "department.created",
    DepartmentUpdated = "department.updated",
    TaskCreated = "task.created",
    TaskUpdated = "task.updated",
    TaskTemplateCreated = "task_template.created",
    TaskTemplateUpdated = "task_template.updated",
    CrmItemCreated = "crm.created",
    CrmItemUpdated = "crm.updated",
    CrmActivityCreated = "crm_activity.created",
    CrmActivityUpdated = "crm_activity.updated",
    CrmRoleSet = "crm_role.set",
    CalendarCreated = "calendar.created",
    CalendarRenamed = "calendar.renamed",
    CalendarFeedCreated = "calendar.feed_created",
    CalendarFeedRevoked = "calendar.feed_revoked",
    CalendarFavorited = "calendar.favorited",
    CalendarUnfavorited = "calendar.unfavorited",
    IntegrationCreated = "integration.created",
    IntegrationRevoked = "integration.revoked",
    IntegrationSecretAdded = "integration_secret.added",
    IntegrationSecretKept = "integration_secret.kept",
    IntegrationSecretRevoked = "integration_secret.revoked",
    EventCreated = "event.created",
    EventUpdated = "event.updated",
    FolderCreated = "folder.created",
    FolderShared = "folder.shared",
    FolderUnshared = "folder.unshared",
    FileUploaded = "file.uploaded",
    DriveItemsMoved = "drive.moved",
    DriveItemRenamed = "drive.renamed",
    DownloadLinkCreated = "download_link.created",
    HandoverQueued = "handover.queued",
    HandoverRetried = "handover.retried",
    HandoverCancelled = "handover.cancelled",
    HandoverFinished = "handover.finished",
    HandoverRefused = "handover.refused",
    SettingsUpdated = "settings.updated",
    KeysRotated = "keys.rotated",
    Imported = "import.batch",
}

impl Action {
    /// Returns the topic of the message that follows the change.
    fn follow_up(self) -> Option<Topic> {
        match self {
            Self::HandoverQueued | Self::HandoverRetried => Some(Topic::RunHandover),
            _ => None,
        }
    }
}

/// The row that a change is about: the prefix of its id, and the id.
#[derive(Debug, Clone, Copy)]
pub struct Subject(pub &'static str, pub Uuid);

impl Subject {
    /// Returns the subject for a folder or a file.
    pub fn of_drive(item: &entity::drive_item::Model) -> Self {
        match item.folder {
            true => entity::FolderId(item.id).into(),
            false => entity::FileId(item.id).into(),
        }
    }
}

macro_rules! subjects {
    ($($id:ty),*) => {$(
        impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self(<$id>::PREFIX, id.0)
            }
        }
    )*};
}
subjects!(
    UserId,
    entity::DepartmentId,
    entity::SessionId,
    entity::TaskId,
    entity::TaskTemplateId,
    entity::CrmItemId,
    entity::CrmActivityId,
    entity::CrmRoleId,
    entity::CalendarId,
    entity::EventId,
    entity::FolderId,
    entity::FileId,
    IntegrationId,
    entity::IntegrationSecretId,
    HandoverId
);

/// Proof that the audit log has an entry for a change. Every write in somebody's name has to return one.
#[derive(Debug)]
pub struct Recorded(());

impl Recorded {
    /// For an operation that found nothing to change, and has written nothing.
    pub fn nothing_changed() -> Self {
        Self(())
    }

    /// For an operation whose steps have each written an entry.
    pub fn by_its_steps() -> Self {
        Self(())
    }
}

/// Writes the audit entry of a change, and the outbox message for its follow-up.
///
/// # Errors
/// When the database fails.
pub async fn record(
    tx: &Tx,
    author: &Author,
    action: Action,
    subject: impl Into<Option<Subject>>,
    data: Value,
) -> Result<Recorded, Error> {
    let subject = subject.into();
    audit_entry::Entity::insert(entry(tx, author, action, subject, &data))
        .exec_without_returning(&tx.conn)
        .await?;
    if let (Some(topic), Some(subject)) = (action.follow_up(), subject) {
        enqueue(tx, topic, subject.1, tx.now).await?;
    }
    Ok(Recorded(()))
}

/// Writes the audit entries of one action on many subjects in a few statements, however many they are. For actions
/// without a follow-up: writes no message.
///
/// # Errors
/// When the database fails.
pub async fn record_all(
    tx: &Tx,
    author: &Author,
    action: Action,
    changes: impl IntoIterator<Item = (Subject, Value)>,
) -> Result<Recorded, Error> {
    let entries = changes
        .into_iter()
        .map(|(subject, data)| entry(tx, author, action, Some(subject), &data))
        .collect();
    db::insert_all(tx, entries).await?;
    Ok(Recorded(()))
}

fn entry(
    tx: &Tx,
    author: &Author,
    action: Action,
    subject: Option<Subject>,
    data: &Value,
) -> audit_entry::ActiveModel {
    let (actor, actor_user_id, actor_integration_id) = match author {
        Author::Person(id, email) => (email.clone(), Some(*id), None),
        Author::Integration(id, name) => (format!("integration {name}"), None, Some(*id)),
        Author::Program(name) => ((*name).to_owned(), None, None),
    };
    audit_entry::ActiveModel {
        id: Set(AuditEntryId(tx.new_id())),
        at: Set(tx.now),
        action: Set(action.as_str().to_owned()),
        actor: Set(actor),
        actor_user_id: Set(actor_user_id),
        actor_integration_id: Set(actor_integration_id),
        subject_type: Set(subject.map(|s| s.0.to_owned())),
        subject_id: Set(subject.map(|s| s.1)),
        data: Set(data.to_string()),
    }
}

/// Enqueues a message that is due at `due`.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &Tx, topic: Topic, subject: Uuid, due: Timestamp) -> Result<(), Error> {
    outbox_message::Entity::insert(outbox_message::ActiveModel {
        id: Set(OutboxMessageId(tx.new_id())),
        topic: Set(topic),
        subject_id: Set(subject),
        due_at: Set(due),
        lease: Set(None),
        leased_until: Set(None),
        attempts: Set(0),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    tx.mark_outbox_changed();
    Ok(())
}

/// Deletes the messages of a topic for a subject.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(tx: &Tx, topic: Topic, subject: Uuid) -> Result<(), Error> {
    outbox_message::Entity::delete_many()
        .filter(outbox_message::Column::Topic.eq(topic))
        .filter(outbox_message::Column::SubjectId.eq(subject))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
