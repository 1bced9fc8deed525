//! crm.csv: id, kind, title, stage, amount, currency, responsible_email, created_at.

use std::collections::HashSet;

use entity::crm_item;
use entity::{CrmItemId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::lookup::{self, People, nobody};
use super::source::Row;
use super::value::{self, Reason};
use super::{RowOutcome, RowStatus, Run};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// Imports CRM records. A record whose responsible is unknown is imported unassigned.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<RowOutcome>> {
    let there = lookup::imported(tx, "crm_items", rows.iter().filter_map(|row| row.get("id"))).await?;
    let people = People::of(tx, rows.iter().filter_map(|row| row.get("responsible_email"))).await?;
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        let address = row.get("responsible_email");
        let responsible = address.and_then(|address| people.get(address));
        let reasons = match (address, responsible) {
            (Some(address), None) => vec![nobody("responsible_email", address)],
            _ => Vec::new(),
        };
        let outcome = match read(tx, row, responsible, run) {
            Err(reason) => RowOutcome::rejected(reason),
            Ok((id, item)) => match there.get(&id) {
                Some(&taken) => match run.outcome_for_existing(taken, "id") {
                    RowOutcome(RowStatus::Unchanged, _) if run.correcting => {
                        RowOutcome(complete(tx, CrmItemId(taken), responsible).await?, reasons)
                    }
                    outcome => outcome,
                },
                None if !seen.insert(id) => RowOutcome::rejected(super::twice("id")),
                None => {
                    items.push(item);
                    RowOutcome(RowStatus::Added, reasons)
                }
            },
        };
        verdicts.push(outcome);
    }
    db::insert_all(tx, items).await?;
    Ok(verdicts)
}

fn read(
    tx: &Tx,
    row: &Row,
    responsible: Option<UserId>,
    run: &Run,
) -> Result<(String, crm_item::ActiveModel), Reason> {
    row.field_count_error().map_or(Ok(()), Err)?;
    let id = value::key(row, "id", input::NAME)?;
    let title = value::needed(row, "title", input::TITLE)?;
    let stage = value::text(row, "stage", input::NAME)?;
    let created_at = value::moment(row, "created_at")?.unwrap_or(tx.now);
    let item = crm_item::ActiveModel {
        id: Set(CrmItemId(run.id(created_at))),
        external_id: Set(Some(id.clone())),
        kind: Set(value::kind(row)?),
        search_text: Set(text::search_key(&title)),
        title: Set(title),
        closed: Set(value::is_closed(stage.as_deref())),
        stage: Set(stage),
        amount: Set(value::amount(row)?),
        currency: Set(value::currency(row)?),
        responsible_id: Set(responsible),
        opened_to_all: Set(false),
        created_at: Set(created_at),
        updated_at: Set(created_at),
    };
    Ok((id, item))
}

/// Assigns a record that was imported unassigned.
async fn complete(tx: &Tx, item: CrmItemId, responsible: Option<UserId>) -> Outcome<RowStatus> {
    let Some(responsible) = responsible else {
        return Ok(RowStatus::Unchanged);
    };
    let changed = crm_item::Entity::update_many()
        .col_expr(crm_item::Column::ResponsibleId, Expr::value(responsible))
        .col_expr(crm_item::Column::UpdatedAt, Expr::value(tx.now))
        .filter(crm_item::Column::Id.eq(item))
        .filter(crm_item::Column::ResponsibleId.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(if changed.rows_affected == 1 {
        RowStatus::Completed
    } else {
        RowStatus::Unchanged
    })
}
