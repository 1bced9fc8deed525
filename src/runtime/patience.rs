//! How long another side may keep this one waiting: a least speed, with an allowance for pauses.

use std::time::Duration;

/// The least speed, in bytes a second.
const LEAST_SPEED: f64 = 1_024.0;

/// Time spent waiting for bytes to come or to be taken, less what those bytes are worth at the least speed.
#[derive(Debug, Clone)]
pub struct Patience {
    allowance: Duration,
    spent: Duration,
}

impl Patience {
    /// Waits for `allowance` in all, beyond what bytes earn.
    pub fn new(allowance: Duration) -> Self {
        Self {
            allowance,
            spent: Duration::ZERO,
        }
    }

    /// The longest that may be waited now.
    pub fn left(&self) -> Duration {
        self.allowance.saturating_sub(self.spent)
    }

    /// Notes what has been waited.
    pub fn spend(&mut self, waited: Duration) {
        self.spent += waited;
    }

    /// Notes bytes that have moved: each is worth its time at the least speed.
    pub fn earn(&mut self, bytes: usize) {
        if !self.spent.is_zero() {
            let worth = Duration::from_secs_f64(bytes as f64 / LEAST_SPEED);
            self.spent = self.spent.saturating_sub(worth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In which round patience ends with a client that moves `bytes` after each `pause` in seconds.
    fn ends(bytes: usize, pause: u64, rounds: u32) -> Option<u32> {
        let mut patience = Patience::new(Duration::from_secs(30));
        let pause = Duration::from_secs(pause);
        (0..rounds).find(|_| {
            let late = patience.left() < pause;
            patience.spend(pause);
            patience.earn(bytes);
            late
        })
    }

    #[test]
    fn it_ends_with_who_does_nothing_and_not_with_who_is_slow() {
        assert_eq!(ends(1, 31, 1), Some(0));
        assert_eq!(ends(1, 10, 10), Some(3), "a byte now and then");
        assert_eq!(ends(20 << 10, 10, 1_000), None);
        assert_eq!(ends(64 << 10, 29, 1_000), None);
    }
}
