//! Passwords: Argon2id, hashed off the threads that serve requests, with limited concurrency.
//!
//! Each caller has one hash in progress at a time; further ones wait in a queue of their own, and not in front of
//! others. The queues and the number of waiting callers are bounded; beyond that, requests are refused at once. Known
//! callers (signed in, or in a network from which they have signed in before) wait only for each other and for at most
//! one hash of an unknown caller, however many networks those come from.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, password_hash};
use entity::UserId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::domain::auth::secret::random_bytes;
use crate::domain::limits::Network;
use crate::error::{Code, Error, Outcome, refuse};
use crate::runtime::concurrency::Permits;

mod guess;

/// Minimum length of a password, in characters: NIST SP 800-63B's minimum is 8, its recommendation 15.
const MIN_LENGTH: usize = 10;
/// Minimum number of unpredictable units of a password.
const MIN_UNITS: usize = 5;
/// Maximum length of a password, in bytes.
pub const MAX_LENGTH: usize = 1024;
/// Maximum number of hashes waiting for another one of the same caller.
const MAX_QUEUED: usize = 32;
/// Maximum number of known, and of unknown, callers with a hash in progress or waiting. At about 20 ms each, the last
/// one waits a bit over a second if one core hashes.
const MAX_CALLERS: usize = 64;
/// Seconds after which a caller may retry when a queue is full.
const RETRY: u32 = 2;

/// The hash of a password that nobody has, with the same parameters as all others: verifying against it takes as long.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$DxJBZqU8JfNyEChUTGskaA$8HVBqz7yje/eNIH24BHumiCGzfgAnpsJ9fcl0KRhqKQ";

/// Key of a queue of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A person who is signed in, or has signed in from this network before.
    Person(UserId),
    /// All unknown callers in a network.
    Network(Network),
    /// A program of the operator: waits for as long as it takes.
    Program,
}

/// Hashes and verifies passwords, with OWASP's parameters: 19 MiB, two passes, one lane.
#[derive(Clone)]
pub struct Passwords {
    /// One permit for each caller; `None` if callers are not limited.
    lanes: Option<Permits<Lane>>,
    known: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// The single unknown caller who waits among known ones.
    stranger: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// Without limits for callers.
impl Default for Passwords {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Passwords {
    /// Creates an instance. Half of the cores may hash at a time, so that a burst of sign-ins leaves the others to
    /// queries.
    pub fn new(limited: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            lanes: limited.then(|| Permits::new(1)),
            known: Arc::new(Semaphore::new(MAX_CALLERS)),
            strangers: Arc::new(Semaphore::new(MAX_CALLERS)),
            stranger: Arc::new(Semaphore::new(1)),
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }

    /// Returns the hash to store, in PHC format.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many are waiting; when the system has no randomness to give.
    pub async fn hash(&self, lane: Lane, password: SecretString) -> Result<String, Error> {
        self.on_blocking_pool(lane, move || {
            hash(text::password(password.expose_secret()).as_bytes())
        })
        .await
    }

