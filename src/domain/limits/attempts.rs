//! Limits on password guesses.
//!
//! An attempt is taken before the password is checked and refunded if it was right, so concurrent attempts and those of
//! disconnected clients count like any other.
//!
//! | bucket | attempts | protects against |
//! | --- | --- | --- |
//! | an account from a network | 10, then one a minute | guessing from one place |
//! | a network | 100, then one every six seconds | one password for many accounts |
//! | an account | 50, then one a minute | guessing from many places |
//! | a session | 10, then one a minute | guessing the current password before a change |
//!
//! Guessing can't lock a colleague out. From a network where a person has signed in before, only the first bucket
//! applies to them: guesses from elsewhere don't affect it. And a single network can't empty the bucket of an account:
//! it takes ten attempts from it, and afterwards no more than are refilled.

use entity::{SessionId, Timestamp};

use super::Network;
use super::buckets::{Buckets, Size};
use crate::error::Error;

const MINUTE: f64 = 60.0;

/// Password attempts: see the module.
pub struct Attempts {
    on: bool,
    pairs: Buckets,
    networks: Buckets,
    accounts: Buckets,
    sessions: Buckets,
}

/// An attempt to sign in.
#[derive(Debug, Clone, Copy)]
pub struct SignInAttempt<'a> {
    /// Key of the account, whether it exists or not.
    pub account: &'a str,
    /// Network of the caller.
    pub network: Network,
    /// Whether this person has signed in from there before.
    pub known: bool,
}

impl Attempts {
    /// Creates full buckets; if `on` is false, nothing is counted.
    pub(super) fn new(on: bool) -> Self {
        let size = |holds, per_second| Buckets::new(Size { holds, per_second });
        Self {
            on,
            pairs: size(10.0, 1.0 / MINUTE),
            networks: size(100.0, 10.0 / MINUTE),
            accounts: size(50.0, 1.0 / MINUTE),
            sessions: size(10.0, 1.0 / MINUTE),
        }
    }

    /// Takes an attempt to sign in.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if none is left.
    pub fn take_sign_in(&self, attempt: SignInAttempt<'_>, now: Timestamp) -> Result<(), Error> {
        if !self.on {
            return Ok(());
        }
        take(&self.pairs, &(attempt.account, attempt.network), now)?;
        if attempt.known {
            return Ok(());
        }
        let taken = take(&self.networks, &attempt.network, now).and_then(|()| {
            take(&self.accounts, &attempt.account, now).inspect_err(|_| {
                self.networks.give_back(&attempt.network, 1.0, now);
            })
        });
        taken.inspect_err(|_| {
            self.pairs
                .give_back(&(attempt.account, attempt.network), 1.0, now)
        })
    }

    /// Refunds an attempt with the right password, and resets the bucket of the account in this network.
    pub fn sign_in_succeeded(&self, attempt: SignInAttempt<'_>, now: Timestamp) {
        self.refund_sign_in(attempt, now);
        self.pairs.reset(&(attempt.account, attempt.network));
    }

    /// Refunds an attempt whose password was not checked.
    pub fn refund_sign_in(&self, attempt: SignInAttempt<'_>, now: Timestamp) {
        if !self.on {
            return;
        }
        self.pairs
            .give_back(&(attempt.account, attempt.network), 1.0, now);
        if !attempt.known {
            self.networks.give_back(&attempt.network, 1.0, now);
            self.accounts.give_back(&attempt.account, 1.0, now);
        }
    }

    /// Takes an attempt at the current password of a signed-in person. The bucket belongs to the session: a stolen
    /// access token allows no more guesses than this, and doesn't block other sessions of its owner.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if none is left.
    pub fn take_current_password(&self, session: SessionId, now: Timestamp) -> Result<(), Error> {
        match self.on {
            true => take(&self.sessions, &session, now),
            false => Ok(()),
        }
    }

    /// Refunds an attempt whose password was right, or was not checked.
    pub fn refund_current_password(&self, session: SessionId, now: Timestamp) {
        if self.on {
            self.sessions.give_back(&session, 1.0, now);
        }
    }
}

