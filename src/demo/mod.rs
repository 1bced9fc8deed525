//! `handover demo`: a realistic sample company with two years of history.
//!
//! People and their work are generated; dismissals and returns run through the real operations, on a clock that is
//! advanced month by month. The same seed generates the same company.

mod calendars;
mod company;
mod drives;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use entity::handover_part::WorkKind;
use entity::user::{self, Role, UserStatus};
use entity::{CalendarId, Timestamp, UserId};
use secrecy::SecretString;
use serde_json::json;

use self::calendars::Calendars;
use self::company::{Employee, Rng};
use crate::clock::Clock;
use crate::domain::auth::Actor;
use crate::domain::auth::password::Lane;
use crate::domain::auth::session::{self, Lifetime};
use crate::domain::dismissal::command::DismissUser;
use crate::domain::dismissal::dismiss::dismiss_user;
use crate::domain::dismissal::hire::hire_user;
use crate::domain::handover::{Move, Recipient};
use crate::domain::people::create::{Identity, new_row};
use crate::error::{Error, Outcome};
use crate::http::app::App;
use crate::store::db::Db;
use crate::store::db::{Tx, insert_all};
use crate::store::journal;
use crate::store::journal::{Action, Author};
use crate::worker;

/// The password of all people.
pub const PASSWORD: &str = "handover-demo";
/// Length of the history, in months.
const MONTHS: usize = 24;
/// New tasks and CRM records per month.
const TASKS: usize = 64;
const RECORDS: usize = 50;
/// New meetings per month.
const MEETINGS: usize = 14;
/// Number of people who have left and not returned.
const LEAVERS: usize = 14;
/// Number of people who left and returned.
const RETURNED: usize = 2;
/// Number of invited people.
const INVITED: usize = 4;

/// Accounts to sign in with.
#[derive(Debug)]
pub struct Demo {
    /// E-mail address of an administrator.
    pub administrator: String,
    /// E-mail address of an employee.
    pub employee: String,
}

/// Returns the clock for the company's history, which starts on 8 January 2024.
pub fn clock(seed: u64) -> Clock {
    let start = DateTime::from_timestamp(1_704_700_800, 0).unwrap_or_default();
    Clock::manual(start, seed)
}

/// An event in the company's history.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A person leaves; the flag says whether their work goes to the head of department.
    Leaves(usize, bool),
    Returns(usize),
}

/// Fills an empty, migrated database. `app` must use [`clock`] with the same seed.
///
/// # Errors
/// When the database fails or is not empty.
pub async fn fill(app: &App, seed: u64) -> Outcome<Demo> {
    let hash = app
        .auth()
        .passwords
        .hash(Lane::Program, SecretString::from(PASSWORD))
        .await?;
    let mut dice = Rng(seed);
    let mut staff = found(&app.db, &mut dice, &hash).await?;
    let everybody = staff.clone();
    let mut meeting_dice = Rng(!seed);
    let own = open_calendars(&app.db, &mut meeting_dice, &everybody).await?;
    drives::fill(app, &mut Rng(!seed / 2), &everybody).await?;
    let mut events = history(&mut dice, &everybody);
    for month in 0..MONTHS {
        let from = app.db.clock().now();
        work(&app.db, &mut dice, &staff, MONTHS - 1 - month).await?;
        meet(&app.db, &mut meeting_dice, from, &staff, &own).await?;
        for event in events.remove(&month).unwrap_or_default() {
            app.db.clock().advance(TimeDelta::hours(36));
            match event {
                Event::Leaves(who, hands_over) => {
                    let leaver = &everybody[who];
                    let reason = dice.pick(words::REASONS);
                    as_person(&app.db, &everybody[0], Role::Administrator, async |actor| {
                        dismiss_user(&app.db, actor, &dismissal_command(leaver, reason, hands_over))
                            .await
                            .map(drop)
                    })
                    .await?;
                    staff.retain(|one| one.id != leaver.id);
                }
                Event::Returns(who) => {
                    let back = &everybody[who];
                    as_person(&app.db, &everybody[0], Role::Administrator, async |actor| {
                        hire_user(&app.db, actor, back.id, true).await.map(drop)
                    })
                    .await?;
                    staff.push(back.clone());
                }
            }
            worker::drain(&app.db, app.chunk).await?;
        }
    }
    invite(&app.db).await?;
    let seller = staff
        .iter()
        .find(|one| words::SELLING.contains(&one.department) && !one.leads);
    let seller = seller.ok_or_else(|| Error::internal("nobody sells"))?;
    Ok(Demo {
        administrator: everybody[0].email.clone(),
        employee: seller.email.clone(),
    })
}

