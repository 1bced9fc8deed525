//! What an operation may cost is taken from its caller's points before it is executed.
//!
//! How much that is, is known once the document has been validated. A document that was validated before brings it
//! along, see [`Prepared::complexity`]; for others an extension takes the points
//! between validation and execution.

use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{ServerError, ValidationResult};

use super::documents::Prepared;
use super::kit::context::Handles;
use super::kit::user_error::refused;
use crate::domain::limits::{RateLimitKey, points};

/// Fields as which a mutation counts that hashes a password: 30 points. More than one of them in a document are too
/// complex, so that one request keeps no more than one hash waiting.
pub const HASHING: usize = 15_000;
/// Fields as which a mutation counts that checks a token: 10 points.
pub const CHECKING: usize = 5_000;

/// Takes the points of an operation of so many fields.
///
/// # Errors
/// [`Error::RateLimited`](crate::error::Error::RateLimited) while they are not there.
pub fn reserve(handles: &Handles, key: RateLimitKey, fields: usize) -> Result<(), ServerError> {
    let now = handles.db.clock().now();
    let reserved = handles.auth.limits.reserve(key, points(fields), now);
    reserved.map_err(refused)
}

/// Takes the points of documents that have not been validated before.
pub struct ReservePoints;

impl ExtensionFactory for ReservePoints {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for ReservePoints {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let (Some(handles), Some(key)) = (ctx.data_opt::<Arc<Handles>>(), ctx.data_opt::<RateLimitKey>()) {
            let fields = ctx
                .data_opt::<Arc<Prepared>>()
                .map_or(result.complexity, |prepared| prepared.complexity());
            reserve(handles, *key, fields).map_err(|error| vec![error])?;
        }
        Ok(result)
    }
}
