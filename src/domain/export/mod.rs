//! Lists as CSV files (RFC 4180), for spreadsheets: everything that the list shows to the caller, page by page.

mod lists;
mod write;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use entity::HandoverId;
use entity::handover_entry::HandoverOutcome;
use entity::handover_part::WorkKind;
use futures_util::{Stream, StreamExt, stream};

use crate::domain::audit::list::AuditFilter;
use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::reauthenticate;
use crate::domain::crm::list::CrmItemFilter;
use crate::domain::people::list::UserFilter;
use crate::domain::tasks::list::TaskFilter;
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page::{MAX_PAGE, PageArgs};

/// A list that can be exported.
#[derive(Debug, Clone)]
pub enum Export {
    /// People.
    People(UserFilter),
    /// The audit log.
    Audit(AuditFilter),
    /// Tasks.
    Tasks(TaskFilter),
    /// CRM records. Needs the CRM permission EXPORT.
    CrmItems(CrmItemFilter),
    /// The ledger of a handover: entries of a kind, or with an outcome.
    Ledger(HandoverId, Option<WorkKind>, Option<HandoverOutcome>),
}

/// Where an export continues.
struct Next {
    db: Db,
    actor: Actor,
    export: Arc<Export>,
    after: String,
}

/// Starts an export. The first page is read before anything is sent, so that a refusal is a proper response; the caller
/// is authenticated again for each page that follows.
///
/// # Errors
/// Those of the list.
pub async fn begin(
    db: Db,
    actor: Actor,
    export: Export,
) -> Result<impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static, Error> {
    let export = Arc::new(export);
    let (rows, after) = read(&db, &actor, &export, None).await?;
    let mut first = write::BYTE_ORDER_MARK.to_vec();
    first.extend(write::rows(std::iter::once(lists::columns(&export)))?);
    first.extend(write::rows(rows)?);
    let next = after.map(|after| Next {
        db,
        actor,
        export,
        after,
    });
    let rest = stream::try_unfold(next, |next| async {
        match next {
            Some(next) => continued(next).await.map(Some).map_err(io::Error::other),
            None => Ok(None),
        }
    });
    let first = stream::once(async { Ok(Bytes::from(first)) });
    Ok(first.chain(rest))
}

async fn continued(next: Next) -> Result<(Bytes, Option<Next>), Error> {
    let actor = reauthenticate(&next.db, &next.actor).await?;
    let (rows, after) = read(&next.db, &actor, &next.export, Some(next.after)).await?;
    let bytes = write::rows(rows)?.into();
    let next = after.map(|after| Next {
        db: next.db,
        actor,
        export: next.export,
        after,
    });
    Ok((bytes, next))
}

async fn read(
    db: &Db,
    actor: &Actor,
    export: &Export,
    after: Option<String>,
) -> Result<(Vec<Vec<String>>, Option<String>), Error> {
    let args = PageArgs {
        first: Some(MAX_PAGE),
        after,
        ..PageArgs::default()
    };
    lists::read(db, actor, export, &args).await
}
