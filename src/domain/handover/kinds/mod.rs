//! The kinds of work, one file each: what someone holds, and which statements carry out what the ledger says.
//!
//! A new kind is a file here, a line in [`ALL`] and a value of [`WorkKind`].
//!
//! The engine ([`run`](super::run)) writes the ledger of a chunk first, from what [`Kind::held`] finds; then the
//! kind's statements make the work follow the ledger. So what is recorded and what is done can't differ.

mod calendar;
mod crm_activity;
mod crm_records;
mod department_head;
mod drive;
mod event_organizer;
mod integration;
mod task_creator;
mod task_observer;
mod task_participant;
mod task_responsible;
mod task_template;

use entity::Timestamp;
use entity::handover_part::{Model as Part, WorkKind};
use futures_util::future::BoxFuture;
use sea_orm::Value;

pub use self::drive::SUBJECT as DRIVE_ITEM;
use super::selection::Sql;
pub use super::way::Holders;
use crate::error::Error;
use crate::store::db::Tx;

/// What stands for the moment at which somebody looks. It is a value that is bound, never the database's own time:
/// all of the program goes by its clock.
const NOW: &str = "{now}";

/// Every kind that can be handed over, in the order in which it is listed.
pub const ALL: &[&dyn Kind] = &[
    &task_responsible::TaskResponsible,
    &task_creator::TaskCreator,
    &task_participant::TaskParticipant,
    &task_observer::TaskObserver,
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

/// The description of a kind.
///
/// # Panics
/// Never: a test goes through all kinds.
#[expect(
    clippy::expect_used,
    reason = "every kind stands in the list: the test below goes through them"
)]
pub fn of(kind: WorkKind) -> &'static dyn Kind {
    *ALL.iter()
        .find(|candidate| candidate.kind() == kind)
        .expect("every kind of work has a description")
}

/// Where the work of a kind is found. Pieces of SQL, the same for both databases; `w` is the row that is the
/// subject.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The table whose rows say who holds what, with its alias.
    pub table: &'static str,
    /// What else has to be joined to know whether it is closed; empty where nothing has to.
    pub join: &'static str,
    /// The subject's id.
    pub id: &'static str,
    /// Who holds it.
    pub holder: &'static str,
    /// Whether it is closed, never NULL. `{now}` in it is the moment at which somebody looks: see [`Held::closed_at`].
    pub closed: &'static str,
    /// When it last changed.
    pub changed: &'static str,
    /// Which rows of the table are of this kind.
    pub only: &'static str,
}

impl Held {
    /// Whether it is closed at this moment, as SQL.
    pub fn closed_at(&self, sql: &mut Sql, now: Timestamp) -> String {
        if self.closed.contains(NOW) {
            self.closed.replace(NOW, &sql.bind(now))
        } else {
            self.closed.to_owned()
        }
    }
}

/// One kind of work.
///
/// The statements share their parameters: `$1` the handover, `$2` the kind, the subjects after `$3` up to `$4`,
/// `$5` the chunk and `$6` the time. Each reads the chunk's ledger entries as `e`.
pub trait Kind: Send + Sync {
    /// Which one.
    fn kind(&self) -> WorkKind;

    /// The prefix of its subjects' ids.
    fn subject(&self) -> &'static str;

    /// Whether an id with this prefix can be one of its subjects.
    fn takes(&self, prefix: &str) -> bool {
        prefix == self.subject()
    }

    /// Where it is found.
    fn held(&self) -> Held;

    /// How many people can hold one subject. Where it can be several, a move has to say from whom.
    fn holders(&self) -> Holders {
        Holders::One
    }

    /// Which rows are meant when `ids`, a list or a query, are picked: SQL.
    fn among(&self, ids: &str) -> String {
        format!("{} IN ({ids})", self.held().id)
    }

    /// Whether several people can take turns in getting it.
    fn can_be_split(&self) -> bool {
        true
    }

    /// Whether others can be given access to it on the way.
    fn can_be_shared(&self) -> bool {
        false
    }

    /// The alias of the CRM record that somebody has to be allowed to update in order to move this; `None` for what
    /// is not of the CRM.
    fn crm_record(&self) -> Option<&'static str> {
        None
    }

    /// Whether the one before can be kept as an observer.
    fn can_keep_observer(&self) -> bool {
        false
    }

    /// The reason to note in the ledger when `s.id` moves from `s.holder` to `u.id`: SQL, NULL for none.
    fn note(&self, _keep_as_observer: bool) -> &'static str {
        "NULL"
    }

    /// What else has to be true, beside the recipient holding it, of a row of [`Kind::held`] for the ledger entry
    /// `b` to be taken back: SQL.
    fn still_there(&self) -> &'static str {
        "TRUE"
    }

    /// The note of a move that takes back the ledger entry `b`.
    fn note_when_undone(&self) -> &'static str {
        "NULL"
    }

    /// The statements that make the work follow the ledger. The first one changes one row for each entry that
    /// says MOVED; the engine counts them.
    fn statements(&self) -> &'static [&'static str];

    /// What else a chunk of `part` needs, after the statements and in the same transaction; `chunk` holds the values
    /// of their parameters.
    fn finish_chunk<'a>(
        &'a self,
        _tx: &'a Tx,
        _part: &'a Part,
        _chunk: &'a [Value],
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// The name of a kind as the database and the API write it.
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
