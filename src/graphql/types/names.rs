//! Names of people and departments in inputs.

use crate::error::Outcome;
use crate::store::input;

pub(crate) fn name(text: String, field: &str) -> Outcome<String> {
    input::check_line(&text, input::NAME, field)
}
