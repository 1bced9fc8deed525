//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt};

use super::Schema;
use super::context::{Address, Fresh, UserAgent};
use super::documents::Prepared;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;
use crate::limits::{Asker, Quota};

/// Who sends a request.
#[derive(Clone)]
pub struct Caller {
    /// Who is signed in.
    pub actor: Option<Actor>,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// Who asks, for the limits.
    pub fn asker(&self) -> Asker {
        Asker::of(self.actor.as_ref(), self.address)
    }
}

impl Caller {
    /// Who sends a request with these headers.
    pub fn of(actor: Option<Actor>, headers: &HeaderMap, address: Option<IpAddr>) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Self {
            actor,
            user_agent: agent.map(str::to_owned),
            address,
        }
    }
}

/// Executes a query or a mutation.
pub async fn execute(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: &str,
) -> (Response, Option<Quota>) {
    let asker = caller.asker();
    let (schema, request, prepared) = prepare(app, request, caller);
    let mut response = schema.execute(request).await;
    let quota = app
        .limits
        .charge(asker, prepared.complexity(), app.db.clock().now());
    for error in &mut response.errors {
        describe(error, request_id);
    }
    (response, quota)
}

/// Executes any operation; of a subscription, answers each event as it comes.
pub fn execute_stream(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: String,
) -> impl Stream<Item = Response> + Send + use<> {
    let asker = caller.asker();
    let (schema, request, prepared) = prepare(app, request, caller);
    let answers = schema.execute_stream(request);
    let app = Arc::clone(app);
    answers.map(move |mut response| {
        // Each event costs what a request for it would.
        app.limits
            .charge(asker, prepared.complexity(), app.db.clock().now());
        for error in &mut response.errors {
            describe(error, &request_id);
        }
        response
    })
}

fn prepare(app: &Arc<App>, mut request: Request, caller: Caller) -> (&Schema, Request, Arc<Prepared>) {
    let prepared = Prepared::new(&request);
    let schema = match app.documents.recall(&mut request, &prepared) {
        true => &app.schemas.checked,
        false => &app.schemas.checking,
    };
    // Whoever has just written finds it again: see `replica`.
    let settled = caller.actor.as_ref().is_some_and(|actor| actor.settled);
    let db = Arc::new(match settled && is_query(&mut request) {
        true => app.db.for_queries(),
        false => app.db.clone(),
    });
    let request = request
        .data(Arc::clone(&prepared))
        .data(Address(caller.address))
        .data(Arc::clone(app))
        .data(Fresh::new(db))
        .data(UserAgent(caller.user_agent));
    let request = match caller.actor {
        Some(actor) => request.data(actor),
        None => request,
    };
    (schema, request, prepared)
}

/// Whether nothing but a query can come of this request.
fn is_query(request: &mut Request) -> bool {
    request.parsed_query().is_ok_and(|document| {
        let mut operations = document.operations.iter();
        operations.all(|(_, operation)| operation.node.ty == OperationType::Query)
    })
}

/// Gives an error its `extensions.code`; the cause of an internal one goes to the log and nowhere else.
fn describe(error: &mut ServerError, request_id: &str) {
    let ours = error
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<Error>());
    let told = error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("code"))
        .is_some();
    if told {
        return;
    }
    let code = match ours {
        Some(ours) => ours.code(),
        None if error.message == "Query is too complex." || error.message == "Query is nested too deep." => {
            "QUERY_TOO_COMPLEX"
        }
        None => "BAD_USER_INPUT",
    };
    let extensions = error.extensions.get_or_insert_with(Default::default);
    extensions.set("code", code);
    if let Some(Error::RateLimited(seconds)) = ours {
        extensions.set("retryAfter", *seconds);
    }
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
