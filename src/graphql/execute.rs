//! Runs one GraphQL request, and says what went wrong in the terms that clients are promised.

use std::sync::Arc;
use std::time::Duration;

pub use async_graphql::parser::types::OperationType;
pub use async_graphql::{Extensions, Request, Response, ServerError, Value, Variables};
use entity::Timestamp;
use futures_util::future::Either;
use futures_util::{Stream, StreamExt, stream};

use super::documents::{Audience, Documents, Introspection, Prepared};
use super::kit::user_error::refused;
use super::points::reserve;
use super::schema::Schemas;
use crate::domain::auth::Actor;
use crate::domain::limits::{Limits, Network, Quota, RateLimitKey, points};
use crate::error::Error;
use crate::graphql::kit::context::{ClientNetwork, Fresh, Handles, UserAgent};
use crate::graphql::kit::user_error::coded;

/// The message of an error that would tell the schema to somebody who may not ask for it.
const UNTOLD: &str = "the request does not fit the schema";

/// Longest time for an answer.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The API: runs operations.
pub struct Api {
    /// What resolvers work with.
    pub handles: Arc<Handles>,
    /// Documents that have been sent before.
    pub documents: Arc<Documents>,
    schemas: Schemas,
}

impl Api {
    /// Builds the API.
    pub fn new(handles: Arc<Handles>, introspection: Introspection) -> Self {
        let documents = Arc::new(Documents::new(introspection));
        Self {
            handles,
            schemas: Schemas::new(introspection, Arc::clone(&documents)),
            documents,
        }
    }

    fn limits(&self) -> &Limits {
        &self.handles.auth.limits
    }

    fn now(&self) -> Timestamp {
        self.handles.db.clock().now()
    }
}

/// Who sends a request.
#[derive(Clone)]
pub struct Caller {
    /// Who is signed in.
    pub actor: Option<Actor>,
    /// Whether the request came with a token that is not accepted: it may ask for a new one, and for nothing else.
    pub dead_token: bool,
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

    /// Whether they may send an operation for these.
    pub fn is_among(&self, audience: Audience) -> bool {
        match audience {
            Audience::SigningIn => true,
            Audience::Everybody => !self.dead_token,
            Audience::SignedIn => self.actor.is_some(),
        }
    }
}

/// The answer to an operation.
pub struct Answer {
    /// The answer.
    pub response: Response,
    /// What its caller has left.
    pub quota: Option<Quota>,
    /// Whether it answers a query, which shows no secret.
    pub is_query: bool,
}

/// Executes a query or a mutation. What it may cost is taken before, and stays taken if nobody waits for the answer.
pub async fn execute(api: &Arc<Api>, request: Request, caller: Caller, request_id: &str) -> Answer {
    let key = caller.key();
    let may_tell = api.documents.may_tell_schema(caller.actor.is_some());
    let (mut response, is_query) = match prepare(api, request, caller).await {
        Ok((request, prepared)) => {
            let response = api.schemas.executor(&prepared).execute(request).await;
            (response, prepared.is_query())
        }
        Err(errors) => (Response::from_errors(errors), false),
    };
    for error in &mut response.errors {
        describe(error, request_id, may_tell);
    }
    Answer {
        response,
        quota: api.limits().quota(key, api.now()),
        is_query,
    }
}

/// Executes any operation; of a subscription, answers each event as it comes.
///
/// Each event costs what a request for it would. The first one is paid for when the subscription begins; whoever has
/// no points left for a later one gets it when they have come back.
pub fn execute_stream(
    api: &Arc<Api>,
    request: Request,
    caller: Caller,
    request_id: String,
) -> impl Stream<Item = Response> + Send + use<> {
    let api = Arc::clone(api);
    stream::once(begin(api, request, caller, request_id)).flatten()
}

async fn begin(
    api: Arc<Api>,
    request: Request,
    caller: Caller,
    request_id: String,
) -> impl Stream<Item = Response> + Send + use<> {
    let key = caller.key();
    let may_tell = api.documents.may_tell_schema(caller.actor.is_some());
    let (answers, prepared) = match prepare(&api, request, caller).await {
        Ok((request, prepared)) if prepared.lasts() => {
            let answers = api.schemas.executor(&prepared).execute_stream(request);
            (Either::Left(answers), Some(prepared))
        }
        Ok((request, prepared)) => {
            let answer = execute_in_time(&api, key, request, &prepared).await;
            (Either::Right(stream::iter([answer])), Some(prepared))
        }
        Err(errors) => (Either::Right(stream::iter([Response::from_errors(errors)])), None),
    };
    let mut paid = true;
    answers.then(move |mut response| {
        let debt = match (std::mem::take(&mut paid), &prepared) {
            (true, _) | (false, None) => None,
            (false, Some(prepared)) => {
                let cost = 1 + points(prepared.complexity());
                api.limits().charge(key, cost, api.now())
            }
        };
        for error in &mut response.errors {
            describe(error, &request_id, may_tell);
        }
        async move {
            if let Some(seconds) = debt {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
            }
            response
        }
    })
}

/// Executes a query or a mutation that came over a connection that lasts, under the bounds that the others have.
async fn execute_in_time(api: &Api, key: RateLimitKey, request: Request, prepared: &Prepared) -> Response {
    let _under_way = match api.limits().begin(key).await {
        Ok(in_flight) => in_flight,
        Err(error) => return Response::from_errors(vec![refused(error)]),
    };
    let executed = api.schemas.executor(prepared).execute(request);
    let executed = tokio::time::timeout(TIMEOUT, executed).await;
    executed.unwrap_or_else(|_| {
        let error = coded("the operation took too long", "TIMEOUT");
        Response::from_errors(vec![error])
    })
}

/// The request with all that resolvers need, where it may be executed. The points that it may cost are taken now for a
/// document that was validated before; for another one [`ReservePoints`](super::points::ReservePoints) takes them.
async fn prepare(
    api: &Arc<Api>,
    mut request: Request,
    caller: Caller,
) -> Result<(Request, Arc<Prepared>), Vec<ServerError>> {
    let key = caller.key();
    let signed_in = caller.actor.is_some();
    let prepared = api.documents.admit(&mut request, signed_in).await?;
    if prepared.is_known() {
        reserve(&api.handles, key, prepared.complexity()).map_err(|error| vec![error])?;
    }
    // Whoever has just written finds it again: see `replica`.
    let settled = caller.actor.as_ref().is_some_and(|actor| actor.may_read_replica);
    let db = Arc::new(match settled && prepared.is_query() {
        true => api.handles.db.for_queries(),
        false => api.handles.db.clone(),
    });
    let request = request
        .data(ClientNetwork(caller.network))
        .data(key)
        .data(Arc::clone(&api.handles))
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

/// Why nothing could be answered now, where the same request may succeed later.
pub fn try_later(response: &Response) -> Option<&Error> {
    if response.data != Value::Null {
        return None;
    }
    response.errors.iter().find_map(|error| {
        let source = error.source.as_ref()?.downcast_ref::<Error>()?;
        source.retry_after().is_some().then_some(source)
    })
}

/// Whether an error of the answer has this code.
pub fn has(response: &Response, code: &str) -> bool {
    let is = |error: &ServerError| {
        let extensions = error.extensions.as_ref();
        let told = extensions.and_then(|extensions| extensions.get("code"));
        matches!(told, Some(Value::String(told)) if told == code)
    };
    response.errors.iter().any(is)
}
