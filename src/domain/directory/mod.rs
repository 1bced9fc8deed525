//! The company's directory, such as Okta or Entra ID: it says who works here, by SCIM 2.0 (RFC 7643 and RFC 7644).

pub mod body;
pub mod discovery;
pub mod document;
pub mod filter;
pub mod mapping;
mod matching;
pub mod patch;
pub mod problem;
pub mod projection;
pub mod schema;

#[cfg(test)]
mod demands;
