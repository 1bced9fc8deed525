//! What documents are held to: the schema, and how much they may ask for.

use async_graphql::ServerError;

use crate::graphql::kit::user_error::coded;

/// The schema as it is published; a test holds it in step with the types.
pub(super) const SCHEMA: &str = include_str!("../../../schema.graphql");

pub(super) fn too_complex(message: &str) -> ServerError {
    coded(message, "QUERY_TOO_COMPLEX")
}
