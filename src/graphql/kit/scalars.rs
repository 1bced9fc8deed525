//! Scalars that the library does not provide in the required form.

use async_graphql::{InputValueError, InputValueResult, Number, Scalar, ScalarType, Value};
use chrono::NaiveDate;
use entity::Timestamp;
use rust_decimal::Decimal;

/// A calendar date in ISO 8601 format, for example `2026-11-23`.
pub struct Date(pub NaiveDate);

/// A calendar date in ISO 8601 format, for example `2026-11-24`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(text.parse()?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Checks whether a value is one of the scalar with this name. Scalars that the library provides are not checked, but for
/// `DateTime`, whose errors would name neither the variable nor the field.
///
/// # Errors
/// What is expected.
pub fn check(scalar: &str, value: &Value) -> Result<(), &'static str> {
    let (is_valid, expected) = match scalar {
        "Date" => (Date::parse(value.clone()).is_ok(), "a date such as 2026-11-24"),
        "DateTime" => (
            Timestamp::parse(value.clone()).is_ok(),
            "a time in RFC 3339 format such as 2026-11-24T09:00:00Z",
        ),
        "Decimal" => (
            ExactDecimal::parse(value.clone()).is_ok(),
            "a decimal number with up to 28 digits, as a string such as 1250.50",
        ),
        _ => return Ok(()),
    };
    match is_valid {
        true => Ok(()),
        false => Err(expected),
    }
}

/// The digits that every 64-bit floating-point number preserves: JSON numbers with a fraction are parsed as such.
const FLOAT_DIGITS: usize = 15;

/// An exact decimal number with up to 28 digits.
pub struct ExactDecimal(pub Decimal);

/// An exact decimal number with up to 28 digits, for example `"1250.50"`. Send it as a string: a number with a
/// fraction, or beyond 64 bits, is rejected when it has more than 15 digits, because JSON numbers are parsed as
/// floating point.
#[Scalar(name = "Decimal")]
impl ScalarType for ExactDecimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(Decimal::from_str_exact(text)?)),
            Value::Number(number) => Ok(Self(exact(number)?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

fn exact(number: &Number) -> Result<Decimal, String> {
    if let Some(whole) = number.as_i64() {
        return Ok(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Ok(whole.into());
    }
    let float = number.as_f64().unwrap_or(f64::NAN);
    // The shortest text that represents this number uniquely.
    let text = float.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']);
    let significant = digits.bytes().filter(u8::is_ascii_digit).count();
    if significant > FLOAT_DIGITS {
        return Err(format!(
            "a number with more than {FLOAT_DIGITS} digits is not read exactly: send it as a string"
        ));
    }
    Decimal::from_str_exact(&text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_or_refused() {
        let read = |json: &str| {
            let value = serde_json::from_str(json).unwrap();
            ExactDecimal::parse(value)
                .ok()
                .map(|decimal| decimal.0.to_string())
        };
        for (json, expected) in [
            ("9007199254740993", Some("9007199254740993")),
            (r#""9007199254740993""#, Some("9007199254740993")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("12345678901234567.89", None),
            (r#""12345678901234567.89""#, Some("12345678901234567.89")),
            ("99999999999999999999", None),
            (r#""99999999999999999999""#, Some("99999999999999999999")),
            ("0.00000000000000000000000000001", None),
            (r#""0.00000000000000000000000000001""#, None),
            ("0.30000000000000004", None),
            ("1250.5", Some("1250.5")),
            ("-0.1", Some("-0.1")),
            ("1.5e3", Some("1500")),
            ("1e300", None),
            (r#""NaN""#, None),
            ("true", None),
        ] {
            assert_eq!(read(json).as_deref(), expected, "{json}");
        }
    }
}
