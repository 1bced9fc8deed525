//! The audit log, read. It is written in [`crate::store::journal`] alone.

pub mod confidential;
pub mod list;
