//! Passwords: Argon2id, hashed away from the threads that answer queries, and only a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, password_hash};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Code, Error, Outcome, refuse};

/// Shortest password, in characters: NIST SP 800-63B's minimum is 8, its recommendation 15.
const MIN_LENGTH: usize = 10;
/// Longest password, in bytes.
const MAX_LENGTH: usize = 1024;

/// The hash of a password that nobody has, made with the parameters of all others: to verify against it takes as long.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$DxJBZqU8JfNyEChUTGskaA$8HVBqz7yje/eNIH24BHumiCGzfgAnpsJ9fcl0KRhqKQ";

/// Hashes and verifies. Parameters are OWASP's: 19 MiB, two passes, one lane.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

/// Half the cores may hash at one time, so that a storm of sign-ins leaves the others to queries.
impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }
}

impl Passwords {
    /// The hash to store, in PHC form.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.on_blocking_pool(move || hash(&password)).await
    }

    /// Whether the password is that of the hash. Without a hash it takes as long and is never right.
    ///
    /// # Errors
    /// When the stored hash can't be read.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, Error> {
        self.on_blocking_pool(move || {
            let parsed = PasswordHash::new(stored.as_deref().unwrap_or(DECOY)).map_err(Error::internal)?;
            match Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed) {
                Ok(()) => Ok(stored.is_some()),
                Err(password_hash::Error::Password) => Ok(false),
                Err(cause) => Err(Error::internal(cause)),
            }
        })
        .await
    }

    async fn on_blocking_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn hash(password: &SecretString) -> Result<String, Error> {
    let mut salt = [0; 16];
    SystemRandom::new()
        .fill(&mut salt)
        .map_err(|_| Error::Internal("the system's random source failed".to_owned()))?;
    let salt = SaltString::encode_b64(&salt).map_err(Error::internal)?;
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(Error::internal)
}

/// Refuses passwords that are too short, absurdly long, one character over and over, or the address itself.
///
/// # Errors
/// [`Code::PasswordTooWeak`] on `field`.
pub fn check_strength(password: &SecretString, email: &str, field: &str) -> Outcome<()> {
    let text = password.expose_secret();
    let reason = if text.chars().count() < MIN_LENGTH {
        format!("a password needs at least {MIN_LENGTH} characters")
    } else if text.len() > MAX_LENGTH {
        format!("a password has at most {MAX_LENGTH} bytes")
    } else if text.chars().collect::<std::collections::BTreeSet<_>>().len() < 4 {
        "a password needs at least four different characters".to_owned()
    } else if text.to_lowercase().contains(&email.to_lowercase()) {
        "a password must not contain the e-mail address".to_owned()
    } else {
        return Ok(());
    };
    refuse(Code::PasswordTooWeak, field, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for weak in [
            "",
            "short",
            "aaaaaaaaaaaaaaaa",
            "xx ada@example.com xx",
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
        let hash = passwords.hash(SecretString::from("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(DECOY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && DECOY.len() == hash.len());
        assert!(
            passwords
                .verify(SecretString::from("correct horse"), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(SecretString::from("wrong horse"), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(SecretString::from("nobody has this password"), None)
                .await
                .unwrap()
        );
    }
}
