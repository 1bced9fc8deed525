//! The human-readable summary of an import.

use std::fmt;
use std::path::PathBuf;

/// Row counters of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// The file name, such as `tasks.csv`.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows added.
    pub added: u64,
    /// Rows that already existed.
    pub unchanged: u64,
    /// Rows that already existed and had missing columns filled.
    pub completed: u64,
    /// Rows imported without something they refer to; also counted in the status above.
    pub incomplete: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// The result of an import or a dry run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Counters by file.
    pub files: Vec<Counts>,
    /// Unknown columns and files that were ignored, and values imported as something else.
    pub ignored: Vec<String>,
    /// The first problems, one line per row.
    pub shown: Vec<String>,
    /// The rejects file, if requested.
    pub rejects: Option<PathBuf>,
}

impl Summary {
    /// The number of rows in the rejects file: those rejected or incomplete.
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
                (counts.unchanged, "unchanged"),
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
            (count, Some(path)) => writeln!(f, "{count} rows with reasons written to {}", path.display())?,
            (count, None) => writeln!(
                f,
                "{count} rows rejected or incomplete: --rejects FILE writes them to a file"
            )?,
        }
        f.write_str(if self.dry_run {
            "dry run: nothing was written"
        } else {
            "done"
        })
    }
}
