//! Writes large pages of plain columns without asking the library for each field.

pub mod columns;
pub mod item;
pub mod json;
