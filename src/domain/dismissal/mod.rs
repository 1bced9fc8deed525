//! Letting people go and bringing them back.
//!
//! [`dismiss`] locks a person out and queues the handover of their work in the same transaction; [`hire`] is the
//! way back; [`plan`] previews a dismissal; [`scheduled`] waits for a date, and passes to somebody else when its
//! [`requester`] loses the right to dismiss. What is allowed stands in [`rules`].

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
