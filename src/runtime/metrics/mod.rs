//! Metrics of this process, in one table. Each is recorded by a function of this module, whose arguments can't name
//! anything outside of the closed lists in [`labels`]. Nothing is recorded before [`install`].
//!
//! Histograms have fixed buckets, so that those of several processes can be added. Times are in seconds.

pub mod labels;

use std::time::Duration;

use metrics::{
    Label as Pair, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use self::labels::{
    ConnectionState, DismissalOrigin, Door, Listener, Method, STATUSES, ScimResource, SignInMethod,
    SignInOutcome, WebhookOutcome, status,
};

/// Counters with at most this many combinations of labels are exposed from the start, as 0.
const EXPOSED_FROM_START: usize = 12;

/// Upper bounds of the buckets of requests.
const REQUEST: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Upper bounds of the buckets of lock-outs: a scheduled one may be late because no process was running.
const LOCKOUT: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3_600.0,
];

/// Types of metrics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only increases.
    Counter,
    /// A current value.
    Gauge,
    /// Counts in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// A label, and its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// Name.
    pub name: &'static str,
    /// All values.
    pub values: &'static [&'static str],
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Unit; times are in seconds.
    pub unit: Unit,
    /// What is measured.
    pub help: &'static str,
    /// Labels.
    pub labels: &'static [Label],
}

macro_rules! table {
    ($($id:ident: $kind:expr, $unit:ident, $name:literal, [$($label:literal: $values:expr),*], $help:literal;)+) => {
        $(const $id: Metric = Metric {
            name: $name,
            kind: $kind,
            unit: Unit::$unit,
            help: $help,
            labels: &[$(Label { name: $label, values: $values }),*],
        };)+

        /// All metrics.
        pub const TABLE: &[Metric] = &[$($id),+];
    };
}

table! {
    BUILD_INFO: Kind::Gauge, Count, "handover_build_info", ["version": &[env!("CARGO_PKG_VERSION")]],
        "Always 1; the version of the program is a label.";
    CONNECTIONS: Kind::Gauge, Count, "handover_connections", ["listener": Listener::ALL],
        "Open client connections.";
    CONNECTIONS_REFUSED: Kind::Counter, Count, "handover_connections_refused_total", ["listener": Listener::ALL],
        "Connections refused because all places were taken.";
    REQUESTS: Kind::Counter, Count, "handover_requests_total", ["status": STATUSES],
        "GraphQL requests over HTTP, by status code.";
    REQUEST_SECONDS: Kind::Histogram(REQUEST), Seconds, "handover_request_seconds", [],
        "Time from a GraphQL request over HTTP to its response, in seconds.";
    SCIM_REQUESTS: Kind::Counter, Count, "handover_scim_requests_total",
        ["resource": ScimResource::ALL, "method": Method::ALL, "status": STATUSES],
        "Requests of directories (SCIM).";
    SCIM_REQUEST_SECONDS: Kind::Histogram(REQUEST), Seconds, "handover_scim_request_seconds", [],
        "Time from a request of a directory (SCIM) to its response, in seconds.";
    WEBHOOK_DELIVERIES: Kind::Counter, Count, "handover_webhook_deliveries_total", ["outcome": WebhookOutcome::ALL],
        "Attempts to deliver a webhook.";
    WEBHOOK_OLDEST: Kind::Gauge, Seconds, "handover_webhook_oldest_seconds", [],
        "Age of the oldest webhook delivery that is due, in seconds; 0 if none is due, NaN if the database does not answer.";
    OUTBOX_DUE: Kind::Gauge, Count, "handover_outbox_due", [],
        "Outbox messages that are due and not being processed; NaN if the database does not answer.";
    OUTBOX_OLDEST: Kind::Gauge, Seconds, "handover_outbox_oldest_seconds", [],
        "Time since the oldest of these messages was due, in seconds; 0 if there is none, NaN if the database does not answer.";
    DISMISSALS: Kind::Counter, Count, "handover_dismissals_total", ["origin": DismissalOrigin::ALL],
        "People dismissed by this process.";
    LOCKOUT_SECONDS: Kind::Histogram(LOCKOUT), Seconds, "handover_lockout_seconds", [],
        "Time from a dismissal, or from when a scheduled one was due, to the commit that locks the person out, in seconds.";
    SIGN_INS: Kind::Counter, Count, "handover_sign_ins_total",
        ["method": SignInMethod::ALL, "outcome": SignInOutcome::ALL],
        "Sign-ins, by method and outcome.";
    RATE_LIMITED: Kind::Counter, Count, "handover_rate_limited_total", ["door": Door::ALL],
        "Requests refused by a limit on rate or concurrency.";
    DATABASE_CONNECTIONS: Kind::Gauge, Count, "handover_database_connections", ["state": ConnectionState::ALL],
        "Open database connections.";
}

