//! retryHandover: retries the failed items of a handover.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::crm_rule::CrmOperation;
use entity::handover::{HandoverState, Model as Handover};
use entity::handover_part::WorkKind;
use entity::{HandoverId, handover, handover_part};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::cancel::find;
use super::kinds::{self, Kind};
use super::undo::parts_of;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::crm::access::Access;
use crate::error::{Code, Outcome, refuse};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Queues the failed items again, and nothing else; if there are none, returns the handover unchanged.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::HandoverInProgress`] while it runs; [`Code::CrmAccessRequired`] if the caller, whoever
/// the original requester was, may not update the failed records.
pub async fn retry(db: &Db, actor: &Actor, id: HandoverId) -> Outcome<Handover> {
    db
        .write_as(actor, Needs::Permission(Permission::ReassignWork), move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let row = find(tx, id).await?;
            if !row.state.is_finished() {
                return refuse(Code::HandoverInProgress, "handoverId", "it is still running");
            }
            if row.failed == 0 {
                return Ok((row, Recorded::nothing_changed()));
            }
            let kinds: BTreeSet<WorkKind> = parts_of(&tx.conn, id).await?.into_iter().map(|part| part.kind).collect();
            for kind in kinds {
                check_crm_access(tx, actor, id, kinds::of(kind)).await?;
            }
            for statement in [
                "DELETE FROM handover_picks WHERE handover_id = $1",
                "INSERT INTO handover_picks (handover_id, part, subject_id) \
                 SELECT handover_id, part, subject_id FROM handover_entries WHERE handover_id = $1 AND outcome = 'FAILED'",
                "DELETE FROM handover_entries WHERE handover_id = $1 AND outcome = 'FAILED'",
                "UPDATE handover_lines SET failed = 0 WHERE handover_id = $1",
            ] {
                db::execute(&tx.conn, statement, [id.into()]).await?;
            }
            handover_part::Entity::update_many()
                .col_expr(handover_part::Column::Picked, Expr::value(true))
                .col_expr(handover_part::Column::InClosed, Expr::value(false))
                .col_expr(handover_part::Column::ScannedTo, Expr::value(None::<uuid::Uuid>))
                .col_expr(handover_part::Column::Done, Expr::value(false))
                .filter(handover_part::Column::HandoverId.eq(id))
                .exec(&tx.conn)
                .await?;
            handover::Entity::update_many()
                .col_expr(handover::Column::State, Expr::value(HandoverState::Queued))
                .col_expr(handover::Column::FinishedAt, Expr::value(None::<entity::Timestamp>))
                .col_expr(handover::Column::Failed, Expr::value(0_i64))
                .filter(handover::Column::Id.eq(id))
                .exec(&tx.conn)
                .await?;
            let data = json!({ "items": row.failed });
            let recorded =
                journal::record(tx, &actor.author(), Action::HandoverRetried, Some(id.into()), data).await?;
            Ok((find(tx, id).await?, recorded))
        })
        .await
}

/// Refuses to retry CRM records that the actor may not update.
async fn check_crm_access(tx: &Tx, actor: &Actor, ledger: HandoverId, kind: &dyn Kind) -> Outcome<()> {
    let Some(record) = kind.crm_record() else {
        return Ok(());
    };
    let access = Access::load(&tx.conn, actor, CrmOperation::Update).await?;
    if access.is_unlimited() {
        return Ok(());
    }
    let source = kind.source();
    let sql = format!(
        "SELECT 1 FROM handover_entries e JOIN {} ON {} = e.subject_id {} \
         WHERE e.handover_id = $2 AND e.kind = $3 AND e.outcome = 'FAILED' AND NOT {} LIMIT 1",
        source.table,
        source.id,
        source.join,
        access.sql(record, "$1")
    );
    let values = [access.person(), ledger.into(), kinds::name(kind.kind()).into()];
    if db::query(&tx.conn, &sql, values).await?.is_empty() {
        return Ok(());
    }
    let message = "your CRM roles do not let you update some of the records that would move";
    refuse(Code::CrmAccessRequired, "", message)
}
