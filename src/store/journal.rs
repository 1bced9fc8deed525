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

pub use super::changes::Changes;

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
    ($($action:ident = $text:literal: $description:literal,)*) => {
        /// Audited actions. The texts are part of the API: `auditLog(filter: {action: […]})`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $(#[doc = $description] $action,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The text in the audit log.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$action => $text,)*
                }
            }

            /// What has happened, as a sentence.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$action => $description,)*
                }
            }
        }
    };
}

actions! {
    UserCreated = "user.created": "A person was created.",
    UserInvited = "user.invited": "A person was invited.",
    InvitationRenewed = "user.invitation_renewed": "An invitation was sent again.",
    InvitationEnded = "user.invitation_ended": "An invitation ended before it was accepted.",
    InvitationAccepted = "user.invitation_accepted": "A person accepted their invitation.",
    UserUpdated = "user.updated": "A person was changed.",
    AddressGivenUp = "user.address_given_up": "The e-mail address of a leaver passed to somebody else.",
    UserDismissed = "user.dismissed": "A person was dismissed.",
    UserHired = "user.hired": "A person was rehired.",
    DismissalScheduled = "dismissal.scheduled": "A dismissal was scheduled.",
    DismissalCancelled = "dismissal.cancelled": "A scheduled dismissal was cancelled.",
    DismissalFailed = "dismissal.failed": "A scheduled dismissal could not be carried out.",
    DismissalPassed = "dismissal.passed": "A scheduled dismissal passed to another requester.",
    PasswordChanged = "user.password_changed": "A person changed their password.",
    PasswordResetIssued = "user.password_reset_issued": "A link to reset a password was issued.",
    PasswordReset = "user.password_reset": "A password was reset.",
    SignedIn = "session.started": "A person signed in.",
    SignInRefused = "session.refused": "Somebody whom an identity provider knows may not sign in here.",
    SignedOutByProvider = "user.signed_out_by_provider": "An identity provider ended sessions of a person.",
    SignedOut = "session.signed_out": "A person signed out.",
    SessionEnded = "session.ended": "A session was ended.",
    SessionsEnded = "user.sessions_ended": "All sessions of a person were ended.",
    RefreshTokenReused = "session.refresh_token_reused": "A refresh token was used twice; its session was ended.",
    DepartmentCreated = "department.created": "A department was created.",
    DepartmentUpdated = "department.updated": "A department was changed.",
    TaskCreated = "task.created": "A task was created.",
    TaskUpdated = "task.updated": "A task was changed.",
    TaskTemplateCreated = "task_template.created": "A recurring task was created.",
    TaskTemplateUpdated = "task_template.updated": "A recurring task was changed.",
    CrmItemCreated = "crm.created": "A CRM record was created.",
    CrmItemUpdated = "crm.updated": "A CRM record was changed.",
    CrmActivityCreated = "crm_activity.created": "A CRM activity was created.",
    CrmActivityUpdated = "crm_activity.updated": "A CRM activity was changed.",
    CrmRoleSet = "crm_role.set": "A CRM role was set.",
    CalendarCreated = "calendar.created": "A calendar was created.",
    CalendarRenamed = "calendar.renamed": "A calendar was renamed.",
    CalendarFeedCreated = "calendar.feed_created": "A calendar feed was created.",
    CalendarFeedRevoked = "calendar.feed_revoked": "The feeds of a calendar were revoked.",
    CalendarFavorited = "calendar.favorited": "A calendar was added to favorites.",
    CalendarUnfavorited = "calendar.unfavorited": "A calendar was removed from favorites.",
    IntegrationCreated = "integration.created": "An integration was created.",
    IntegrationRevoked = "integration.revoked": "An integration was revoked.",
    IntegrationSecretAdded = "integration_secret.added": "A secret was added to an integration.",
    IntegrationSecretKept = "integration_secret.kept": "A secret known to a dismissed person stayed valid.",
    IntegrationSecretRevoked = "integration_secret.revoked": "A secret of an integration was revoked.",
    EventCreated = "event.created": "An event was created.",
    EventUpdated = "event.updated": "An event was changed.",
    FolderCreated = "folder.created": "A folder was created.",
    FolderShared = "folder.shared": "A folder was shared.",
    FolderUnshared = "folder.unshared": "A folder was no longer shared.",
    FileUploaded = "file.uploaded": "A file was uploaded.",
    DriveItemsMoved = "drive.moved": "Folders or files were moved.",
    DriveItemRenamed = "drive.renamed": "A folder or file was renamed.",
    DownloadLinkCreated = "download_link.created": "A download link was created.",
    HandoverQueued = "handover.queued": "A handover or an undo was queued.",
    HandoverRetried = "handover.retried": "Failed items of a handover were queued again.",
    HandoverCancelled = "handover.cancelled": "A handover was cancelled.",
    HandoverFinished = "handover.finished": "A handover finished.",
    HandoverRefused = "handover.refused": "The handover of a scheduled dismissal was refused.",
    IdentityProviderCreated = "identity_provider.created": "An identity provider was created.",
    IdentityProviderUpdated = "identity_provider.updated": "An identity provider was changed.",
    IdentityProviderRetired = "identity_provider.retired": "An identity provider was retired.",
    IdentityLinked = "user.identity_linked": "An account of an identity provider was linked to a person.",
    IdentityUnlinked = "user.identity_unlinked": "An account of an identity provider was unlinked from a person.",
    DirectoryCreated = "directory.created": "A directory was created.",
    DirectoryUpdated = "directory.updated": "A directory was changed.",
    DirectoryEnded = "directory.ended": "A directory was ended.",
    DirectoryPersonLinked = "directory.person_linked": "A person was linked to a directory.",
    DirectoryPersonUpdated = "directory.person_updated": "A directory changed what it says of a person.",
    DirectoryPersonUnlinked = "directory.person_unlinked": "A person was unlinked from a directory.",
    DirectoryPersonDeleted = "directory.person_deleted": "A directory deleted a person, who was dismissed.",
    DirectoryPersonExempted = "directory.person_exempted": "Whether directories may dismiss a person was changed.",
    DirectoryActivationIgnored = "directory.activation_ignored":
        "A directory activated a person who was dismissed here, and stays dismissed.",
    DirectoryRefused = "directory.refused": "A rule refused what a directory wanted to do with a person.",
    DirectoryMassDismissal = "directory.mass_dismissal":
        "A directory dismissed unusually many people; their work is held.",
    DirectoryHandoversReleased = "directory.handovers_released": "Held handovers of a directory were released.",
    DirectoryGroupCreated = "directory_group.created": "A directory created a group.",
    DirectoryGroupUpdated = "directory_group.updated": "A directory changed a group.",
    DirectoryGroupDeleted = "directory_group.deleted": "A directory deleted a group.",
    DirectoryGroupMapped = "directory_group.mapped": "What the members of a group get was changed.",
    SettingsUpdated = "settings.updated": "The settings were changed.",
    KeysRotated = "keys.rotated": "The signing keys were rotated.",
    Imported = "import.batch": "Data was imported.",
    SecretExpiring = "integration.expiring": "A secret of an integration will expire soon.",
    WebhookCreated = "webhook.created": "A webhook was created.",
    WebhookUpdated = "webhook.updated": "A webhook was changed.",
    WebhookDeleted = "webhook.deleted": "A webhook was deleted.",
    WebhookSecretRotated = "webhook.secret_rotated": "A webhook got a new secret.",
    WebhookTested = "webhook.tested": "A test event was sent to a webhook.",
    WebhookRedelivered = "webhook.redelivered": "Deliveries of a webhook were sent again.",
    WebhookFailing = "webhook.failing": "All deliveries of a webhook have failed for a day.",
    WebhookDisabled = "webhook.disabled": "A webhook was disabled: its receiver is gone, all deliveries failed, or its secret is known to a leaver.",
}

