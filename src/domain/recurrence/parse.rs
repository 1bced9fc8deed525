//! Parser of recurrence rules: the value of an RRULE property (RFC 5545, section 3.3.10).

use std::str::FromStr;

use chrono::{NaiveDateTime, Weekday};
use entity::Timestamp;

/// Maximum length of a rule, in bytes.
const MAX_LENGTH: usize = 500;

/// Unit of the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frequency {
    /// Every n hours.
    Hourly,
    /// Every n days.
    Daily,
    /// Every n weeks.
    Weekly,
    /// Every n months.
    Monthly,
    /// Every n years.
    Yearly,
}

/// The parsed parts of a rule, checked individually and against each other. Lists are empty if the part is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// FREQ.
    pub frequency: Frequency,
    /// INTERVAL: 1 to 65535.
    pub interval: u16,
    /// COUNT.
    pub count: Option<u32>,
    /// UNTIL: the latest possible time of an occurrence.
    pub until: Option<Timestamp>,
    /// WKST.
    pub week_start: Weekday,
    /// BYMONTH: 1 to 12.
    pub months: Vec<i32>,
    /// BYMONTHDAY: negative numbers count from the end of the month.
    pub month_days: Vec<i32>,
    /// BYYEARDAY: negative numbers count from the end of the year.
    pub year_days: Vec<i32>,
    /// BYWEEKNO: negative numbers count from the end of the year.
    pub week_numbers: Vec<i32>,
    /// BYDAY, each with its number, or 0 for none.
    pub weekdays: Vec<(i32, Weekday)>,
    /// BYSETPOS.
    pub positions: Vec<i32>,
    /// BYHOUR.
    pub hours: Vec<i32>,
    /// BYMINUTE.
    pub minutes: Vec<i32>,
    /// BYSECOND.
    pub seconds: Vec<i32>,
}

/// Returns the stored form of a rule: upper case, without the property name.
pub fn canonical(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text);
    text.strip_suffix(';').unwrap_or(text).to_owned()
}

impl FromStr for Parts {
    type Err = String;

    fn from_str(rule: &str) -> Result<Self, String> {
        if rule.len() > MAX_LENGTH {
            return Err(format!("a rule can have at most {MAX_LENGTH} characters"));
        }
        let mut seen = Vec::new();
        let mut frequency = None;
        let mut parts = Self::of(Frequency::Daily);
        for part in rule.split(';') {
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!("{part:?} is not a part of a rule, such as FREQ=WEEKLY"));
            };
            if seen.contains(&name) {
                return Err(format!("duplicate {name}"));
            }
            seen.push(name);
            match name {
                "FREQ" => frequency = Some(read_frequency(value)?),
                _ => parts.read(name, value)?,
            }
        }
        parts.frequency = frequency.ok_or("FREQ is missing, such as FREQ=WEEKLY")?;
        parts.check()?;
        Ok(parts)
    }
}

