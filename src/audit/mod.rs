//! The audit log, read. It is written in [`crate::journal`] alone.

pub mod confidential;
pub mod graphql;
pub mod list;
