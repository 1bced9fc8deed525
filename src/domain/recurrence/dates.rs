//! Calendar arithmetic for days, weeks, months and years.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Returns the month of a day as a number counted across years.
pub fn months_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// Returns the number of days in a year.
pub fn days_in_year(year: i32) -> u32 {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(365, |day| day.ordinal())
}

/// Returns the number of days in the month of `day`.
pub fn days_in_month(day: NaiveDate) -> u32 {
    match day.month() {
        2 => days_in_year(day.year()) - 337,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the first day of the week of `day`.
pub fn week_start(day: NaiveDate, starts_on: Weekday) -> NaiveDate {
    let since = day.weekday().days_since(starts_on);
    day.checked_sub_days(Days::new(since.into())).unwrap_or(day)
}

/// Returns the week number of a day, and the number of weeks in its year. Week 1 is the first with at least four days
/// in the year.
pub fn week_number(day: NaiveDate, starts_on: Weekday) -> (u32, u32) {
    // A week belongs to the year of its fourth day.
    let number = |day: NaiveDate| {
        let fourth = week_start(day, starts_on) + Days::new(3);
        (fourth.year(), fourth.ordinal0() / 7 + 1)
    };
    let (year, week) = number(day);
    // 28 December is always in the last week.
    let weeks = NaiveDate::from_ymd_opt(year, 12, 28).map_or(52, |day| number(day).1);
    (week, weeks)
}
