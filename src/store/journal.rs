//! The journal: the audit entry of a change and the message that makes the rest happen, written together and
//! inside the transaction that makes the change.

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

/// Less than the id of every entry that was made at this moment or later.
pub fn first_id(at: Timestamp) -> AuditEntryId {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    AuditEntryId(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// Who makes a change.
#[derive(Debug, Clone)]
pub enum Author {
    /// A person, with the address to show.
    Person(UserId, String),
    /// An integration, with its name.
    Integration(IntegrationId, String),
    /// The program itself, on somebody's command line or by the clock.
    Program(&'static str),
}

/// What is changed. The texts are part of the API: `auditLog(filter: {action: […]})`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names say it, and `as_str` has the texts that are promised"
)]
pub enum Action {
    UserCreated,
    UserInvited,
    InvitationRenewed,
    InvitationEnded,
    InvitationAccepted,
    UserUpdated,
    UserDismissed,
    UserHired,
    DismissalScheduled,
    DismissalCancelled,
    DismissalFailed,
    DismissalPassed,
    PasswordChanged,
    PasswordResetIssued,
    PasswordReset,
    SignedIn,
    SignedOut,
    SessionEnded,
    SessionsEnded,
    RefreshTokenReused,
    DepartmentCreated,
    DepartmentUpdated,
    TaskCreated,
    TaskUpdated,
    TaskTemplateCreated,
    TaskTemplateUpdated,
    CrmItemCreated,
    CrmItemUpdated,
    CrmActivityCreated,
    CrmActivityUpdated,
    CrmRoleSet,
    CalendarCreated,
    CalendarRenamed,
    CalendarFeedCreated,
    CalendarFeedRevoked,
    CalendarFavorited,
    CalendarUnfavorited,
    IntegrationCreated,
    IntegrationRevoked,
    IntegrationSecretAdded,
    IntegrationSecretKept,
    IntegrationSecretRevoked,
    EventCreated,
    EventUpdated,
    FolderCreated,
    FolderShared,
    FolderUnshared,
    FileUploaded,
    DriveItemsMoved,
    DriveItemRenamed,
    DownloadLinkCreated,
    HandoverQueued,
    HandoverRetried,
    HandoverCancelled,
    HandoverFinished,
    HandoverRefused,
    SettingsUpdated,
    KeysRotated,
    Imported,
}

impl Action {
    /// The text in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserCreated => "user.created",
            Self::UserInvited => "user.invited",
            Self::InvitationRenewed => "user.invitation_renewed",
            Self::InvitationEnded => "user.invitation_ended",
            Self::InvitationAccepted => "user.invitation_accepted",
            Self::UserUpdated => "user.updated",
            Self::UserDismissed => "user.dismissed",
            Self::UserHired => "user.hired",
            Self::DismissalScheduled => "dismissal.scheduled",
            Self::DismissalCancelled => "dismissal.cancelled",
            Self::DismissalFailed => "dismissal.failed",
            Self::DismissalPassed => "dismissal.passed",
            Self::PasswordChanged => "user.password_changed",
            Self::PasswordResetIssued => "user.password_reset_issued",
            Self::PasswordReset => "user.password_reset",
            Self::SignedIn => "session.started",
            Self::SignedOut => "session.signed_out",
            Self::SessionEnded => "session.ended",
            Self::SessionsEnded => "user.sessions_ended",
            Self::RefreshTokenReused => "session.refresh_token_reused",
            Self::DepartmentCreated => "department.created",
            Self::DepartmentUpdated => "department.updated",
            Self::TaskCreated => "task.created",
            Self::TaskUpdated => "task.updated",
            Self::TaskTemplateCreated => "task_template.created",
            Self::TaskTemplateUpdated => "task_template.updated",
            Self::CrmItemCreated => "crm.created",
            Self::CrmItemUpdated => "crm.updated",
            Self::CrmActivityCreated => "crm_activity.created",
            Self::CrmActivityUpdated => "crm_activity.updated",
            Self::CrmRoleSet => "crm_role.set",
            Self::CalendarCreated => "calendar.created",
            Self::CalendarRenamed => "calendar.renamed",
            Self::CalendarFeedCreated => "calendar.feed_created",
            Self::CalendarFeedRevoked => "calendar.feed_revoked",
            Self::CalendarFavorited => "calendar.favorited",
            Self::CalendarUnfavorited => "calendar.unfavorited",
            Self::IntegrationCreated => "integration.created",
            Self::IntegrationRevoked => "integration.revoked",
            Self::IntegrationSecretAdded => "integration_secret.added",
            Self::IntegrationSecretKept => "integration_secret.kept",
            Self::IntegrationSecretRevoked => "integration_secret.revoked",
            Self::EventCreated => "event.created",
            Self::EventUpdated => "event.updated",
            Self::FolderCreated => "folder.created",
            Self::FolderShared => "folder.shared",
            Self::FolderUnshared => "folder.unshared",
            Self::FileUploaded => "file.uploaded",
            Self::DriveItemsMoved => "drive.moved",
            Self::DriveItemRenamed => "drive.renamed",
            Self::DownloadLinkCreated => "download_link.created",
            Self::HandoverQueued => "handover.queued",
            Self::HandoverRetried => "handover.retried",
            Self::HandoverCancelled => "handover.cancelled",
            Self::HandoverFinished => "handover.finished",
            Self::HandoverRefused => "handover.refused",
            Self::SettingsUpdated => "settings.updated",
            Self::KeysRotated => "keys.rotated",
            Self::Imported => "import.batch",
        }
    }

    /// What has to happen once the change has committed.
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
    /// A folder or a file.
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

/// Writes the audit entry of a change, and the message that makes the rest happen.
///
/// # Errors
/// When the database fails.
pub async fn record(
    tx: &Tx,
    author: &Author,
    action: Action,
    subject: impl Into<Option<Subject>>,
    data: Value,
) -> Result<(), Error> {
    let subject = subject.into();
    audit_entry::Entity::insert(entry(tx, author, action, subject, &data))
        .exec_without_returning(&tx.conn)
        .await?;
    if let (Some(topic), Some(subject)) = (action.follow_up(), subject) {
        enqueue(tx, topic, subject.1, tx.now).await?;
    }
    Ok(())
}

/// Writes the audit entries of one action on many subjects, in a few statements however many they are. For actions
/// that nothing has to follow: no message is left.
///
/// # Errors
/// When the database fails.
pub async fn record_all(
    tx: &Tx,
    author: &Author,
    action: Action,
    changes: impl IntoIterator<Item = (Subject, Value)>,
) -> Result<(), Error> {
    let entries = changes
        .into_iter()
        .map(|(subject, data)| entry(tx, author, action, Some(subject), &data))
        .collect();
    db::insert_all(tx, entries).await
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

/// Leaves a message that makes something happen at `due`.
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
    tx.leaves_work();
    Ok(())
}

/// Withdraws what was to happen to a subject.
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
