//! Limits of long-running resources: how many WebSocket connections, how many subscriptions over all of its
//! connections, and how many file transfers one caller may have at a time. Each holds memory for as long as the client
//! likes, and costs points only when something happens.

use crate::domain::limits::RateLimitKey;
use crate::runtime::concurrency::{Permit, Permits};

/// WebSocket connections of one person or integration: some for each tab of each device.
const CONNECTIONS: usize = 32;
/// WebSocket connections from one address that are not authenticated yet; an office shares one address.
const UNIDENTIFIED: usize = 128;
/// Operations of one caller over WebSocket connections and event streams.
const OPERATIONS: usize = 200;
/// Downloads, archives, calendar files and uploads of one caller.
const TRANSFERS: usize = 16;

/// Counts the connections and operations of each caller.
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
    /// A permit for one more connection of a caller, if the limit allows.
    pub fn connection(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        match caller {
            RateLimitKey::Anonymous(_) => self.unidentified.try_acquire(caller),
            RateLimitKey::Person(_) | RateLimitKey::Integration(_) => self.connections.try_acquire(caller),
        }
    }

    /// A permit for one more operation of a caller, if the limit allows.
    pub fn operation(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        self.operations.try_acquire(caller)
    }

    /// A permit for one more transfer of a caller, if the limit allows.
    pub fn transfer(&self, caller: RateLimitKey) -> Option<Permit<RateLimitKey>> {
        self.transfers.try_acquire(caller)
    }
}
