//! Persistence: the database, the journal, the outbox, and pages of rows.

mod changes;
pub mod db;
pub mod expired;
pub mod input;
pub mod journal;
pub mod outbox;
pub mod page;
pub mod revision;