    /// Returns whether the password matches the hash. Without a hash it takes as long and returns false.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many are waiting; when the stored hash can't be parsed.
    pub async fn verify(
        &self,
        lane: Lane,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<bool, Error> {
        self.on_blocking_pool(lane, move || {
            let parsed = PasswordHash::new(stored.as_deref().unwrap_or(DECOY)).map_err(Error::internal)?;
            let typed = password.expose_secret();
            let prepared = text::password(typed);
            // Hashes from before passwords were normalized are of the text as typed. The timing reveals only whether
            // normalization changes the password, which the sender knows.
            let right = is_of(&parsed, &prepared)? || (prepared != typed && is_of(&parsed, typed)?);
            Ok(right && stored.is_some())
        })
        .await
    }

    async fn on_blocking_pool<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let full = || Error::RateLimited(RETRY);
        let place = match &self.lanes {
            Some(lanes) if lane != Lane::Program => {
                let permit = lanes.acquire(lane, MAX_QUEUED).await.ok_or_else(full)?;
                let callers = match lane {
                    Lane::Network(_) => &self.strangers,
                    Lane::Person(_) | Lane::Program => &self.known,
                };
                let caller = Arc::clone(callers).try_acquire_owned().map_err(|_| full())?;
                let stranger = match lane {
                    Lane::Network(_) => Some(Arc::clone(&self.stranger).acquire_owned().await),
                    Lane::Person(_) | Lane::Program => None,
                };
                Some((permit, caller, stranger.transpose().map_err(Error::internal)?))
            }
            _ => None,
        };
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even if the caller is gone.
            let _held = (place, turn);
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn is_of(hash: &PasswordHash<'_>, password: &str) -> Result<bool, Error> {
    match Argon2::default().verify_password(password.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::Password) => Ok(false),
        Err(cause) => Err(Error::internal(cause)),
    }
}

fn hash(password: &[u8]) -> Result<String, Error> {
    let salt = SaltString::encode_b64(&random_bytes::<16>()?).map_err(Error::internal)?;
    Argon2::default()
        .hash_password(password, &salt)
        .map(|hash| hash.to_string())
        .map_err(Error::internal)
}

/// Refuses passwords that are too short, far too long, easily guessed (see [`guess`]), or contain the e-mail address.
///
/// # Errors
/// [`Code::PasswordTooWeak`] for `field`.
pub fn check_strength(password: &SecretString, email: &str, field: &str) -> Outcome<()> {
    let text = &*text::password(password.expose_secret());
    let local_part = email.split('@').next().unwrap_or_default();
    let reason = if text.chars().count() < MIN_LENGTH {
        format!("a password needs at least {MIN_LENGTH} characters")
    } else if text.len() > MAX_LENGTH {
        format!("a password can have at most {MAX_LENGTH} bytes")
    } else if text.chars().collect::<std::collections::BTreeSet<_>>().len() < 4 {
        "a password needs at least four different characters".to_owned()
    } else if text::name_key(text).contains(&text::name_key(email)) {
        "a password must not contain the e-mail address".to_owned()
    } else if guess::unpredictable_units(text, local_part) < MIN_UNITS {
        "this password is too easy to guess: it consists of common words, sequences or repetitions".to_owned()
    } else {
        return Ok(());
    };
    refuse(Code::PasswordTooWeak, field, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many networks unknown callers come from, a known one waits for at most one of them.
    #[tokio::test]
    async fn unknown_callers_do_not_block_known_ones() {
        let passwords = Passwords::new(true);
        let verify = |lane| passwords.verify(lane, SecretString::from("wrong wrong"), None);
        let network = |n: u8| Lane::Network(Network::of(std::net::IpAddr::from([198, 51, 100, n])));
        let strangers = futures_util::future::join_all((0..200).map(|n| verify(network(n))));
        let known = async {
            tokio::task::yield_now().await;
            verify(Lane::Person(UserId(uuid::Uuid::nil()))).await
        };
        let began = std::time::Instant::now();
        tokio::select! {
            biased;
            _ = strangers => panic!("unknown callers were served first"),
            known = known => assert!(matches!(known, Ok(false))),
        }
        println!("{:?}", began.elapsed());
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in [
            "",
            "short",
            "aaaaaaaaaaaaaaaa",
            "xx ada@example.com xx",
            "1234567890",
            "password12",
            "passwordpassword",
            "qwertyuiop",
            "letmein123",
            "          a b c",
            "P@ssw0rd!!!!",
            "Summer2026!",
            "abcdefghij",
            "9876543210",
            "abcabcabcabc",
            "asdfghjkl;",
            "ada1234567",
            "iloveyou12",
            "\u{ff30}assword12",
            &"long".repeat(300),
        ] {
            assert!(
                check_strength(&SecretString::from(weak), "Ada@example.com", "password").is_err(),
                "{weak}"
            );
        }
        assert!(
            check_strength(
                &SecretString::from("correct horse"),
                "ada@example.com",
                "password"
            )
            .is_ok()
        );
    }

    #[tokio::test]
    async fn a_missing_hash_is_never_right() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash(Lane::Program, SecretString::from("correct horse"))
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(DECOY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && DECOY.len() == hash.len());
        assert!(
            passwords
                .verify(
                    Lane::Program,
                    SecretString::from("correct horse"),
                    Some(hash.clone())
                )
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(Lane::Program, SecretString::from("wrong horse"), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(
                    Lane::Program,
                    SecretString::from("nobody has this password"),
                    None
                )
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_caller_with_many_hashes_does_not_block_others() {
        let passwords = Passwords::new(true);
        let network = |n: u8| Lane::Network(Network::of(std::net::IpAddr::from([10, 0, 0, n])));
        let hash = |lane| passwords.hash(lane, SecretString::from("correct horse"));
        let done = std::sync::atomic::AtomicUsize::new(0);
        let storm = futures_util::future::join_all((0..200).map(|_| async {
            let hashed = hash(network(9)).await;
            done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            hashed
        }));
        let colleague = async {
            tokio::task::yield_now().await;
            let hashed = hash(network(1)).await;
            (hashed, done.load(std::sync::atomic::Ordering::Relaxed))
        };
        let (storm, (colleague, before)) = tokio::join!(storm, colleague);
        let refused = storm
            .iter()
            .filter(|one| matches!(one, Err(Error::RateLimited(_))));
        assert_eq!(refused.count(), 200 - MAX_QUEUED - 1);
        assert!(colleague.is_ok());
        let ahead = before - (200 - MAX_QUEUED - 1);
        assert!(ahead <= 3, "{ahead} hashes of another caller were served first");
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_programs_wait() {
        let passwords = Passwords::new(true);
        let hash = |lane| passwords.hash(lane, SecretString::from("correct horse"));
        let person = |n| Lane::Person(UserId(uuid::Uuid::from_u128(n)));
        let people = futures_util::future::join_all((0..200).map(|n| hash(person(n))));
        let programs = futures_util::future::join_all((0..5).map(|_| hash(Lane::Program)));
        let (people, programs) = tokio::join!(people, programs);
        assert_eq!(people.iter().filter(|one| one.is_ok()).count(), MAX_CALLERS);
        assert!(programs.iter().all(Result::is_ok));
    }
}
