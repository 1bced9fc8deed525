//! Typed ids: a UUIDv7 in the database, `user_01j…` for everyone else.
//!
//! The text form is a TypeID (specification 0.3.0): a prefix that names the type, an underscore, and the
//! 128 bits as 26 characters of Crockford's base 32 in lower case. An id of another type, or any other
//! text, does not parse.

use std::fmt;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// The prefix that was expected, `user` for instance.
    pub expected: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not the id of a {}", self.expected)
    }
}

impl std::error::Error for InvalidId {}

/// Writes the 26 characters of a TypeID's suffix.
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

/// Reads the 26 characters of a TypeID's suffix; `None` when they are not one.
pub fn decode_suffix(text: &str) -> Option<Uuid> {
    // The first character holds three bits only: 26 * 5 = 130 = 128 + 2.
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

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What the text form begins with, before the underscore.
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
    /// A session: one sign-in of one person.
    SessionId = "session";
    /// A dismissal: one departure of one person.
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
    /// A folder of a drive; somebody's My Drive has the number of that person.
    FolderId = "folder";
    /// A file of a drive.
    FileId = "file";
    /// A handover: one move of work.
    HandoverId = "handover";
    /// An integration: a program of a third party.
    IntegrationId = "integration";
    /// A secret of an integration.
    IntegrationSecretId = "secret";
    /// A line of the audit log.
    AuditEntryId = "audit";
    /// A message that waits to be acted on after its transaction.
    OutboxMessageId = "message";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_id_reads_back() {
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
