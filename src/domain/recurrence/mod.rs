//! Occurrences of recurrence rules (RFC 5545), found from any time on at a cost that depends only on its surroundings.
//!
//! Whether a rule occurs on a day is decided by looking at that day alone, so nothing before it is iterated: neither to
//! find what a rule does a hundred years after its start, nor to find that it does nothing. Every day (or empty range
//! of days) examined takes a step from a budget. Pure: no database, no clock.

mod dates;
mod occurrences;
mod parse;

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone, Timelike, Weekday,
};
use chrono_tz::Tz;
use entity::Timestamp;

use self::dates::{days_in_month, days_in_year, months_of, week_number, week_start};

pub use self::occurrences::Occurrences;
pub use self::parse::{Frequency, Parts, canonical};

/// Steps after which a search gives up: more than the days of a whole cycle of the Gregorian calendar (146,097), after
/// which a rule can't occur any more, except for absurd intervals. A step takes 10 to 30 nanoseconds, and each
/// occurrence found another 100.
pub const SEARCH: u32 = 200_000;

/// Last year of any occurrence: the limit of both databases.
const LAST_YEAR: i32 = 9999;

/// Remaining search budget, in steps of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(u32);

impl Budget {
    /// Creates a budget of this many steps.
    pub fn new(steps: u32) -> Self {
        Self(steps)
    }

    /// Returns the remaining steps.
    pub fn left(self) -> u32 {
        self.0
    }

    /// Takes this many steps; if fewer are left, exhausts the budget and returns false.
    pub fn take(&mut self, steps: u32) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// The budget was exhausted before the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the occurrences are too far apart to be found")]
pub struct BudgetExhausted;

/// A rule and its start.
#[derive(Debug, Clone)]
pub struct Rule {
    parts: Parts,
    start: Timestamp,
    /// The start in local time.
    first: NaiveDateTime,
    zone: Tz,
    /// Bitmap of the allowed months.
    months: u16,
    /// Times of day in order; for an hourly rule, times within an hour.
    times: Vec<NaiveTime>,
}

impl Rule {
    /// Creates a rule that starts at `start` and follows local time in its zone. What the rule leaves open (day of
    /// month, time of day) is taken from `start`.
    ///
    /// # Errors
    /// When the rule ends before it starts.
    pub fn new(mut parts: Parts, start: DateTime<Tz>) -> Result<Self, String> {
        if parts.until.is_some_and(|until| until < start.to_utc()) {
            return Err("UNTIL is before the start".to_owned());
        }
        let first = start.naive_local();
        let number = |number: u32| i32::try_from(number).unwrap_or_default();
        if !parts.selects_days() {
            match parts.frequency {
                Frequency::Yearly => {
                    if parts.months.is_empty() {
                        parts.months = vec![number(first.month())];
                    }
                    parts.month_days = vec![number(first.day())];
                }
                Frequency::Monthly => parts.month_days = vec![number(first.day())],
                Frequency::Weekly => parts.weekdays = vec![(0, first.weekday())],
                Frequency::Daily | Frequency::Hourly => {}
            }
        }
        let or = |list: &[i32], other: u32| match list {
            [] => vec![number(other)],
            list => list.to_vec(),
        };
        let hours = match parts.frequency {
            // The hour comes from the period.
            Frequency::Hourly => vec![0],
            _ => or(&parts.hours, first.hour()),
        };
        let (minutes, seconds) = (
            or(&parts.minutes, first.minute()),
            or(&parts.seconds, first.second()),
        );
        let mut times = Vec::new();
        for hour in &hours {
            for minute in &minutes {
                for second in &seconds {
                    let [hour, minute, second] = [hour, minute, second].map(|n| n.unsigned_abs());
                    times.extend(NaiveTime::from_hms_opt(hour, minute, second));
                }
            }
        }
        let months = match parts.months.as_slice() {
            [] => u16::MAX,
            list => list.iter().fold(0, |mask, month| mask | 1 << month),
        };
        Ok(Self {
            start: start.to_utc(),
            first,
            zone: start.timezone(),
            months,
            times,
            parts,
        })
    }

    /// Returns the parts of the rule.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Returns the occurrences at or after `from`, in order, ignoring COUNT.
    pub fn from<'a>(&'a self, from: Timestamp, budget: &'a mut Budget) -> Occurrences<'a> {
        self.between(from, None, budget)
    }

