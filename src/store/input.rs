//! Checks of input values: texts, ids, addresses and optional fields. Each check names the field.

use std::str::FromStr;

use chrono::{Datelike, SubsecRound};
use entity::Timestamp;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{LikeExpr, SimpleExpr};

use crate::error::{Code, Error, Outcome, Refusal, collect, refuse, refuse_if_any};

/// Maximum length of a title, in characters.
pub const TITLE: usize = 500;
/// Maximum length of a name, position or stage, in characters.
pub const NAME: usize = 200;
/// Maximum length of a reason, in characters.
pub const REASON: usize = 2_000;
/// Maximum length of a search text, in characters.
pub const SEARCH: usize = 200;
/// Maximum number of values in a filter list. SQLite binds at most 32,766 values, PostgreSQL 65,535.
pub const MAX_VALUES: usize = 1_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const MIN_TIMESTAMP: Timestamp = timestamp_of(-62_135_596_800);
const MAX_TIMESTAMP: Timestamp = timestamp_of(253_402_300_799);

const fn timestamp_of(seconds: i64) -> Timestamp {
    match Timestamp::from_timestamp(seconds, 0) {
        Some(at) => at,
        None => Timestamp::UNIX_EPOCH,
    }
}

/// Maximum length of an e-mail address, in bytes: RFC 5321's path of 256 minus its brackets.
const EMAIL: usize = 254;
/// Maximum length of the local part of an address, in bytes (RFC 5321, 4.5.3.1.1).
const LOCAL_PART: usize = 64;
/// Maximum length of a domain label, in bytes.
const LABEL: usize = 63;
/// Characters allowed in a local part besides letters and digits (RFC 5322's `atext`).
const SYMBOLS: &str = "!#$%&'*+-/=?^_`{|}~";

/// A field of an update: omitted, or given, possibly as null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Unchanged.
    Keep,
    /// The new value; `None` clears the field.
    Set(Option<T>),
}

impl<T> Change<T> {
    /// Applies a check to the value.
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

    /// Returns the new value of a column.
    pub fn or(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Set(new) => new,
        }
    }

    /// Returns the new value of a required column: null leaves it unchanged.
    pub fn or_keep(self, old: T) -> T {
        match self {
            Self::Set(Some(new)) => new,
            _ => old,
        }
    }
}

/// Parses a typed id.
///
/// # Errors
/// [`Code::Invalid`] when the text is not an id of that type.
pub fn id<T: FromStr<Err = entity::id::InvalidId>>(text: &str, field: &str) -> Outcome<T> {
    text.parse()
        .map_err(|wrong: entity::id::InvalidId| Refusal::new(Code::Invalid, field, wrong.to_string()).into())
}

/// Parses a list of typed ids; `TooMany` beyond `max`.
///
/// # Errors
/// As [`id`], for each invalid item, with its index.
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

/// Checks a single-line text: trimmed, in NFC, at most `max` characters, no control characters or bidirectional
/// overrides, and something visible.
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_line(text: &str, max: usize, field: &str) -> Outcome<String> {
    let text = text::composed(text.trim());
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
        return refuse(Code::Invalid, field, "it must not contain control characters");
    }
    if text.chars().any(text::turns) {
        let message = "it must not contain characters that change the text direction";
        return refuse(Code::Invalid, field, message);
    }
    if text::shows_nothing(&text) {
        return refuse(Code::Invalid, field, "it must contain a visible character");
    }
    Ok(text)
}

/// Checks a multi-line text, otherwise as [`check_line`].
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_paragraph(text: &str, max: usize, field: &str) -> Outcome<String> {
    check_line(&text.replace(['\n', '\r', '\t'], " "), max, field)?;
    Ok(text::composed(text.trim()))
}

/// Checks an e-mail address against RFC 5321 and RFC 6531, without quoted local parts and address literals, which no
/// directory uses: in NFC, without invisible characters.
///
/// # Errors
/// [`Code::Invalid`].
pub fn email(text: &str, field: &str) -> Outcome<String> {
    let text = check_line(text, EMAIL, field)?;
    if text.chars().any(text::is_invisible) {
        return refuse(Code::Invalid, field, "it must not contain invisible characters");
    }
    let deliverable = text
        .split_once('@')
        .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if !deliverable || text.len() > EMAIL {
        return refuse(Code::Invalid, field, "this is not an e-mail address");
    }
    Ok(text)
}

/// Returns whether this is a valid local part: letters, digits and a few symbols, separated by single dots.
fn is_local_part(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace()) || SYMBOLS.contains(c);
    text.len() <= LOCAL_PART
        && text
            .split('.')
            .all(|word| !word.is_empty() && word.chars().all(fits))
}

/// Returns whether this is a valid host name: labels of letters, digits and inner hyphens.
fn is_domain(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || !(c.is_ascii() || c.is_whitespace());
    text.split('.').all(|label| {
        let inner = !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        inner && label.len() <= LABEL && label.chars().all(fits)
    })
}

