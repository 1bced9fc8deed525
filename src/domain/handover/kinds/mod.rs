//! The kinds of work, one file each: where held items are found, and the statements that apply the ledger.
//!
//! A new kind is a file here, a line in [`ALL`] and a value of [`WorkKind`].
//!
//! The engine ([`run`](super::run)) first writes the ledger of a chunk, from what [`Kind::source`] finds; then the kind's
//! statements apply the ledger to the work. So the record and the result can't differ.

mod calendar;
mod crm_activity;
mod crm_records;
mod department_head;
mod drive;
mod event_organizer;
mod integration;
mod task_creator;
mod task_members;
mod task_responsible;
mod task_template;

use entity::Timestamp;
use entity::handover_part::{Model as Part, WorkKind};
use futures_util::future::BoxFuture;
use sea_orm::Value;

pub use self::drive::SUBJECT as DRIVE_ITEM;
pub use super::replay::Holders;
use super::selection::Sql;
use crate::error::Error;
use crate::store::db::Tx;

/// Placeholder for the current time. It is bound as a value, never the database's own time: the whole program uses its
/// clock.
const NOW: &str = "{now}";

/// All kinds that can be handed over, in listing order.
pub const ALL: &[&dyn Kind] = &[
    &task_responsible::TaskResponsible,
    &task_creator::TaskCreator,
    &task_members::PARTICIPANT,
    &task_members::OBSERVER,
    &task_template::TaskTemplate,
    &crm_records::LEAD,
    &crm_records::DEAL,
    &crm_records::CONTACT,
    &crm_records::COMPANY,
    &crm_records::QUOTE,
    &crm_records::INVOICE,
    &crm_activity::CrmActivity,
    &drive::Drive,
    &calendar::Calendar,
    &event_organizer::EventOrganizer,
    &department_head::DepartmentHead,
    &integration::Integration,
];

/// Returns the description of a kind.
///
/// # Panics
/// Never: a test covers all kinds.
#[expect(
    clippy::expect_used,
    reason = "every kind is in the list: the test below checks it"
)]
pub fn of(kind: WorkKind) -> &'static dyn Kind {
    *ALL.iter()
        .find(|candidate| candidate.kind() == kind)
        .expect("every kind of work has a description")
}

/// Where the work of a kind is found: SQL fragments valid for both databases; `w` is the row of the subject.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Table whose rows contain the holders, with its alias.
    pub table: &'static str,
    /// Joins needed to decide whether an item is closed; may be empty.
    pub join: &'static str,
    /// Id of the subject.
    pub id: &'static str,
    /// Holder.
    pub holder: &'static str,
    /// Whether it is closed, never NULL. `{now}` stands for the current time: see [`Source::closed_at`].
    pub closed: &'static str,
    /// When it last changed.
    pub changed: &'static str,
    /// Condition for the rows of this kind.
    pub filter: &'static str,
}

impl Source {
    /// Returns the SQL for whether an item is closed at a time.
    pub fn closed_at(&self, sql: &mut Sql, now: Timestamp) -> String {
        if self.closed.contains(NOW) {
            self.closed.replace(NOW, &sql.bind(now))
        } else {
            self.closed.to_owned()
        }
    }
}

/// A kind of work.
///
/// The statements share their parameters: `$1` the handover, `$2` the kind, the subjects after `$3` up to `$4`, `$5`
/// the chunk and `$6` the time. Each reads the chunk's ledger entries as `e`.
pub trait Kind: Send + Sync {
    /// Returns the kind.
    fn kind(&self) -> WorkKind;

    /// Returns the table of its subjects.
    fn table(&self) -> &'static str;

    /// Returns the id prefix of its subjects: that of an API type, by which `node` finds them.
    fn subject(&self) -> &'static str;

    /// Returns whether an id with this prefix can be one of its subjects.
    fn accepts_prefix(&self, prefix: &str) -> bool {
        prefix == self.subject()
    }

    /// Returns where its items are found.
    fn source(&self) -> Source;

    /// Returns how many people can hold one subject. If several can, a move must name the holder.
    fn holders(&self) -> Holders {
        Holders::One
    }

    /// Returns the SQL condition for the rows selected by `ids`, a list or a query.
    fn id_filter(&self, ids: &str) -> String {
        format!("{} IN ({ids})", self.source().id)
    }

    /// Returns whether items can be distributed among several recipients.
    fn can_be_distributed(&self) -> bool {
        true
    }

    /// Returns whether a move can share it with others.
    fn can_be_shared(&self) -> bool {
        false
    }

    /// Returns the alias of the CRM record that the requester must be allowed to update; `None` if this is not CRM
    /// work.
    fn crm_record(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether the previous holder can be kept as an observer.
    fn can_keep_observer(&self) -> bool {
        false
    }

    /// Returns the SQL for the ledger reason of moving `s.id` from `s.holder` to `u.id`; NULL for none.
    fn reason(&self, _keep_as_observer: bool) -> &'static str {
        "NULL"
    }

    /// Returns the SQL condition on a row of [`Kind::source`] for undoing the ledger entry `b`, in addition to the
    /// recipient holding it.
    fn undo_condition(&self) -> &'static str {
        "TRUE"
    }

    /// Returns the SQL for the ledger reason of undoing the entry `b`.
    fn undo_reason(&self) -> &'static str {
        "NULL"
    }

    /// Returns the statements that apply the ledger. The first one changes one row for each MOVED entry; the engine
    /// checks the count.
    fn statements(&self) -> &'static [&'static str];

    /// Finishes a chunk of `part`, after the statements and in the same transaction; `chunk` holds their parameters.
    fn finish_chunk<'a>(
        &'a self,
        _tx: &'a Tx,
        _part: &'a Part,
        _chunk: &'a [Value],
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// Returns the name of a kind in the database and the API.
pub fn name(kind: WorkKind) -> String {
    use sea_orm::ActiveEnum;
    kind.to_value()
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn every_kind_is_described_once() {
        for kind in WorkKind::iter() {
            assert_eq!(ALL.iter().filter(|k| k.kind() == kind).count(), 1, "{kind:?}");
            assert_eq!(of(kind).kind(), kind);
        }
    }
}
