//! Typed ids: a UUIDv7 in the database, `user_01j…` outside of it.
//!
//! The text form is a TypeID (specification 0.3.0): a prefix that names the type, an underscore, and the 128 bits as 26
//! characters of Crockford's base 32 in lower case. An id of another type, or any other text, does not parse.

use std::fmt;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// Error: a text is not an id of the expected type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// The expected prefix, for example `user`.
    pub expected: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not the id of a {}", self.expected)
    }
}

impl std::error::Error for InvalidId {}

/// Encodes an id as the 26-character suffix of a TypeID.
pub fn encode_suffix(id: Uuid) -> String {
    String::from_utf8_lossy(&digits(id)).into_owned()
}

fn digits(id: Uuid) -> [u8; SUFFIX_LENGTH] {
    let mut bits = id.as_u128();
    let mut text = [0; SUFFIX_LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    text
}

/// Decodes the 26-character suffix of a TypeID; `None` if invalid.
pub fn decode_suffix(text: &str) -> Option<Uuid> {
    // The first character has only three bits: 26 * 5 = 130 = 128 + 2.
    if text.len() != SUFFIX_LENGTH || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|&a| a == byte)?;
            Some((bits << 5) | digit as u128)
        })
        .map(Uuid::from_u128)
}

/// Writes the id of an object of the type with this prefix.
pub fn with_prefix(prefix: &str, id: Uuid) -> String {
    format!("{prefix}_{}", encode_suffix(id))
}

/// Splits an id of any type into its prefix and its UUID; `None` if the text is not an id.
pub fn split(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, suffix) = text.rsplit_once('_')?;
    Some((prefix, decode_suffix(suffix)?))
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Prefix of the text form.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(&String::from_utf8_lossy(&digits(self.0)))
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode_suffix)
                    .map(Self)
                    .ok_or(InvalidId { expected: $prefix })
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

typed_ids! {
    /// A person.
    UserId = "user";
    /// A department.
    DepartmentId = "department";
    /// A session: one sign-in of a person.
    SessionId = "session";
    /// A directory that provisions people.
    DirectoryId = "directory";
    /// A group of a directory.
    DirectoryGroupId = "directorygroup";
    /// A refused request of a directory.
    RefusedRequestId = "refusedrequest";
    /// A dismissal of a person.
    DismissalId = "dismissal";
    /// A task.
    TaskId = "task";
    /// A recurring task.
    TaskTemplateId = "tasktemplate";
    /// A CRM record.
    CrmItemId = "crmitem";
    /// A CRM activity.
    CrmActivityId = "crmactivity";
    /// A CRM role.
    CrmRoleId = "crmrole";
    /// A calendar.
    CalendarId = "calendar";
    /// An event of a calendar.
    EventId = "event";
    /// A folder of a drive; a My Drive has the UUID of its owner.
    FolderId = "folder";
    /// A file of a drive.
    FileId = "file";
    /// A handover.
    HandoverId = "handover";
    /// An integration: a third-party program.
    IntegrationId = "integration";
    /// A secret of an integration.
    IntegrationSecretId = "secret";
    /// An access token of an integration.
    AccessTokenId = "accesstoken";
    /// An identity provider.
    IdentityProviderId = "provider";
    /// An account of an identity provider, linked to a person.
    IdentityId = "identity";
    /// An audit entry.
    AuditEntryId = "audit";
    /// A change that webhooks announce: an audit entry, seen by those who follow changes.
    ChangeId = "change";
    /// A webhook.
    WebhookId = "webhook";
    /// A delivery of a webhook.
    WebhookDeliveryId = "webhookdelivery";
    /// A message of the outbox.
    OutboxMessageId = "message";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_ids_round_trip() {
        // Valid examples of the TypeID specification.
        for (uuid, suffix) in [
            (0, "00000000000000000000000000"),
            (10, "0000000000000000000000000a"),
            (
                0x0110_c853_1d09_52d8_d73e_1194_e95b_5f19,
                "0123456789abcdefghjkmnpqrs",
            ),
            (u128::MAX, "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
        ] {
            let id = UserId(Uuid::from_u128(uuid));
            assert_eq!(id.to_string(), format!("user_{suffix}"));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let task = TaskId(Uuid::nil()).to_string();
        for text in [
            "",
            "user",
            "user_",
            "user_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "user_ü1j0b3v1mmee6tx9cpdgkfhbc",
            &task,
        ] {
            assert_eq!(
                text.parse::<UserId>(),
                Err(InvalidId { expected: "user" }),
                "{text}"
            );
        }
    }
}
