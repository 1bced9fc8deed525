//! The rejects file: rejected and incomplete rows with their line numbers and reasons, to be corrected and imported
//! again.
//!
//! People open the file in a spreadsheet, where a cell that starts like a formula would be executed (CSV injection).
//! Such cells are prefixed with an apostrophe, which the import of a rejects file removes.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::source::Row;
use super::table::Table;
use super::table::unreadable;
use crate::error::Error;

/// The columns that precede those of the tables.
const OWN: [&str; 3] = ["file", "line", "reason"];

/// Writes a rejects file, which is created with its first row.
pub struct Rejects {
    path: Option<PathBuf>,
    writer: Option<csv::Writer<File>>,
}

impl Rejects {
    /// Creates a writer to `path`; with `None` it writes nothing.
    ///
    /// # Errors
    /// When the file exists: somebody may be correcting it.
    pub fn new(path: Option<&Path>) -> Result<Self, Error> {
        if let Some(path) = path
            && path.exists()
        {
            return Err(Error::BadInput(format!(
                "{} already exists and may contain corrections: choose another file for --rejects",
                path.display()
            )));
        }
        Ok(Self {
            path: path.map(Path::to_owned),
            writer: None,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn add(&mut self, table: Table, row: &Row, reason: &str) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        let failed = |cause: csv::Error| unreadable(path, &cause);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let file = File::create_new(path).map_err(|cause| unreadable(path, &cause))?;
                let writer = none.insert(csv::Writer::from_writer(file));
                writer
                    .write_record(OWN.into_iter().chain(columns()))
                    .map_err(failed)?;
                writer
            }
        };
        let line = row.line.to_string();
        let cells = columns().map(|column| row.get(column).unwrap_or_default());
        let cells = [table.file(), &line, reason].into_iter().chain(cells);
        writer
            .write_record(cells.map(|cell| escaped(cell).into_owned()))
            .map_err(failed)
    }

    /// Flushes buffered rows.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        match (&mut self.writer, &self.path) {
            (Some(writer), Some(path)) => writer.flush().map_err(|cause| unreadable(path, &cause)),
            _ => Ok(()),
        }
    }
}

/// First characters that make a spreadsheet treat a cell as a formula, and the escape character itself.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', MARK];
const MARK: char = '\'';

/// Escapes a cell so that every spreadsheet treats it as text.
fn escaped(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) {
        Cow::Owned(format!("{MARK}{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Reverses [`escaped`].
pub fn unescaped(cell: &str) -> &str {
    match cell.strip_prefix(MARK) {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// The distinct columns of all tables.
fn columns() -> impl Iterator<Item = &'static str> {
    let all = || {
        Table::ALL
            .iter()
            .flat_map(|table| table.columns().iter().copied())
    };
    all()
        .enumerate()
        .filter(move |(n, name)| !all().take(*n).any(|earlier| earlier == *name))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_come_back_as_they_were() {
        for cell in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-5.00",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "'=x",
            "''x",
            "'x",
        ] {
            let written = escaped(cell);
            assert!(written.starts_with(MARK), "{written}");
            assert_eq!(unescaped(&written), cell);
        }
        for cell in ["", "x=1", "'Til tomorrow", "5"] {
            assert_eq!(unescaped(cell), cell);
        }
        assert_eq!(escaped("x=1"), "x=1");
    }

    #[test]
    fn each_column_is_there_once() {
        let found: Vec<&str> = columns().collect();
        assert_eq!(found.iter().filter(|name| **name == "id").count(), 1);
        assert_eq!(found.len(), 39);
    }
}
