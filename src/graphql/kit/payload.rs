//! The payload of a mutation that answers one object.

/// Declares a payload type: its object is null when the operation was refused, and the reasons are in `userErrors`.
///
/// ```ignore
/// payload! {
///     /// Payload of `createTask` and `updateTask`.
///     TaskPayload {
///         /// The task after the change.
///         task: Task from task::Model,
///     }
/// }
/// ```
macro_rules! payload {
    (
        $(#[$description:meta])*
        $payload:ident {
            $(#[$about:meta])*
            $field:ident: $object:ident from $row:ty,
        }
    ) => {
        $(#[$description])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            $(#[$about])*
            $field: Option<$object>,
            /// Errors the client can act on; empty on success.
            user_errors: Vec<crate::graphql::kit::user_error::UserError>,
        }

        impl $payload {
            /// Builds the payload from the outcome of the operation.
            ///
            /// # Errors
            /// The failure, when it is not a refusal.
            pub(crate) fn new(
                outcome: crate::error::Outcome<$row>,
            ) -> Result<Self, crate::error::Error> {
                let (row, user_errors) = crate::graphql::kit::user_error::split(outcome)?;
                Ok(Self {
                    $field: row.map($object::from),
                    user_errors,
                })
            }
        }
    };
}

pub(crate) use payload;
