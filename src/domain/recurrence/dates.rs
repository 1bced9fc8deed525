//! Days, weeks, months and years of the calendar.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The number of a day's month, counted through the years.
pub fn months_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// The days of a year.
pub fn days_in_year(year: i32) -> u32 {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(365, |day| day.ordinal())
}

/// The days of the month of `day`.
pub fn days_in_month(day: NaiveDate) -> u32 {
    match day.month() {
        2 => days_in_year(day.year()) - 337,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day that the week of `day` begins with.
pub fn week_start(day: NaiveDate, starts_on: Weekday) -> NaiveDate {
    let since = day.weekday().days_since(starts_on);
    day.checked_sub_days(Days::new(since.into())).unwrap_or(day)
}

/// The number of the week that a day is in, and how many weeks its year has. The first week of a year is the first
/// with four days of it or more.
pub fn week_number(day: NaiveDate, starts_on: Weekday) -> (u32, u32) {
    // The fourth day of a week is in the year that the week belongs to.
    let number = |day: NaiveDate| {
        let fourth = week_start(day, starts_on) + Days::new(3);
        (fourth.year(), fourth.ordinal0() / 7 + 1)
    };
    let (year, week) = number(day);
    // This day is always in the last week.
    let weeks = NaiveDate::from_ymd_opt(year, 12, 28).map_or(52, |day| number(day).1);
    (week, weeks)
}
