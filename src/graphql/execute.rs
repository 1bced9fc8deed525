//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::sync::Arc;

use async_graphql::{Request, Response, ServerError};

use super::context::UserAgent;
use super::loaders::Loaders;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;

/// Executes a request in the name of `actor`, or of nobody.
pub async fn execute(
    app: &Arc<App>,
    request: Request,
    actor: Option<Actor>,
    user_agent: Option<String>,
    request_id: &str,
) -> Response {
    let mut request = request
        .data(Arc::clone(app))
        .data(Loaders::new(&app.db))
        .data(UserAgent(user_agent));
    if let Some(actor) = actor {
        request = request.data(actor);
    }
    let mut response = app.schema.execute(request).await;
    for error in &mut response.errors {
        describe(error, request_id);
    }
    response
}

/// Gives an error its `extensions.code`; the cause of an internal one goes to the log and nowhere else.
fn describe(error: &mut ServerError, request_id: &str) {
    let ours = error
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<Error>());
    let code = match ours {
        Some(ours) => ours.code(),
        None if error.message == "Query is too complex." || error.message == "Query is nested too deep." => {
            "QUERY_TOO_COMPLEX"
        }
        None => "BAD_USER_INPUT",
    };
    let extensions = error.extensions.get_or_insert_with(Default::default);
    extensions.set("code", code);
    if let Some(ours) = ours.filter(|ours| ours.code() == "INTERNAL") {
        tracing::error!(request_id, cause = ?ours, "a request failed");
        extensions.set("requestId", request_id);
    }
}

/// Whether the answer says that the caller is not, or no longer, signed in.
pub fn is_unauthenticated(response: &Response) -> bool {
    let unauthenticated = |error: &ServerError| {
        let ours = error
            .source
            .as_ref()
            .and_then(|source| source.downcast_ref::<Error>());
        matches!(ours, Some(Error::Unauthenticated))
    };
    response.errors.iter().any(unauthenticated)
}