/// Creates departments and people.
async fn found(db: &Db, dice: &mut Rng, hash: &str) -> Outcome<Vec<Employee>> {
    let start = &dice.clone();
    let (colleagues, after) = db
        .write(move |tx: Arc<Tx>| async move {
            let (tx, mut dice) = (&*tx, start.clone());
            let (departments, people, colleagues) = company::people(tx, &mut dice, hash);
            let data = json!({ "departments": departments.len(), "people": people.len() });
            insert_all(tx, departments).await?;
            insert_all(tx, people).await?;
            journal::record(
                tx,
                &Author::Program("handover demo"),
                Action::Imported,
                None,
                data,
            )
            .await?;
            Ok((colleagues, dice))
        })
        .await?;
    *dice = after;
    Ok(colleagues)
}

/// Creates the calendars and returns the personal ones.
async fn open_calendars(
    db: &Db,
    dice: &mut Rng,
    everybody: &[Employee],
) -> Outcome<Vec<(UserId, CalendarId)>> {
    let start = &dice.clone();
    let (own, after) = db
        .write(move |tx: Arc<Tx>| async move {
            let (tx, mut dice) = (&*tx, start.clone());
            let (made, own) = calendars::found(tx, &mut dice, everybody);
            insert_calendars(tx, made).await?;
            Ok((own, dice))
        })
        .await?;
    *dice = after;
    Ok(own)
}

/// Adds a month of meetings to the calendars of current staff.
async fn meet(
    db: &Db,
    dice: &mut Rng,
    from: Timestamp,
    staff: &[Employee],
    own: &[(UserId, CalendarId)],
) -> Outcome<()> {
    let here: Vec<(UserId, CalendarId)> = own
        .iter()
        .copied()
        .filter(|(owner, _)| staff.iter().any(|one| one.id == *owner))
        .collect();
    let (start, here) = (&dice.clone(), &here);
    *dice = db
        .write(move |tx: Arc<Tx>| async move {
            let (tx, mut dice) = (&*tx, start.clone());
            let made = calendars::meetings(tx, &mut dice, from, MEETINGS, staff, here);
            insert_calendars(tx, made).await?;
            Ok(dice)
        })
        .await?;
    Ok(())
}

async fn insert_calendars(tx: &Tx, made: Calendars) -> Outcome<()> {
    let data = json!({ "calendars": made.calendars.len(), "events": made.events.len() });
    insert_all(tx, made.calendars).await?;
    insert_all(tx, made.events).await?;
    insert_all(tx, made.attendees).await?;
    let author = Author::Program("handover demo");
    journal::record(tx, &author, Action::Imported, None, data).await?;
    Ok(())
}

/// Generates dismissals and returns by month.
fn history(dice: &mut Rng, staff: &[Employee]) -> BTreeMap<usize, Vec<Event>> {
    let mobile = words::DEPARTMENTS
        .iter()
        .position(|department| department.0 == "Mobile");
    // One team has lost its head without a replacement.
    let head = staff
        .iter()
        .position(|one| one.leads && Some(one.department) == mobile);
    let mut leavers: Vec<usize> = head.into_iter().collect();
    let mut events: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
    while leavers.len() < LEAVERS + RETURNED {
        let selling = leavers.len().is_multiple_of(3);
        let who = dice.below(staff.len());
        let one = &staff[who];
        let fits =
            !one.leads && one.department != 0 && (!selling || words::SELLING.contains(&one.department));
        if fits && !leavers.contains(&who) {
            leavers.push(who);
        }
    }
    for (n, who) in leavers.into_iter().enumerate() {
        let returns = n >= LEAVERS;
        let month = if returns {
            8 + n % 2
        } else {
            9 + dice.below(MONTHS - 9)
        };
        events
            .entry(month)
            .or_default()
            .push(Event::Leaves(who, returns || n % 5 == 4));
        if returns {
            events.entry(month + 5).or_default().push(Event::Returns(who));
        }
    }
    events
}

