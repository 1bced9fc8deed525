//! GraphQL over Server-Sent Events, in distinct connections mode.
//!
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use crate::domain::limits::RateLimitKey;
use crate::domain::live;
use crate::domain::live::Termination;
use crate::error::Error;
use crate::graphql::execute::{Caller, execute_stream};
use crate::graphql::execute::{Request, Response as GraphQLResponse, ServerError};
use crate::graphql::kit::fast::json;
use crate::graphql::kit::user_error::coded;
use crate::http::answers::count_refused_operation;
use crate::http::app::App;
use crate::runtime::concurrency::Permit;
use crate::runtime::metrics::labels::Door;

/// Interval of the keep-alive messages of a stream.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// The server shuts down before an operation has ended.
#[derive(Debug, thiserror::Error)]
#[error("the server is stopping")]
struct Stopping;

/// The error that ends an operation whose caller has lost permissions since it began.
fn rights_lost() -> ServerError {
    coded(
        "your permissions have changed: send the operation again",
        "FORBIDDEN",
    )
}

/// Runs an operation as a stream of events: `next` for each result, `complete` at the end. It ends with an error when
/// the caller is locked out or loses a permission. When the server shuts down, the stream is cut off without
/// `complete`, so that clients reconnect.
pub fn answer(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: String,
    place: Permit<RateLimitKey>,
) -> Response {
    let cut = Box::pin(live::wait_until_revoked(
        Arc::clone(&app.live),
        caller.actor.as_ref(),
    ));
    let results = Box::pin(execute_stream(&app.api, request, caller, request_id));
    let events = stream::unfold(Some((results, cut, place)), |state| async move {
        let (mut results, mut cut, place) = state?;
        let last = |answer: Option<GraphQLResponse>| {
            let complete = Event::default().event("complete").data("");
            let events = answer.iter().map(next).chain([complete]);
            Some((events.map(Ok).collect(), None))
        };
        tokio::select! {
            biased;
            why = &mut cut => match why {
                Termination::LockedOut => {
                    let error = Error::Unauthenticated;
                    last(Some(GraphQLResponse::from_errors(vec![coded(&error.to_string(), error.code())])))
                }
                Termination::RightsLost => last(Some(GraphQLResponse::from_errors(vec![rights_lost()]))),
                Termination::Stopping => Some((vec![Err(Stopping)], None)),
            },
            answer = results.next() => match answer {
                Some(answer) => Some((vec![Ok(next(&answer))], Some((results, cut, place)))),
                None => last(None),
            },
        }
    });
    let events = events.flat_map(|events: Vec<Result<Event, Stopping>>| stream::iter(events));
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    // Some proxies buffer streams unless this header disables it.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response.headers_mut().insert(unbuffered.0, unbuffered.1);
    response
}

fn next(answer: &GraphQLResponse) -> Event {
    count_refused_operation(Door::Graphql, answer);
    Event::default()
        .event("next")
        .data(json::into_string(json::answer(answer)))
}
