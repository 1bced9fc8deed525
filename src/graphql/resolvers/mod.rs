//! Resolvers: each reads its arguments, calls an operation and builds the response.

pub mod audit;
pub mod auth;
pub mod calendar;
pub mod crm;
pub mod crm_activities;
pub mod crm_roles;
pub mod departments;
pub mod directories;
pub mod directory_mutations;
pub mod dismissal_plans;
pub mod dismissals;
pub mod download_links;
pub mod drive;
pub mod handovers;
pub mod identity_providers;
pub mod integration_secrets;
pub mod integrations;
pub mod invitations;
pub mod ledger;
pub mod node;
pub mod password_resets;
pub mod people;
pub mod search;
pub mod task_templates;
pub mod tasks;
