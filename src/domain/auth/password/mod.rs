//! Passwords: Argon2id, hashed away from the threads that answer queries, and only a few at a time.
//!
//! One caller has one hash at a time under way. What else they ask for waits in a lane of their own, and not in front of
//! others. The lanes and the number of callers that wait are bounded: beyond that they are refused at once. Those who are
//! known (signed in, or in a network from which they have signed in before) wait only for one another and for one hash
//! of somebody else, however many networks strangers come from.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, password_hash};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use entity::UserId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::domain::limits::Network;
use crate::error::{Code, Error, Outcome, refuse};
use crate::runtime::concurrency::Permits;

mod guess;

/// Shortest password, in characters: NIST SP 800-63B's minimum is 8, its recommendation 15.
const MIN_LENGTH: usize = 10;
/// Fewest things in a password that do not follow from what comes before them.
const MIN_SURPRISES: usize = 5;
/// Longest password, in bytes.
pub const MAX_LENGTH: usize = 1024;
/// Hashes that wait for the one of the same caller.
const LANE: usize = 32;
/// Callers, known or not, of which one hash is under way or waits for its turn. At about 20 ms each, the last one waits
/// a bit more than a second where one core hashes.
const CALLERS: usize = 64;
/// Seconds after which to try again when a lane is full.
const RETRY: u32 = 2;

/// The hash of a password that nobody has, made with the parameters of all others: to verify against it takes as long.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$DxJBZqU8JfNyEChUTGskaA$8HVBqz7yje/eNIH24BHumiCGzfgAnpsJ9fcl0KRhqKQ";

/// Whose hashes wait for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Somebody who is signed in, or has signed in from this network before.
    Person(UserId),
    /// Everybody else of a network.
    Network(Network),
    /// A program of the operator's: it waits for its turn, however long.
    Program,
}

/// Hashes and verifies. Parameters are OWASP's: 19 MiB, two passes, one lane.
#[derive(Clone)]
pub struct Passwords {
    /// One for each caller; `None` when callers are not limited.
    lanes: Option<Permits<Lane>>,
    known: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// The one stranger who waits for a turn among those who are known.
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
    /// Half the cores may hash at one time, so that a storm of sign-ins leaves the others to queries.
    pub fn new(limited: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            lanes: limited.then(|| Permits::new(1)),
            known: Arc::new(Semaphore::new(CALLERS)),
            strangers: Arc::new(Semaphore::new(CALLERS)),
            stranger: Arc::new(Semaphore::new(1)),
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }

    /// The hash to store, in PHC form.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many wait; when the system has no randomness to give.
    pub async fn hash(&self, lane: Lane, password: SecretString) -> Result<String, Error> {
        self.on_blocking_pool(lane, move || {
            hash(text::password(password.expose_secret()).as_bytes())
        })
        .await
    }

    /// Whether the password is that of the hash. Without a hash it takes as long and is never right.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many wait; when the stored hash can't be read.
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
            // A hash of before passwords were prepared is of what was typed then. Which password takes longer is no secret:
            // it is the one that was sent.
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
                let permit = lanes.acquire(lane, LANE).await.ok_or_else(full)?;
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
            // Held until the work is done, also when nobody waits for it any more.
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
    let mut salt = [0; 16];
    SystemRandom::new()
        .fill(&mut salt)
        .map_err(|_| Error::Internal("the system's random source failed".to_owned()))?;
    let salt = SaltString::encode_b64(&salt).map_err(Error::internal)?;
    Argon2::default()
        .hash_password(password, &salt)
        .map(|hash| hash.to_string())
        .map_err(Error::internal)
}

/// Refuses passwords that are too short, absurdly long, made of what everybody tries first (see [`guess`]), or of the
/// address.
///
/// # Errors
/// [`Code::PasswordTooWeak`] on `field`.
pub fn check_strength(password: &SecretString, email: &str, field: &str) -> Outcome<()> {
    let text = &*text::password(password.expose_secret());
    let local_part = email.split('@').next().unwrap_or_default();
    let reason = if text.chars().count() < MIN_LENGTH {
        format!("a password needs at least {MIN_LENGTH} characters")
    } else if text.len() > MAX_LENGTH {
        format!("a password has at most {MAX_LENGTH} bytes")
    } else if text.chars().collect::<std::collections::BTreeSet<_>>().len() < 4 {
        "a password needs at least four different characters".to_owned()
    } else if text::name_key(text).contains(&text::name_key(email)) {
        "a password must not contain the e-mail address".to_owned()
    } else if guess::surprises(text, local_part) < MIN_SURPRISES {
        "this password is easily guessed: it is made of common words, sequences or repetitions".to_owned()
    } else {
        return Ok(());
    };
    refuse(Code::PasswordTooWeak, field, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many networks strangers come from, somebody who is known waits for one of them at most.
    #[tokio::test]
    async fn strangers_keep_nobody_waiting_who_is_known() {
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
            _ = strangers => panic!("the strangers were first"),
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
    async fn a_caller_with_many_hashes_keeps_nobody_waiting() {
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
        assert_eq!(refused.count(), 200 - LANE - 1);
        assert!(colleague.is_ok());
        let ahead = before - (200 - LANE - 1);
        assert!(ahead <= 3, "{ahead} hashes of another caller came first");
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_programs_wait() {
        let passwords = Passwords::new(true);
        let hash = |lane| passwords.hash(lane, SecretString::from("correct horse"));
        let person = |n| Lane::Person(UserId(uuid::Uuid::from_u128(n)));
        let people = futures_util::future::join_all((0..200).map(|n| hash(person(n))));
        let programs = futures_util::future::join_all((0..5).map(|_| hash(Lane::Program)));
        let (people, programs) = tokio::join!(people, programs);
        assert_eq!(people.iter().filter(|one| one.is_ok()).count(), CALLERS);
        assert!(programs.iter().all(Result::is_ok));
    }
}
