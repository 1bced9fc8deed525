//! Everything needed for authentication: the database, hashing, tokens, and the limits on guessing.

use std::sync::Arc;

use super::password::Passwords;
use super::token::Tokens;
use crate::domain::limits::Limits;
use crate::store::db::Db;

/// See the module.
pub struct Authenticator {
    /// Database.
    pub db: Db,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies access tokens.
    pub tokens: Tokens,
    /// Rate limits.
    pub limits: Arc<Limits>,
}
