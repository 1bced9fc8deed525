//! Iterates over the occurrences of a rule, skipping empty ranges.

use std::collections::VecDeque;

use chrono::NaiveDate;
use entity::Timestamp;

use super::{Budget, BudgetExhausted, Frequency, Rule};

/// Lazy iterator over occurrences in order.
pub struct Occurrences<'a> {
    rule: &'a Rule,
    from: Timestamp,
    period: i64,
    /// Next day of the period to examine.
    next_day: NaiveDate,
    /// Last day of the period; before `next_day` when the period is done.
    last_day: NaiveDate,
    /// Last day to examine.
    end: NaiveDate,
    /// Occurrences found but not returned yet.
    ready: VecDeque<Timestamp>,
    budget: &'a mut Budget,
    spent: bool,
}

impl<'a> Occurrences<'a> {
    /// Iterates over those at or after `from`, between two local days.
    pub(super) fn new(
        rule: &'a Rule,
        from: Timestamp,
        (day, end): (NaiveDate, NaiveDate),
        budget: &'a mut Budget,
    ) -> Self {
        let period = rule.period_of(day);
        let mut occurrences = Self {
            rule,
            from,
            period,
            next_day: day,
            last_day: NaiveDate::MIN,
            end,
            ready: VecDeque::new(),
            budget,
            spent: false,
        };
        occurrences.enter(period, day);
        occurrences
    }

    /// Returns whether the last search ended because the budget was exhausted.
    pub fn is_exhausted(&self) -> bool {
        self.spent
    }

    /// Enters a period at `day` or later; returns false if there are no more.
    fn enter(&mut self, period: i64, day: NaiveDate) -> bool {
        let days = self.rule.days_of(period).filter(|(first, _)| *first <= self.end);
        let Some((first, last)) = days else {
            self.next_day = NaiveDate::MAX;
            return false;
        };
        self.period = period;
        // Positions count within the whole period.
        self.next_day = if self.rule.parts.positions.is_empty() {
            first.max(day)
        } else {
            first
        };
        self.last_day = last;
        true
    }

    /// Skips to `day`, over all periods before it; returns false if there are no more.
    fn skip_to(&mut self, day: NaiveDate) -> bool {
        if day <= self.last_day {
            self.next_day = day;
            return true;
        }
        self.enter(self.rule.period_of(day).max(self.period + 1), day)
    }

    /// Examines the next day, or a whole period where needed; returns false if there are no more.
    fn look(&mut self) -> Result<bool, BudgetExhausted> {
        if !self.budget.take(1) {
            return Err(BudgetExhausted);
        }
        let day = self.next_day;
        if day > self.end {
            return Ok(false);
        }
        if day > self.last_day {
            return Ok(self.enter(self.period + 1, NaiveDate::MIN));
        }
        if self.rule.parts.positions.is_empty() {
            if !self.rule.allows_month(day) {
                let next = self.rule.next_allowed_month(day);
                return Ok(next.is_some_and(|next| self.skip_to(next)));
            }
            let Some(next) = day.succ_opt() else {
                return Ok(false);
            };
            self.next_day = next;
            if self.rule.allows(day) {
                self.ready.extend(self.rule.moments(self.period, day));
            } else if self.rule.parts.frequency == Frequency::Hourly {
                return Ok(self.skip_to(next));
            }
            return Ok(true);
        }
        if self.rule.allows_month_between(day, self.last_day) {
            let all = self.rule.all_of(self.period, day, self.last_day, self.budget)?;
            self.ready.extend(all);
        }
        Ok(self.enter(self.period + 1, NaiveDate::MIN))
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        loop {
            while let Some(at) = self.ready.pop_front() {
                if self.rule.parts.until.is_some_and(|until| at > until) {
                    return None;
                }
                if at >= self.from {
                    return Some(at);
                }
            }
            match self.look() {
                Ok(true) => {}
                // Occurrences of the last day remain to be returned.
                Ok(false) if self.ready.is_empty() => return None,
                Ok(false) => {}
                Err(BudgetExhausted) => {
                    self.spent = true;
                    return None;
                }
            }
        }
    }
}
