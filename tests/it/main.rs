//! Integration tests: HTTP requests against the real router, on SQLite, or on PostgreSQL if
//! `HANDOVER_TEST_POSTGRES` names a server where databases may be created.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

mod administrators;
mod answers;
mod architecture;
mod article;
mod attempts;
mod authorization;
mod backend;
mod bad_input;
mod binary;
mod browser_sessions;
mod calendar;
mod check;
mod command_line;
mod confidential;
mod console;
mod crm_access;
mod demo;
mod documents;
mod drive;
mod expected_revisions;
mod exports;
mod generator;
mod hardening;
mod import;
mod inputs;
mod integrations;
mod invitations;
mod kinds;
mod lasting;
mod limits;
mod lists;
mod lockout;
mod matching;
mod migrations;
mod oauth;
mod overviews;
mod password_resets;
mod plans;
mod reading;
mod relations;
mod requesters;
mod responsive;
mod returns;
mod rights_lost;
mod runs;
mod scheduled;
mod schema;
mod scim;
mod search;
mod secrets;
mod sequences;
mod server;
mod sessions;
mod specification;
mod spreadsheets;
mod story;
mod templates;
mod text;
mod unavailable;
mod visibility;
mod what_leavers_know;
