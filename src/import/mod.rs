//! `handover import`: imports CSV files and writes a rejects file.
//!
//! A malformed file stops the import before anything is written. After that, rows are imported in batches of one
//! transaction each. A row with an invalid value is rejected; a row that refers to an unknown person or record is
//! imported without that reference (but a task must have its creator and responsible). Both kinds of rows are
//! written to the rejects file, which can be corrected and imported again.
//!
//! Existing rows are not changed: a second import is a no-op, and a corrected row only fills columns that its first
//! import had to leave empty.

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

/// Maximum number of rows per transaction.
const BATCH: usize = 5_000;

/// Maximum number of rejected rows in the summary.
const SHOWN: usize = 10;

/// Maximum length of a role in the summary, in characters.
const SHOWN_ROLE: usize = 80;

/// Import options.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Validates everything and writes nothing.
    pub dry_run: bool,
    /// The file for rejected and incomplete rows.
    pub rejects: Option<PathBuf>,
    /// The format of dates that are not ISO 8601.
    pub dates: DateFormat,
    /// Whether to show a progress bar on standard error.
    pub progress: bool,
}

/// The status of an imported row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowStatus {
    Added,
    /// It existed, and missing columns have been filled.
    Completed,
    Unchanged,
    Rejected,
}

/// The status of a row with its problems: why it is rejected, or which references are missing.
#[derive(Debug)]
struct RowOutcome(RowStatus, Vec<Reason>);

impl RowOutcome {
    fn rejected(reason: Reason) -> Self {
        Self(RowStatus::Rejected, vec![reason])
    }
}

/// State shared by all rows of an import.
#[derive(Debug)]
struct Run {
    /// Part of every id that this import generates, to tell its own rows from existing ones.
    tag: u64,
    /// Number of ids generated so far.
    made: AtomicU32,
    /// Whether this imports a corrected rejects file: its rows may fill columns that their first import left empty.
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

    /// Generates the id of a row created at this time: lists sorted by creation time are in id order.
    fn id(&self, made_at: Timestamp) -> Uuid {
        clock::id_at(made_at, self.made.fetch_add(1, Ordering::Relaxed), self.tag)
    }

    /// Whether this import added the row.
    fn has_added(&self, id: Uuid) -> bool {
        (id.as_u64_pair().1 ^ self.tag) & clock::ID_TAG == 0
    }

    /// The outcome for a row whose key belongs to the existing row `id`.
    fn outcome_for_existing(&self, id: Uuid, column: &str) -> RowOutcome {
        if self.has_added(id) {
            RowOutcome::rejected(twice(column))
        } else {
            RowOutcome(RowStatus::Unchanged, Vec::new())
        }
    }
}

/// One pass over the rows of a file.
#[derive(Clone, Copy)]
enum Pass {
    Rows(Table),
    /// Sets heads and parent departments, which may be defined by later rows.
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

