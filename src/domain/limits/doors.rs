//! Limits of endpoints for programs, each with buckets of its own.

use entity::{IntegrationId, Timestamp};

use super::buckets::{Buckets, Size};
use super::{Limits, Network};
use crate::error::Error;

/// Points of an integration at the SCIM endpoints: 3,000 a minute, and 300 at once.
const DIRECTORY: Size = Size {
    holds: 300.0,
    per_second: 50.0,
};
/// Requests of a client for access tokens: 60 a minute.
const TOKENS: Size = Size {
    holds: 60.0,
    per_second: 1.0,
};

/// Sign-ins with an identity provider that a network begins: 300 at once, and 120 a minute.
const STARTS: Size = Size {
    holds: 300.0,
    per_second: 2.0,
};

/// See the module.
pub(super) struct Doors {
    directories: Buckets,
    tokens: Buckets,
    starts: Buckets,
}

impl Doors {
    /// Creates full buckets.
    pub fn new() -> Self {
        Self {
            directories: Buckets::new(DIRECTORY),
            tokens: Buckets::new(TOKENS),
            starts: Buckets::new(STARTS),
        }
    }
}

impl Limits {
    /// Takes the point of a sign-in with an identity provider, which stores a row, from the network that begins it.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if no point is left.
    pub fn admit_start(&self, network: Network, now: Timestamp) -> Result<(), Error> {
        if self.is_off() {
            return Ok(());
        }
        let taken = self.doors.starts.take(&network, 1.0, 1.0, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Takes the points of a SCIM request from its integration. A cost above the capacity needs a full bucket, and
    /// leaves it in debt.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if there are not enough points.
    pub fn admit_directory(
        &self,
        integration: IntegrationId,
        points: u32,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.is_off() {
            return Ok(());
        }
        let cost = f64::from(points);
        // The request itself has paid a point before its operations are counted.
        let needed = cost.min(DIRECTORY.holds - 1.0);
        let taken = self.doors.directories.take(&integration, cost, needed, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Takes the point of a request for an access token from the client that it names, before the client is
    /// authenticated: for each network, so that strangers elsewhere take nothing from the client.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if no point is left.
    pub fn admit_token_request(
        &self,
        client: IntegrationId,
        network: Network,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.is_off() {
            return Ok(());
        }
        let taken = self.doors.tokens.take(&(client, network), 1.0, 1.0, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_door_has_a_burst_and_a_rate() {
        let (limits, start) = (Limits::new(60), Timestamp::UNIX_EPOCH);
        let [one, other] = [1, 2].map(|n| IntegrationId(Uuid::from_u128(n)));
        assert!(limits.admit_directory(one, 300, start).is_ok());
        assert!(matches!(
            limits.admit_directory(one, 10, start),
            Err(Error::RateLimited(1))
        ));
        assert!(limits.admit_directory(other, 1, start).is_ok());
        assert!(
            limits
                .admit_directory(one, 50, start + TimeDelta::seconds(1))
                .is_ok()
        );
        // The operations of a bulk request, which has paid a point: they need a full bucket, and leave it in debt.
        assert!(limits.admit_directory(other, 1_000, start).is_ok());
        let later = start + TimeDelta::seconds(5);
        assert!(limits.admit_directory(other, 1, later).is_err());
        for _ in 0..60 {
            assert!(limits.admit_token_request(one, Network::UNKNOWN, start).is_ok());
        }
        assert!(matches!(
            limits.admit_token_request(one, Network::UNKNOWN, start),
            Err(Error::RateLimited(1))
        ));
        let off = Limits::new(0);
        assert!((0..100).all(|_| off.admit_token_request(one, Network::UNKNOWN, start).is_ok()));
        assert!(off.admit_directory(one, 10_000, start).is_ok());
    }
}
