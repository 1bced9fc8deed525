//! The demo company as rows: who works there, and what they have to do. Pure, but for the ids, which come from
//! the transaction's clock.

use std::collections::HashSet;

use chrono::{Days, TimeDelta};
use entity::crm_item::{self, CrmKind};
use entity::task::{self, TaskStatus};
use entity::task_member::{self, MemberRole};
use entity::user::{self, Role, UserStatus};
use entity::{CrmItemId, DepartmentId, TaskId, Timestamp, UserId, department};
use sea_orm::ActiveValue::Set;

use super::words;
use crate::clock::split_mix;
use crate::domain::people::create::{Identity, new_row};
use crate::store::db::Tx;

/// Everything that is decided by chance.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(split_mix(&mut self.0) >> 16).unwrap_or_default() % end.max(1)
    }

    /// True so many times in a hundred.
    pub fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(self.below(all.len())).copied()
    }

    fn word(&mut self, all: &'static [&'static str]) -> &'static str {
        self.pick(all).unwrap_or_default()
    }

    fn days(&mut self, end: usize) -> TimeDelta {
        TimeDelta::minutes(i64::try_from(self.below(end * 24 * 60)).unwrap_or_default())
    }

    fn firm(&mut self) -> String {
        let (first, second) = words::FIRMS;
        format!("{} {}", self.word(first), self.word(second))
    }
}

/// Somebody who works there.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// Who.
    pub id: UserId,
    /// The address.
    pub email: String,
    /// The place of the department in [`words::DEPARTMENTS`].
    pub department: usize,
    /// Whether they lead it.
    pub leads: bool,
}

/// The departments and the people, heads first in each; `hash` is everybody's password.
pub fn people(
    tx: &Tx,
    dice: &mut Dice,
    hash: &str,
) -> (
    Vec<department::ActiveModel>,
    Vec<user::ActiveModel>,
    Vec<Colleague>,
) {
    let ids: Vec<DepartmentId> = words::DEPARTMENTS
        .iter()
        .map(|_| DepartmentId(tx.new_id()))
        .collect();
    let (mut rows, mut colleagues, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
    for (place, (_, _, size, positions)) in words::DEPARTMENTS.iter().enumerate() {
        for n in 0..*size {
            let (given, family, email) = name(dice, &mut taken);
            // The director, and the heads of IT and of people, run the account.
            let runs = (place == 0 && n % 2 == 0) || (place == words::DEPARTMENTS.len() - 1 && n == 0);
            let position = positions.get(n).filter(|_| n == 0 || place == 0).copied();
            let who = Identity {
                email: email.clone(),
                given_name: Some(given.to_owned()),
                family_name: Some(family.to_owned()),
                position: position.or_else(|| dice.pick(&positions[1..])).map(str::to_owned),
                department_id: Some(ids[place]),
                role: if runs { Role::Administrator } else { Role::Employee },
            };
            let mut row = new_row(tx, who, UserStatus::Active, Some(hash.to_owned()));
            let days = u64::try_from(30 + dice.below(4_000)).unwrap_or_default();
            row.hired_on = Set(tx.now.date_naive().checked_sub_days(Days::new(days)));
            if let Set(id) = row.id {
                colleagues.push(Colleague {
                    id,
                    email,
                    department: place,
                    leads: n == 0,
                });
            }
            rows.push(row);
        }
    }
    let head = |place| {
        colleagues
            .iter()
            .find(|one| one.department == place && one.leads)
            .map(|one| one.id)
    };
    let departments = words::DEPARTMENTS
        .iter()
        .enumerate()
        .map(|(place, (name, above, _, _))| department::ActiveModel {
            id: Set(ids[place]),
            external_id: Set(None),
            name: Set((*name).to_owned()),
            parent_id: Set(above.map(|above| ids[above])),
            head_id: Set(head(place)),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        });
    (departments.collect(), rows, colleagues)
}

/// Given name, family name and address of somebody; no two people have the same.
fn name(dice: &mut Dice, taken: &mut HashSet<String>) -> (&'static str, &'static str, String) {
    loop {
        let (given, family) = (dice.word(words::GIVEN), dice.word(words::FAMILY));
        let email = format!("{}.{}@example.com", ascii(given), ascii(family));
        if taken.insert(email.clone()) {
            return (given, family, email);
        }
    }
}

/// A name as it is written in an address.
fn ascii(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' => 'a',
            'ć' => 'c',
            'é' | 'ë' => 'e',
            'í' | 'ı' => 'i',
            'ö' | 'ø' => 'o',
            'ü' => 'u',
            other => other,
        })
        .collect()
}

