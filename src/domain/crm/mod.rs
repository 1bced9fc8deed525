//! CRM records and their activities. [`access`] decides who may do what.

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

/// Checks an ISO 4217 code: three capital letters.
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
            "a currency must be a three-letter ISO 4217 code",
        )
    }
}

/// Returns the stored form of an amount: an exact decimal, as text.
pub fn amount_text(amount: Decimal) -> String {
    amount.to_string()
}
