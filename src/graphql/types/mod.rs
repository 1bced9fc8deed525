//! GraphQL types: objects, enums, inputs and payloads. What reads or changes something is in the resolvers.

pub mod audit;
pub mod auth;
pub mod calendar;
pub mod crm;
pub mod crm_activities;
pub mod crm_roles;
pub mod departments;
pub mod dismissal_plans;
pub mod dismissals;
pub mod download_links;
pub mod drive;
pub mod handover_input;
pub mod handovers;
pub mod integration_secrets;
pub mod integrations;
pub mod invitations;
pub mod ledger;
pub mod names;
pub mod node;
pub mod password_resets;
pub mod people;
pub mod settings;
pub mod task_templates;
pub mod tasks;
pub mod user_update;
pub mod work;
