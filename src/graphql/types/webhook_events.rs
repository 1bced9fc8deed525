//! GraphQL types: events, and the changes that they announce.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ChangeId;
use entity::audit_entry::Model as Row;

use crate::domain::webhooks::event::Event;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::store::journal::Action;
use crate::store::page::Page;

/// Type of an event. In a delivery it is in lower case, with a dot for the first underscore: `user.dismissed`.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum WebhookEvent {
    /// A person was created.
    UserCreated,
    /// A person was invited.
    UserInvited,
    /// A person accepted their invitation.
    UserInvitationAccepted,
    /// A person was changed.
    UserUpdated,
    /// A person was dismissed.
    UserDismissed,
    /// A person was rehired.
    UserHired,
    /// A dismissal was scheduled. Needs DISMISS_USERS.
    DismissalScheduled,
    /// A scheduled dismissal was cancelled. Needs DISMISS_USERS.
    DismissalCancelled,
    /// A scheduled dismissal could not be carried out. Needs DISMISS_USERS.
    DismissalFailed,
    /// A handover or an undo was queued.
    HandoverQueued,
    /// A handover finished.
    HandoverFinished,
    /// A handover was cancelled.
    HandoverCancelled,
    /// Failed items of a handover were queued again.
    HandoverRetried,
    /// The handover of a scheduled dismissal was refused. Needs DISMISS_USERS.
    HandoverRefused,
    /// A department was created.
    DepartmentCreated,
    /// A department was changed.
    DepartmentUpdated,
    /// An integration was created.
    IntegrationCreated,
    /// An integration was revoked.
    IntegrationRevoked,
    /// A secret of an integration expires in 30 days, 7 days or one day.
    IntegrationExpiring,
    /// All deliveries of another webhook have failed for a day.
    WebhookFailing,
    /// Another webhook was disabled: all its deliveries have failed for five days, or its receiver answered 410.
    WebhookDisabled,
    /// A rule refused what a directory wanted to do with a person.
    DirectoryRefused,
    /// A directory dismissed unusually many people; their work is held.
    DirectoryMassDismissal,
    /// A directory activated a person who was dismissed here, and stays dismissed.
    DirectoryActivationIgnored,
    /// The settings were changed.
    SettingsUpdated,
    /// The signing keys were rotated.
    KeysRotated,
    /// A session was ended. Needs READ_AUDIT_LOG.
    SessionEnded,
    /// A refresh token was used twice; its session was ended. Needs READ_AUDIT_LOG.
    SessionRefreshTokenReused,
    /// A test; not for subscriptions.
    Ping,
}

const EVENTS: [(WebhookEvent, Event); 29] = [
    (WebhookEvent::UserCreated, Event::Change(Action::UserCreated)),
    (WebhookEvent::UserInvited, Event::Change(Action::UserInvited)),
    (
        WebhookEvent::UserInvitationAccepted,
        Event::Change(Action::InvitationAccepted),
    ),
    (WebhookEvent::UserUpdated, Event::Change(Action::UserUpdated)),
    (WebhookEvent::UserDismissed, Event::Change(Action::UserDismissed)),
    (WebhookEvent::UserHired, Event::Change(Action::UserHired)),
    (
        WebhookEvent::DismissalScheduled,
        Event::Change(Action::DismissalScheduled),
    ),
    (
        WebhookEvent::DismissalCancelled,
        Event::Change(Action::DismissalCancelled),
    ),
    (
        WebhookEvent::DismissalFailed,
        Event::Change(Action::DismissalFailed),
    ),
    (
        WebhookEvent::HandoverQueued,
        Event::Change(Action::HandoverQueued),
    ),
    (
        WebhookEvent::HandoverFinished,
        Event::Change(Action::HandoverFinished),
    ),
    (
        WebhookEvent::HandoverCancelled,
        Event::Change(Action::HandoverCancelled),
    ),
    (
        WebhookEvent::HandoverRetried,
        Event::Change(Action::HandoverRetried),
    ),
    (
        WebhookEvent::HandoverRefused,
        Event::Change(Action::HandoverRefused),
    ),
    (
        WebhookEvent::DepartmentCreated,
        Event::Change(Action::DepartmentCreated),
    ),
    (
        WebhookEvent::DepartmentUpdated,
        Event::Change(Action::DepartmentUpdated),
    ),
    (
        WebhookEvent::IntegrationCreated,
        Event::Change(Action::IntegrationCreated),
    ),
    (
        WebhookEvent::IntegrationRevoked,
        Event::Change(Action::IntegrationRevoked),
    ),
    (
        WebhookEvent::IntegrationExpiring,
        Event::Change(Action::SecretExpiring),
    ),
    (
        WebhookEvent::WebhookFailing,
        Event::Change(Action::WebhookFailing),
    ),
    (
        WebhookEvent::WebhookDisabled,
        Event::Change(Action::WebhookDisabled),
    ),
    (
        WebhookEvent::DirectoryRefused,
        Event::Change(Action::DirectoryRefused),
    ),
    (
        WebhookEvent::DirectoryMassDismissal,
        Event::Change(Action::DirectoryMassDismissal),
    ),
    (
        WebhookEvent::DirectoryActivationIgnored,
        Event::Change(Action::DirectoryActivationIgnored),
    ),
    (
        WebhookEvent::SettingsUpdated,
        Event::Change(Action::SettingsUpdated),
    ),
    (WebhookEvent::KeysRotated, Event::Change(Action::KeysRotated)),
    (WebhookEvent::SessionEnded, Event::Change(Action::SessionEnded)),
    (
        WebhookEvent::SessionRefreshTokenReused,
        Event::Change(Action::RefreshTokenReused),
    ),
    (WebhookEvent::Ping, Event::Ping),
];

impl From<WebhookEvent> for Event {
    fn from(event: WebhookEvent) -> Self {
        EVENTS
            .iter()
            .find(|(known, _)| *known == event)
            .map_or(Self::Ping, |(_, event)| *event)
    }
}

impl From<Event> for WebhookEvent {
    fn from(event: Event) -> Self {
        EVENTS
            .iter()
            .find(|(_, known)| *known == event)
            .map_or(Self::Ping, |(event, _)| *event)
    }
}

/// A change that webhooks announce.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Change {
    /// ID of the object: the `webhook-id` of its deliveries.
    pub id: ID,
    /// When the change was made.
    at: DateTime<Utc>,
    /// Type of the event.
    #[graphql(name = "type")]
    event: WebhookEvent,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for Change {
    fn from(row: Row) -> Self {
        Self {
            id: ChangeId(row.id.0).to_string().into(),
            at: row.at,
            event: Event::parse(&row.action).unwrap_or(Event::Ping).into(),
            row,
        }
    }
}

impl Columns for Change {}

connection!(Change, ChangeConnection, ChangeEdge, "changes");

impl ChangeConnection {
    /// Creates the page that was asked for after a cursor, which is also where it ends if it is empty.
    pub fn following(page: Page<Row>, after: Option<String>) -> Self {
        let mut connection = Self::from(page);
        connection.page_info = connection.page_info.ending_at(after);
        connection
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn each_event_has_the_name_that_is_sent_in_capitals() {
        assert_eq!(EVENTS.len(), Event::all().count());
        for event in Event::all() {
            let found = EVENTS.iter().find(|(_, known)| *known == event).unwrap().0;
            assert!(Event::from(found) == event);
            let items = <WebhookEvent as EnumType>::items();
            let name = items.iter().find(|item| item.value == found).unwrap().name;
            assert_eq!(name.to_lowercase().replacen('_', ".", 1), event.as_str());
        }
    }
}
