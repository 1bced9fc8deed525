//! Why a URL is not accepted, and why a request has no answer.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use crate::error::{Code, Refusal};

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// The name could not be resolved.
    Dns,
    /// The address is not public, and not allowed.
    BlockedAddress,
    /// No connection.
    Connect,
    /// The connection was closed before the answer was complete.
    Closed,
    /// The certificate is not trusted, or TLS could not be negotiated.
    Tls,
    /// No complete answer within the time limit.
    Timeout,
}

/// Why a URL was not accepted, as a message for the person who entered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// It is no usable URL, or its name can't be resolved.
    Invalid(&'static str),
    /// It leads to an address that requests may not be sent to.
    NotAllowed(&'static str),
}

impl Rejected {
    /// The refusal of the field where it was entered.
    pub fn refusal(self, field: &str) -> Refusal {
        match self {
            Self::Invalid(message) => Refusal::new(Code::Invalid, field, message),
            Self::NotAllowed(message) => Refusal::new(Code::AddressNotAllowed, field, message),
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "the host name can't be resolved",
            Self::BlockedAddress => "the address is not public, and not allowed",
            Self::Connect => "no connection",
            Self::Closed => "the connection was closed before the answer was complete",
            Self::Tls => "the certificate is not trusted, or TLS could not be negotiated",
            Self::Timeout => "no answer in time",
        })
    }
}

impl StdError for Unreachable {}

/// Finds the reason in what the client reports: it is somewhere in the chain of causes.
pub(super) fn reason(error: &reqwest::Error) -> Unreachable {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    let mut found = match (error.is_timeout(), error.is_connect()) {
        (true, _) => Unreachable::Timeout,
        (false, true) => Unreachable::Connect,
        (false, false) => Unreachable::Closed,
    };
    while let Some(this) = cause {
        if let Some(known) = this.downcast_ref::<Unreachable>() {
            return *known;
        }
        let io = this.downcast_ref::<io::Error>();
        // How the TLS library reports its errors.
        if error.is_connect() && io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidData) {
            found = Unreachable::Tls;
        }
        // An I/O error hides the error that it was made of from `source`.
        cause = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => this.source(),
        };
    }
    found
}

pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
