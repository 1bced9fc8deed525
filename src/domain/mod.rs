//! The product: dismissals, and the work that is handed over. One file for each operation.

pub mod audit;
pub mod auth;
pub mod calendar;
pub mod crm;
pub mod directory;
pub mod dismissal;
pub mod download_links;
pub mod drive;
pub mod export;
pub mod handover;
pub mod integrations;
pub mod limits;
pub mod live;
pub mod openid;
pub mod people;
pub mod recurrence;
pub mod search;
pub mod tasks;
pub mod webhooks;