fn take(buckets: &Buckets, key: &impl std::hash::Hash, now: Timestamp) -> Result<(), Error> {
    let taken = buckets.take(key, 1.0, 1.0, now);
    taken.map(|_| ()).map_err(Error::RateLimited)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use chrono::TimeDelta;

    use super::*;

    fn attempt(account: &str, n: u8, known: bool) -> SignInAttempt<'_> {
        SignInAttempt {
            account,
            network: Network::of(IpAddr::from([10, 0, 0, n])),
            known,
        }
    }

    /// Returns how many of `times` attempts are admitted.
    fn guesses(attempts: &Attempts, times: usize, attempt: SignInAttempt<'_>, now: Timestamp) -> usize {
        (0..times)
            .filter(|_| attempts.take_sign_in(attempt, now).is_ok())
            .count()
    }

    #[test]
    fn guessing_from_one_network_locks_nobody_out() {
        let (attempts, mut now) = (Attempts::new(true), Timestamp::UNIX_EPOCH);
        assert_eq!(guesses(&attempts, 1_000, attempt("ann", 9, false), now), 10);
        assert_eq!(
            guesses(&attempts, 5, attempt("bob", 9, false), now),
            5,
            "another account"
        );
        assert_eq!(
            guesses(&attempts, 5, attempt("ann", 1, false), now),
            5,
            "another network"
        );
        // Not during a day of guessing either.
        let mut guessed = 0;
        for _ in 0..24 * 60 {
            now += TimeDelta::minutes(1);
            guessed += guesses(&attempts, 100, attempt("ann", 9, false), now);
        }
        assert_eq!(guessed, 24 * 60);
        assert!(attempts.take_sign_in(attempt("ann", 2, false), now).is_ok());
    }

    #[test]
    fn guessing_from_many_networks_slows_down_unknown_networks_only() {
        let (attempts, now) = (Attempts::new(true), Timestamp::UNIX_EPOCH);
        let guessed: usize = (10..30)
            .map(|n| guesses(&attempts, 1_000, attempt("ann", n, false), now))
            .sum();
        assert_eq!(guessed, 50);
        assert!(attempts.take_sign_in(attempt("ann", 99, false), now).is_err());
        assert!(attempts.take_sign_in(attempt("ann", 1, true), now).is_ok());
        // The bucket has no debt: one attempt is refilled after a minute.
        let later = now + TimeDelta::minutes(1);
        assert!(attempts.take_sign_in(attempt("ann", 99, false), later).is_ok());
        // Refused attempts have taken nothing from the other buckets.
        assert_eq!(guesses(&attempts, 200, attempt("bob", 99, false), later), 10);
    }

    #[test]
    fn one_network_may_try_a_hundred_accounts() {
        let (attempts, now) = (Attempts::new(true), Timestamp::UNIX_EPOCH);
        let accounts: Vec<String> = (0..200).map(|n| n.to_string()).collect();
        let guessed: usize = accounts
            .iter()
            .map(|account| guesses(&attempts, 1, attempt(account, 9, false), now))
            .sum();
        assert_eq!(guessed, 100);
        assert!(
            attempts.take_sign_in(attempt("zoe", 9, true), now).is_ok(),
            "who is known there"
        );
    }

    #[test]
    fn the_right_password_resets_the_bucket() {
        let (attempts, now) = (Attempts::new(true), Timestamp::UNIX_EPOCH);
        for known in [false, true] {
            assert_eq!(guesses(&attempts, 10, attempt("ann", 1, known), now), 10);
            attempts.sign_in_succeeded(attempt("ann", 1, known), now);
        }
        assert_eq!(guesses(&attempts, 20, attempt("ann", 1, false), now), 10);
    }

    #[test]
    fn a_session_has_its_own_attempts() {
        let (attempts, now) = (Attempts::new(true), Timestamp::UNIX_EPOCH);
        let (stolen, own) = (SessionId(uuid::Uuid::max()), SessionId(uuid::Uuid::nil()));
        let taken = (0..600).filter(|_| attempts.take_current_password(stolen, now).is_ok());
        assert_eq!(taken.count(), 10);
        assert!(attempts.take_current_password(own, now).is_ok());
        attempts.refund_current_password(stolen, now);
        assert!(attempts.take_current_password(stolen, now).is_ok());
    }
}
