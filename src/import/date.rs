//! Date parsing: ISO 8601, or day and month in the order of `--date-format`.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use clap::ValueEnum;

/// The order of day and month in dates that are not ISO 8601. ISO 8601 is accepted with every format.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// ISO 8601 only: 2024-02-16
    #[default]
    Iso,
    /// Day, month, year: 16.02.2024, 16/02/2024
    Dmy,
    /// Month, day, year: 02/16/2024
    Mdy,
}

/// A date as written in a cell, before a time zone is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The calendar day in the cell, regardless of the offset.
    pub day: NaiveDate,
    /// The time of day; `None` when the cell has a day only.
    pub time: Option<NaiveTime>,
    /// The offset from UTC; `None` for a local time.
    pub offset: Option<FixedOffset>,
}

impl Written {
    /// Returns the local date and time; a day without a time is midnight.
    pub fn local(self) -> NaiveDateTime {
        self.day.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }

    /// Returns the time in UTC; a time without an offset is taken as UTC.
    pub fn utc(self) -> DateTime<Utc> {
        match self.offset {
            None => self.local().and_utc(),
            Some(offset) => self
                .local()
                .and_local_timezone(offset)
                .single()
                .map_or_else(|| self.local().and_utc(), |at| at.to_utc()),
        }
    }
}

/// Parses a date with an optional time and offset.
///
/// # Errors
/// The problem, worded for the person who corrects the file.
pub fn parse(text: &str, format: DateFormat) -> Result<Written, String> {
    let text = text.trim();
    let (day, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time.trim())),
        None => (text, None),
    };
    let day = match local_parts(day, format) {
        Some(parts) => local_day(parts?)?,
        None => iso_day(day, format)?,
    };
    let Some(time) = time else {
        return Ok(Written {
            day,
            time: None,
            offset: None,
        });
    };
    let (clock, offset) = split_offset(time);
    let time = read_time(clock)
        .ok_or_else(|| format!("{time:?} is not a time of day: write it as 09:30 or 09:30:00"))?;
    let offset = match offset {
        None => None,
        Some(text) => Some(
            read_offset(text)
                .ok_or_else(|| format!("{text:?} is not an offset from UTC: write it as +02:00"))?,
        ),
    };
    Ok(Written {
        day,
        time: Some(time),
        offset,
    })
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Parses day, month and year of a date that does not start with a year, in the order of the format.
fn local_parts(text: &str, format: DateFormat) -> Option<Result<(u32, u32, i32), String>> {
    let separator = ['.', '/', '-'].into_iter().find(|&mark| text.contains(mark))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, second, year] = parts[..] else {
        return None;
    };
    if first.len() > 2 {
        return None;
    }
    let (first, second) = (number(first)?, number(second)?);
    let (day, month) = match format {
        DateFormat::Dmy => (first, second),
        DateFormat::Mdy => (second, first),
        DateFormat::Iso => {
            return Some(Err(format!(
                "{text:?} is not an ISO 8601 date such as 2024-02-16: --date-format dmy or mdy reads other orders"
            )));
        }
    };
    Some(match (year.len(), number(year)) {
        (4, Some(year)) => Ok((day, month, year)),
        (2, Some(_)) => Err(format!("{text:?}: write the year with four digits")),
        _ => Err(unreadable(text, format)),
    })
}

fn local_day((day, month, year): (u32, u32, i32)) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| format!("there is no day {day} in month {month} of {year}: is --date-format right?"))
}

/// Parses `2024-02-16`, `20240216`, the week date `2024-W07-5` and the ordinal date `2024-047`.
fn iso_day(text: &str, format: DateFormat) -> Result<NaiveDate, String> {
    let bad = || unreadable(text, format);
    let year: i32 = text.get(..4).and_then(number).ok_or_else(bad)?;
    let rest = &text[4..];
    let day = match rest.split('-').collect::<Vec<_>>()[..] {
        ["", month, day] if month.len() == 2 && day.len() == 2 && !month.starts_with('W') => {
            NaiveDate::from_ymd_opt(year, number(month).ok_or_else(bad)?, number(day).ok_or_else(bad)?)
        }
        ["", week, day] if week.len() == 3 && week.starts_with('W') && day.len() == 1 => {
            let days = ["1", "2", "3", "4", "5", "6", "7"];
            let place = days.iter().position(|&name| name == day).ok_or_else(bad)?;
            let weekday = u8::try_from(place)
                .ok()
                .and_then(|place| chrono::Weekday::try_from(place).ok());
            NaiveDate::from_isoywd_opt(
                year,
                number(&week[1..]).ok_or_else(bad)?,
                weekday.ok_or_else(bad)?,
            )
        }
        ["", ordinal] if ordinal.len() == 3 => NaiveDate::from_yo_opt(year, number(ordinal).ok_or_else(bad)?),
        [basic] if basic.len() == 4 => NaiveDate::from_ymd_opt(
            year,
            number(&basic[..2]).ok_or_else(bad)?,
            number(&basic[2..]).ok_or_else(bad)?,
        ),
        _ => return Err(bad()),
    };
    day.ok_or_else(|| format!("there is no day {text}"))
}