    /// Imports rows and returns one outcome for each.
    async fn take(self, tx: &Tx, rows: &[Row], rules: &Rules, run: &Run) -> Outcome<Vec<RowOutcome>> {
        let verdicts = match self {
            Self::Rows(Table::Departments) => departments::take(tx, rows, run).await?,
            Self::Rows(Table::Users) => users::take(tx, rows, run).await?,
            Self::Rows(Table::Tasks) => tasks::take(tx, rows, run).await?,
            Self::Rows(Table::Crm) => crm::take(tx, rows, run).await?,
            Self::Rows(Table::Events) => events::take(tx, rows, rules, run).await?,
            Self::Rows(Table::Files) => files::take(tx, rows, run).await?,
            Self::Rows(Table::Folders) => files::import_folders(tx, rows, run).await?,
            Self::Links => departments::link(tx, rows, run).await?,
        };
        let count = |fate| verdicts.iter().filter(|outcome| outcome.0 == fate).count();
        let (added, completed) = (count(RowStatus::Added), count(RowStatus::Completed));
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

/// Imports a folder or a corrected rejects file.
///
/// # Errors
/// [`Error::BadInput`] with file and line, before anything is written. When the database fails, the batches
/// committed so far stay.
pub async fn import(db: &Db, path: &Path, options: &Options) -> Result<Summary, Error> {
    let source = Source::open(path, options.dates)?;
    let mut rejects = Rejects::new(options.rejects.as_deref())?;
    source.check()?;
    let run = Run::new(db, source.is_rejects());
    let dry_run = if options.dry_run {
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
            .map(|name| format!("{name}: unknown file, ignored"))
            .collect(),
        ..Summary::default()
    };
    for pass in Pass::ALL {
        let Some(mut rows) = source.rows(pass.table(), &bar)? else {
            continue;
        };
        bar.set_message(pass.table().file());
        let mut tally = Counters::new(&mut summary, pass, &rows.name, &rows.unknown);
        loop {
            let batch = rows.next(BATCH)?;
            if batch.is_empty() {
                break;
            }
            let verdicts = import_batch(db, dry_run.as_ref(), pass, &batch, &run).await?;
            for (row, outcome) in batch.iter().zip(verdicts) {
                tally.count(row, &outcome);
                if !outcome.1.is_empty() {
                    let reason = outcome.1.join("; ");
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

/// Imports rows in a transaction of their own, or in that of the dry run.
async fn import_batch(
    db: &Db,
    dry_run: Option<&Tx>,
    pass: Pass,
    batch: &[Row],
    run: &Run,
) -> Result<Vec<RowOutcome>, Error> {
    // Outside the transaction: checking rules can take a while.
    let rules = &match pass {
        Pass::Rows(Table::Events) => events::rules(batch),
        _ => Rules::new(),
    };
    let taken = match dry_run {
        Some(tx) => pass.take(tx, batch, rules, run).await,
        None => {
            let take = move |tx: Arc<Tx>| async move { pass.take(&tx, batch, rules, run).await };
            db.write(take).await
        }
    };
    taken.map_err(Failure::into_error)
}

/// Adds row outcomes to the summary.
struct Counters<'a> {
    summary: &'a mut Summary,
    place: usize,
    name: String,
    pass: Pass,
    /// Unknown roles imported as EMPLOYEE, with the number of rows.
    roles: BTreeMap<String, u64>,
}

impl<'a> Counters<'a> {
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
                    .map(|column| format!("{name}: unknown column {column}, ignored"));
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

    fn count(&mut self, row: &Row, outcome: &RowOutcome) {
        if let (Pass::Rows(Table::Users), RowStatus::Added, Some(role)) =
            (self.pass, outcome.0, value::unknown_role(row))
        {
            *self
                .roles
                .entry(role.chars().take(SHOWN_ROLE).collect())
                .or_default() += 1;
        }
        let counts = &mut self.summary.files[self.place];
        let RowOutcome(fate, reasons) = outcome;
        if *fate != RowStatus::Rejected && !reasons.is_empty() {
            counts.incomplete += 1;
        }
        if let Pass::Links = self.pass {
            // The first pass has already counted the row.
            if *fate == RowStatus::Completed {
                counts.unchanged -= 1;
                counts.completed += 1;
            }
            return;
        }
        counts.rows += 1;
        match fate {
            RowStatus::Added => counts.added += 1,
            RowStatus::Completed => counts.completed += 1,
            RowStatus::Unchanged => counts.unchanged += 1,
            RowStatus::Rejected => counts.rejected += 1,
        }
    }

    /// Adds the unknown roles to the summary, most frequent first.
    fn finish(self) {
        let mut roles: Vec<(String, u64)> = self.roles.into_iter().collect();
        roles.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = roles.len().saturating_sub(SHOWN);
        let shown = roles.iter().take(SHOWN).map(|(role, count)| {
            format!(
                "{}: unknown role {role:?}: {count} people imported as EMPLOYEE",
                self.name
            )
        });
        self.summary.ignored.extend(shown);
        if more > 0 {
            self.summary.ignored.push(format!(
                "{}: {more} other unknown roles imported as EMPLOYEE",
                self.name
            ));
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

/// The reason for rejecting a row whose key an earlier row has.
fn twice(column: &str) -> String {
    format!("{column}: duplicate of an earlier row in this import")
}
