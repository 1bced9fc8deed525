//! Walks forward through the occurrences of a rule, over what it leaves out.

use std::collections::VecDeque;

use chrono::NaiveDate;
use entity::Timestamp;

use super::{Budget, Frequency, Rule, Spent};

/// Occurrences in order, found as they are asked for.
pub struct Occurrences<'a> {
    rule: &'a Rule,
    from: Timestamp,
    period: i64,
    /// The next day of the period to look at.
    next_day: NaiveDate,
    /// The last day of the period; before `next_day` when it is done.
    last_day: NaiveDate,
    /// The last day to look at.
    end: NaiveDate,
    /// Found already.
    ready: VecDeque<Timestamp>,
    budget: &'a mut Budget,
    spent: bool,
}

impl<'a> Occurrences<'a> {
    /// Those at `from` and later, between two days on the clocks of the rule.
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

    /// Whether the last search ended because the budget was spent.
    pub fn is_spent(&self) -> bool {
        self.spent
    }

    /// Goes to a period, and in it to `day` or later. False when there are no more.
    fn enter(&mut self, period: i64, day: NaiveDate) -> bool {
        let days = self.rule.days_of(period).filter(|(first, _)| *first <= self.end);
        let Some((first, last)) = days else {
            self.next_day = NaiveDate::MAX;
            return false;
        };
        self.period = period;
        // Positions are those in the whole period.
        self.next_day = if self.rule.parts.positions.is_empty() {
            first.max(day)
        } else {
            first
        };
        self.last_day = last;
        true
    }

    /// Goes to `day`, over all periods that lie before it. False when there are no more.
    fn skip_to(&mut self, day: NaiveDate) -> bool {
        if day <= self.last_day {
            self.next_day = day;
            return true;
        }
        self.enter(self.rule.period_of(day).max(self.period + 1), day)
    }

    /// Looks at the next day, or period where it takes a whole one. False when there are no more.
    fn look(&mut self) -> Result<bool, Spent> {
        if !self.budget.take(1) {
            return Err(Spent);
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
                // What the last day brought is still to be given.
                Ok(false) if self.ready.is_empty() => return None,
                Ok(false) => {}
                Err(Spent) => {
                    self.spent = true;
                    return None;
                }
            }
        }
    }
}