/// Checks a timestamp: years 1 to 9999, truncated to microseconds, as both databases store it.
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_timestamp(at: Timestamp, field: &str) -> Outcome<Timestamp> {
    if !(1..=9999).contains(&at.year()) {
        return refuse(Code::Invalid, field, "the year must be between 1 and 9999");
    }
    Ok(at.trunc_subsecs(6))
}

/// Clamps a timestamp used in a filter to the range that both databases store: "the end of time" in a zone west of
/// Greenwich, for example, is after the year 9999.
pub fn clamp_timestamp(at: Timestamp) -> Timestamp {
    at.clamp(MIN_TIMESTAMP, MAX_TIMESTAMP).trunc_subsecs(6)
}

/// Checks a list in a query argument: at most [`MAX_VALUES`] values.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_list<T, U: From<T>>(values: Option<Vec<T>>, argument: &str) -> Result<Option<Vec<U>>, Error> {
    let Some(values) = values else { return Ok(None) };
    if values.len() > MAX_VALUES {
        return Err(Error::BadInput(format!(
            "{argument}: at most {MAX_VALUES} values"
        )));
    }
    Ok(Some(values.into_iter().map(U::from).collect()))
}

/// Checks a list of texts in a query argument: as [`argument_list`], and without NUL, which PostgreSQL can't store.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_texts(texts: Option<Vec<String>>, argument: &str) -> Result<Option<Vec<String>>, Error> {
    let texts = argument_list::<String, String>(texts, argument)?;
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::BadInput(format!("{argument}: must not contain NUL")));
    }
    Ok(texts)
}

/// Returns the pattern that matches `text` anywhere, for `LIKE … ESCAPE '\'`; `None` if `text` is empty.
///
/// # Errors
/// [`Error::BadInput`] for texts that are too long or contain NUL.
pub fn search_pattern(text: &str) -> Result<Option<String>, Error> {
    let text = text::search_key(text.trim());
    if text.chars().count() > SEARCH || text.contains('\0') {
        return Err(Error::BadInput(format!(
            "search can have at most {SEARCH} characters and must not contain NUL"
        )));
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Ok((!text.is_empty()).then(|| format!("%{escaped}%")))
}

/// Returns the condition that `column`, which holds search keys, contains `text`; `None` if there is nothing to search.
///
/// # Errors
/// As [`search_pattern`].
pub fn search(column: impl ColumnTrait, text: Option<&str>) -> Result<Option<SimpleExpr>, Error> {
    let pattern = text.map(search_pattern).transpose()?.flatten();
    Ok(pattern.map(|pattern| column.like(LikeExpr::new(pattern).escape('\\'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "a@b",
            "françois0@adventure-works.com",
            " Ada@Example.COM ",
            "o'neil+news@mail.example",
            "zoe\u{308}@müller.example",
            "用户@例子.广告",
        ] {
            assert!(email(good, "email").is_ok(), "{good}");
        }
        assert_eq!(email("zoe\u{308}@x.example", "email").unwrap(), "zoë@x.example");
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a\u{0}@b",
            "a;b@x",
            "a,b@x",
            "a@b..c",
            "a..b@c",
            ".a@b",
            "a.@b",
            "a@b.",
            "a@-",
            "a@-b.c",
            "a@b_c",
            "mailto:ben@example.com",
            "Ben <ben@example.com>",
            "\"a b\"@c",
            "a@[127.0.0.1]",
            "a@b\u{200b}",
            "\u{feff}a@b",
            "a\u{200e}@b",
            "a@b\u{202c}",
            "a\u{ad}b@c",
            "a\u{2060}b@c",
            "a\u{a0}b@c",
            &format!("{}@b", "x".repeat(65)),
            &format!("a@{}", "x".repeat(64)),
            &format!("{}@b", "x".repeat(300)),
        ] {
            assert!(email(bad, "email").is_err(), "{bad}");
        }
    }

    #[test]
    fn filter_timestamps_are_clamped_to_what_both_databases_store() {
        let read = |text: &str| text.parse::<Timestamp>().unwrap();
        for (given, expected) in [
            ("9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z"),
            ("+262000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            ("-4800-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("2027-01-01T00:00:00.1234567Z", "2027-01-01T00:00:00.123456Z"),
        ] {
            assert_eq!(clamp_timestamp(read(given)), read(expected), "{given}");
        }
    }

    #[test]
    fn invisible_or_bidirectional_names_are_refused() {
        for bad in [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}",
            " \u{feff} \u{2060}",
            "Invoice \u{202e}fdp.exe",
            "a\u{2066}b",
        ] {
            assert!(check_line(bad, 100, "title").is_err(), "{bad:?}");
            assert!(check_paragraph(bad, 100, "reason").is_err(), "{bad:?}");
        }
        for good in ["👩‍👩‍👧", "नमस्ते", "می‌خواهم", "a\u{200f}ب"] {
            assert_eq!(check_line(good, 100, "title").unwrap(), good);
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
