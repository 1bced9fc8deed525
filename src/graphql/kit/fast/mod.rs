//! Writes large pages of plain columns without asking the library for each field.

pub mod columns;
pub mod item;
pub mod json;

/// In the data of a request: nothing in its answer has to be merged, so objects may be written as text at once.
pub struct AsText;
