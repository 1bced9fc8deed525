//! The tables: one file each, with the enums and the typed ids of their columns.
//!
//! What belongs here: columns, enums and finders that scope a read. What doesn't: rules (they are beside the operations
//! that apply them) and anything about GraphQL.
//!
//! Ids are UUIDv7 in the database and [TypeIDs](https://github.com/jetify-com/typeid) outside of it: see [`id`].

pub mod id;

pub mod access_token;
pub mod audit_entry;
pub mod calendar;
pub mod calendar_feed;
pub mod crm_activity;
pub mod crm_item;
pub mod crm_role;
pub mod crm_role_department;
pub mod crm_role_member;
pub mod crm_rule;
pub mod department;
pub mod directory;
pub mod directory_email;
pub mod directory_exemption;
pub mod directory_group;
pub mod directory_group_mapping;
pub mod directory_group_member;
pub mod directory_handover;
pub mod directory_note;
pub mod directory_person;
pub mod directory_refusal;
pub mod dismissal;
pub mod download_link;
pub mod drive_item;
pub mod drive_move;
pub mod drive_share;
pub mod event;
pub mod event_attendee;
pub mod favorite_calendar;
pub mod handover;
pub mod handover_entry;
pub mod handover_line;
pub mod handover_part;
pub mod handover_pick;
pub mod handover_recipient;
pub mod identity;
pub mod identity_provider;
pub mod integration;
pub mod integration_secret;
pub mod invitation;
pub mod known_network;
pub mod outbox_message;
pub mod password_reset;
pub mod pending_sign_in;
pub mod refresh_token;
pub mod session;
pub mod settings;
pub mod sign_in_revocation;
pub mod signing_key;
pub mod task;
pub mod task_member;
pub mod task_template;
pub mod task_template_member;
pub mod used_assertion;
pub mod user;
pub mod values;
pub mod webhook;
pub mod webhook_attempt;
pub mod webhook_delivery;

pub use id::{
    AccessTokenId, AuditEntryId, CalendarId, ChangeId, CrmActivityId, CrmItemId, CrmRoleId, DepartmentId,
    DirectoryGroupId, DirectoryId, DismissalId, EventId, FileId, FolderId, HandoverId, IdentityId,
    IdentityProviderId, IntegrationId, IntegrationSecretId, OutboxMessageId, RefusedRequestId, SessionId,
    TaskId, TaskTemplateId, UserId, WebhookDeliveryId, WebhookId,
};

/// A time in UTC, in microseconds, the precision of both databases.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
