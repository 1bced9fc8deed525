//! Types of events.

use crate::domain::audit::confidential;
use crate::domain::auth::Permission;
use crate::store::journal::{Action, EVENTS};

/// Type of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A change: one of [`EVENTS`].
    Change(Action),
    /// A test.
    Ping,
}

impl Event {
    /// All types.
    pub fn all() -> impl Iterator<Item = Self> {
        EVENTS.into_iter().map(Self::Change).chain([Self::Ping])
    }

    /// Parses the name that is sent, such as `user.dismissed`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|event| event.as_str() == name)
    }

    /// The name that is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change(action) => action.as_str(),
            Self::Ping => "ping",
        }
    }

    /// Permissions without which nobody learns of such an event. What is planned is for those who may dismiss people;
    /// sessions are in the audit log alone.
    pub fn requires(self) -> impl Iterator<Item = Permission> {
        let planned = matches!(self, Self::Change(action) if confidential::is_planned(action));
        let of_a_session = matches!(
            self,
            Self::Change(Action::SessionEnded | Action::RefreshTokenReused)
        );
        [
            Some(Permission::ReadEvents),
            planned.then_some(Permission::DismissUsers),
            of_a_session.then_some(Permission::ReadAuditLog),
        ]
        .into_iter()
        .flatten()
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for event in Event::all() {
            assert_eq!(Event::parse(event.as_str()), Some(event));
            assert_eq!(event.requires().next(), Some(Permission::ReadEvents));
        }
        assert_eq!(Event::all().count(), EVENTS.len() + 1);
        assert_eq!(Event::parse("task.created"), None);
    }
}
