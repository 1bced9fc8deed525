//! Random sequences of operations: nothing is lost or duplicated, everything can be undone, and items that nobody
//! reassigned manually are with their first owner once everybody is back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use chrono::{SubsecRound, TimeDelta};
use entity::task_member::MemberRole;
use entity::user::{self, Role, UserStatus};
use entity::{
    CalendarId, EventId, TaskTemplateId, UserId, audit_entry, calendar, crm_item, department, drive_item,
    event, event_attendee, integration, task, task_member, task_template,
};
use handover::domain::handover::kinds;
use proptest::prelude::*;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, TestApp};

const PEOPLE: usize = 6;
const ADMINISTRATORS: usize = 2;
const TASKS: usize = 18;
const DEALS: usize = 9;
const CALENDARS: usize = 7;
const TEMPLATES: usize = 9;
const FILES: usize = 18;
const INTEGRATIONS: usize = 8;
const KINDS: [&str; 12] = [
    "TASK_RESPONSIBLE",
    "TASK_CREATOR",
    "TASK_PARTICIPANT",
    "TASK_OBSERVER",
    "CRM_DEAL",
    "CRM_ACTIVITY",
    "CALENDAR",
    "EVENT_ORGANIZER",
    "DEPARTMENT_HEAD",
    "TASK_TEMPLATE",
    "DRIVE",
    "INTEGRATION",
];

#[derive(Debug, Clone)]
enum To {
    One(usize),
    Head,
    Several(Vec<usize>),
}

#[derive(Debug, Clone)]
struct Move {
    kind: usize,
    to: To,
    closed: bool,
    keep: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Dismiss(usize, usize, Vec<Move>),
    Hire(usize, usize, bool),
    Reassign(usize, usize, Vec<Move>),
    Undo(usize, usize),
    Cancel(usize, usize),
    Retry(usize, usize),
    Give(usize, usize, usize),
    List(usize, usize, usize),
    Close(usize, usize),
    Follow(usize, usize, usize),
    Put(usize, usize, usize),
    Run,
}

