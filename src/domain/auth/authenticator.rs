//! What it takes to find out who somebody is: the database, hashing, tokens, and the limits on guessing.

use std::sync::Arc;

use super::password::Passwords;
use super::token::Tokens;
use crate::domain::limits::Limits;
use crate::store::db::Db;

/// See the module.
pub struct Authenticator {
    /// The database.
    pub db: Db,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies access tokens.
    pub tokens: Tokens,
    /// How much somebody may ask for.
    pub limits: Arc<Limits>,
}
