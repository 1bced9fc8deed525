//! Content negotiation: media types and encodings with their weights, as in RFC 9110, section 12.

use axum::http::header::AsHeaderName;
use axum::http::{HeaderMap, header};

/// The media type of GraphQL over HTTP.
const GRAPHQL_JSON: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
/// The media type of server-sent events.
const EVENTS: &str = "text/event-stream";
/// The weight of an item without one, in thousandths.
const WHOLE: u16 = 1_000;

/// The media types of a JSON response. They differ in their name and in the meaning of the status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// `application/graphql-response+json`: the status code says whether the operation was executed.
    Graphql,
    /// `application/json`, for clients that predate it: a GraphQL request that can't be executed also gets status 200.
    Plain,
}

impl Json {
    /// The value of `content-type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Plain => "application/json; charset=utf-8",
        }
    }
}

/// The form of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A single response.
    Json(Json),
    /// A stream of server-sent events.
    Events,
}

/// The items of an `Accept` or `Accept-Encoding` header in lower case, with their weights in thousandths.
struct Weights(Vec<(String, u16)>);

impl Weights {
    fn of(headers: &HeaderMap, name: impl AsHeaderName) -> Self {
        let items = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|item| {
                let mut parts = item.split(';').map(str::trim);
                let name = parts.next().filter(|name| !name.is_empty())?;
                let weight = parts.find_map(|part| {
                    let (name, value) = part.split_once('=')?;
                    name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
                });
                Some((name.to_ascii_lowercase(), weight.map_or(WHOLE, thousandths)))
            });
        Self(items.collect())
    }

    /// The weight of exactly this item.
    fn get(&self, name: &str) -> Option<u16> {
        self.0
            .iter()
            .find(|(item, _)| item == name)
            .map(|(_, weight)| *weight)
    }

    /// The weight of a media type: that of the most specific matching range.
    fn media(&self, name: &str) -> u16 {
        let group = name.split('/').next().unwrap_or_default();
        let ranges = [name, &format!("{group}/*"), "*/*"];
        ranges.iter().find_map(|range| self.get(range)).unwrap_or(0)
    }
}

/// Parses a weight such as `0.25` into thousandths; an invalid weight is zero.
fn thousandths(text: &str) -> u16 {
    let weight: f32 = text.parse().unwrap_or(0.0);
    // Between 0 and 1,000.
    (weight.clamp(0.0, 1.0) * f32::from(WHOLE)) as u16
}

/// What a request accepts.
pub struct Accept {
    json: Option<Json>,
    events: bool,
}

impl Accept {
    /// Parses the header.
    pub fn of(headers: &HeaderMap) -> Self {
        let weights = Weights::of(headers, header::ACCEPT);
        let (graphql, plain) = (weights.media(GRAPHQL_JSON), weights.media(JSON));
        // A client that accepts anything may predate the newer media type.
        let named = weights.get(GRAPHQL_JSON).is_some();
        let json = match () {
            () if graphql == 0 && plain == 0 => None,
            () if graphql > plain || (graphql == plain && named) => Some(Json::Graphql),
            () => Some(Json::Plain),
        };
        Self {
            json,
            events: weights.media(EVENTS) > 0,
        }
    }

    /// Whether server-sent events are acceptable; then the form depends on the operation.
    pub fn takes_events(&self) -> bool {
        self.events
    }

    /// The media type of a JSON response. A client that accepts neither gets `application/json`.
    pub fn json(&self) -> Json {
        self.json.unwrap_or(Json::Plain)
    }

    /// The form of the response: events for subscriptions, and for clients that accept nothing else.
    pub fn form(&self, subscription: bool) -> Form {
        match self.json {
            _ if self.events && subscription => Form::Events,
            None if self.events => Form::Events,
            _ => Form::Json(self.json()),
        }
    }
}

/// Content encoding of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Encoding {
    /// The value of `content-encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The preferred encoding; without a preference, the one that compresses better.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let weights = Weights::of(headers, header::ACCEPT_ENCODING);
        let weight = |encoding: Self| weights.get(encoding.name()).or(weights.get("*")).unwrap_or(0);
        match (weight(Self::Brotli), weight(Self::Gzip)) {
            (0, 0) => None,
            (brotli, gzip) if brotli >= gzip => Some(Self::Brotli),
            _ => Some(Self::Gzip),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn events_are_for_subscriptions_or_for_those_who_take_nothing_else() {
        let (plain, graphql) = (Form::Json(Json::Plain), Form::Json(Json::Graphql));
        for (accept, query, subscription) in [
            // Sent by urql.
            (
                "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
                graphql,
                Form::Events,
            ),
            ("application/json, text/event-stream;q=0", plain, plain),
            ("text/event-stream", Form::Events, Form::Events),
            (
                "TEXT/Event-Stream, application/json;q=0",
                Form::Events,
                Form::Events,
            ),
            ("text/*", Form::Events, Form::Events),
            ("text/event-stream, */*;q=0.1", plain, Form::Events),
            ("*/*", plain, Form::Events),
            ("", plain, plain),
            ("application/json", plain, plain),
            ("application/*", plain, plain),
            (
                "application/graphql-response+json;charset=utf-8",
                graphql,
                graphql,
            ),
            (
                "application/graphql-response+json;q=0.8, application/json",
                plain,
                plain,
            ),
            (
                "application/graphql-response+json , application/json; q=0.9",
                graphql,
                graphql,
            ),
            ("application/graphql-response+json;q=0, */*", plain, Form::Events),
            ("application/json;q=0, application/*;q=0.5", graphql, graphql),
            (
                "application/json;q=x, application/graphql-response+json;q=0.001",
                graphql,
                graphql,
            ),
            ("text/html", plain, plain),
        ] {
            let accept_of = Accept::of(&headers(header::ACCEPT, accept));
            assert_eq!(
                [accept_of.form(false), accept_of.form(true)],
                [query, subscription],
                "{accept}"
            );
        }
        assert_eq!(Accept::of(&HeaderMap::new()).form(true), plain);
    }

    #[test]
    fn encodings_are_weighed() {
        for (accepts, encoding) in [
            ("gzip, deflate, br, zstd", Some(Encoding::Brotli)),
            ("gzip", Some(Encoding::Gzip)),
            ("br;q=0.5, gzip", Some(Encoding::Gzip)),
            ("br;q=0, *", Some(Encoding::Gzip)),
            ("gzip;q=0", None),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(
                Encoding::of(&headers(header::ACCEPT_ENCODING, accepts)),
                encoding,
                "{accepts}"
            );
        }
    }
}
