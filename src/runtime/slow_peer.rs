//! Timeouts for slow peers: a minimum speed, with an allowance for pauses.

use std::time::Duration;

/// Minimum speed, in bytes per second.
const MIN_SPEED: f64 = 1_024.0;

/// Time spent waiting for a peer to send or receive, minus the time its bytes are worth at the minimum speed.
#[derive(Debug, Clone)]
pub struct StallTimeout {
    allowance: Duration,
    spent: Duration,
}

impl StallTimeout {
    /// Allows waiting for `allowance` in total, beyond what bytes earn.
    pub fn new(allowance: Duration) -> Self {
        Self {
            allowance,
            spent: Duration::ZERO,
        }
    }

    /// Returns the longest that may be waited now.
    pub fn left(&self) -> Duration {
        self.allowance.saturating_sub(self.spent)
    }

    /// Records time spent waiting.
    pub fn spend(&mut self, waited: Duration) {
        self.spent += waited;
    }

    /// Records transferred bytes, each worth its time at the minimum speed.
    pub fn earn(&mut self, bytes: usize) {
        if !self.spent.is_zero() {
            let worth = Duration::from_secs_f64(bytes as f64 / MIN_SPEED);
            self.spent = self.spent.saturating_sub(worth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the round in which patience ends with a client that transfers `bytes` after each `pause` in seconds.
    fn ends(bytes: usize, pause: u64, rounds: u32) -> Option<u32> {
        let mut patience = StallTimeout::new(Duration::from_secs(30));
        let pause = Duration::from_secs(pause);
        (0..rounds).find(|_| {
            let late = patience.left() < pause;
            patience.spend(pause);
            patience.earn(bytes);
            late
        })
    }

    #[test]
    fn idle_peers_time_out_and_slow_ones_do_not() {
        assert_eq!(ends(1, 31, 1), Some(0));
        assert_eq!(ends(1, 10, 10), Some(3), "a byte now and then");
        assert_eq!(ends(20 << 10, 10, 1_000), None);
        assert_eq!(ends(64 << 10, 29, 1_000), None);
    }
}
