//! What comes in, checked: texts, ids, addresses, and fields that may be left out. Each check names the field.

use std::str::FromStr;

use chrono::{Datelike, SubsecRound};
use entity::Timestamp;

use crate::error::{Code, Error, Outcome, Refusal, collect, refuse, refuse_if_any};

/// Longest title, in characters.
pub const TITLE: usize = 500;
/// Longest name, position or stage, in characters.
pub const NAME: usize = 200;
/// Longest reason, in characters.
pub const REASON: usize = 2_000;
/// Longest search, in characters.
pub const SEARCH: usize = 200;
/// Most values of a list that a filter is given. SQLite binds no more than 32,766 values, PostgreSQL 65,535.
pub const VALUES: usize = 1_000;
/// Longest e-mail address, in bytes: RFC 5321's path of 256 less its brackets.
const EMAIL: usize = 254;

/// A field of an update: left out, or given, perhaps as null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Stays as it is.
    Keep,
    /// Becomes this, or nothing.
    Set(Option<T>),
}

impl<T> Change<T> {
    /// The same field after a check of its value.
    ///
    /// # Errors
    /// Those of the check.
    pub fn check<U>(self, check: impl FnOnce(T) -> Outcome<U>) -> Outcome<Change<U>> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Set(None) => Change::Set(None),
            Self::Set(Some(value)) => Change::Set(Some(check(value)?)),
        })
    }

    /// The new value of a column.
    pub fn or(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Set(new) => new,
        }
    }

    /// The new value of a column that can't be empty: null leaves it as it is.
    pub fn or_keep(self, old: T) -> T {
        match self {
            Self::Set(Some(new)) => new,
            _ => old,
        }
    }
}

/// A typed id.
///
/// # Errors
/// [`Code::Invalid`] when the text is not an id of that type.
pub fn id<T: FromStr<Err = entity::id::InvalidId>>(text: &str, field: &str) -> Outcome<T> {
    text.parse()
        .map_err(|wrong: entity::id::InvalidId| Refusal::new(Code::Invalid, field, wrong.to_string()).into())
}

/// A list of typed ids; `TooMany` beyond `max`.
///
/// # Errors
/// As [`id`], for each that is wrong, with its place in the list.
pub fn ids<T, S>(texts: &[S], max: usize, field: &str) -> Outcome<Vec<T>>
where
    T: FromStr<Err = entity::id::InvalidId>,
    S: AsRef<str>,
{
    if texts.len() > max {
        return refuse(Code::TooMany, field, format!("at most {max}"));
    }
    let mut refusals = Vec::new();
    let mut found = Vec::with_capacity(texts.len());
    for (place, text) in texts.iter().enumerate() {
        found.extend(collect(
            id(text.as_ref(), &format!("{field}.{place}")),
            &mut refusals,
        )?);
    }
    refuse_if_any(refusals)?;
    Ok(found)
}

/// A line of text: trimmed, not empty, at most `max` characters, none of them a control character.
///
/// # Errors
/// [`Code::Invalid`].
pub fn line(text: &str, max: usize, field: &str) -> Outcome<String> {
    let text = text.trim();
    if text.is_empty() {
        return refuse(Code::Invalid, field, "it must not be empty");
    }
    if text.chars().count() > max {
        return refuse(
            Code::Invalid,
            field,
            format!("it can have at most {max} characters"),
        );
    }
    if text.chars().any(char::is_control) {
        return refuse(Code::Invalid, field, "it must not hold control characters");
    }
    Ok(text.to_owned())
}

/// A text of several lines, otherwise as [`line`].
///
/// # Errors
/// [`Code::Invalid`].
pub fn paragraph(text: &str, max: usize, field: &str) -> Outcome<String> {
    line(&text.replace(['\n', '\r', '\t'], " "), max, field)?;
    Ok(text.trim().to_owned())
}

/// An e-mail address: one `@` with something on both sides, no spaces, of a length that can be delivered.
///
/// # Errors
/// [`Code::Invalid`].
pub fn email(text: &str, field: &str) -> Outcome<String> {
    let text = line(text, EMAIL, field)?;
    let parts: Vec<&str> = text.split('@').collect();
    let whole = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
    if !whole || text.len() > EMAIL || text.chars().any(char::is_whitespace) {
        return refuse(Code::Invalid, field, "this is not an e-mail address");
    }
    Ok(text)
}

/// A moment that both databases can hold: the years 1 to 9999, to the microsecond.
///
/// # Errors
/// [`Code::Invalid`].
pub fn moment(at: Timestamp, field: &str) -> Outcome<Timestamp> {
    if !(1..=9999).contains(&at.year()) {
        return refuse(Code::Invalid, field, "the year must be between 1 and 9999");
    }
    Ok(at.trunc_subsecs(6))
}

/// A moment in an argument of a query, as [`moment`].
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_moment(at: Timestamp, argument: &str) -> Result<Timestamp, Error> {
    moment(at, argument)
        .map_err(|_| Error::BadInput(format!("{argument}: the year must be between 1 and 9999")))
}

/// The values of a list in an argument of a query: [`VALUES`] at most.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_list<T, U: From<T>>(values: Option<Vec<T>>, argument: &str) -> Result<Option<Vec<U>>, Error> {
    let Some(values) = values else { return Ok(None) };
    if values.len() > VALUES {
        return Err(Error::BadInput(format!("{argument}: at most {VALUES} values")));
    }
    Ok(Some(values.into_iter().map(U::from).collect()))
}

/// The texts of a list in an argument of a query, as [`argument_list`] and without NUL, which PostgreSQL can't hold.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_texts(texts: Option<Vec<String>>, argument: &str) -> Result<Option<Vec<String>>, Error> {
    let texts = argument_list::<String, String>(texts, argument)?;
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::BadInput(format!("{argument}: no NUL can be in it")));
    }
    Ok(texts)
}

/// The pattern that finds `text` anywhere, for `LIKE … ESCAPE '\'`; `None` when there is nothing to look for.
///
/// # Errors
/// [`Error::BadInput`] for texts that are too long or hold a NUL.
pub fn search_pattern(text: &str) -> Result<Option<String>, Error> {
    let text = text.trim().to_lowercase();
    if text.chars().count() > SEARCH || text.contains('\0') {
        return Err(Error::BadInput(format!(
            "search can have at most {SEARCH} characters, and no NUL"
        )));
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Ok((!text.is_empty()).then(|| format!("%{escaped}%")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b", "françois0@adventure-works.com", " Ada@Example.COM "] {
            assert!(email(good, "email").is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a\u{0}@b",
            &format!("{}@b", "x".repeat(300)),
        ] {
            assert!(email(bad, "email").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_search_is_taken_literally() {
        assert_eq!(
            search_pattern(" 100%_A\\ ").unwrap().as_deref(),
            Some("%100\\%\\_a\\\\%")
        );
        assert_eq!(search_pattern("  ").unwrap(), None);
        assert!(search_pattern(&"x".repeat(201)).is_err());
    }
}
