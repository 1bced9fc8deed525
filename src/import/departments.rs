//! departments.csv: id, name, parent_id, head_email.

use std::collections::{HashMap, HashSet};

use entity::{DepartmentId, UserId, department};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{EntityTrait, QuerySelect};

use super::lookup::{self, People};
use super::source::Row;
use super::value::{self, Reason};
use super::{Fate, Run, Verdict};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// Makes departments; [`link`] joins them into a tree.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let there = lookup::imported(tx, "departments", rows.iter().filter_map(|row| row.get("id"))).await?;
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let verdict = match read(row) {
            Err(reason) => Verdict::rejected(reason),
            Ok((id, name)) => match there.get(&id) {
                Some(&taken) => run.verdict_on_existing(taken, "id"),
                None if !seen.insert(id.clone()) => Verdict::rejected(super::twice("id")),
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
                    Verdict(Fate::Added, Vec::new())
                }
            },
        };
        verdicts.push(verdict);
    }
    db::insert_all(tx, new).await?;
    Ok(verdicts)
}

fn read(row: &Row) -> Result<(String, String), Reason> {
    row.misshapen().map_or(Ok(()), Err)?;
    Ok((
        value::key(row, "id", input::NAME)?,
        value::needed(row, "name", input::NAME)?,
    ))
}

/// Gives the departments of this import, or those that have been corrected, their heads and the departments above.
///
/// # Errors
/// When the database fails.
pub async fn link(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("id").chain(named("parent_id"))).await?;
    let people = People::of(tx, named("head_email")).await?;
    let all: Vec<(DepartmentId, Option<DepartmentId>, Option<UserId>, String)> = department::Entity::find()
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
    // What this import has made has no place yet: its name is free until it has one.
    let placed = |id: &DepartmentId| !run.has_made(id.0);
    let mut names: HashSet<(Option<DepartmentId>, String)> = all
        .iter()
        .filter(|(id, ..)| placed(id))
        .map(|(_, parent, _, name)| (*parent, name.clone()))
        .collect();
    let mut tree: HashMap<DepartmentId, (Option<DepartmentId>, Option<UserId>)> = all
        .into_iter()
        .map(|(id, parent, head, _)| (id, (parent, head)))
        .collect();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row
            .get("id")
            .and_then(|id| departments.get(id))
            .copied()
            .map(DepartmentId);
        let Some(id) = id.filter(|id| row.misshapen().is_none() && (run.has_made(id.0) || run.correcting))
        else {
            verdicts.push(Verdict(Fate::Unchanged, Vec::new()));
            continue;
        };
        let (mut parent, mut head) = tree.get(&id).copied().unwrap_or_default();
        let before = (parent, head);
        let mut reasons = Vec::new();
        if let (None, Some(wanted)) = (parent, row.get("parent_id")) {
            match departments.get(wanted).copied().map(DepartmentId) {
                None => reasons.push(format!("parent_id: there is no department {wanted:?}")),
                Some(above) if is_below(&tree, above, id) => {
                    reasons.push("parent_id: the department would stand below itself".to_owned());
                }
                found => parent = found,
            }
        }
        if let (None, Some(wanted)) = (head, row.get("head_email")) {
            head = people.get(wanted);
            if head.is_none() {
                reasons.push(lookup::nobody("head_email", wanted));
            }
        }
        let new_name = match row.get("name") {
            Some(name) if run.has_made(id.0) || parent != before.0 => free_name(name, parent, &mut names),
            _ => None,
        };
        if let Some(name) = &new_name {
            reasons.push(format!(
                "name: a department beside it has this name, so it is called {name:?}"
            ));
        }
        if (parent, head) != before || new_name.is_some() {
            tree.insert(id, (parent, head));
            let changed = department::ActiveModel {
                id: Set(id),
                parent_id: Set(parent),
                head_id: Set(head),
                name: new_name.map_or(NotSet, Set),
                updated_at: Set(tx.now),
                ..Default::default()
            };
            department::Entity::update(changed)
                .exec_without_returning(&tx.conn)
                .await?;
        }
        let completed = (parent, head) != before && !run.has_made(id.0);
        verdicts.push(Verdict(
            if completed {
                Fate::Completed
            } else {
                Fate::Unchanged
            },
            reasons,
        ));
    }
    Ok(verdicts)
}

/// Takes a name below `parent`; answers another one where that is taken.
fn free_name(
    name: &str,
    parent: Option<DepartmentId>,
    names: &mut HashSet<(Option<DepartmentId>, String)>,
) -> Option<String> {
    if names.insert((parent, name.to_owned())) {
        return None;
    }
    let mut number = 2_u32;
    loop {
        let other = format!("{name} ({number})");
        if names.insert((parent, other.clone())) {
            return Some(other);
        }
        number += 1;
    }
}

/// Whether `place` is `root` or below it.
fn is_below<T>(
    tree: &HashMap<DepartmentId, (Option<DepartmentId>, T)>,
    place: DepartmentId,
    root: DepartmentId,
) -> bool {
    let mut place = Some(place);
    while let Some(here) = place {
        if here == root {
            return true;
        }
        place = tree.get(&here).and_then(|(parent, _)| *parent);
    }
    false
}
