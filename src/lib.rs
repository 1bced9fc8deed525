//! A GraphQL server for offboarding: locks leavers out at once, hands over their work, and reinstates them.
//!
//! The layers, from the top; each uses only those below it. `tests/it/architecture.rs` enforces that.
//!
//! - [`cli`]: the commands. [`import`], [`demo`] and [`check`] are programs on top of the operations.
//! - [`server`] wires a process together; [`config`] has its flags.
//! - [`http`]: routes, uploads, downloads, WebSocket; the only layer that knows axum. [`worker`]: background work, started
//!   only here.
//! - [`graphql`]: the API; types are separate from resolvers.
//! - [`domain`]: the business rules; an operation is one file and one transaction, including its audit entry.
//! - [`store`]: database access, journal, outbox, pagination.
//! - [`egress`]: outgoing HTTP requests, and the guard on where they may go.
//! - [`runtime`], [`clock`], [`error`]: shared by all layers.

pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod egress;
pub mod error;
pub mod graphql;
pub mod http;
pub mod import;
pub mod runtime;
pub mod server;
pub mod store;
pub mod worker;
