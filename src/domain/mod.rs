//! The product: what happens when somebody leaves, and the work that is handed over. Each operation is a file.

pub mod audit;
pub mod auth;
pub mod calendar;
pub mod crm;
pub mod dismissal;
pub mod download_links;
pub mod drive;
pub mod handover;
pub mod integrations;
pub mod limits;
pub mod live;
pub mod people;
pub mod recurrence;
pub mod tasks;
