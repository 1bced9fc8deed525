//! Dismissing and rehiring people.
//!
//! [`dismiss`] locks a person out and queues the handover of their work in the same transaction; [`hire`] reverses it;
//! [`plan`] previews a dismissal; [`scheduled`] carries it out later, and is transferred when its [`requester`] loses
//! the right to dismiss. [`rules`] has the business rules.

pub mod by_directory;
pub mod command;
pub mod dismiss;
pub mod dismiss_users;
pub mod hire;
pub mod list;
pub mod lock_out;
pub mod plan;
pub mod planned;
pub mod requester;
pub mod rules;
pub mod scheduled;
