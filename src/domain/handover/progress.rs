//! How far a handover is, as it happens.

use std::sync::Arc;

use entity::handover::Model as Handover;
use futures_util::{Stream, stream};

use crate::app::App;

/// The handover as it is, then each time it has changed, until it is over.
pub fn progress(app: Arc<App>, now: Handover) -> impl Stream<Item = (Arc<App>, Handover)> {
    let changes = app.live.handover(&now);
    stream::unfold(Some((app, changes, Some(now))), |state| async move {
        let (app, mut changes, first) = state?;
        let row = match first {
            Some(row) => row,
            None => {
                changes.changed().await.ok()?;
                changes.borrow_and_update().clone()?
            }
        };
        let next = (!row.state.is_finished()).then(|| (Arc::clone(&app), changes, None));
        Some(((app, row), next))
    })
}
