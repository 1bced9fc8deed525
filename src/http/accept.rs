//! What a client accepts: media types and encodings with their weights, by RFC 9110, section 12.

use axum::http::header::AsHeaderName;
use axum::http::{HeaderMap, header};

/// The media type of GraphQL over HTTP.
const GRAPHQL_JSON: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
/// The media type of events.
const EVENTS: &str = "text/event-stream";
/// The weight of what is accepted without one, in thousandths.
const WHOLE: u16 = 1_000;

/// The forms of an answer in JSON. They differ in their name, and in what the status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// The form of GraphQL over HTTP: the status says whether the operation was executed.
    Graphql,
    /// For clients from before it: what is no GraphQL operation that can be executed is answered with 200, too.
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

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One answer.
    Json(Json),
    /// As many as come.
    Events,
}

/// The items of a header that lists what is accepted, in small letters, with their weights in thousandths.
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

    /// The weight of a media type: that of the range which is closest to it.
    fn media(&self, name: &str) -> u16 {
        let group = name.split('/').next().unwrap_or_default();
        let ranges = [name, &format!("{group}/*"), "*/*"];
        ranges.iter().find_map(|range| self.get(range)).unwrap_or(0)
    }
}

/// `0.25` in thousandths. What is no weight counts for nothing.
fn thousandths(text: &str) -> u16 {
    let weight: f32 = text.parse().unwrap_or(0.0);
    // From 0 to 1,000.
    (weight.clamp(0.0, 1.0) * f32::from(WHOLE)) as u16
}

/// What a request says about the form of its answer.
pub struct Accept {
    json: Option<Json>,
    events: bool,
}

impl Accept {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Self {
        let weights = Weights::of(headers, header::ACCEPT);
        let (graphql, plain) = (weights.media(GRAPHQL_JSON), weights.media(JSON));
        // Whoever takes anything may be older than the newer name.
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

    /// Whether the answer may be events: then it depends on the operation.
    pub fn takes_events(&self) -> bool {
        self.events
    }

    /// The form of an answer in JSON. Whoever takes neither gets the one that everybody reads.
    pub fn json(&self) -> Json {
        self.json.unwrap_or(Json::Plain)
    }

    /// The form of an answer: events are for subscriptions, and for those who take nothing else.
    pub fn form(&self, subscription: bool) -> Form {
        match self.json {
            _ if self.events && subscription => Form::Events,
            None if self.events => Form::Events,
            _ => Form::Json(self.json()),
        }
    }
}

/// How an answer can be compressed.
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

    /// What a request accepts, the smaller one where it has no preference.
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
            // What urql sends.
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
