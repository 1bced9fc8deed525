//! Handover: lock a leaver out at once, hand their work over in one move, be able to bring them back.
//!
//! The floors, from the top; each uses those below it and none above. `tests/it/architecture.rs` holds that.
//!
//! - [`cli`]: the commands. [`import`], [`demo`] and [`check`] are programs on top of the operations.
//! - [`server`] wires a process together; [`config`] has its flags.
//! - [`http`]: addresses, uploads, downloads, WebSocket; the only floor that knows axum. [`worker`]: what goes on in the
//!   background, and the only place that starts such work.
//! - [`graphql`]: the API; types apart from the resolvers that read or do something.
//! - [`domain`]: the product, one operation in one file, in one transaction with its audit entry.
//! - [`store`]: the database, the journal, messages to the worker, pages of rows.
//! - [`runtime`], [`clock`], [`error`]: what everything uses.

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
