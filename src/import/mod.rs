//! `handover import`: CSV in, rejects out.
//!
//! A file that can't be taken apart into rows stops the import before anything is written. After that, rows go
//! in by batches, each one transaction. A row with a value that can't be read is left out; a row that refers to
//! somebody or something unknown comes in without that (a task has to have its people). Either way it stands in
//! the rejects file, which can be corrected and imported again.
//!
//! What is there already stays as it is: a second import changes nothing, and a corrected row only fills what its
//! first import had to leave empty.

mod crm;
pub mod date;
mod departments;
mod events;
mod files;
mod form;
mod lookup;
mod rejects;
mod source;
mod summary;
mod table;
mod tasks;
mod users;
mod value;

use self::date::DateFormat;
use self::events::Rules;
use self::rejects::Rejects;
use self::source::{Row, Source};
pub use self::summary::{Counts, Summary};
use self::table::Table;
use self::value::Reason;
use crate::clock;
use crate::error::{Error, Failure, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Author};
use entity::Timestamp;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// Rows in one transaction.
const BATCH: usize = 5_000;

/// Rejected rows that the summary shows.
const SHOWN: usize = 10;

/// Longest role that the summary shows, in characters.
const SHOWN_ROLE: usize = 80;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Checks everything and writes nothing.
    pub dry_run: bool,
    /// Where to write the rows that could not be taken as they are.
    pub rejects: Option<PathBuf>,
    /// How dates are written that are not ISO 8601.
    pub dates: DateFormat,
    /// Whether to draw a progress bar on standard error.
    pub progress: bool,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Added,
    /// It was there, incomplete.
    Completed,
    Unchanged,
    Rejected,
}

/// What becomes of a row, and what is wrong with it: why it is rejected, or what it had to come without.
#[derive(Debug)]
struct Verdict(Fate, Vec<Reason>);

impl Verdict {
    fn rejected(reason: Reason) -> Self {
        Self(Fate::Rejected, vec![reason])
    }
}

/// What holds for all rows of an import.
#[derive(Debug)]
struct Run {
    /// Part of every id that this import makes, so that a row of its own is known from one that was there before.
    tag: u64,
    /// Ids made so far.
    made: AtomicU32,
    /// The rows have been corrected: they may fill what their first import left empty.
    correcting: bool,
}

impl Run {
    fn new(db: &Db, correcting: bool) -> Self {
        Self {
            tag: db.clock().new_id().as_u64_pair().1,
            made: AtomicU32::new(0),
            correcting,
        }
    }

    /// The id of a row that was made at this moment: lists of the newest first are in the order of ids.
    fn id(&self, made_at: Timestamp) -> Uuid {
        clock::id_made_at(made_at, self.made.fetch_add(1, Ordering::Relaxed), self.tag)
    }

    /// Whether a row came in by this import.
    fn has_made(&self, id: Uuid) -> bool {
        (id.as_u64_pair().1 ^ self.tag) & clock::ID_TAG == 0
    }

    /// What to make of a row whose id is taken by `id`.
    fn verdict_on_existing(&self, id: Uuid, column: &str) -> Verdict {
        if self.has_made(id) {
            Verdict::rejected(twice(column))
        } else {
            Verdict(Fate::Unchanged, Vec::new())
        }
    }
}

/// A way through a table.
#[derive(Clone, Copy)]
enum Pass {
    Rows(Table),
    /// Heads and departments above stand in rows that come later.
    Links,
}

impl Pass {
    const ALL: [Self; 8] = [
        Self::Rows(Table::Departments),
        Self::Rows(Table::Users),
        Self::Links,
        Self::Rows(Table::Tasks),
        Self::Rows(Table::Crm),
        Self::Rows(Table::Events),
        Self::Rows(Table::Files),
        Self::Rows(Table::Folders),
    ];

    fn table(self) -> Table {
        match self {
            Self::Rows(table) => table,
            Self::Links => Table::Departments,
        }
    }

    /// Takes rows, one verdict for each.
    async fn take(self, tx: &Tx, rows: &[Row], rules: &Rules, run: &Run) -> Outcome<Vec<Verdict>> {
        let verdicts = match self {
            Self::Rows(Table::Departments) => departments::take(tx, rows, run).await?,
            Self::Rows(Table::Users) => users::take(tx, rows, run).await?,
            Self::Rows(Table::Tasks) => tasks::take(tx, rows, run).await?,
            Self::Rows(Table::Crm) => crm::take(tx, rows, run).await?,
            Self::Rows(Table::Events) => events::take(tx, rows, rules, run).await?,
            Self::Rows(Table::Files) => files::take(tx, rows, run).await?,
            Self::Rows(Table::Folders) => files::take_folders(tx, rows, run).await?,
            Self::Links => departments::link(tx, rows, run).await?,
        };
        let count = |fate| verdicts.iter().filter(|verdict| verdict.0 == fate).count();
        let (added, completed) = (count(Fate::Added), count(Fate::Completed));
        if added + completed > 0 {
            let data = json!({ "file": self.table().file(), "added": added, "completed": completed });
            journal::record(
                tx,
                &Author::Program("handover import"),
                Action::Imported,
                None,
                data,
            )
            .await?;
        }
        Ok(verdicts)
    }
}

