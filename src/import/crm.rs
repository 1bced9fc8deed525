//! crm.csv: id, kind, title, stage, amount, currency, responsible_email, created_at.

use std::collections::HashSet;

use entity::crm_item;
use entity::{CrmItemId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::lookup::{self, People, nobody};
use super::source::Row;
use super::value::{self, Reason};
use super::{Fate, Run, Verdict};
use crate::error::Outcome;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::input;

/// Makes CRM records. A record whose responsible is unknown comes in unassigned.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx, rows: &[Row], run: &Run) -> Outcome<Vec<Verdict>> {
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
        let verdict = match read(tx, row, responsible, run) {
            Err(reason) => Verdict::rejected(reason),
            Ok((id, item)) => match there.get(&id) {
                Some(&taken) => match run.verdict_on_existing(taken, "id") {
                    Verdict(Fate::Unchanged, _) if run.correcting => {
                        Verdict(complete(tx, CrmItemId(taken), responsible).await?, reasons)
                    }
                    verdict => verdict,
                },
                None if !seen.insert(id) => Verdict::rejected(super::twice("id")),
                None => {
                    items.push(item);
                    Verdict(Fate::Added, reasons)
                }
            },
        };
        verdicts.push(verdict);
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
    row.misshapen().map_or(Ok(()), Err)?;
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

/// Gives a record that came in unassigned to somebody.
async fn complete(tx: &Tx, item: CrmItemId, responsible: Option<UserId>) -> Outcome<Fate> {
    let Some(responsible) = responsible else {
        return Ok(Fate::Unchanged);
    };
    let changed = crm_item::Entity::update_many()
        .col_expr(crm_item::Column::ResponsibleId, Expr::value(responsible))
        .col_expr(crm_item::Column::UpdatedAt, Expr::value(tx.now))
        .filter(crm_item::Column::Id.eq(item))
        .filter(crm_item::Column::ResponsibleId.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(if changed.rows_affected == 1 {
        Fate::Completed
    } else {
        Fate::Unchanged
    })
}