fn person() -> std::ops::Range<usize> {
    0..PEOPLE
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let to = prop_oneof![
        3 => person().prop_map(To::One),
        1 => Just(To::Head),
        1 => prop::collection::vec(person(), 1..4).prop_map(To::Several),
    ];
    let one = (0..KINDS.len(), to, any::<bool>(), any::<bool>()).prop_map(|(kind, to, closed, keep)| Move {
        kind,
        to,
        closed,
        keep,
    });
    prop::collection::vec(one, 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly by permitted callers.
    let actor = || prop_oneof![9 => 0..ADMINISTRATORS, 1 => person()];
    prop_oneof![
        4 => (actor(), person(), moves()).prop_map(|(a, b, m)| Step::Dismiss(a, b, m)),
        4 => (actor(), person(), any::<bool>()).prop_map(|(a, b, c)| Step::Hire(a, b, c)),
        3 => (actor(), person(), moves()).prop_map(|(a, b, m)| Step::Reassign(a, b, m)),
        2 => (actor(), 0..4_usize).prop_map(|(a, n)| Step::Undo(a, n)),
        1 => (actor(), 0..4_usize).prop_map(|(a, n)| Step::Cancel(a, n)),
        1 => (actor(), 0..4_usize).prop_map(|(a, n)| Step::Retry(a, n)),
        2 => (actor(), 0..TASKS, person()).prop_map(|(a, t, p)| Step::Give(a, t, p)),
        1 => (actor(), 0..TASKS, person()).prop_map(|(a, t, p)| Step::List(a, t, p)),
        1 => (actor(), 0..TASKS).prop_map(|(a, t)| Step::Close(a, t)),
        2 => (actor(), 0..TASKS, person()).prop_map(|(a, t, p)| Step::Follow(a, t, p)),
        2 => (actor(), 0..2 * FILES, 0..2 * FILES).prop_map(|(a, i, f)| Step::Put(a, i, f)),
        4 => Just(Step::Run),
    ]
}

struct World {
    app: TestApp,
    people: Vec<Person>,
    tasks: Vec<String>,
    items: Vec<String>,
    /// Manually reassigned items: kinds with API ids.
    touched: Mutex<BTreeSet<(&'static str, String)>>,
}

/// The holders of each item, by kind.
type Holdings = BTreeMap<(String, Uuid), BTreeSet<Uuid>>;

impl World {
    async fn new() -> Self {
        let app = TestApp::with_chunk(2).await;
        let mut people = Vec::new();
        for n in 0..PEOPLE {
            let role = if n < ADMINISTRATORS {
                Role::Administrator
            } else {
                Role::Employee
            };
            people.push(app.person(&format!("person{n}"), role).await);
        }
        let mut tasks = Vec::new();
        for n in 0..TASKS {
            let made = app.tasks(1, &people[n % 5], &people[(n + 1) % PEOPLE]).await;
            tasks.extend(made.iter().map(ToString::to_string));
        }
        for n in 0..DEALS {
            let deals = app.deals(1, &people[n % PEOPLE]).await;
            app.activities(deals[0], &people[(n + 2) % PEOPLE]).await;
        }
        let items = Vec::new();
        let mut world = Self {
            app,
            people,
            tasks,
            items,
            touched: Mutex::default(),
        };
        world.members().await;
        world.drives().await;
        world.templates().await;
        world.integrations().await;
        world.department().await;
        world.calendars().await;
        world
    }

    /// Some tasks have participants and observers.
    async fn members(&self) {
        let member = |n: usize, role: MemberRole, person: usize| task_member::ActiveModel {
            task_id: Set(self.tasks[n].parse().unwrap()),
            role: Set(role),
            user_id: Set(self.people[person % PEOPLE].id),
        };
        let rows = (0..TASKS).step_by(2).flat_map(|n| {
            [
                member(n, MemberRole::Participant, n),
                member(n, MemberRole::Participant, n + 3),
                member(n, MemberRole::Observer, n + 1),
                member(n, MemberRole::Observer, n + 2),
            ]
        });
        task_member::Entity::insert_many(rows)
            .exec_without_returning(self.app.raw())
            .await
            .unwrap();
    }

    async fn holdings(&self) -> Holdings {
        let mut found = Holdings::new();
        for kind in kinds::ALL {
            let source = kind.source();
            let sql = format!(
                "SELECT {}, {} FROM {} {} WHERE {} AND {} IS NOT NULL",
                source.id, source.holder, source.table, source.join, source.filter, source.holder
            );
            for row in handover::store::db::query(self.app.raw(), &sql, [])
                .await
                .unwrap()
            {
                let (item, holder) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
                found
                    .entry((kinds::name(kind.kind()), item))
                    .or_default()
                    .insert(holder);
            }
        }
        found
    }

    fn touch(&self, kinds: &[&'static str], id: &str) {
        let mut touched = self.touched.lock().unwrap();
        touched.extend(kinds.iter().map(|kind| (*kind, id.to_owned())));
    }

    /// Rehires everybody with their work and undoes what is undoable, in random `order`.
    async fn everybody_comes_back(&self, order: u64) {
        let mut people: Vec<usize> = (0..PEOPLE).collect();
        people.rotate_left(usize::try_from(order % PEOPLE as u64).unwrap());
        if order & 64 > 0 {
            people.reverse();
        }
        for who in people {
            let rows = self.rows().await;
            let status = |n: usize| find(&rows, self.people[n].id);
            if status(who).is_active() {
                continue;
            }
            let actor = (0..ADMINISTRATORS).find(|n| status(*n).is_active()).unwrap();
            let input = json!({ "userId": self.people[who].id(), "returnWork": true });
            assert!(self.run(actor, "hireUser", input).await);
            self.app.drain().await;
        }
        let admin = Person {
            token: self.app.sign_in(&self.people[0]).await,
            ..self.people[0].clone()
        };
        // One undo can make another possible.
        for round in 0.. {
            assert!(round < 10, "undo does not terminate");
            let query = "{ handovers(first: 100) { nodes { id undoable } } }";
            let found = self.app.data(&admin, query, json!({})).await;
            let mut ids: Vec<String> = found["handovers"]["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|node| node["undoable"] == true)
                .map(|node| node["id"].as_str().unwrap().to_owned())
                .collect();
            if ids.is_empty() {
                return;
            }
            let place = usize::try_from(order).unwrap_or_default() % ids.len();
            ids.rotate_left(place);
            if order & 128 > 0 {
                ids.reverse();
            }
            for id in ids {
                let input = json!({ "handoverId": id });
                let told = self.app.refusal(&admin, "undoHandover", input).await;
                assert!(told.is_empty() || told == ["NOT_UNDOABLE handoverId"], "{told:?}");
                self.app.drain().await;
            }
        }
    }

    /// Items that nobody reassigned manually are with their first owner. Observers are not compared if a move added
    /// them with keepAsObserver.
    async fn untouched_work_is_home(&self, first: &Holdings, kept: bool) {
        let touched: BTreeSet<(&str, Uuid)> = self
            .touched
            .lock()
            .unwrap()
            .iter()
            .map(|(kind, id)| {
                (
                    *kind,
                    entity::id::decode_suffix(id.rsplit_once('_').unwrap().1).unwrap(),
                )
            })
            .collect();
        let now = self.holdings().await;
        for ((kind, item), holders) in first {
            if touched.contains(&(kind.as_str(), *item)) || (kept && kind == "TASK_OBSERVER") {
                continue;
            }
            assert_eq!(now.get(&(kind.clone(), *item)), Some(holders), "{kind} {item}");
        }
    }

    /// Folders with files, nested folders of other owners, and clashing names.
    async fn drives(&mut self) {
        let (db, clock) = (self.app.db(), self.app.db().clock());
        let now = clock.now();
        let mut rows: Vec<drive_item::Model> = self
            .people
            .iter()
            .map(|person| handover::domain::drive::my_drive(person.id, now))
            .collect();
        for n in 0..FILES {
            // Every third folder is inside the previous one, which has another owner.
            let owner = self.people[n % PEOPLE].id;
            let parent = if n % 3 == 2 {
                rows[rows.len() - 2].id
            } else {
                owner.0
            };
            let name = match n < PEOPLE {
                true => "Folder".to_owned(),
                false => format!("Folder {n}"),
            };
            let folder = handover::domain::drive::folder(clock.new_id(), Some(parent), owner, &name, now);
            let mut file =
                handover::domain::drive::folder(clock.new_id(), Some(folder.id), owner, "a.txt", now);
            file.folder = false;
            file.media_type = Some("text/plain".to_owned());
            file.sha256 = Some("0".repeat(64));
            self.items.extend([folder.text_id(), file.text_id()]);
            rows.extend([folder, file]);
        }
        let rows = &rows;
        db.write(move |tx: std::sync::Arc<handover::store::db::Tx>| async move {
            let rows = rows
                .iter()
                .cloned()
                .map(IntoActiveModel::into_active_model)
                .collect();
            Ok(handover::store::db::insert_all::<drive_item::ActiveModel>(&tx, rows).await?)
        })
        .await
        .unwrap();
    }

    /// The last person is head of everybody.
    async fn department(&self) {
        let (db, now) = (self.app.raw(), self.app.db().clock().now());
        let id = entity::DepartmentId(self.app.db().clock().new_id());
        let row = department::ActiveModel {
            id: Set(id),
            external_id: Set(None),
            name: Set("All".to_owned()),
            parent_id: Set(None),
            head_id: Set(Some(self.people[PEOPLE - 1].id)),
            created_at: Set(now),
            updated_at: Set(now),
        };
        department::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .unwrap();
        user::Entity::update_many()
            .col_expr(user::Column::DepartmentId, sea_orm::sea_query::Expr::value(id))
            .exec(db)
            .await
            .unwrap();
    }

    /// A calendar per person with a past and an upcoming event, each with one more attendee.
    async fn calendars(&self) {
        let (db, clock) = (self.app.raw(), self.app.db().clock());
        let now = clock.now();
        for n in 0..CALENDARS {
            let owner = self.people[n % PEOPLE].id;
            let id = CalendarId(clock.new_id());
            let row = calendar::ActiveModel {
                id: Set(id),
                name: Set(format!("Calendar {n}")),
                search_text: Set(format!("calendar {n}")),
                owner_id: Set(owner),
                kept_by_id: Set(owner),
                created_at: Set(now),
                updated_at: Set(now),
            };
            calendar::Entity::insert(row)
                .exec_without_returning(db)
                .await
                .unwrap();
            for days in [-2, 2] {
                let (event, at) = (
                    EventId(clock.new_id()),
                    (now + TimeDelta::days(days)).trunc_subsecs(0),
                );
                let row = event::ActiveModel {
                    id: Set(event),
                    calendar_id: Set(id),
                    organizer_id: Set(owner),
                    title: Set("Event".to_owned()),
                    search_text: Set("event".to_owned()),
                    starts_at: Set(Some(at)),
                    ends_at: Set(Some(at)),
                    over_at: Set(Some(at)),
                    created_at: Set(now),
                    updated_at: Set(now),
                    ..Default::default()
                };
                event::Entity::insert(row)
                    .exec_without_returning(db)
                    .await
                    .unwrap();
                let attendees =
                    [owner, self.people[(n + 2) % PEOPLE].id].map(|person| event_attendee::ActiveModel {
                        event_id: Set(event),
                        user_id: Set(person),
                    });
                event_attendee::Entity::insert_many(attendees)
                    .exec_without_returning(db)
                    .await
                    .unwrap();
            }
        }
    }

    /// Some with one person as creator and responsible, some with two people; none is due.
    async fn templates(&self) {
        let (db, clock) = (self.app.raw(), self.app.db().clock());
        let now = clock.now();
        let rows = (0..TEMPLATES).map(|n| task_template::ActiveModel {
            id: Set(TaskTemplateId(clock.new_id())),
            title: Set(format!("Template {n}")),
            search_text: Set(format!("template {n}")),
            recurrence: Set("FREQ=YEARLY".to_owned()),
            starts_at: Set(now),
            next_run_at: Set((n % 4 > 0).then_some(now + TimeDelta::days(365))),
            creator_id: Set(self.people[n % PEOPLE].id),
            responsible_id: Set(self.people[(n + n % 3) % PEOPLE].id),
            created_at: Set(now),
            updated_at: Set(now),
        });
        task_template::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await
            .unwrap();
    }

    /// Some active, some revoked.
    async fn integrations(&self) {
        let (db, clock) = (self.app.raw(), self.app.db().clock());
        let now = clock.now();
        let rows = (0..INTEGRATIONS).map(|n| integration::ActiveModel {
            id: Set(entity::IntegrationId(clock.new_id())),
            name: Set(format!("Integration {n}")),
            owner_id: Set(self.people[n % PEOPLE].id),
            scopes: Set("READ_AUDIT_LOG".to_owned()),
            created_at: Set(now),
            updated_at: Set(now),
            revoked_at: Set((n % 3 == 0).then_some(now)),
        });
        integration::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await
            .unwrap();
    }

    async fn rows(&self) -> Vec<user::Model> {
        user::Entity::find()
            .order_by_asc(user::Column::Id)
            .all(self.app.raw())
            .await
            .unwrap()
    }

    async fn changes(&self) -> u64 {
        audit_entry::Entity::find().count(self.app.raw()).await.unwrap()
    }

    fn moves(&self, moves: &[Move]) -> Value {
        let id = |n: &usize| self.people[*n].id();
        let tell = |wanted: &Move| {
            let drive = KINDS[wanted.kind] == "DRIVE";
            let to = match &wanted.to {
                // A drive is not split.
                To::Several(people) if drive => json!({ "userId": id(&people[0]) }),
                To::One(person) => json!({ "userId": id(person) }),
                To::Head => json!({ "headOfDepartment": true }),
                To::Several(people) => json!({ "evenlyAmong": people.iter().map(id).collect::<Vec<_>>() }),
            };
            let keep = wanted.keep && wanted.kind < 2;
            json!({ "kind": KINDS[wanted.kind], "to": to, "includeClosed": wanted.closed, "keepAsObserver": keep })
        };
        moves.iter().map(tell).collect()
    }

    async fn handover(&self, back: usize) -> Option<String> {
        let found = entity::handover::Entity::find()
            .order_by_desc(entity::handover::Column::Id)
            .all(self.app.raw())
            .await
            .unwrap();
        found.get(back).map(|row| row.id.to_string())
    }

    /// Runs a mutation as a person; returns whether it succeeded.
    async fn run(&self, actor: usize, name: &str, input: Value) -> bool {
        let rows = self.rows().await;
        if rows
            .iter()
            .any(|row| row.id == self.people[actor].id && !row.is_active())
        {
            // Tokens of dismissed people are invalid; rehired people need a new session.
            let query = format!(
                "mutation($i: {}{}Input!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}",
                name[..1].to_uppercase(),
                &name[1..]
            );
            let code = self
                .app
                .error(Some(&self.people[actor].token), &query, json!({ "i": input }))
                .await;
            assert_eq!(code, "UNAUTHENTICATED");
            return false;
        }
        let token = self.app.sign_in(&self.people[actor]).await;
        let query = format!(
            "mutation($i: {}{}Input!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}",
            name[..1].to_uppercase(),
            &name[1..]
        );
        let before = self.changes().await;
        let (_, answer) = self.app.ask(Some(&token), &query, json!({ "i": input })).await;
        let done = match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => {
                assert_eq!(code, "FORBIDDEN", "{answer}");
                false
            }
            None => answer["data"][name]["userErrors"] == json!([]),
        };
        if !done {
            assert_eq!(
                self.changes().await,
                before,
                "a refusal changed something: {answer}"
            );
            let statuses =
                |rows: &[user::Model]| rows.iter().map(|row| (row.id, row.status)).collect::<Vec<_>>();
            assert_eq!(statuses(&self.rows().await), statuses(&rows));
        }
        done
    }

    async fn take(&self, step: &Step) {
        let id = |n: &usize| self.people[*n].id();
        match step {
            Step::Dismiss(actor, who, moves) => {
                let before = self.status(self.people[*who].id).await;
                let mut input = json!({ "userId": id(who) });
                if !moves.is_empty() {
                    input["handover"] = self.moves(moves);
                }
                let changes = self.changes().await;
                let done = self.run(*actor, "dismissUser", input).await;
                if done {
                    assert_eq!(self.status(self.people[*who].id).await, UserStatus::Dismissed);
                    let changed = self.changes().await > changes;
                    if before != UserStatus::Dismissed {
                        assert!(changed, "{step:?}");
                    } else if moves.is_empty() {
                        assert!(!changed, "{step:?}");
                    }
                }
            }
            Step::Hire(actor, who, back) => {
                let before = self.rows().await;
                if self
                    .run(
                        *actor,
                        "hireUser",
                        json!({ "userId": id(who), "returnWork": back }),
                    )
                    .await
                {
                    let rows = self.rows().await;
                    let (old, new) = (
                        find(&before, self.people[*who].id),
                        find(&rows, self.people[*who].id),
                    );
                    assert_eq!(new.status, UserStatus::Active);
                    assert_eq!(
                        (&new.password_hash, &new.email, new.role),
                        (&old.password_hash, &old.email, old.role)
                    );
                }
            }
            Step::Reassign(actor, who, moves) => {
                let input = json!({ "fromUserId": id(who), "moves": self.moves(moves) });
                self.run(*actor, "bulkReassign", input).await;
            }
            Step::Undo(actor, back) => self.on_handover(*actor, "undoHandover", *back).await,
            Step::Cancel(actor, back) => self.on_handover(*actor, "cancelHandover", *back).await,
            Step::Retry(actor, back) => self.on_handover(*actor, "retryHandover", *back).await,
            Step::Give(actor, task, who) => {
                let input = json!({ "taskId": self.tasks[*task], "responsibleId": id(who) });
                if self.run(*actor, "updateTask", input).await {
                    self.touch(&["TASK_RESPONSIBLE"], &self.tasks[*task]);
                }
            }
            Step::List(actor, task, who) => {
                let task = &self.tasks[*task];
                let moves =
                    json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": id(who) }, "ids": [task] }]);
                if self.run(*actor, "bulkReassign", json!({ "moves": moves })).await {
                    self.touch(&["TASK_RESPONSIBLE"], task);
                }
            }
            Step::Close(actor, task) => {
                let input = json!({ "taskId": self.tasks[*task], "status": "COMPLETED" });
                self.run(*actor, "updateTask", input).await;
            }
            Step::Follow(actor, task, who) => {
                let input = json!({
                    "taskId": self.tasks[*task], "observerIds": [id(who)], "participantIds": [id(who)],
                });
                if self.run(*actor, "updateTask", input).await {
                    self.touch(&["TASK_OBSERVER", "TASK_PARTICIPANT"], &self.tasks[*task]);
                }
            }
            Step::Put(actor, item, folder) => {
                let folder = &self.items[folder / 2 * 2];
                let input = json!({ "itemIds": [self.items[*item]], "toFolderId": folder });
                if self.run(*actor, "moveDriveItems", input).await {
                    self.touch(&["DRIVE"], &self.items[*item]);
                }
            }
            Step::Run => self.app.drain().await,
        }
        let left = self
            .rows()
            .await
            .iter()
            .filter(|row| row.is_active() && row.role == Role::Administrator)
            .count();
        assert!(left > 0, "no administrator is left after {step:?}");
    }

    async fn on_handover(&self, actor: usize, name: &str, back: usize) {
        if let Some(id) = self.handover(back).await {
            self.run(actor, name, json!({ "handoverId": id })).await;
        }
    }

    async fn status(&self, id: UserId) -> UserStatus {
        find(&self.rows().await, id).status
    }

    async fn nothing_is_lost(&self) {
        let db = self.app.raw();
        let tasks = task::Entity::find().filter(task::Column::ResponsibleId.is_not_null());
        assert_eq!(tasks.count(db).await.unwrap(), TASKS as u64);
        let deals = crm_item::Entity::find().filter(crm_item::Column::ResponsibleId.is_not_null());
        assert_eq!(deals.count(db).await.unwrap(), DEALS as u64);
        // Owners of calendars never change, and no attendee besides the organiser is lost.
        for row in calendar::Entity::find().all(db).await.unwrap() {
            let place: usize = row.name.rsplit_once(' ').unwrap().1.parse().unwrap();
            assert_eq!(row.owner_id, self.people[place % PEOPLE].id);
        }
        let events = event::Entity::find().count(db).await.unwrap();
        let attendees = event_attendee::Entity::find().count(db).await.unwrap();
        assert!(events == 2 * CALENDARS as u64 && (events..=2 * events).contains(&attendees));
        assert_eq!(
            task_template::Entity::find().count(db).await.unwrap(),
            TEMPLATES as u64
        );
        let integrations = integration::Entity::find().count(db).await.unwrap();
        assert_eq!(integrations, INTEGRATIONS as u64);
        // Apart from folders created by handovers, no item was added or lost.
        let files = drive_item::Entity::find().filter(drive_item::Column::Folder.eq(false));
        assert_eq!(files.count(db).await.unwrap(), FILES as u64);
        let folders = drive_item::Entity::find()
            .filter(drive_item::Column::Folder.eq(true))
            .count(db)
            .await
            .unwrap();
        let made = entity::handover_part::Entity::find()
            .filter(entity::handover_part::Column::FolderId.is_not_null())
            .count(db)
            .await
            .unwrap();
        assert_eq!(folders, (PEOPLE + FILES) as u64 + made);
        self.app.sound().await;
    }
}

fn find(rows: &[user::Model], id: UserId) -> user::Model {
    rows.iter().find(|row| row.id == id).unwrap().clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_leaves_a_sound_company(
        steps in prop::collection::vec(step(), 1..30), order in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let first = world.holdings().await;
            for step in &steps {
                world.take(step).await;
            }
            world.app.drain().await;
            world.nothing_is_lost().await;
            world.everybody_comes_back(order).await;
            let keeps = |moves: &[Move]| moves.iter().any(|wanted| wanted.keep);
            let kept = steps.iter().any(|step| match step {
                Step::Dismiss(_, _, moves) | Step::Reassign(_, _, moves) => keeps(moves),
                _ => false,
            });
            world.untouched_work_is_home(&first, kept).await;
            world.nothing_is_lost().await;
        });
    }
}