/// Imports a folder, or a corrected rejects file.
///
/// # Errors
/// [`Error::BadInput`] with the file and the line, before anything is written; and when the database fails, what
/// has come in so far stays.
pub async fn import(db: &Db, path: &Path, options: &Options) -> Result<Summary, Error> {
    let source = Source::open(path, options.dates)?;
    let mut rejects = Rejects::new(options.rejects.as_deref())?;
    source.check()?;
    let run = Run::new(db, source.is_rejects());
    let rehearsal = if options.dry_run {
        Some(db.dry_run().await?)
    } else {
        None
    };
    let bar = progress_bar(options.progress);
    let mut summary = Summary {
        dry_run: options.dry_run,
        rejects: options.rejects.clone(),
        ignored: source
            .ignored
            .iter()
            .map(|name| format!("{name}: not read"))
            .collect(),
        ..Summary::default()
    };
    for pass in Pass::ALL {
        let Some(mut rows) = source.rows(pass.table(), &bar)? else {
            continue;
        };
        bar.set_message(pass.table().file());
        let mut tally = Tally::new(&mut summary, pass, &rows.name, &rows.unknown);
        loop {
            let batch = rows.next(BATCH)?;
            if batch.is_empty() {
                break;
            }
            let (batch, run) = (&batch, &run);
            // Before anything is locked.
            let rules = &match pass {
                Pass::Rows(Table::Events) => events::rules(batch),
                _ => Rules::new(),
            };
            let taken = match &rehearsal {
                Some(tx) => pass.take(tx, batch, rules, run).await,
                None => {
                    let take = move |tx: Arc<Tx>| async move { pass.take(&tx, batch, rules, run).await };
                    db.write(take).await
                }
            };
            let verdicts = taken.map_err(|failure| match failure {
                Failure::Broken(error) => error,
                Failure::Refused(reasons) => Error::Internal(format!("an import was refused: {reasons:?}")),
            })?;
            for (row, verdict) in batch.iter().zip(verdicts) {
                tally.count(row, &verdict);
                if !verdict.1.is_empty() {
                    let reason = verdict.1.join("; ");
                    rejects.add(pass.table(), row, &reason)?;
                    tally.show(row.line, &reason);
                }
            }
            rejects.flush()?;
        }
        tally.finish();
    }
    bar.finish_and_clear();
    Ok(summary)
}

/// Adds what becomes of rows to the summary.
struct Tally<'a> {
    summary: &'a mut Summary,
    place: usize,
    name: String,
    pass: Pass,
    /// Roles that came in as EMPLOYEE, with the number of rows.
    roles: BTreeMap<String, u64>,
}

impl<'a> Tally<'a> {
    fn new(summary: &'a mut Summary, pass: Pass, name: &str, unknown: &[String]) -> Self {
        let file = pass.table().file();
        let place = summary
            .files
            .iter()
            .position(|counts| counts.file == file)
            .unwrap_or_else(|| {
                summary.files.push(Counts {
                    file: file.to_owned(),
                    ..Counts::default()
                });
                let notes = unknown
                    .iter()
                    .map(|column| format!("{name}: the column {column} is not read"));
                summary.ignored.extend(notes);
                summary.files.len() - 1
            });
        Self {
            summary,
            place,
            name: name.to_owned(),
            pass,
            roles: BTreeMap::new(),
        }
    }

    fn count(&mut self, row: &Row, verdict: &Verdict) {
        if let (Pass::Rows(Table::Users), Fate::Added, Some(role)) =
            (self.pass, verdict.0, value::unknown_role(row))
        {
            *self
                .roles
                .entry(role.chars().take(SHOWN_ROLE).collect())
                .or_default() += 1;
        }
        let counts = &mut self.summary.files[self.place];
        let Verdict(fate, reasons) = verdict;
        if *fate != Fate::Rejected && !reasons.is_empty() {
            counts.incomplete += 1;
        }
        if let Pass::Links = self.pass {
            // The row itself has been counted before.
            if *fate == Fate::Completed {
                counts.unchanged -= 1;
                counts.completed += 1;
            }
            return;
        }
        counts.rows += 1;
        match fate {
            Fate::Added => counts.added += 1,
            Fate::Completed => counts.completed += 1,
            Fate::Unchanged => counts.unchanged += 1,
            Fate::Rejected => counts.rejected += 1,
        }
    }

    /// Names the roles that aren't ours, the most frequent first: a misspelt administrator is among the rare ones.
    fn finish(self) {
        let mut roles: Vec<(String, u64)> = self.roles.into_iter().collect();
        roles.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = roles.len().saturating_sub(SHOWN);
        let shown = roles.iter().take(SHOWN).map(|(role, count)| {
            format!(
                "{}: role {role:?} is neither ADMINISTRATOR nor EMPLOYEE: {count} people came in as EMPLOYEE",
                self.name
            )
        });
        self.summary.ignored.extend(shown);
        if more > 0 {
            self.summary
                .ignored
                .push(format!("{}: {more} other roles came in as EMPLOYEE", self.name));
        }
    }

    fn show(&mut self, line: u64, reason: &str) {
        if self.summary.shown.len() < SHOWN {
            self.summary
                .shown
                .push(format!("{}: line {line}: {reason}", self.name));
        }
    }
}

fn progress_bar(drawn: bool) -> ProgressBar {
    if !drawn {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:16} {wide_bar} {percent:>3}% {elapsed}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The reason for a row whose key an earlier one has.
fn twice(column: &str) -> String {
    format!("{column}: an earlier row of this import has the same")
}
