//! Writes large pages of plain columns without resolving each field by the library.

pub mod columns;
pub mod item;
pub mod json;

/// Request data: nothing in the response has to be merged, so objects may be written as text at once.
pub struct AsText;
