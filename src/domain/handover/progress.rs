//! Progress of handovers, live.

use std::collections::{HashMap, VecDeque};

use entity::HandoverId;
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

/// Streams every handover that has not finished, and each one again when it changes. A slow reader gets the latest
/// state, not each step to it.
pub fn changes(live: &Live) -> impl Stream<Item = Handover> + use<> {
    let mut changes = live.current_handovers();
    // What runs already is news to this reader.
    changes.mark_changed();
    let seen: HashMap<HandoverId, Handover> = HashMap::new();
    let state = (changes, seen, VecDeque::new());
    stream::unfold(state, |(mut changes, mut seen, mut waiting)| async move {
        loop {
            if let Some(row) = waiting.pop_front() {
                return Some((row, (changes, seen, waiting)));
            }
            changes.changed().await.ok()?;
            let current = changes.borrow_and_update().clone();
            let changed = current.iter().filter(|row| seen.get(&row.id) != Some(row));
            waiting.extend(changed.cloned());
            seen = current.iter().map(|row| (row.id, row.clone())).collect();
        }
    })
}