fn unreadable(text: &str, format: DateFormat) -> String {
    match format {
        DateFormat::Iso => {
            format!("{text:?} is not an ISO 8601 date: write it as 2024-02-16 or 2024-02-16T09:00:00+02:00")
        }
        DateFormat::Dmy => format!("{text:?} is not a date: write it as 16.02.2024 or 2024-02-16"),
        DateFormat::Mdy => format!("{text:?} is not a date: write it as 02/16/2024 or 2024-02-16"),
    }
}

fn split_offset(time: &str) -> (&str, Option<&str>) {
    match time.find(['Z', 'z', '+', '-']) {
        Some(place) => (time[..place].trim_end(), Some(&time[place..])),
        None => (time, None),
    }
}

/// Parses `09:00`, `09:00:00`, `09:00:00.5` and the same without colons.
fn read_time(text: &str) -> Option<NaiveTime> {
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let digits: String = match clock.split(':').collect::<Vec<_>>()[..] {
        [basic] => basic.to_owned(),
        // Spreadsheets write 9:30 for 09:30.
        [hour, ref rest @ ..] if hour.len() <= 2 && rest.iter().all(|part| part.len() == 2) => {
            format!("{hour:0>2}{}", rest.concat())
        }
        _ => return None,
    };
    let part = |from: usize| match digits.get(from..from + 2) {
        Some(two) => number::<u32>(two),
        None => (digits.len() == from).then_some(0),
    };
    if digits.len() < 4 || digits.len() > 6 {
        return None;
    }
    let nanos = match fraction {
        None => 0,
        Some(_) if digits.len() != 6 => return None,
        Some(fraction) => {
            let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            number::<u64>(fraction)?;
            number(&nine)?
        }
    };
    NaiveTime::from_hms_nano_opt(part(0)?, part(2)?, part(4)?, nanos)
}

/// Parses `Z`, `+02`, `+0200` and `+02:00`.
fn read_offset(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let digits = text.get(1..)?.replace(':', "");
    let (hours, minutes): (i32, i32) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    FixedOffset::east_opt(if text.starts_with('-') { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, format: DateFormat) -> Option<String> {
        parse(text, format).ok().map(|at| at.utc().to_rfc3339())
    }

    #[test]
    fn every_common_form_of_iso_8601_is_read() {
        for (text, at) in [
            ("2024-02-16", "2024-02-16T00:00:00+00:00"),
            ("20240216", "2024-02-16T00:00:00+00:00"),
            ("2024-W07-5", "2024-02-16T00:00:00+00:00"),
            ("2024-047", "2024-02-16T00:00:00+00:00"),
            ("2024-02-16T09:00Z", "2024-02-16T09:00:00+00:00"),
            ("2024-02-16 09:00:00", "2024-02-16T09:00:00+00:00"),
            ("2024-02-16T09:00:00+02", "2024-02-16T07:00:00+00:00"),
            ("2024-02-16T09:00:00.250-08:00", "2024-02-16T17:00:00.250+00:00"),
            ("20240216T090000Z", "2024-02-16T09:00:00+00:00"),
        ] {
            assert_eq!(utc(text, DateFormat::Iso).as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_or_no_day_is_refused() {
        for text in [
            "31-12-26",
            "05-01-20",
            "024-02-06",
            "24-02-06",
            "2024-2-6",
            "2020-02-30",
            "2024-13-01",
            "16.02.2024",
            "02/16/2024",
            "2024-02-16T25:00",
            "2024-02-16T09",
            "2024-02-16T09:00+99",
            "2024-W60-1",
            "2024-02-16x",
            "",
            "Tuesday",
            "２０２４-02-16",
        ] {
            assert!(parse(text, DateFormat::Iso).is_err(), "{text}");
        }
        for text in ["16.02.24", "31.02.2024", "02/16/2024", "16.2", "16.02.20244"] {
            assert!(parse(text, DateFormat::Dmy).is_err(), "{text}");
        }
        assert!(
            parse("16.02.24", DateFormat::Dmy)
                .unwrap_err()
                .contains("four digits")
        );
    }

    #[test]
    fn local_orders_are_read_when_they_are_named() {
        for (text, format) in [
            ("16.02.2024", DateFormat::Dmy),
            ("16/2/2024", DateFormat::Dmy),
            ("16-02-2024", DateFormat::Dmy),
            ("2/16/2024", DateFormat::Mdy),
            ("2024-02-16", DateFormat::Mdy),
            ("2024-02-16", DateFormat::Dmy),
        ] {
            assert_eq!(
                utc(text, format).as_deref(),
                Some("2024-02-16T00:00:00+00:00"),
                "{text}"
            );
        }
        assert_eq!(
            utc("16.02.2024 9:30", DateFormat::Dmy).as_deref(),
            Some("2024-02-16T09:30:00+00:00")
        );
    }

    #[test]
    fn the_day_of_a_cell_does_not_depend_on_its_offset() {
        for text in ["2024-02-16T00:00:00+02:00", "2024-02-16T20:00:00-08:00"] {
            assert_eq!(
                parse(text, DateFormat::Iso).unwrap().day.to_string(),
                "2024-02-16"
            );
        }
    }
}
