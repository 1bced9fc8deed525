//! departments.csv: id, name, parent_id, head_email.

use std::collections::{HashMap, HashSet};

use entity::{DepartmentId, UserId, department};
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};

use super::lookup::{self, People};
use super::source::Row;
use super::value::{self, Reason};
use super::{Fate, Run, Verdict};
use crate::db::{self, Tx};
use crate::error::Outcome;
use crate::input;

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
                        id: Set(DepartmentId(tx.new_id())),
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
        value::needed(row, "id", input::NAME)?,
        value::needed(row, "name", input::NAME)?,
    ))
}

/// Gives the departments of this import, or those that have been mended, their heads and the departments above.
///
/// # Errors
/// When the database fails.
pub async fn link(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
    let named = |column: &'static str| rows.iter().filter_map(move |row| row.get(column));
    let departments = lookup::imported(tx, "departments", named("id").chain(named("parent_id"))).await?;
    let people = People::of(tx, named("head_email")).await?;
    let mut tree: HashMap<DepartmentId, (Option<DepartmentId>, Option<UserId>)> = department::Entity::find()
        .select_only()
        .columns([
            department::Column::Id,
            department::Column::ParentId,
            department::Column::HeadId,
        ])
        .into_tuple()
        .all(&tx.conn)
        .await?
        .into_iter()
        .map(|(id, parent, head)| (id, (parent, head)))
        .collect();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row
            .get("id")
            .and_then(|id| departments.get(id))
            .copied()
            .map(DepartmentId);
        let Some(id) = id.filter(|id| row.misshapen().is_none() && (id.0 > run.began || run.mending)) else {
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
        if (parent, head) != before {
            tree.insert(id, (parent, head));
            let changed = department::ActiveModel {
                id: Set(id),
                parent_id: Set(parent),
                head_id: Set(head),
                updated_at: Set(tx.now),
                ..Default::default()
            };
            department::Entity::update(changed)
                .exec_without_returning(&tx.conn)
                .await?;
        }
        let completed = (parent, head) != before && id.0 < run.began;
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