/// The changes that webhooks announce and that can be followed by cursor.
pub const EVENTS: [Action; 28] = [
    Action::UserCreated,
    Action::UserInvited,
    Action::InvitationAccepted,
    Action::UserUpdated,
    Action::UserDismissed,
    Action::UserHired,
    Action::DismissalScheduled,
    Action::DismissalCancelled,
    Action::DismissalFailed,
    Action::HandoverQueued,
    Action::HandoverFinished,
    Action::HandoverCancelled,
    Action::HandoverRetried,
    Action::HandoverRefused,
    Action::DepartmentCreated,
    Action::DepartmentUpdated,
    Action::IntegrationCreated,
    Action::IntegrationRevoked,
    Action::SecretExpiring,
    Action::WebhookFailing,
    Action::WebhookDisabled,
    Action::DirectoryRefused,
    Action::DirectoryMassDismissal,
    Action::DirectoryActivationIgnored,
    Action::SettingsUpdated,
    Action::KeysRotated,
    Action::SessionEnded,
    Action::RefreshTokenReused,
];

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
    entity::WebhookId,
    entity::DirectoryId,
    entity::DirectoryGroupId,
    entity::IdentityProviderId,
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
    data: impl Into<Value>,
) -> Result<Recorded, Error> {
    let (_, recorded) = record_with_id(tx, author, action, subject, data).await?;
    Ok(recorded)
}

/// As [`record`]; also returns the id of the entry.
///
/// # Errors
/// When the database fails.
pub async fn record_with_id(
    tx: &Tx,
    author: &Author,
    action: Action,
    subject: impl Into<Option<Subject>>,
    data: impl Into<Value>,
) -> Result<(AuditEntryId, Recorded), Error> {
    let (subject, data, id) = (subject.into(), data.into(), AuditEntryId(tx.new_id()));
    audit_entry::Entity::insert(entry(tx, id, author, action, subject, &data))
        .exec_without_returning(&tx.conn)
        .await?;
    if let (Some(topic), Some(subject)) = (action.follow_up(), subject) {
        enqueue(tx, topic, subject.1, tx.now).await?;
    }
    Ok((id, Recorded(())))
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
        .map(|(subject, data)| {
            let id = AuditEntryId(tx.new_id());
            entry(tx, id, author, action, Some(subject), &data)
        })
        .collect();
    db::insert_all(tx, entries).await?;
    Ok(Recorded(()))
}

fn entry(
    tx: &Tx,
    id: AuditEntryId,
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
    let is_event = EVENTS.contains(&action);
    if is_event {
        tx.mark_event_recorded();
    }
    audit_entry::ActiveModel {
        id: Set(id),
        at: Set(tx.now),
        action: Set(action.as_str().to_owned()),
        actor: Set(actor),
        actor_user_id: Set(actor_user_id),
        actor_integration_id: Set(actor_integration_id),
        subject_type: Set(subject.map(|s| s.0.to_owned())),
        subject_id: Set(subject.map(|s| s.1)),
        data: Set(data.to_string()),
        sequence: Set(is_event.then_some(0)),
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
