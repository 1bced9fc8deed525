//! Queries on handovers and their ledgers.

use std::collections::HashMap;

use entity::handover::{self, HandoverState};
use entity::handover_entry::{self, HandoverOutcome};
use entity::handover_part::{self, WorkKind};
use entity::{HandoverId, Timestamp, UserId};
use entity::{handover_line, handover_recipient};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::domain::auth::Actor;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{By, Order, Page, PageArgs};

/// Filter of handovers.
#[derive(Debug, Clone, Default)]
pub struct HandoverFilter {
    /// Person whose work was moved.
    pub from: Option<UserId>,
    /// Person who gets work by it.
    pub recipient: Option<UserId>,
    /// Person who requested it.
    pub requested_by: Option<UserId>,
    /// States.
    pub state: Option<Vec<HandoverState>>,
    /// Created at this time or later.
    pub created_since: Option<Timestamp>,
    /// Created before this time.
    pub created_until: Option<Timestamp>,
    /// Whether items failed.
    pub has_failures: Option<bool>,
}

/// Returns a page of handovers, newest first.
///
/// # Errors
/// [`Error::Forbidden`] without the permission; [`Error::BadInput`] for invalid arguments.
pub async fn handovers(
    db: &Db,
    actor: &Actor,
    filter: &HandoverFilter,
    args: &PageArgs,
) -> Result<Page<handover::Model>, Error> {
    actor.require_ledgers()?;
    use handover::Column;
    let for_recipient = filter.recipient.map(|person| {
        let handovers = handover_recipient::Entity::find()
            .select_only()
            .column(handover_recipient::Column::HandoverId)
            .filter(handover_recipient::Column::UserId.eq(person));
        Column::Id.in_subquery(handovers.into_query())
    });
    let failures = filter.has_failures.map(|failures| match failures {
        true => Column::Failed.gt(0),
        false => Column::Failed.eq(0),
    });
    let condition = Condition::all()
        .add_option(filter.from.map(|person| Column::FromUserId.eq(person)))
        .add_option(for_recipient)
        .add_option(filter.requested_by.map(|person| Column::RequestedById.eq(person)))
        .add_option(
            filter
                .state
                .as_ref()
                .map(|states| Column::State.is_in(states.iter().copied())),
        )
        .add_option(filter.created_since.map(|at| Column::CreatedAt.gte(at)))
        .add_option(filter.created_until.map(|at| Column::CreatedAt.lt(at)))
        .add_option(failures);
    let select = handover::Entity::find().filter(condition);
    let order = Order::by_id(Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns a page of a handover's ledger, by kind and item.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn entries(
    db: &Db,
    id: HandoverId,
    kind: Option<WorkKind>,
    outcome: Option<HandoverOutcome>,
    args: &PageArgs,
) -> Result<Page<handover_entry::Model>, Error> {
    let mut select = handover_entry::Entity::find().filter(handover_entry::Column::HandoverId.eq(id));
    if let Some(kind) = kind {
        select = select.filter(handover_entry::Column::Kind.eq(kind));
    }
    if let Some(outcome) = outcome {
        select = select.filter(handover_entry::Column::Outcome.eq(outcome));
    }
    let order = Order {
        tag: "entry",
        by: Some(By::of::<String>(Expr::col(handover_entry::Column::Kind))),
        id: Expr::col(handover_entry::Column::SubjectId),
        descending: false,
    };
    page::fetch(db.read(), select, order, args, |row| row.subject_id).await
}

/// Primary key of a ledger entry: the handover, the kind of work and the item.
pub type EntryKey = (HandoverId, WorkKind, Uuid);

/// Returns ledger entries by their keys.
///
/// # Errors
/// When the database fails.
pub async fn entries_by_keys(
    db: &Db,
    keys: &[EntryKey],
) -> Result<HashMap<EntryKey, handover_entry::Model>, Error> {
    use handover_entry::Column;
    let mut of_handovers: HashMap<(HandoverId, WorkKind), Vec<Uuid>> = HashMap::new();
    for &(handover, kind, subject) in keys {
        of_handovers.entry((handover, kind)).or_default().push(subject);
    }
    let mut wanted = Condition::any();
    for ((handover, kind), subjects) in of_handovers {
        wanted = wanted.add(
            Condition::all()
                .add(Column::HandoverId.eq(handover))
                .add(Column::Kind.eq(kind))
                .add(Column::SubjectId.is_in(subjects)),
        );
    }
    let rows = handover_entry::Entity::find()
        .filter(wanted)
        .all(db.read())
        .await?;
    let keyed = rows
        .into_iter()
        .map(|row| ((row.handover_id, row.kind, row.subject_id), row));
    Ok(keyed.collect())
}

/// Returns handovers by id.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[HandoverId]) -> Result<HashMap<HandoverId, handover::Model>, Error> {
    db::by_ids::<handover::Entity, _>(db.read(), handover::Column::Id, ids, |row| row.id).await
}

/// Returns the results of each handover by kind and recipient.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    db: &Db,
    ids: &[HandoverId],
) -> Result<HashMap<HandoverId, Vec<handover_line::Model>>, Error> {
    let mut rows = handover_line::Entity::find()
        .filter(handover_line::Column::HandoverId.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    rows.sort_by_key(|row| (row.kind, row.user_id));
    let mut found: HashMap<HandoverId, Vec<handover_line::Model>> = HashMap::new();
    for row in rows {
        found.entry(row.handover_id).or_default().push(row);
    }
    Ok(found)
}

/// Undo relations of a handover.
#[derive(Debug, Clone, Copy, Default)]
pub struct Undoing {
    /// The handover it undoes; the latest, if there are several.
    pub undoes: Option<HandoverId>,
    /// The latest handover that undoes it and was not cancelled.
    pub undone_by: Option<HandoverId>,
}

/// Returns the undo relations of handovers.
///
/// # Errors
/// When the database fails.
pub async fn undoing(db: &Db, ids: &[HandoverId]) -> Result<HashMap<HandoverId, Undoing>, Error> {
    let rows = handover_part::Entity::find()
        .filter(
            handover_part::Column::UndoesId
                .is_in(ids.iter().copied())
                .or(handover_part::Column::HandoverId.is_in(ids.iter().copied())),
        )
        .filter(handover_part::Column::UndoesId.is_not_null())
        .order_by_asc(handover_part::Column::HandoverId)
        .order_by_asc(handover_part::Column::UndoesId)
        .all(db.read())
        .await?;
    let undoing: Vec<HandoverId> = rows.iter().map(|part| part.handover_id).collect();
    let undoing = by_ids(db, &undoing).await?;
    let mut found: HashMap<HandoverId, Undoing> = HashMap::new();
    for part in rows {
        let Some(undone) = part.undoes_id else { continue };
        found.entry(part.handover_id).or_default().undoes = Some(undone);
        if undoing
            .get(&part.handover_id)
            .is_some_and(|row| row.state != HandoverState::Cancelled)
        {
            found.entry(undone).or_default().undone_by = Some(part.handover_id);
        }
    }
    Ok(found)
}

/// Returns the kind of work with this stored name.
pub fn kind_named(name: &str) -> Option<WorkKind> {
    WorkKind::try_from_value(&name.to_owned()).ok()
}
