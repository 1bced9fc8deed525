//! GraphQL types: the company settings.

use async_graphql::{InputObject, SimpleObject};
use entity::settings::Model as Row;

use crate::domain::people::settings::SettingsChange;
use crate::graphql::kit::user_error::UserError;

/// The settings of the API, one line each beside its description: the column and its type.
macro_rules! settings {
    ($($(#[$description:meta])* $column:ident: $type:ty,)*) => {
        /// Company settings.
        #[derive(SimpleObject)]
        pub struct Settings {
            $($(#[$description])* $column: $type,)*
        }

        impl From<Row> for Settings {
            fn from(row: Row) -> Self {
                Self { $($column: row.$column,)* }
            }
        }

        /// Changes to the settings. Fields that are left out stay unchanged.
        #[derive(InputObject)]
        pub struct UpdateSettingsInput {
            $($(#[$description])* $column: Option<$type>,)*
        }

        impl From<UpdateSettingsInput> for SettingsChange {
            fn from(input: UpdateSettingsInput) -> Self {
                Self { $($column: input.$column,)* }
            }
        }
    };
}

settings! {
    /// Whether employees can see dismissed people in lists. Administrators always can.
    show_dismissed_employees: bool,
}

/// Payload of `updateSettings`.
#[derive(SimpleObject)]
pub struct UpdateSettingsPayload {
    /// The settings after the change.
    pub(crate) settings: Option<Settings>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}
