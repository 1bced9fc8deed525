//! Tests through the door: HTTP requests against the real router, on SQLite, or on PostgreSQL where
//! `HANDOVER_TEST_POSTGRES` names a server on which databases may be made.

mod support;

mod backend;
mod schema;
mod story;
