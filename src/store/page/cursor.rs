//! Cursors: positions in a list, as text for clients.

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{Datelike, NaiveDate};
use entity::Timestamp;
use uuid::Uuid;

use crate::error::Error;

/// Maximum length of a cursor: enough for the longest text that a list is sorted by.
const MAX_CURSOR_LENGTH: usize = 8_192;
/// Years that both databases can store.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// Value of a sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Sorted by id alone.
    None,
    /// A text, compared bytewise.
    Text(String),
    /// A date.
    Day(NaiveDate),
    /// A timestamp.
    Time(Timestamp),
    /// A number.
    Number(i64),
}

/// Position of an item in a list. `Display` gives the text for clients.
#[derive(Debug, Clone)]
pub struct Cursor {
    pub(super) tag: &'static str,
    pub(super) key: Key,
    pub(super) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_cursor(self.tag, &self.key, self.id))
    }
}

pub(super) fn write_cursor(tag: &str, key: &Key, id: Uuid) -> String {
    let key = match key {
        Key::None => String::new(),
        Key::Text(text) => format!("t{text}"),
        Key::Day(day) => format!("d{day}"),
        Key::Time(time) => format!("m{}", time.timestamp_micros()),
        Key::Number(number) => format!("n{number}"),
    };
    BASE64_URL_SAFE_NO_PAD.encode(format!("{tag}\n{id}\n{key}"))
}

pub(super) fn no_cursor(argument: &str) -> Error {
    Error::BadInput(format!("{argument} is not a cursor of this list"))
}

pub(super) fn read_cursor(cursor: &str, tag: &str, argument: &str) -> Result<(Key, Uuid), Error> {
    let bad = || no_cursor(argument);
    if cursor.len() > MAX_CURSOR_LENGTH {
        return Err(bad());
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let mut parts = text.splitn(3, '\n');
    let (Some(written), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad());
    };
    if written != tag || text.contains('\0') {
        return Err(bad());
    }
    let id = id.parse().map_err(|_| bad())?;
    let key = match key.split_at_checked(1) {
        None => Key::None,
        Some(("t", text)) => Key::Text(text.to_owned()),
        Some(("d", day)) => {
            let day: NaiveDate = day.parse().map_err(|_| bad())?;
            Key::Day(
                Some(day)
                    .filter(|day| YEARS.contains(&day.year()))
                    .ok_or_else(bad)?,
            )
        }
        Some(("m", micros)) => {
            let time = Timestamp::from_timestamp_micros(micros.parse().map_err(|_| bad())?);
            Key::Time(time.filter(|time| YEARS.contains(&time.year())).ok_or_else(bad)?)
        }
        Some(("n", number)) => Key::Number(number.parse().map_err(|_| bad())?),
        Some(_) => return Err(bad()),
    };
    Ok((key, id))
}
