//! Secrets that are shown once: refresh tokens and invitations. Only their hashes are stored.

use std::fmt::Write;

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
