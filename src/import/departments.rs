//! departments.csv: id, name, parent_id, head_email.

use std::collections::{HashMap, HashSet};

use entity::{DepartmentId, UserId, department};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use super::lookup::{self, People};
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// Imports departments; [`link`] joins them into a tree.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let there = lookup::imported(tx, "departments", rows.iter().filter_map(|row| row.get("id"))).await?;
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let outcome = match read(row) {
            Err(reason) => RowOutcome::rejected(reason),
            Ok((id, name)) => match there.get(&id) {
                Some(&taken) => run.outcome_for_existing(taken, "id"),
                None if !seen.insert(id.clone()) => RowOutcome::rejected(super::twice("id")),
                None => {
                    new.push(department::ActiveModel {
                        id: Set(DepartmentId(run.id(tx.now))),
                        external_id: Set(Some(id)),
                        name: Set(name),
                        parent_id: Set(None),
                        head_id: Set(None),
                        created_at: Set(tx.now),
                        updated_at: Set(tx.now),
                    });
                    RowOutcome(RowStatus::Added, Vec::new())
                }
            },
        };
        verdicts.push(outcome);
    }
    db::insert_all(tx, new).await?;
    Ok(verdicts)
}

fn read(row: &Row) -> Result<(String, String), Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    Ok((
        value::key(row, "id", input::NAME)?,
        value::needed(row, "name", input::NAME)?,
    ))
}

/// Sets heads and parents of departments that are new in this import or come from a corrected rejects file.
///
/// # Errors
/// When the database fails.
pub async fn link(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("id").chain(named("parent_id"))).await?;
    let mut links = Links {
        people: People::of(tx, named("head_email")).await?,
        tree: Tree::load(tx, run).await?,
        departments,
        run,
    };
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        verdicts.push(match links.department_of(row) {
            Some(id) => links.link(tx, row, id).await?,
            None => RowOutcome(RowStatus::Unchanged, Vec::new()),
        });
    }
    Ok(verdicts)
}

/// The departments and people that the rows of a batch refer to.
struct Links<'a> {
    departments: HashMap<String, Uuid>,
    people: People,
    tree: Tree,
    run: &'a Run,
}

impl Links<'_> {
    /// The department of a row, if this import may change it.
    fn department_of(&self, row: &Row) -> Option<DepartmentId> {
        let id = row.get("id").and_then(|id| self.departments.get(id)).copied();
        id.filter(|id| row.field_count_error().is_none() && (self.run.has_added(*id) || self.run.correcting))
            .map(DepartmentId)
    }

    /// Sets the parent and the head that a department lacks; it gets a numbered name if a sibling has its name.
    async fn link(&mut self, tx: &Tx, row: &Row, id: DepartmentId) -> Outcome<RowOutcome> {
        let before = self.tree.place(id);
        let (place, mut reasons) = self.find_place(row, id);
        let is_new = self.run.has_added(id.0);
        let new_name = match row.get("name") {
            Some(name) if is_new || place.parent != before.parent => self.tree.free_name(name, place.parent),
            _ => None,
        };
        if let Some(name) = &new_name {
            reasons.push(format!(
                "name: a sibling department has the same name; imported as {name:?}"
            ));
        }
        if place != before || new_name.is_some() {
            self.tree.places.insert(id, place);
            let changed = department::ActiveModel {
                id: Set(id),
                parent_id: Set(place.parent),
                head_id: Set(place.head),
                name: new_name.map_or(NotSet, Set),
                updated_at: Set(tx.now),
                ..Default::default()
            };
            department::Entity::update(changed)
                .exec_without_returning(&tx.conn)
                .await?;
        }
        let fate = match place != before && !is_new {
            true => RowStatus::Completed,
            false => RowStatus::Unchanged,
        };
        Ok(RowOutcome(fate, reasons))
    }

    /// Looks up the parent and the head that a department lacks; also returns the references that can't be resolved.
    fn find_place(&self, row: &Row, id: DepartmentId) -> (Place, Vec<Reason>) {
        let mut place = self.tree.place(id);
        let mut reasons = Vec::new();
        if let (None, Some(wanted)) = (place.parent, row.get("parent_id")) {
            match self.departments.get(wanted).copied().map(DepartmentId) {
                None => reasons.push(format!("parent_id: unknown department {wanted:?}")),
                Some(above) if self.tree.is_below(above, id) => {
                    reasons.push("parent_id: the department would be its own ancestor".to_owned());
                }
                found => place.parent = found,
            }
        }
        if let (None, Some(wanted)) = (place.head, row.get("head_email")) {
            place.head = self.people.get(wanted);
            if place.head.is_none() {
                reasons.push(lookup::nobody("head_email", wanted));
            }
        }
        (place, reasons)
    }
}

/// The parent and the head of a department.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    parent: Option<DepartmentId>,
    head: Option<UserId>,
}

/// All departments, including the changes of this import.
struct Tree {
    places: HashMap<DepartmentId, Place>,
    /// The names that are taken below a parent.
    names: HashSet<(Option<DepartmentId>, String)>,
}

impl Tree {
    async fn load(tx: &Tx, run: &Run) -> Outcome<Self> {
        let all: Vec<(DepartmentId, Option<DepartmentId>, Option<UserId>, String)> =
            department::Entity::find()
                .select_only()
                .columns([
                    department::Column::Id,
                    department::Column::ParentId,
                    department::Column::HeadId,
                    department::Column::Name,
                ])
                .into_tuple()
                .all(&tx.conn)
                .await?;
        let mut tree = Self {
            places: HashMap::with_capacity(all.len()),
            names: HashSet::new(),
        };
        for (id, parent, head, name) in all {
            tree.places.insert(id, Place { parent, head });
            // Departments added by this import have no parent yet, so their names are not taken yet.
            if !run.has_added(id.0) {
                tree.names.insert((parent, name));
            }
        }
        Ok(tree)
    }

    fn place(&self, id: DepartmentId) -> Place {
        self.places.get(&id).copied().unwrap_or_default()
    }

    /// Reserves a name below `parent`; returns a numbered name if it is taken.
    fn free_name(&mut self, name: &str, parent: Option<DepartmentId>) -> Option<String> {
        if self.names.insert((parent, name.to_owned())) {
            return None;
        }
        let mut number = 2_u32;
        loop {
            let other = format!("{name} ({number})");
            if self.names.insert((parent, other.clone())) {
                return Some(other);
            }
            number += 1;
        }
    }

    /// Whether `place` is `root` or one of its descendants.
    fn is_below(&self, place: DepartmentId, root: DepartmentId) -> bool {
        let mut place = Some(place);
        while let Some(here) = place {
            if here == root {
                return true;
            }
            place = self.place(here).parent;
        }
        false
    }
}
