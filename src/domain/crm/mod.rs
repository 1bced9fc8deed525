//! CRM records and the activities about them: two of the things that people hold. Who may do what with them
//! stands in [`access`].

pub mod access;
pub mod activities;
pub mod create;
pub mod create_activity;
pub mod list;
pub mod roles;
pub mod set_role;
pub mod update;
pub mod update_activity;

use rust_decimal::Decimal;

use crate::error::{Code, Outcome, refuse};

/// An ISO 4217 code: three capital letters.
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_currency(text: &str, field: &str) -> Outcome<String> {
    let text = text.trim();
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        refuse(
            Code::Invalid,
            field,
            "a currency is three capital letters, as in ISO 4217",
        )
    }
}

/// An amount as it is stored: exact decimal text.
pub fn amount_text(amount: Decimal) -> String {
    amount.to_string()
}