/// The tasks of one month that begins with `from`, and who takes part in them. The older, the likelier done.
pub fn tasks(
    tx: &Tx,
    dice: &mut Dice,
    from: Timestamp,
    count: usize,
    staff: &[Colleague],
    age: usize,
) -> (Vec<task::ActiveModel>, Vec<task_member::ActiveModel>) {
    let (mut rows, mut members) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let responsible = &staff[dice.below(staff.len())];
        let near: Vec<&Colleague> = staff
            .iter()
            .filter(|one| one.department == responsible.department)
            .collect();
        let creator = if dice.often(60) {
            near[dice.below(near.len())]
        } else {
            &staff[dice.below(staff.len())]
        };
        let (verb, what) = dice.pick(words::TASKS).unwrap_or_default();
        let title = format!("{verb} {what} {}", dice.firm());
        let created_at = from + dice.days(28);
        let status = if dice.often((30 + age * 4).min(90)) {
            if dice.often(90) {
                TaskStatus::Completed
            } else {
                TaskStatus::Declined
            }
        } else {
            let open = [
                TaskStatus::Pending,
                TaskStatus::InProgress,
                TaskStatus::InProgress,
                TaskStatus::AwaitingControl,
                TaskStatus::Deferred,
            ];
            open[dice.below(open.len())]
        };
        let id = TaskId(tx.new_id());
        rows.push(task::ActiveModel {
            id: Set(id),
            search_text: Set(text::search_key(&title)),
            title: Set(title),
            status: Set(status),
            deadline: Set(dice
                .often(70)
                .then(|| created_at + TimeDelta::days(3) + dice.days(60))),
            creator_id: Set(creator.id),
            responsible_id: Set(Some(responsible.id)),
            created_at: Set(created_at),
            updated_at: Set(created_at),
            ..Default::default()
        });
        for (role, most) in [(MemberRole::Participant, 4), (MemberRole::Observer, 3)] {
            let people: HashSet<UserId> = (0..dice.below(most))
                .map(|_| staff[dice.below(staff.len())].id)
                .collect();
            members.extend(people.into_iter().map(|person| task_member::ActiveModel {
                task_id: Set(id),
                role: Set(role),
                user_id: Set(person),
            }));
        }
    }
    (rows, members)
}

/// The CRM records of one month, most of them with those who sell.
pub fn crm(
    tx: &Tx,
    dice: &mut Dice,
    from: Timestamp,
    count: usize,
    staff: &[Colleague],
    age: usize,
) -> Vec<crm_item::ActiveModel> {
    let sellers: Vec<&Colleague> = staff
        .iter()
        .filter(|one| words::SELLING.contains(&one.department))
        .collect();
    let kinds = [
        (CrmKind::Lead, Some(0)),
        (CrmKind::Deal, Some(1)),
        (CrmKind::Deal, Some(1)),
        (CrmKind::Contact, None),
        (CrmKind::Company, None),
        (CrmKind::Quote, Some(2)),
        (CrmKind::Invoice, Some(3)),
    ];
    let mut rows = Vec::new();
    for n in 0..count {
        let (kind, stages) = kinds[n % kinds.len()];
        let responsible = if dice.often(90) {
            sellers[dice.below(sellers.len())]
        } else {
            &staff[dice.below(staff.len())]
        };
        let firm = dice.firm();
        let goods = dice.word(words::GOODS);
        let title = match kind {
            CrmKind::Lead => format!("{firm} asks about {goods}"),
            CrmKind::Deal => format!("{firm}: {goods}"),
            CrmKind::Contact => format!("{} {}, {firm}", dice.word(words::GIVEN), dice.word(words::FAMILY)),
            CrmKind::Company => firm,
            CrmKind::Quote => format!("Quote for {goods}, {firm}"),
            CrmKind::Invoice => format!("Invoice for {goods}, {firm}"),
        };
        let over = stages.is_some() && dice.often((20 + age * 4).min(85));
        let stage = stages.map(|of| {
            let (open, closed) = words::STAGES[of];
            dice.word(if over { closed } else { open }).to_owned()
        });
        let priced = matches!(kind, CrmKind::Deal | CrmKind::Quote | CrmKind::Invoice);
        let created_at = from + dice.days(28);
        rows.push(crm_item::ActiveModel {
            id: Set(CrmItemId(tx.new_id())),
            external_id: Set(None),
            kind: Set(kind),
            search_text: Set(text::search_key(&title)),
            title: Set(title),
            stage: Set(stage),
            closed: Set(over),
            amount: Set(priced.then(|| format!("{}.{:02}", 200 + dice.below(60_000), dice.below(100)))),
            currency: Set(priced.then(|| if dice.often(80) { "EUR" } else { "USD" }.to_owned())),
            responsible_id: Set((kind != CrmKind::Lead || dice.often(90)).then_some(responsible.id)),
            opened_to_all: Set(dice.often(10)),
            created_at: Set(created_at),
            updated_at: Set(created_at),
        });
    }
    rows
}