impl Parts {
    fn of(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Mon,
            months: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            week_numbers: Vec::new(),
            weekdays: Vec::new(),
            positions: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            seconds: Vec::new(),
        }
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = |what: &str| format!("{name} must be {what}");
        match name {
            "INTERVAL" => {
                let interval = value.parse().ok().filter(|interval| *interval > 0);
                self.interval = interval.ok_or_else(|| wrong("a number between 1 and 65535"))?;
            }
            "COUNT" => {
                let count = value.parse().ok().filter(|count| *count > 0);
                self.count = Some(count.ok_or_else(|| wrong("a number, 1 or more"))?);
            }
            "UNTIL" => {
                let until = read_moment(value);
                self.until = Some(until.ok_or_else(|| wrong("a time in UTC, such as 20261231T235959Z"))?);
            }
            "WKST" => {
                self.week_start = read_weekday(value).ok_or_else(|| wrong("a weekday, such as MO"))?;
            }
            "BYDAY" => {
                let days: Option<Vec<_>> = value.split(',').map(read_numbered_weekday).collect();
                self.weekdays = days.ok_or_else(|| wrong("a list of weekdays, such as MO,TU or -1FR"))?;
            }
            "BYMONTH" => self.months = numbers(name, value, 1, 12, false)?,
            "BYMONTHDAY" => self.month_days = numbers(name, value, 1, 31, true)?,
            "BYYEARDAY" => self.year_days = numbers(name, value, 1, 366, true)?,
            "BYWEEKNO" => self.week_numbers = numbers(name, value, 1, 53, true)?,
            "BYSETPOS" => self.positions = numbers(name, value, 1, 366, true)?,
            "BYHOUR" => self.hours = numbers(name, value, 0, 23, false)?,
            "BYMINUTE" => self.minutes = numbers(name, value, 0, 59, false)?,
            "BYSECOND" => self.seconds = numbers(name, value, 0, 59, false)?,
            _ => return Err(format!("unknown part {name:?} of a rule")),
        }
        Ok(())
    }

    /// Refuses combinations forbidden by RFC 5545.
    fn check(&self) -> Result<(), String> {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        let frequency = self.frequency;
        if !self.month_days.is_empty() && frequency == Weekly {
            return Err("BYMONTHDAY can't be used with FREQ=WEEKLY".to_owned());
        }
        if !self.year_days.is_empty() && [Daily, Weekly, Monthly].contains(&frequency) {
            return Err("BYYEARDAY can't be used with FREQ=DAILY, WEEKLY or MONTHLY".to_owned());
        }
        if !self.week_numbers.is_empty() && frequency != Yearly {
            return Err("BYWEEKNO can only be used with FREQ=YEARLY".to_owned());
        }
        Ok(())
    }

    /// Refuses what RFC 5545 forbids but rules stored long ago may contain: a number in BYDAY unless by month or year,
    /// and both COUNT and UNTIL.
    ///
    /// # Errors
    /// A message.
    pub fn check_strictly(&self) -> Result<(), String> {
        let numbered = self.weekdays.iter().any(|(number, _)| *number != 0);
        if numbered && ![Frequency::Monthly, Frequency::Yearly].contains(&self.frequency) {
            return Err(
                "a number in BYDAY, as in 1MO, can only be used with FREQ=MONTHLY or YEARLY".to_owned(),
            );
        }
        if numbered && !self.week_numbers.is_empty() {
            return Err("a number in BYDAY, as in 1MO, can't be used with BYWEEKNO".to_owned());
        }
        if self.count.is_some() && self.until.is_some() {
            return Err("COUNT and UNTIL can't be used together".to_owned());
        }
        Ok(())
    }

    /// Returns whether BYSETPOS has no other BY… part to select from.
    pub fn has_only_positions(&self) -> bool {
        let chosen = self.selects_days()
            || [&self.months, &self.hours, &self.minutes, &self.seconds]
                .iter()
                .any(|list| !list.is_empty());
        !self.positions.is_empty() && !chosen
    }

    /// Returns whether a part other than BYMONTH selects days.
    pub fn selects_days(&self) -> bool {
        !self.weekdays.is_empty()
            || [&self.month_days, &self.year_days, &self.week_numbers]
                .iter()
                .any(|list| !list.is_empty())
    }
}

fn read_frequency(value: &str) -> Result<Frequency, String> {
    Ok(match value {
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        "SECONDLY" | "MINUTELY" => return Err(format!("FREQ={value} occurs more often than once an hour")),
        _ => return Err("FREQ must be HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY".to_owned()),
    })
}

fn read_moment(value: &str) -> Option<Timestamp> {
    // The format alone would accept signs and single digits.
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (value.len() == 16 && digits == 14)
        .then(|| NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%SZ").ok())?
        .map(|moment| moment.and_utc())
}

fn read_weekday(value: &str) -> Option<Weekday> {
    Some(match value {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn read_numbered_weekday(value: &str) -> Option<(i32, Weekday)> {
    let (number, day) = value.split_at_checked(value.len().checked_sub(2)?)?;
    let number = match number {
        "" => 0,
        number => number
            .parse()
            .ok()
            .filter(|n: &i32| (1..=53).contains(&n.abs()))?,
    };
    Some((number, read_weekday(day)?))
}

/// Parses a list of numbers between `least` and `most`, or their negatives if allowed.
fn numbers(name: &str, value: &str, least: i32, most: i32, negative: bool) -> Result<Vec<i32>, String> {
    let mut numbers = Vec::new();
    for text in value.split(',') {
        let number: Option<i32> = text.parse().ok().filter(|number: &i32| {
            let size = if negative { number.abs() } else { *number };
            (least..=most).contains(&size)
        });
        match number {
            Some(number) => numbers.push(number),
            None if negative => {
                return Err(format!(
                    "{name} must be a list of numbers, {least} to {most} or -{most} to -{least}"
                ));
            }
            None => return Err(format!("{name} must be a list of numbers, {least} to {most}")),
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