    /// As [`from`](Self::from), without those on days after `to`.
    pub fn between<'a>(
        &'a self,
        from: Timestamp,
        to: Option<Timestamp>,
        budget: &'a mut Budget,
    ) -> Occurrences<'a> {
        let from = from.max(self.start);
        // DST changes shift an occurrence by less than a day.
        let first = self.local_day(from - TimeDelta::days(1)).max(self.first.date());
        let ends = [to, self.parts.until].into_iter().flatten().min();
        let last = ends.map_or(NaiveDate::MAX, |end| self.local_day(end + TimeDelta::days(1)));
        Occurrences::new(self, from, (first, last), budget)
    }

    /// Returns the latest occurrence up to `moment`, ignoring COUNT.
    ///
    /// # Errors
    /// When the budget is exhausted.
    pub fn latest(
        &self,
        moment: Timestamp,
        budget: &mut Budget,
    ) -> Result<Option<Timestamp>, BudgetExhausted> {
        let moment = self.parts.until.map_or(moment, |until| until.min(moment));
        let mut period = self.period_of(self.local_day(moment + TimeDelta::days(1)));
        while period >= 0 {
            if !budget.take(1) {
                return Err(BudgetExhausted);
            }
            if let Some((first, last)) = self.days_of(period)
                && self.allows_month_between(first, last)
            {
                let all = self.all_of(period, first, last, budget)?;
                let found = all.into_iter().rfind(|at| (self.start..=moment).contains(at));
                if found.is_some() {
                    return Ok(found);
                }
            }
            period -= 1;
        }
        Ok(None)
    }

    fn local_day(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// Returns the period that `day` is in or after, counted in intervals from the start.
    fn period_of(&self, day: NaiveDate) -> i64 {
        let first = self.first.date();
        let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days();
        let units = match self.parts.frequency {
            Frequency::Hourly => days(first, day) * 24 - i64::from(self.first.hour()),
            Frequency::Daily => days(first, day),
            Frequency::Weekly => days(self.week_of(first), self.week_of(day)) / 7,
            Frequency::Monthly => months_of(day) - months_of(first),
            Frequency::Yearly => i64::from(day.year() - first.year()),
        };
        let interval = i64::from(self.parts.interval);
        match self.parts.frequency {
            // The first hour of the day may be inside an interval: the next one starts after it.
            Frequency::Hourly => (units + interval - 1).div_euclid(interval),
            _ => units.div_euclid(interval),
        }
    }

    /// Returns the first and the last day of a period; `None` after the last year.
    fn days_of(&self, period: i64) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.first.date();
        let units = period.checked_mul(self.parts.interval.into())?;
        let days_later =
            |day: NaiveDate, days: i64| day.checked_add_days(Days::new(u64::try_from(days).ok()?));
        let (from, to) = match self.parts.frequency {
            Frequency::Hourly => {
                let day = days_later(first, (units + i64::from(self.first.hour())).div_euclid(24))?;
                (day, day)
            }
            Frequency::Daily => {
                let day = days_later(first, units)?;
                (day, day)
            }
            Frequency::Weekly => {
                let from = days_later(self.week_of(first), units.checked_mul(7)?)?;
                (from, days_later(from, 6)?)
            }
            Frequency::Monthly => {
                let months = Months::new(u32::try_from(units).ok()?);
                let from = first.with_day(1)?.checked_add_months(months)?;
                (from, from.checked_add_months(Months::new(1))?.pred_opt()?)
            }
            Frequency::Yearly => {
                let year = i32::try_from(i64::from(first.year()).checked_add(units)?).ok()?;
                (
                    NaiveDate::from_ymd_opt(year, 1, 1)?,
                    NaiveDate::from_ymd_opt(year, 12, 31)?,
                )
            }
        };
        (from.year() <= LAST_YEAR).then_some((from, to))
    }

    /// Returns the first day of the week of `day`.
    fn week_of(&self, day: NaiveDate) -> NaiveDate {
        week_start(day, self.parts.week_start)
    }

    fn allows_month(&self, day: NaiveDate) -> bool {
        self.months >> day.month() & 1 == 1
    }

    fn allows_month_between(&self, first: NaiveDate, last: NaiveDate) -> bool {
        last.year() > first.year()
            || (first.month()..=last.month()).any(|month| self.months >> month & 1 == 1)
    }

    /// Returns the first day of the next allowed month.
    fn next_allowed_month(&self, day: NaiveDate) -> Option<NaiveDate> {
        let mut month = day.with_day(1)?;
        for _ in 0..12 {
            month = month.checked_add_months(Months::new(1))?;
            if self.allows_month(month) {
                return Some(month);
            }
        }
        None
    }

    /// Returns whether the BY… parts allow this day.
    fn allows(&self, day: NaiveDate) -> bool {
        let parts = &self.parts;
        let number = |number: u32| i32::try_from(number).unwrap_or_default();
        let from_either_end = |list: &[i32], place: u32, of: u32| {
            list.is_empty()
                || list.contains(&number(place))
                || list.contains(&(number(place) - number(of) - 1))
        };
        self.allows_month(day)
            && from_either_end(&parts.month_days, day.day(), days_in_month(day))
            && from_either_end(&parts.year_days, day.ordinal(), days_in_year(day.year()))
            && (parts.week_numbers.is_empty() || {
                let (week, weeks) = week_number(day, parts.week_start);
                from_either_end(&parts.week_numbers, week, weeks)
            })
            && (parts.weekdays.is_empty() || parts.weekdays.iter().any(|named| self.is_weekday(day, *named)))
    }

    fn is_weekday(&self, day: NaiveDate, (number, weekday): (i32, Weekday)) -> bool {
        if day.weekday() != weekday {
            return false;
        }
        let (place, of) = match self.parts.frequency {
            Frequency::Yearly if self.parts.months.is_empty() => (day.ordinal(), days_in_year(day.year())),
            Frequency::Yearly | Frequency::Monthly => (day.day(), days_in_month(day)),
            // A week has each weekday once.
            _ => return true,
        };
        let place_of_week = |days: u32| i32::try_from(days / 7 + 1).unwrap_or_default();
        number == 0 || number == place_of_week(place - 1) || -number == place_of_week(of - place)
    }

    /// Returns the times of day in this period.
    fn times(&self, period: i64) -> impl Iterator<Item = NaiveTime> {
        let hour = match self.parts.frequency {
            Frequency::Hourly => {
                let hour = period * i64::from(self.parts.interval) + i64::from(self.first.hour());
                Some(u32::try_from(hour.rem_euclid(24)).unwrap_or_default())
            }
            _ => None,
        };
        let allowed = |hour: u32| {
            let hours = &self.parts.hours;
            hours.is_empty() || hours.iter().any(|one| one.unsigned_abs() == hour)
        };
        let times = match hour {
            Some(hour) if !allowed(hour) => &[],
            _ => self.times.as_slice(),
        };
        times
            .iter()
            .filter_map(move |time| hour.map_or(Some(*time), |hour| time.with_hour(hour)))
    }

    /// Returns the occurrences on one day.
    fn moments(&self, period: i64, day: NaiveDate) -> impl Iterator<Item = Timestamp> {
        self.times(period)
            .filter_map(move |time| self.moment(day.and_time(time)))
    }

    /// Resolves a local time: the first of two where clocks are set back; where they are set forward over it, with the
    /// offset from before the change.
    fn moment(&self, local: NaiveDateTime) -> Option<Timestamp> {
        let moment = match self.zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
            MappedLocalTime::None => {
                let before = local.checked_sub_days(Days::new(1))?;
                let before = self.zone.from_local_datetime(&before).earliest()?;
                before.to_utc() + TimeDelta::days(1)
            }
        };
        (moment.year() <= LAST_YEAR).then_some(moment)
    }

    /// Returns all occurrences of a period, in order.
    fn all_of(
        &self,
        period: i64,
        first: NaiveDate,
        last: NaiveDate,
        budget: &mut Budget,
    ) -> Result<Vec<Timestamp>, BudgetExhausted> {
        let mut all = Vec::new();
        for day in first.iter_days().take_while(|day| *day <= last) {
            if !budget.take(1) {
                return Err(BudgetExhausted);
            }
            if self.allows(day) {
                all.extend(self.times(period).map(|time| day.and_time(time)));
            }
        }
        let positions = &self.parts.positions;
        if positions.is_empty() {
            return Ok(all.into_iter().filter_map(|local| self.moment(local)).collect());
        }
        let place = |position: &i32| match usize::try_from(*position) {
            Ok(from_start) => from_start.checked_sub(1),
            Err(_) => all.len().checked_sub(position.unsigned_abs() as usize),
        };
        let mut places: Vec<usize> = positions.iter().filter_map(place).collect();
        places.sort_unstable();
        places.dedup();
        let chosen = places.iter().filter_map(|place| all.get(*place));
        Ok(chosen.filter_map(|local| self.moment(*local)).collect())
    }
}

#[cfg(test)]
mod tests;
