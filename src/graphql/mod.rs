//! The GraphQL API. A resolver reads its arguments, calls an operation and shapes the answer; nothing else.

pub mod documents;
pub mod execute;
pub mod exports;
pub mod kit;
pub mod loaders;
pub mod one_by_one;
pub mod points;
pub mod resolvers;
pub mod schema;
pub mod types;
