//! People, departments and the company's settings.

pub mod abilities;
pub mod accept_invitation;
pub mod create;
pub mod heads;
pub mod invite;
pub mod list;
pub mod renew_invitation;
pub mod set_department;
pub mod settings;
pub mod status;
pub mod tree;
pub mod update;
pub mod withdraw_invitation;
