//! Label values. The lists are closed: no id, no address and nothing that a client has sent becomes a label.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $value:ident = $text:literal,)+ })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $value),+ }

        impl $name {
            /// All values, as they are exposed.
            pub const ALL: &[&str] = &[$($text),+];

            /// Returns the value, as it is exposed.
            pub fn text(self) -> &'static str {
                match self { $(Self::$value => $text),+ }
            }
        }
    )+ };
}

labels! {
    /// The listeners of a process.
    Listener {
        /// For clients.
        Public = "public",
        /// For metrics.
        Metrics = "metrics",
    }

    /// What a SCIM request is about.
    ScimResource {
        /// `/Users`.
        Users = "users",
        /// `/Groups`.
        Groups = "groups",
        /// `/Bulk`.
        Bulk = "bulk",
        /// `/.search`.
        Search = "search",
        /// What the server supports.
        Discovery = "discovery",
        /// Anything else.
        Other = "other",
    }

    /// Method of a request.
    Method {
        /// GET or HEAD.
        Get = "get",
        /// POST.
        Post = "post",
        /// PUT.
        Put = "put",
        /// PATCH.
        Patch = "patch",
        /// DELETE.
        Delete = "delete",
        /// Anything else.
        Other = "other",
    }

    /// Result of an attempt to deliver a webhook.
    WebhookOutcome {
        /// The receiver answered with a status of success.
        Delivered = "delivered",
        /// It answered with another status.
        Status = "status",
        /// It answered with a redirect.
        Redirect = "redirect",
        /// Its name could not be resolved.
        Dns = "dns",
        /// Its address is not public, and not allowed.
        BlockedAddress = "blocked_address",
        /// No connection, or it was closed before the answer was complete.
        Connect = "connect",
        /// Its certificate is not trusted, or TLS could not be negotiated.
        Tls = "tls",
        /// No complete answer within the time limit.
        Timeout = "timeout",
    }

    /// Who dismissed a person.
    DismissalOrigin {
        /// A person.
        Person = "person",
        /// An integration.
        Integration = "integration",
        /// A directory.
        Directory = "directory",
        /// A scheduled dismissal that was due.
        Schedule = "schedule",
    }

    /// How a person signs in.
    SignInMethod {
        /// By e-mail address and password.
        Password = "password",
        /// With an identity provider.
        Provider = "provider",
    }

    /// Result of a sign-in.
    SignInOutcome {
        /// A session was opened.
        Succeeded = "succeeded",
        /// The credentials are wrong, or the person is not active.
        Refused = "refused",
        /// There were too many attempts.
        RateLimited = "rate_limited",
        /// The server failed.
        Failed = "failed",
    }

    /// The endpoints that have limits.
    Door {
        /// `/graphql`, by HTTP.
        Graphql = "graphql",
        /// `/graphql`, by WebSocket.
        WebSocket = "websocket",
        /// `/scim/v2`.
        Scim = "scim",
        /// `/oauth/token`.
        OAuth = "oauth",
        /// `/session`.
        Session = "session",
        /// Uploads, downloads and exports.
        Files = "files",
        /// Anything else.
        Other = "other",
    }

    /// State of a database connection.
    ConnectionState {
        /// Used by a query or a transaction.
        Used = "used",
        /// Open and unused.
        Idle = "idle",
    }
}

/// Status codes that are exposed; others are `other`.
pub const STATUSES: &[&str] = &[
    "101", "200", "201", "204", "206", "304", "400", "401", "403", "404", "405", "406", "409", "412", "413",
    "415", "416", "422", "429", "500", "501", "503", "507", "other",
];

/// Returns an HTTP status code as it is exposed.
pub fn status(code: u16) -> &'static str {
    let known = |text: &&&str| text.parse() == Ok(code);
    STATUSES.iter().find(known).copied().unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_from_the_list() {
        for (code, expected) in [(200, "200"), (507, "507"), (299, "other"), (0, "other")] {
            assert_eq!(status(code), expected);
        }
    }
}
