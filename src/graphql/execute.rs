//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};
use axum::http::{HeaderMap, header};
use futures_util::future::Either;
use futures_util::{Stream, StreamExt, stream};

use super::Schema;
use super::context::{ClientNetwork, Fresh, UserAgent};
use super::documents::Prepared;
use super::points::reserve;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;
use crate::limits::{Network, Quota, RateLimitKey, points};

/// Who sends a request.
#[derive(Clone)]
pub struct Caller {
    /// Who is signed in.
    pub actor: Option<Actor>,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Where it comes from.
    pub network: Network,
}

impl Caller {
    /// Whom the limits count it for.
    pub fn key(&self) -> RateLimitKey {
        RateLimitKey::of(self.actor.as_ref(), self.network)
    }
}

impl Caller {
    /// Who sends a request with these headers.
    pub fn of(actor: Option<Actor>, headers: &HeaderMap, network: Network) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Self {
            actor,
            user_agent: agent.map(str::to_owned),
            network,
        }
    }
}

/// Executes a query or a mutation. What it may cost is taken before, and stays taken if nobody waits for the answer.
pub async fn execute(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: &str,
) -> (Response, Option<Quota>) {
    let key = caller.key();
    let Prepare {
        schema,
        request,
        reserved,
        ..
    } = prepare(app, request, caller);
    let mut response = match reserved {
        Ok(()) => schema.execute(request).await,
        Err(refused) => Response::from_errors(vec![refused]),
    };
    for error in &mut response.errors {
        describe(error, request_id);
    }
    (response, app.limits.quota(key, app.db.clock().now()))
}

/// Executes any operation; of a subscription, answers each event as it comes.
///
/// Each event costs what a request for it would. The first one is paid for when the subscription begins; whoever has
/// no points left for a later one gets it when they have come back.
pub fn execute_stream(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: String,
) -> impl Stream<Item = Response> + Send + use<> {
    let key = caller.key();
    let Prepare {
        schema,
        request,
        prepared,
        reserved,
    } = prepare(app, request, caller);
    let answers = match reserved {
        Ok(()) => Either::Left(schema.execute_stream(request)),
        Err(refused) => Either::Right(stream::iter([Response::from_errors(vec![refused])])),
    };
    let app = Arc::clone(app);
    let mut paid = true;
    answers.then(move |mut response| {
        let debt = match std::mem::take(&mut paid) {
            true => None,
            false => {
                let cost = 1 + points(prepared.complexity());
                app.limits.charge(key, cost, app.db.clock().now())
            }
        };
        for error in &mut response.errors {
            describe(error, &request_id);
        }
        async move {
            if let Some(seconds) = debt {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
            }
            response
        }
    })
}

/// A request that is ready to be executed.
struct Prepare<'a> {
    schema: &'a Schema,
    request: Request,
    prepared: Arc<Prepared>,
    /// Whether the points are there that it may cost. They are taken now for a document that was validated before; for
    /// another one [`ReservePoints`](super::points::ReservePoints) takes them.
    reserved: Result<(), ServerError>,
}

fn prepare(app: &Arc<App>, mut request: Request, caller: Caller) -> Prepare<'_> {
    let key = caller.key();
    let prepared = Prepared::new(&request);
    let (schema, reserved) = match app.documents.recall(&mut request, &prepared) {
        true => (&app.schemas.checked, reserve(app, key, prepared.complexity())),
        false => (&app.schemas.checking, Ok(())),
    };
    // Whoever has just written finds it again: see `replica`.
    let settled = caller.actor.as_ref().is_some_and(|actor| actor.settled);
    let db = Arc::new(match settled && is_query(&mut request) {
        true => app.db.for_queries(),
        false => app.db.clone(),
    });
    let request = request
        .data(Arc::clone(&prepared))
        .data(ClientNetwork(caller.network))
        .data(key)
        .data(Arc::clone(app))
        .data(Fresh::new(db))
        .data(UserAgent(caller.user_agent));
    let request = match caller.actor {
        Some(actor) => request.data(actor),
        None => request,
    };
    Prepare {
        schema,
        request,
        prepared,
        reserved,
    }
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

/// Seconds after which to try again, where the answer is nothing but that the caller asks too often.
pub fn retry_after(response: &Response) -> Option<u32> {
    if response.data != async_graphql::Value::Null {
        return None;
    }
    response.errors.iter().find_map(|error| {
        let source = error.source.as_ref()?.downcast_ref::<Error>()?;
        match source {
            Error::RateLimited(seconds) => Some(*seconds),
            _ => None,
        }
    })
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
