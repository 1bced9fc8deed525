//! Shared parts of the resolvers: context, connections, scalars and errors.

pub mod connection;
pub mod context;
pub mod nullable;
pub mod payload;
pub mod scalars;
pub mod user_error;

pub mod fast;
