//! Where things are kept: the database, the journal of changes, messages to the background worker, and pages of rows.

pub mod db;
pub mod input;
pub mod journal;
pub mod outbox;
pub mod page;