/// Starts recording in this process, once. The handle renders the metrics; unless it does so, its `run_upkeep` must be
/// called every few seconds.
///
/// # Errors
/// When recording has been started before.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in TABLE {
        if let Kind::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)?;
        }
    }
    let handle = builder.install_recorder()?;
    TABLE.iter().for_each(expose);
    gauge!(BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Describes a metric. A small counter and a histogram are exposed before anything is counted: a rate needs the value
/// from before the first event.
fn expose(metric: &Metric) {
    let Metric { name, unit, help, .. } = *metric;
    match metric.kind {
        Kind::Counter => {
            describe_counter!(name, unit, help);
            let pairs = combinations(metric.labels);
            if pairs.len() <= EXPOSED_FROM_START {
                pairs
                    .into_iter()
                    .for_each(|pairs| counter!(name, pairs).increment(0));
            }
        }
        Kind::Gauge => describe_gauge!(name, unit, help),
        Kind::Histogram(_) => {
            describe_histogram!(name, unit, help);
            drop(histogram!(name));
        }
    }
}

/// Returns all combinations of label values.
fn combinations(labels: &[Label]) -> Vec<Vec<Pair>> {
    labels.iter().fold(vec![Vec::new()], |found, label| {
        let with = |pairs: &Vec<Pair>, value: &&'static str| {
            let mut pairs = pairs.clone();
            pairs.push(Pair::from_static_parts(label.name, value));
            pairs
        };
        let each = |pairs: Vec<Pair>| {
            let values = label.values.iter();
            values.map(|value| with(&pairs, value)).collect::<Vec<_>>()
        };
        found.into_iter().flat_map(each).collect()
    })
}

/// Sets the number of open connections of a listener.
pub fn connections(listener: Listener, open: usize) {
    gauge!(CONNECTIONS.name, "listener" => listener.text()).set(open as f64);
}

/// Counts a connection that was refused because all places were taken.
pub fn connection_refused(listener: Listener) {
    counter!(CONNECTIONS_REFUSED.name, "listener" => listener.text()).increment(1);
}

/// Counts a GraphQL request over HTTP, and the time until its response.
pub fn request_answered(code: u16, took: Duration) {
    counter!(REQUESTS.name, "status" => status(code)).increment(1);
    histogram!(REQUEST_SECONDS.name).record(took);
}

/// Counts a request of a directory, and the time until its response.
pub fn scim_answered(resource: ScimResource, method: Method, code: u16, took: Duration) {
    counter!(
        SCIM_REQUESTS.name,
        "resource" => resource.text(),
        "method" => method.text(),
        "status" => status(code)
    )
    .increment(1);
    histogram!(SCIM_REQUEST_SECONDS.name).record(took);
}

/// Counts an attempt to deliver a webhook.
pub fn webhook_delivered(outcome: WebhookOutcome) {
    counter!(WEBHOOK_DELIVERIES.name, "outcome" => outcome.text()).increment(1);
}

/// Sets the age of the oldest webhook delivery that is due; `None` if it is unknown.
pub fn webhook_oldest(age: Option<Duration>) {
    gauge!(WEBHOOK_OLDEST.name).set(or_unknown(age.map(|age| age.as_secs_f64())));
}

/// Sets the number of outbox messages that are due, and the age of the oldest; `None` if they are unknown.
pub fn outbox(backlog: Option<(u64, Duration)>) {
    gauge!(OUTBOX_DUE.name).set(or_unknown(backlog.map(|(due, _)| due as f64)));
    gauge!(OUTBOX_OLDEST.name).set(or_unknown(backlog.map(|(_, oldest)| oldest.as_secs_f64())));
}

/// An old value would look like a current one.
fn or_unknown(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// Counts a person who was locked out, and the time that took.
pub fn dismissed(origin: DismissalOrigin, took: Duration) {
    counter!(DISMISSALS.name, "origin" => origin.text()).increment(1);
    histogram!(LOCKOUT_SECONDS.name).record(took);
}

/// Counts a sign-in.
pub fn signed_in(method: SignInMethod, outcome: SignInOutcome) {
    counter!(SIGN_INS.name, "method" => method.text(), "outcome" => outcome.text()).increment(1);
}

/// Counts a request that was refused by a limit.
pub fn rate_limited(door: Door) {
    counter!(RATE_LIMITED.name, "door" => door.text()).increment(1);
}

/// Sets the number of open database connections.
pub fn database_connections(used: u32, idle: u32) {
    for (state, count) in [(ConnectionState::Used, used), (ConnectionState::Idle, idle)] {
        gauge!(DATABASE_CONNECTIONS.name, "state" => state.text()).set(f64::from(count));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        let names: HashSet<&str> = TABLE.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name is used twice");
        for Metric {
            name,
            kind,
            unit,
            help,
            ..
        } in TABLE
        {
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_seconds"), *unit == Unit::Seconds, "{name}");
            assert!(help.ends_with('.') || help.contains("; "), "{name}");
            if let Kind::Histogram(bounds) = kind {
                assert!(bounds.is_sorted(), "{name}");
            }
        }
    }

    #[test]
    fn all_combinations_of_labels_are_found() {
        let label = |name, values| Label { name, values };
        let found = combinations(&[label("a", &["1", "2"]), label("b", &["3", "4", "5"])]);
        assert_eq!(found.len(), 6);
        assert_eq!(combinations(&[]), [Vec::new()]);
    }
}
