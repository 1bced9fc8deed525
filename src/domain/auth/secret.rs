//! Secrets that are shown once: refresh tokens, invitations and password resets. Only their hashes are stored.

use std::fmt::Write;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Longest text that can be one of these secrets, in bytes: longer ones are refused before they are hashed.
pub const LONGEST: usize = 128;

/// A new secret of 256 random bits, in base64url.
///
/// # Errors
/// When the system has no randomness to give.
pub fn new_secret() -> Result<String, Error> {
    let mut bits = [0; 32];
    SystemRandom::new()
        .fill(&mut bits)
        .map_err(|_| Error::Internal("the system's random source failed".to_owned()))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bits))
}

/// The secret that follows `secret`: whoever knows the salt and the secret can derive it again, nobody else.
pub fn successor(salt: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, secret.as_bytes()))
}

/// SHA-256 in hexadecimal: what is stored of a secret. The secret has 256 bits of its own, so no salt or
/// stretching adds to it.
pub fn fingerprint(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