fn dismissal_command(leaver: &Employee, reason: Option<&str>, hands_over: bool) -> DismissUser {
    let to_head = |kind| Move {
        place: 0,
        share: None,
        kind,
        to: Recipient::HeadOfDepartment,
        ids: None,
        matching: None,
        include_closed: false,
        keep_as_observer: false,
    };
    DismissUser {
        user: leaver.id,
        reason: reason.map(str::to_owned),
        effective_at: None,
        handover: hands_over.then(|| {
            let kinds = [
                WorkKind::TaskResponsible,
                WorkKind::CrmDeal,
                WorkKind::Drive,
                WorkKind::Calendar,
                WorkKind::EventOrganizer,
            ];
            kinds.map(to_head).to_vec()
        }),
        rest: None,
        refused: Vec::new(),
        expected_revision: None,
        keep_secret_ids: Vec::new(),
    }
}

/// Generates a month of work and advances the clock to its end.
async fn work(db: &Db, dice: &mut Rng, staff: &[Employee], age: usize) -> Outcome<()> {
    let from = db.clock().now();
    db.clock().advance(TimeDelta::days(28));
    let start = &dice.clone();
    *dice = db
        .write(move |tx: Arc<Tx>| async move {
            let (tx, mut dice) = (&*tx, start.clone());
            let (tasks, members) = company::tasks(tx, &mut dice, from, TASKS, staff, age);
            let records = company::crm(tx, &mut dice, from, RECORDS, staff, age);
            let data = json!({ "tasks": tasks.len(), "records": records.len() });
            insert_all(tx, tasks).await?;
            insert_all(tx, members).await?;
            insert_all(tx, records).await?;
            journal::record(
                tx,
                &Author::Program("handover demo"),
                Action::Imported,
                None,
                data,
            )
            .await?;
            Ok(dice)
        })
        .await?;
    Ok(())
}

/// Creates people with a pending invitation.
async fn invite(db: &Db) -> Outcome<()> {
    db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        let rows: Vec<user::ActiveModel> = (1..=INVITED)
            .map(|n| {
                let who = Identity {
                    email: format!("newcomer{n}@example.com"),
                    given_name: None,
                    family_name: None,
                    position: Some("Newcomer".to_owned()),
                    department_id: None,
                    role: Role::Employee,
                };
                new_row(tx, who, UserStatus::Invited, None)
            })
            .collect();
        insert_all(tx, rows).await?;
        let data = json!({ "invited": INVITED });
        journal::record(
            tx,
            &Author::Program("handover demo"),
            Action::Imported,
            None,
            data,
        )
        .await?;
        Ok(())
    })
    .await
}

/// Runs an operation as a person, in a session that is opened for it.
async fn as_person(
    db: &Db,
    who: &Employee,
    role: Role,
    operation: impl AsyncFn(&Actor) -> Outcome<()>,
) -> Outcome<()> {
    let id = who.id;
    let (session_id, _) = db
        .write(move |tx: Arc<Tx>| async move {
            session::open(&tx, id, Some("handover demo"), Lifetime::Long).await
        })
        .await?;
    let actor = Actor {
        user_id: id,
        session_id,
        role,
        email: who.email.clone(),
        dismissed_shown: true,
        may_read_replica: false,
        integration: None,
    };
    operation(&actor).await?;
    db.write(move |tx: Arc<Tx>| async move { session::end(&tx, session_id).await.map(drop) })
        .await
}
