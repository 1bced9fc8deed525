//! Reads of the audit log. Only [`crate::store::journal`] writes it.

pub mod changes;
pub mod confidential;
pub mod list;
