//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::{Request, Response, ServerError};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt, future, stream};

use super::context::{Address, Fresh, UserAgent};
use super::documents::Prepared;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;
use crate::limits::{Asker, Quota};

/// The message of an error that would tell the schema to somebody who may not ask for it.
const UNTOLD: &str = "the request does not fit the schema";

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
    let may_tell = app.documents.may_tell_schema(caller.actor.is_some());
    let (mut response, fields) = match prepare(app, request, caller) {
        Ok((request, prepared)) => {
            let response = app.schemas.executor(&prepared).execute(request).await;
            (response, prepared.complexity())
        }
        Err(refused) => (Response::from_errors(vec![refused]), 0),
    };
    let quota = app.limits.charge(asker, fields, app.db.clock().now());
    for error in &mut response.errors {
        describe(error, request_id, may_tell);
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
    let may_tell = app.documents.may_tell_schema(caller.actor.is_some());
    let (answers, prepared) = match prepare(app, request, caller) {
        Ok((request, prepared)) => {
            let answers = app.schemas.executor(&prepared).execute_stream(request);
            (answers, Some(prepared))
        }
        Err(refused) => {
            let refused = Response::from_errors(vec![refused]);
            (stream::once(future::ready(refused)).boxed(), None)
        }
    };
    let app = Arc::clone(app);
    answers.map(move |mut response| {
        // Each event costs what a request for it would.
        let fields = prepared.as_ref().map_or(0, |prepared| prepared.complexity());
        app.limits.charge(asker, fields, app.db.clock().now());
        for error in &mut response.errors {
            describe(error, &request_id, may_tell);
        }
        response
    })
}

fn prepare(
    app: &Arc<App>,
    mut request: Request,
    caller: Caller,
) -> Result<(Request, Arc<Prepared>), ServerError> {
    let prepared = app.documents.admit(&mut request, caller.actor.is_some())?;
    // Whoever has just written finds it again: see `replica`.
    let settled = caller.actor.as_ref().is_some_and(|actor| actor.settled);
    let db = Arc::new(match settled && prepared.is_query() {
        true => app.db.for_queries(),
        false => app.db.clone(),
    });
    let request = request
        .data(Address(caller.address))
        .data(Arc::clone(app))
        .data(Fresh::new(db))
        .data(UserAgent(caller.user_agent));
    let request = match caller.actor {
        Some(actor) => request.data(actor),
        None => request,
    };
    Ok((request, prepared))
}

/// Gives an error its `extensions.code`; the cause of an internal one goes to the log and nowhere else. The library's
/// own messages name types and fields: where the schema is not told, neither are they.
fn describe(error: &mut ServerError, request_id: &str, may_tell_schema: bool) {
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
        None => {
            if !may_tell_schema {
                UNTOLD.clone_into(&mut error.message);
            }
            "BAD_USER_INPUT"
        }
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
