//! What lasts: how many WebSocket connections, how many subscriptions over all of its connections, and how many
//! transfers of files one caller may have at a time. Each holds memory for as long as the client likes, and costs points only when something happens.

use crate::domain::limits::RateLimitKey;
use crate::runtime::concurrency::{Permit, Permits};

/// WebSocket connections of one person or integration: some for each tab of each device.
const CONNECTIONS: usize = 32;
/// WebSocket connections from one address that have not said yet whose they are; an office has one address.
const UNIDENTIFIED: usize = 128;
/// Operations of one caller over WebSocket connections and streams of events.
const OPERATIONS: usize = 200;
/// Downloads, archives, calendars' files and uploads of one caller.
const TRANSFERS: usize = 16;

/// The connections and operations that each caller has.
pub struct Lasting {
    connections: Permits<RateLimitKey>,
    unidentified: Permits<RateLimitKey>,
    operations: Permits<RateLimitKey>,
    transfers: Permits<RateLimitKey>,
}

impl Default for Lasting {
    fn default() -> Self {
        Self {
            connections: Permits::new(CONNECTIONS),
            unidentified: Permits::new(UNIDENTIFIED),
            operations: Permits::new(OPERATIONS),
            transfers: Permits::new(TRANSFERS),
        }
    }
}

impl Lasting {
    /// Room for one more connection of a caller, if there is any.
    pub fn connection(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        match caller {
            RateLimitKey::Anonymous(_) => self.unidentified.try_acquire(caller),
            RateLimitKey::Person(_) | RateLimitKey::Integration(_) => self.connections.try_acquire(caller),
        }
    }

    /// Room for one more operation of a caller, if there is any.
    pub fn operation(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        self.operations.try_acquire(caller)
    }

    /// Room for one more transfer of a caller, if there is any.
    pub fn transfer(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        self.transfers.try_acquire(caller)
    }
}
