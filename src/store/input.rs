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
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const FIRST_MOMENT: Timestamp = moment_of(-62_135_596_800);
const LAST_MOMENT: Timestamp = moment_of(253_402_300_799);

const fn moment_of(seconds: i64) -> Timestamp {
    match Timestamp::from_timestamp(seconds, 0) {
        Some(at) => at,
        None => Timestamp::UNIX_EPOCH,
    }
}

/// Longest e-mail address, in bytes: RFC 5321's path of 256 less its brackets.
const EMAIL: usize = 254;
/// Longest part of an address before its `@`, in bytes (RFC 5321, 4.5.3.1.1).
const LOCAL_PART: usize = 64;
/// Longest label of a domain, in bytes.
const LABEL: usize = 63;
/// What may stand before the `@` beside letters and digits (RFC 5322's `atext`).
const SIGNS: &str = "!#$%&'*+-/=?^_`{|}~";

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

/// A line of text: trimmed, in NFC, at most `max` characters, none of them a control character or a mark that turns the
/// text around, and something of it to be seen.
///
/// # Errors
/// [`Code::Invalid`].
pub fn line(text: &str, max: usize, field: &str) -> Outcome<String> {
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
        return refuse(Code::Invalid, field, "it must not hold control characters");
    }
    if text.chars().any(text::turns) {
        let message = "it must not hold characters that change the direction of the text";
        return refuse(Code::Invalid, field, message);
    }
    if text::shows_nothing(&text) {
        return refuse(Code::Invalid, field, "there is nothing in it that can be seen");
    }
    Ok(text)
}

/// A text of several lines, otherwise as [`line`].
///
/// # Errors
/// [`Code::Invalid`].
pub fn paragraph(text: &str, max: usize, field: &str) -> Outcome<String> {
    line(&text.replace(['\n', '\r', '\t'], " "), max, field)?;
    Ok(text::composed(text.trim()))
}

/// An e-mail address as RFC 5321 and RFC 6531 have it, without quotes and address literals, which no directory uses: in
/// NFC, nothing of it invisible.
///
/// # Errors
/// [`Code::Invalid`].
pub fn email(text: &str, field: &str) -> Outcome<String> {
    let text = line(text, EMAIL, field)?;
    if text.chars().any(text::is_invisible) {
        return refuse(Code::Invalid, field, "it must not hold invisible characters");
    }
    let deliverable = text
        .split_once('@')
        .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if !deliverable || text.len() > EMAIL {
        return refuse(Code::Invalid, field, "this is not an e-mail address");
    }
    Ok(text)
}

/// Whether this can stand before the `@`: words of letters, digits and a few signs, with single dots between them.
fn is_local_part(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace()) || SIGNS.contains(c);
    text.len() <= LOCAL_PART
        && text
            .split('.')
            .all(|word| !word.is_empty() && word.chars().all(fits))
}

/// Whether this can be the name of a host: labels of letters, digits and inner hyphens.
fn is_domain(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || !(c.is_ascii() || c.is_whitespace());
    text.split('.').all(|label| {
        let inner = !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        inner && label.len() <= LABEL && label.chars().all(fits)
    })
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

/// A moment that a query compares with, as both databases can hold it: one before the year 1 or after the year 9999, which
/// "until the end of time" is west of Greenwich, is the first or the last that they hold.
pub fn bound(at: Timestamp) -> Timestamp {
    at.clamp(FIRST_MOMENT, LAST_MOMENT).trunc_subsecs(6)
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
    let text = text::search_key(text.trim());
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
    fn what_a_query_compares_with_is_a_moment_that_both_databases_hold() {
        let read = |text: &str| text.parse::<Timestamp>().unwrap();
        for (given, expected) in [
            ("9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z"),
            ("+262000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            ("-4800-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("2027-01-01T00:00:00.1234567Z", "2027-01-01T00:00:00.123456Z"),
        ] {
            assert_eq!(bound(read(given)), read(expected), "{given}");
        }
    }

    #[test]
    fn names_that_show_nothing_or_turn_text_around_are_refused() {
        for bad in [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}",
            " \u{feff} \u{2060}",
            "Invoice \u{202e}fdp.exe",
            "a\u{2066}b",
        ] {
            assert!(line(bad, 100, "title").is_err(), "{bad:?}");
            assert!(paragraph(bad, 100, "reason").is_err(), "{bad:?}");
        }
        for good in ["👩‍👩‍👧", "नमस्ते", "می‌خواهم", "a\u{200f}ب"] {
            assert_eq!(line(good, 100, "title").unwrap(), good);
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
