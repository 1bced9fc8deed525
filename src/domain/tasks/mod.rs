//! Tasks, and the templates of recurring tasks.
//!
//! [`recurrence`] evaluates rules, [`recurring`] creates the tasks that are due.

pub mod access;
pub mod create;
pub mod create_template;
pub mod list;
pub mod members;
pub mod recurrence;
pub mod recurring;
pub mod template_list;
pub mod update;
pub mod update_template;

pub use self::members::MAX_MEMBERS;
