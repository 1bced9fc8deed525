//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::sync::Arc;

use async_graphql::{Request, Response, ServerError};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt};

use super::context::{Fresh, UserAgent};
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;

/// Who sends a request.
#[derive(Clone)]
pub struct Caller {
    /// Who is signed in.
    pub actor: Option<Actor>,
    /// What the client called itself.
    pub user_agent: Option<String>,
}

impl Caller {
    /// Who sends a request with these headers.
    pub fn of(actor: Option<Actor>, headers: &HeaderMap) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Self {
            actor,
            user_agent: agent.map(str::to_owned),
        }
    }
}

/// Executes a query or a mutation.
pub async fn execute(app: &Arc<App>, request: Request, caller: Caller, request_id: &str) -> Response {
    let mut response = app.schema.execute(prepare(app, request, caller)).await;
    for error in &mut response.errors {
        describe(error, request_id);
    }
    response
}

/// Executes any operation; of a subscription, answers each event as it comes.
pub fn execute_stream(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: String,
) -> impl Stream<Item = Response> + Send + use<> {
    let answers = app.schema.execute_stream(prepare(app, request, caller));
    answers.map(move |mut response| {
        for error in &mut response.errors {
            describe(error, &request_id);
        }
        response
    })
}

fn prepare(app: &Arc<App>, request: Request, caller: Caller) -> Request {
    let request = request
        .data(Arc::clone(app))
        .data(Fresh::new(&app.db))
        .data(UserAgent(caller.user_agent));
    match caller.actor {
        Some(actor) => request.data(actor),
        None => request,
    }
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
