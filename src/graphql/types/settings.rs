//! GraphQL types: the company settings.

use async_graphql::{InputObject, MaybeUndefined, SimpleObject};
use entity::settings::Model as Row;

use crate::domain::calendar::recurrence;
use crate::domain::people::settings::{SettingsChange, revision};
use crate::error::Outcome;
use crate::graphql::kit::payload::payload;
use crate::store::input;
use crate::store::input::Change;

/// The settings of the API, one line each beside its description: the column, its type, the type of its input, and the
/// check of that.
macro_rules! settings {
    ($($(#[$description:meta])* $column:ident: $type:ty, $input:ty, $check:expr;)*) => {
        /// Company settings.
        #[derive(SimpleObject)]
        pub struct Settings {
            $($(#[$description])* $column: $type,)*
            /// Changes whenever a setting does; for `expectedRevision` of `updateSettings`.
            revision: String,
        }

        impl From<Row> for Settings {
            fn from(row: Row) -> Self {
                Self {
                    revision: revision(&row),
                    $($column: row.$column,)*
                }
            }
        }

        /// Changes to the settings. Fields that are left out stay unchanged.
        #[derive(InputObject)]
        pub struct UpdateSettingsInput {
            $($(#[$description])* $column: MaybeUndefined<$input>,)*
            /// `revision` of the settings you read; CHANGED_MEANWHILE if somebody has changed them since.
            expected_revision: Option<String>,
        }

        impl UpdateSettingsInput {
            /// Checks the input; returns the change and the expected revision.
            pub(crate) fn check(self) -> Outcome<(SettingsChange, Option<String>)> {
                let change = SettingsChange {
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
