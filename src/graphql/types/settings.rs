//! GraphQL types: the company settings.

use std::collections::BTreeSet;

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use entity::UserId;
use entity::settings::{Model as Row, PasswordSignIn as Stored};

use crate::domain::auth::password_policy::MAX_BREAK_GLASS;
use crate::domain::calendar::recurrence;
use crate::domain::people::settings::{SettingsChange, revision};
use crate::error::{Code, Outcome, refuse};
use crate::graphql::kit::payload::payload;
use crate::store::input;
use crate::store::input::Change;

/// The settings of the API, one line each beside its description: the column, its type, the type of its input, and the
/// check of that.
macro_rules! settings {
    ($($(#[$description:meta])* $column:ident: $type:ty, $input:ty, $check:expr;)*) => {
        /// Company settings.
        #[derive(SimpleObject)]
        #[graphql(complex)]
        pub struct Settings {
            $($(#[$description])* $column: $type,)*
            /// Changes whenever a setting does; for `expectedRevision` of `updateSettings`.
            revision: String,
            #[graphql(skip)]
            pub(crate) break_glass_ids: Vec<UserId>,
        }

        impl From<Row> for Settings {
            fn from(row: Row) -> Self {
                Self {
                    revision: revision(&row),
                    break_glass_ids: row.break_glass(),
                    $($column: row.$column.into(),)*
                }
            }
        }

        /// Changes to the settings. Fields that are left out stay unchanged.
        #[derive(InputObject)]
        pub struct UpdateSettingsInput {
            $($(#[$description])* $column: MaybeUndefined<$input>,)*
            /// IDs of the people who can always sign in with a password: at most ten active administrators.
            break_glass_ids: Option<Vec<ID>>,
            /// `revision` of the settings you read; CHANGED_MEANWHILE if somebody has changed them since.
            expected_revision: Option<String>,
        }

        impl UpdateSettingsInput {
            /// Checks the input; returns the change and the expected revision.
            pub(crate) fn check(self) -> Outcome<(SettingsChange, Option<String>)> {
                let change = SettingsChange {
                    break_glass_ids: check_break_glass(self.break_glass_ids)?,
                    $($column: Change::from(self.$column).check($check)?,)*
                };
                Ok((change, self.expected_revision))
            }
        }
    };
}

settings! {
    /// Whether employees can see dismissed people in lists. Administrators always can.
    show_dismissed_employees: bool, bool, Ok;
    /// Name of the company, at most 200 characters.
    company_name: Option<String>, String, |name| input::check_line(&name, input::NAME, "companyName");
    /// The company's time zone, an IANA name such as "Europe/Berlin".
    time_zone: Option<String>, String, check_zone;
    /// Who can sign in with a password. Sessions that are open stay so.
    password_sign_in: PasswordSignIn, PasswordSignIn, |who: PasswordSignIn| Ok(who.into());
}

/// Who can sign in with a password. Break-glass accounts always can.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Stored")]
pub enum PasswordSignIn {
    /// Everybody.
    Everybody,
    /// Administrators. Employees sign in with an identity provider.
    Administrators,
    /// Nobody but the break-glass accounts; BREAK_GLASS_NEEDED unless there are two of them, and an administrator who is
    /// linked to an account of an identity provider.
    Nobody,
}

fn check_break_glass(ids: Option<Vec<ID>>) -> Outcome<Change<String>> {
    let Some(ids) = ids else { return Ok(Change::Keep) };
    let ids: Vec<UserId> = input::ids(&ids, MAX_BREAK_GLASS, "breakGlassIds")?;
    let unique: BTreeSet<UserId> = ids.iter().copied().collect();
    if unique.len() < ids.len() {
        return refuse(Code::Invalid, "breakGlassIds", "a person is named twice");
    }
    let ids: Vec<String> = ids.iter().map(UserId::to_string).collect();
    Ok(Change::Set(Some(ids.join(" "))))
}

fn check_zone(name: String) -> Outcome<String> {
    let zone = recurrence::check_zone(&name, "timeZone")?;
    Ok(zone.name().to_owned())
}

payload! {
    /// Payload of `updateSettings`.
    UpdateSettingsPayload {
        /// The settings after the change.
        settings: Settings from Row,
    }
}
