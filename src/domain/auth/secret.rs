//! Secrets that are shown once: refresh tokens, invitations, password resets and secrets of integrations. Only their hashes are stored.

use std::fmt::Write;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Maximum length of such a secret, in bytes: longer texts are refused before they are hashed.
pub const MAX_SECRET_LENGTH: usize = 128;

/// Returns random bytes.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal("the system's random source failed"))?;
    Ok(bytes)
}

/// Returns a new secret of 256 random bits, in base64url.
///
/// # Errors
/// As [`random_bytes`].
pub fn new_secret() -> Result<String, Error> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// Derives the successor of `secret`: only possible with both the salt and the secret.
pub fn successor(salt: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, secret.as_bytes()))
}

/// Returns the SHA-256 in hexadecimal, the stored form of a secret. A secret has 256 bits of entropy, so it needs no
/// salt or stretching.
pub fn fingerprint(secret: &str) -> String {
    hex_digest(secret.as_bytes())
}

/// Returns the SHA-256 of `bytes` in hexadecimal.
pub fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
