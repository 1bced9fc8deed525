//! Generates the people, tasks and CRM records of the sample company. Pure except for the ids, which come from the
//! transaction's clock.

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

/// The random number generator.
#[derive(Clone)]
pub struct Rng(pub u64);

impl Rng {
    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(split_mix(&mut self.0) >> 16).unwrap_or_default() % end.max(1)
    }

    /// Returns true with a probability in percent.
    pub fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Picks an element.
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

/// A member of staff.
#[derive(Debug, Clone)]
pub struct Employee {
    /// Id.
    pub id: UserId,
    /// E-mail address.
    pub email: String,
    /// The index of the department in [`words::DEPARTMENTS`].
    pub department: usize,
    /// Whether they lead it.
    pub leads: bool,
}

/// Generates departments and people, the head of each department first; `hash` is the password hash of all people.
pub fn people(
    tx: &Tx,
    dice: &mut Rng,
    hash: &str,
) -> (
    Vec<department::ActiveModel>,
    Vec<user::ActiveModel>,
    Vec<Employee>,
) {
    let ids: Vec<DepartmentId> = words::DEPARTMENTS
        .iter()
        .map(|_| DepartmentId(tx.new_id()))
        .collect();
    let (mut rows, mut colleagues, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
    for (place, (_, _, size, _)) in words::DEPARTMENTS.iter().enumerate() {
        for n in 0..*size {
            let who = identity(dice, &mut taken, (place, ids[place]), n);
            let email = who.email.clone();
            let mut row = new_row(tx, who, UserStatus::Active, Some(hash.to_owned()));
            let days = u64::try_from(30 + dice.below(4_000)).unwrap_or_default();
            row.hired_on = Set(tx.now.date_naive().checked_sub_days(Days::new(days)));
            if let Set(id) = row.id {
                colleagues.push(Employee {
                    id,
                    email,
                    department: place,
                    leads: n == 0,
                });
            }
            rows.push(row);
        }
    }
    (departments(tx, &ids, &colleagues), rows, colleagues)
}

fn departments(tx: &Tx, ids: &[DepartmentId], colleagues: &[Employee]) -> Vec<department::ActiveModel> {
    let head = |place| {
        colleagues
            .iter()
            .find(|one| one.department == place && one.leads)
            .map(|one| one.id)
    };
    words::DEPARTMENTS
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
        })
        .collect()
}

/// Generates person `n` of a department; the head is number 0.
fn identity(
    dice: &mut Rng,
    taken: &mut HashSet<String>,
    (place, department): (usize, DepartmentId),
    n: usize,
) -> Identity {
    let (_, _, _, positions) = words::DEPARTMENTS[place];
    let (given, family, email) = name(dice, taken);
    // The director and the heads of IT and of people are administrators.
    let runs = (place == 0 && n.is_multiple_of(2)) || (place == words::DEPARTMENTS.len() - 1 && n == 0);
    let position = positions.get(n).filter(|_| n == 0 || place == 0).copied();
    Identity {
        email,
        given_name: Some(given.to_owned()),
        family_name: Some(family.to_owned()),
        position: position.or_else(|| dice.pick(&positions[1..])).map(str::to_owned),
        department_id: Some(department),
        role: if runs { Role::Administrator } else { Role::Employee },
    }
}

/// Generates a unique given name, family name and address.
fn name(dice: &mut Rng, taken: &mut HashSet<String>) -> (&'static str, &'static str, String) {
    loop {
        let (given, family) = (dice.word(words::GIVEN), dice.word(words::FAMILY));
        let email = format!("{}.{}@example.com", ascii(given), ascii(family));
        if taken.insert(email.clone()) {
            return (given, family, email);
        }
    }
}

/// Converts a name to ASCII for an e-mail address.
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

/// Generates the tasks of the month that starts at `from`, with their members. Older tasks are more often completed.
pub fn tasks(
    tx: &Tx,
    dice: &mut Rng,
    from: Timestamp,
    count: usize,
    staff: &[Employee],
    age: usize,
) -> (Vec<task::ActiveModel>, Vec<task_member::ActiveModel>) {
    let (mut rows, mut members) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let responsible = &staff[dice.below(staff.len())];
        let creator = creator(dice, responsible, staff);
        let (verb, what) = dice.pick(words::TASKS).unwrap_or_default();
        let title = format!("{verb} {what} {}", dice.firm());
        let created_at = from + dice.days(28);
        let status = status(dice, age);
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
        add_members(&mut members, dice, id, staff);
    }
    (rows, members)
}

/// Picks a colleague, mostly from the same department.
fn creator<'a>(dice: &mut Rng, responsible: &Employee, staff: &'a [Employee]) -> &'a Employee {
    let near: Vec<&Employee> = staff
        .iter()
        .filter(|one| one.department == responsible.department)
        .collect();
    if dice.often(60) {
        near[dice.below(near.len())]
    } else {
        &staff[dice.below(staff.len())]
    }
}

fn status(dice: &mut Rng, age: usize) -> TaskStatus {
    if dice.often((30 + age * 4).min(90)) {
        return if dice.often(90) {
            TaskStatus::Completed
        } else {
            TaskStatus::Declined
        };
    }
    let open = [
        TaskStatus::Pending,
        TaskStatus::InProgress,
        TaskStatus::InProgress,
        TaskStatus::AwaitingControl,
        TaskStatus::Deferred,
    ];
    open[dice.below(open.len())]
}

fn add_members(
    members: &mut Vec<task_member::ActiveModel>,
    dice: &mut Rng,
    task: TaskId,
    staff: &[Employee],
) {
    for (role, most) in [(MemberRole::Participant, 4), (MemberRole::Observer, 3)] {
        let people: HashSet<UserId> = (0..dice.below(most))
            .map(|_| staff[dice.below(staff.len())].id)
            .collect();
        members.extend(people.into_iter().map(|person| task_member::ActiveModel {
            task_id: Set(task),
            role: Set(role),
            user_id: Set(person),
        }));
    }
}

/// Generates the CRM records of one month, most of them held by sales staff.
pub fn crm(
    tx: &Tx,
    dice: &mut Rng,
    from: Timestamp,
    count: usize,
    staff: &[Employee],
    age: usize,
) -> Vec<crm_item::ActiveModel> {
    let sellers: Vec<&Employee> = staff
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
        let title = crm_title(dice, kind);
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

fn crm_title(dice: &mut Rng, kind: CrmKind) -> String {
    let firm = dice.firm();
    let goods = dice.word(words::GOODS);
    match kind {
        CrmKind::Lead => format!("{firm} asks about {goods}"),
        CrmKind::Deal => format!("{firm}: {goods}"),
        CrmKind::Contact => format!("{} {}, {firm}", dice.word(words::GIVEN), dice.word(words::FAMILY)),
        CrmKind::Company => firm,
        CrmKind::Quote => format!("Quote for {goods}, {firm}"),
        CrmKind::Invoice => format!("Invoice for {goods}, {firm}"),
    }
}
