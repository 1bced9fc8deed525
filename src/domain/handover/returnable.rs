//! Counts what an undo would return.

use super::kinds::{self, Kind};
use super::returns::{ReturnLine, Returning};
use super::selection::Sql;
use crate::domain::crm::access::Access;
use crate::error::Error;
use crate::store::db::Db;
use entity::handover_part::WorkKind;
use entity::{HandoverId, handover, handover_part};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use std::collections::{HashMap, HashSet};

/// Returns what each kind of these parts would return, in order.
pub fn of_parts(undone: HandoverId, parts: &[handover_part::Model]) -> Vec<Returning> {
    let mut seen = HashSet::new();
    let mut found: Vec<WorkKind> = parts.iter().map(|part| part.kind).collect();
    found.retain(|kind| seen.insert(*kind));
    found.sort_unstable();
    found
        .into_iter()
        .map(|kind| Returning {
            undone,
            kind: kinds::of(kind),
            undoing: None,
        })
        .collect()
}

/// Returns which of these handovers can be undone: finished ones that are no undo, are not being undone, and of which
/// something can be returned.
///
/// # Errors
/// When the database fails.
pub async fn undoable(db: &Db, ids: &[HandoverId]) -> Result<HashMap<HandoverId, bool>, Error> {
    let conn = db.read();
    let rows = handover::Entity::find()
        .filter(handover::Column::Id.is_in(ids.iter().copied()))
        .filter(handover::Column::Moved.gt(0))
        .all(conn)
        .await?;
    let parts = handover_part::Entity::find()
        .filter(
            handover_part::Column::HandoverId
                .is_in(ids.iter().copied())
                .or(handover_part::Column::UndoesId.is_in(ids.iter().copied())),
        )
        .all(conn)
        .await?;
    let undoing: HashSet<HandoverId> = parts
        .iter()
        .filter(|part| part.undoes_id.is_some())
        .map(|part| part.handover_id)
        .collect();
    let running: HashSet<HandoverId> = super::list::by_ids(db, &undoing.iter().copied().collect::<Vec<_>>())
        .await?
        .into_values()
        .filter(|row| !row.state.is_finished())
        .map(|row| row.id)
        .collect();
    let busy: HashSet<HandoverId> = parts
        .iter()
        .filter(|part| running.contains(&part.handover_id))
        .filter_map(|part| part.undoes_id)
        .collect();
    let candidates: Vec<HandoverId> = rows
        .iter()
        .filter(|row| row.state.is_finished() && !undoing.contains(&row.id) && !busy.contains(&row.id))
        .map(|row| row.id)
        .collect();
    let mut found: HashMap<HandoverId, bool> = ids.iter().map(|id| (*id, false)).collect();
    let lying = unmoved(conn, &candidates, &parts).await?;
    for id in candidates {
        let own: Vec<handover_part::Model> = parts
            .iter()
            .filter(|part| part.handover_id == id)
            .cloned()
            .collect();
        let can = lying.contains(&id) || anything(conn, id, &own).await?;
        found.insert(id, can);
    }
    Ok(found)
}

/// Returns the handovers of which an item is still where they put it and was moved by no other handover: one statement
/// for all of them.
pub async fn unmoved(
    conn: &impl ConnectionTrait,
    ids: &[HandoverId],
    parts: &[handover_part::Model],
) -> Result<HashSet<HandoverId>, Error> {
    let mut sql = Sql::default();
    let one = |kind: &&'static dyn Kind| {
        let with: HashSet<HandoverId> = parts
            .iter()
            .filter(|part| part.kind == kind.kind() && ids.contains(&part.handover_id))
            .map(|part| part.handover_id)
            .collect();
        if with.is_empty() {
            return None;
        }
        let source = kind.source();
        let list: Vec<String> = with.into_iter().map(|id| sql.bind(id)).collect();
        Some(format!(
            "SELECT h.id FROM handovers h WHERE h.id IN ({list}) AND EXISTS (SELECT 1 FROM handover_entries b \
             JOIN {table} ON {id} = b.subject_id AND {holder} = b.to_id AND {only} AND {undo_condition} \
             WHERE b.handover_id = h.id AND b.kind = '{name}' AND b.outcome = 'MOVED' \
             AND NOT EXISTS (SELECT 1 FROM handover_entries o WHERE o.subject_id = b.subject_id AND o.kind = b.kind \
                 AND o.handover_id <> b.handover_id AND o.outcome = 'MOVED'))",
            list = list.join(", "),
            table = source.table,
            id = source.id,
            holder = source.holder,
            only = source.filter,
            undo_condition = kind.undo_condition(),
            name = kinds::name(kind.kind()),
        ))
    };
    let statements: Vec<String> = kinds::ALL.iter().filter_map(one).collect();
    if statements.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = sql.query(conn, &statements.join(" UNION ALL ")).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, DbErr>>()?)
}

/// Returns whether anything of a handover would be returned now.
///
/// # Errors
/// When the database fails.
pub async fn anything(
    conn: &impl ConnectionTrait,
    undone: HandoverId,
    parts: &[handover_part::Model],
) -> Result<bool, Error> {
    for returning in of_parts(undone, parts) {
        if returning.anything(conn).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn add(lines: &mut Vec<ReturnLine>, line: ReturnLine) {
    let same = |known: &&mut ReturnLine| known.kind == line.kind && known.from == line.from;
    match lines.iter_mut().find(same) {
        Some(known) => {
            known.returnable += line.returnable;
            known.moved_on += line.moved_on;
            known.unreachable += line.unreachable;
        }
        None => lines.push(line),
    }
}

/// Counts what several handovers would return, by kind and current holder.
///
/// # Errors
/// When the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    access: &Access,
    undone: &[(HandoverId, Vec<handover_part::Model>)],
) -> Result<Vec<ReturnLine>, Error> {
    let mut lines: Vec<ReturnLine> = Vec::new();
    for (id, parts) in undone {
        for returning in of_parts(*id, parts) {
            for line in returning.count(conn, access).await? {
                add(&mut lines, line);
            }
        }
    }
    lines.sort_by_key(|line| (line.kind, line.from));
    Ok(lines)
}
