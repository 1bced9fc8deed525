//! Handover: lock a leaver out at once, hand their work over in one move, be able to bring them back.
//!
//! The path of a request, each arrow one call:
//!
//! 1. [`http`] limits it and gives it an id,
//! 2. [`auth::authenticate`] turns its token into an [`auth::Actor`], read from the database each time,
//! 3. [`graphql`] parses it and resolves its fields with fresh batch loaders,
//! 4. a feature's `graphql.rs` ([`people`], [`dismissal`], [`handover`], [`tasks`], [`crm`],
//!    [`calendar`], [`drive`]) turns input into a command,
//! 5. the operation's own file ([`dismissal::dismiss`], say) runs it in one [`db`] transaction:
//!    [`auth::guard`] checks the actor again, `rules` decide, rows are written, the [`journal`] records it,
//! 6. after the commit, [`outbox`] does what is left to do: it runs handovers ([`handover::run`]).
//!
//! The command line ([`cli`]) calls the same operations. [`import`] brings a company in, [`demo`] makes
//! one up, and [`check`] proves that every rule still holds.

pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod error;
pub mod graphql;
pub mod http;
pub mod import;
pub mod runtime;
pub mod server;
pub mod store;
pub mod worker;
