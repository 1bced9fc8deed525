//! What an import has done, for people to read.

use std::fmt;
use std::path::PathBuf;

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// The table's file, `tasks.csv` for instance.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that came in.
    pub added: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows that were there, and have been completed.
    pub completed: u64,
    /// Rows of these that lack something that they refer to.
    pub incomplete: u64,
    /// Rows that did not come in.
    pub rejected: u64,
}

/// What an import has done, or would do.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// File by file.
    pub files: Vec<Counts>,
    /// What was found beside the form (columns, files), and what came in as something else.
    pub ignored: Vec<String>,
    /// The first rows that are in the rejects file, or would be.
    pub shown: Vec<String>,
    /// The rejects file, where one was asked for.
    pub rejects: Option<PathBuf>,
}

impl Summary {
    /// Rows that were rejected or came in incomplete: those in the rejects file.
    pub fn rejects(&self) -> u64 {
        self.files
            .iter()
            .map(|counts| counts.rejected + counts.incomplete)
            .sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for counts in &self.files {
            write!(
                f,
                "{:<16}{:>9} rows: {} added",
                counts.file, counts.rows, counts.added
            )?;
            let others = [
                (counts.incomplete, "incomplete"),
                (counts.completed, "completed"),
                (counts.unchanged, "there already"),
                (counts.rejected, "rejected"),
            ];
            for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
                write!(f, ", {count} {what}")?;
            }
            writeln!(f)?;
        }
        for line in self.ignored.iter().chain(&self.shown) {
            writeln!(f, "{line}")?;
        }
        match (self.rejects(), &self.rejects) {
            (0, _) => {}
            (count, Some(path)) => writeln!(f, "{count} rows with their reasons: {}", path.display())?,
            (count, None) => writeln!(
                f,
                "{count} rows with reasons: --rejects FILE writes them all to a file"
            )?,
        }
        f.write_str(if self.dry_run {
            "nothing was written: this was a dry run"
        } else {
            "done"
        })
    }
}
