//! Progress of a handover, live.

use entity::handover::Model as Handover;
use futures_util::{Stream, stream};

use crate::domain::live::Live;

/// Streams the handover in its current state, then each change, until it has finished.
pub fn progress(live: &Live, now: Handover) -> impl Stream<Item = Handover> + use<> {
    let changes = live.handover(&now);
    stream::unfold(Some((changes, Some(now))), |state| async move {
        let (mut changes, first) = state?;
        let row = match first {
            Some(row) => row,
            None => {
                changes.changed().await.ok()?;
                changes.borrow_and_update().clone()?
            }
        };
        let next = (!row.state.is_finished()).then_some((changes, None));
        Some((row, next))
    })
}
