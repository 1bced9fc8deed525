//! What lasts: how many WebSocket connections, and how many subscriptions over all of its connections, one caller may
//! have at a time. Each holds memory for as long as the client likes, and costs points only when something happens.

use crate::concurrency::{Permit, Permits};
use crate::limits::Asker;

/// WebSocket connections of one person or integration: some for each tab of each device.
const CONNECTIONS: usize = 32;
/// WebSocket connections from one address that have not said yet whose they are; an office has one address.
const UNIDENTIFIED: usize = 128;
/// Operations of one caller over WebSocket connections and streams of events.
const OPERATIONS: usize = 200;

/// The connections and operations that each caller has.
pub struct Lasting {
    connections: Permits<Asker>,
    unidentified: Permits<Asker>,
    operations: Permits<Asker>,
}

impl Default for Lasting {
    fn default() -> Self {
        Self {
            connections: Permits::new(CONNECTIONS),
            unidentified: Permits::new(UNIDENTIFIED),
            operations: Permits::new(OPERATIONS),
        }
    }
}

impl Lasting {
    /// Room for one more connection of a caller, if there is any.
    pub fn connection(&self, caller: Asker) -> Option<Permit<Asker>> {
        match caller {
            Asker::Nobody(_) => self.unidentified.try_acquire(caller),
            Asker::Person(_) | Asker::Integration(_) => self.connections.try_acquire(caller),
        }
    }

    /// Room for one more operation of a caller, if there is any.
    pub fn operation(&self, caller: Asker) -> Option<Permit<Asker>> {
        self.operations.try_acquire(caller)
    }
}
