//! Signing in with an identity provider (OpenID Connect Core 1.0), and being signed out by it.
//!
//! A sign-in has two steps: [`start`] remembers it and returns where to send the person, [`complete`] exchanges what they
//! come back with for a session. Between the two the client keeps a secret of its own, so that nobody can complete a
//! sign-in that somebody else has started. Nothing here relies on cookies.

pub mod back_channel;
pub mod callback;
pub mod claims;
pub mod complete;
pub mod create_provider;
pub mod end_session;
pub mod exchange;
pub mod find;
pub mod id_token;
pub mod identities;
pub mod jwt;
pub mod keys;
pub mod link_identity;
pub mod list;
pub mod metadata;
pub mod once;
pub mod providers;
pub mod retire_provider;
pub mod revocation;
pub mod revoke_sessions;
pub mod revoked;
pub mod rules;
pub mod start;
pub mod unlink_identity;
pub mod update_provider;
pub mod user_info;
