//! Row sources: the CSV files of a folder, plain or gzipped, or a rejects file.
//!
//! Before anything is imported, [`form::check`] reads every file once: a file that is not UTF-8 or has unbalanced
//! quotes is refused as a whole, because its row boundaries are ambiguous.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;

use super::date::DateFormat;
use super::form::{self, Form};
use super::rejects::unescaped;
use super::table::Table;
use super::table::unreadable;
use crate::error::Error;

/// Size of a batch in bytes; the row that exceeds it is still included.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// The files of an import.
#[derive(Debug)]
pub struct Source {
    files: Vec<(Option<Table>, PathBuf)>,
    dates: DateFormat,
    /// CSV files with unknown names.
    pub ignored: Vec<String>,
}

impl Source {
    /// Opens a folder or a rejects file.
    ///
    /// # Errors
    /// When there is nothing to import.
    pub fn open(path: &Path, dates: DateFormat) -> Result<Self, Error> {
        if path.is_file() {
            let files = vec![(None, path.to_owned())];
            return Ok(Self {
                files,
                dates,
                ignored: Vec::new(),
            });
        }
        let mut names: Vec<String> = std::fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect()
            })
            .map_err(|cause| unreadable(path, &cause))?;
        names.sort();
        let mut files = Vec::new();
        for table in Table::ALL {
            let plain = table.file().to_owned();
            let gzipped = format!("{plain}.gz");
            // If both exist, the plain one wins.
            let found = [plain, gzipped].into_iter().find(|name| names.contains(name));
            if let Some(name) = found {
                files.push((Some(table), path.join(&name)));
                names.retain(|other| *other != name);
            }
        }
        if files.is_empty() {
            let wanted: Vec<&str> = Table::ALL.iter().map(|table| table.file()).collect();
            return Err(Error::BadInput(format!(
                "{}: found none of {}",
                path.display(),
                wanted.join(", ")
            )));
        }
        names.retain(|name| name.ends_with(".csv") || name.ends_with(".csv.gz"));
        Ok(Self {
            files,
            dates,
            ignored: names,
        })
    }

    /// Whether this is a rejects file: rows of an earlier import that have been corrected.
    pub fn is_rejects(&self) -> bool {
        self.files.iter().any(|(table, _)| table.is_none())
    }

    /// Refuses malformed files and headers that lack a required column.
    ///
    /// # Errors
    /// The file, the line and the problem.
    pub fn check(&self) -> Result<(), Error> {
        for (table, path) in &self.files {
            let wrong = |(line, message): (u64, &str)| malformed(&name_of(path), line, message);
            let (form, reader) = form::detect(decoded(path, &ProgressBar::hidden())?)
                .map_err(|cause| unreadable(path, &cause))?;
            form::check(form, BufReader::with_capacity(1 << 16, reader))
                .map_err(|cause| unreadable(path, &cause))?
                .map_err(wrong)?;
            // Opening validates the header. For a rejects file any table will do.
            let of = table.unwrap_or(Table::Departments);
            drop(self.open_rows(of, table.is_none(), path, &ProgressBar::hidden())?);
        }
        Ok(())
    }

    /// Opens the rows of a table; `None` if the source has no such file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn rows(&self, table: Table, bar: &ProgressBar) -> Result<Option<Rows>, Error> {
        let found = self.files.iter().find(|(of, _)| of.is_none_or(|of| of == table));
        found
            .map(|(of, path)| self.open_rows(table, of.is_none(), path, bar))
            .transpose()
    }

    fn open_rows(
        &self,
        table: Table,
        is_rejects: bool,
        path: &Path,
        bar: &ProgressBar,
    ) -> Result<Rows, Error> {
        Rows::open(table, path, is_rejects, self.dates, bar)
    }
}

fn malformed(file: &str, line: u64, message: &str) -> Error {
    Error::BadInput(format!("{file}: line {line}: {message}; nothing was imported"))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn decoded(path: &Path, bar: &ProgressBar) -> Result<Box<dyn Read + Send>, Error> {
    let file = File::open(path).map_err(|cause| unreadable(path, &cause))?;
    bar.set_length(file.metadata().map_or(0, |metadata| metadata.len()));
    bar.set_position(0);
    let file = bar.wrap_read(file);
    Ok(if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(BufReader::new(file)))
    } else {
        Box::new(file)
    })
}

/// The header: the known column at each position, and the date format of the file.
#[derive(Debug)]
struct Header {
    columns: Vec<Option<&'static str>>,
    dates: DateFormat,
}

/// A row with its position.
#[derive(Debug)]
pub struct Row {
    /// The line on which it starts; the header is line 1.
    pub line: u64,
    record: StringRecord,
    header: Arc<Header>,
}

impl Row {
    /// Returns the trimmed value of a column; `None` for an empty cell or a missing column.
    pub fn get(&self, column: &str) -> Option<&str> {
        let place = self
            .header
            .columns
            .iter()
            .position(|name| *name == Some(column))?;
        self.record
            .get(place)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The format of its dates.
    pub fn date_format(&self) -> DateFormat {
        self.header.dates
    }

    /// Returns the problem if the number of fields is wrong. Extra empty cells, as spreadsheets add them, are ignored.
    pub fn field_count_error(&self) -> Option<String> {
        let (fields, columns) = (self.record.len(), self.header.columns.len());
        let empty = |record: &StringRecord| record.iter().skip(columns).all(|cell| cell.trim().is_empty());
        (fields < columns || !empty(&self.record))
            .then(|| format!("the row has {fields} fields, the header has {columns}"))
    }
}

/// The rows of one table in one file.
pub struct Rows {
    /// The name of the file.
    pub name: String,
    /// Unknown columns.
    pub unknown: Vec<String>,
    reader: csv::Reader<Box<dyn Read + Send>>,
    header: Arc<Header>,
    /// In a rejects file: the position of the `file` column, and the wanted value.
    only: Option<(usize, &'static str)>,
    path: PathBuf,
}

impl Rows {
    fn open(
        table: Table,
        path: &Path,
        is_rejects: bool,
        dates: DateFormat,
        bar: &ProgressBar,
    ) -> Result<Self, Error> {
        let name = name_of(path);
        let (form, source) = form::detect(decoded(path, bar)?).map_err(|cause| unreadable(path, &cause))?;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(form.delimiter)
            .terminator(form.terminator)
            // Line numbers are counted by line ends, so the last row needs one.
            .from_reader(Box::new(source.chain(&b"\n"[..])) as Box<dyn Read + Send>);
        let titles: Vec<String> = reader
            .headers()
            .map_err(|cause| unreadable(path, &cause))?
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        check_titles(&titles, table, is_rejects, form).map_err(|message| malformed(&name, 1, &message))?;
        let file_column = titles.iter().position(|title| title == "file");
        let only = file_column
            .filter(|_| is_rejects)
            .map(|place| (place, table.file()));
        let known = |title: &String| table.columns().iter().copied().find(|column| column == title);
        let unknown = titles
            .iter()
            .filter(|title| !title.is_empty() && !is_rejects && known(title).is_none())
            .cloned()
            .collect();
        let columns = titles.iter().map(known).collect();
        Ok(Self {
            name,
            unknown,
            reader,
            header: Arc::new(Header { columns, dates }),
            only,
            path: path.to_owned(),
        })
    }

    /// Returns the next rows: up to `count`, fewer if they are long, none at the end. Rows of empty cells are
    /// skipped.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn next(&mut self, count: usize) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut record = StringRecord::new();
        while rows.len() < count && bytes < BATCH_BYTES {
            let there = self.reader.read_record(&mut record);
            if !there.map_err(|cause| unreadable(&self.path, &cause))? {
                break;
            }
            if let Some((place, wanted)) = self.only
                && record.get(place).map(str::trim) != Some(wanted)
            {
                continue;
            }
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            bytes += record.as_slice().len();
            // Counted back from the end of the row: the reader reports its start before the empty lines that it skips.
            let breaks: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
            let line = self
                .reader
                .position()
                .line()
                .saturating_sub(breaks as u64 + 1)
                .max(1);
            let record = match self.only {
                Some(_) => record.iter().map(unescaped).collect(),
                None => std::mem::take(&mut record),
            };
            rows.push(Row {
                line,
                record,
                header: Arc::clone(&self.header),
            });
        }
        Ok(rows)
    }
}

/// Checks the column names of a header; returns the problem.
fn check_titles(titles: &[String], table: Table, is_rejects: bool, form: Form) -> Result<(), String> {
    let titles = titles.iter().map(String::as_str);
    let titles: Vec<&str> = titles.filter(|title| !title.is_empty()).collect();
    if titles.is_empty() {
        return Err("missing header".to_owned());
    }
    let duplicate = titles
        .iter()
        .enumerate()
        .find(|(n, title)| titles[..*n].contains(title));
    if let Some((_, title)) = duplicate {
        return Err(format!("duplicate column {title}"));
    }
    if is_rejects {
        return match titles.contains(&"file") {
            true => Ok(()),
            false => Err("not a rejects file: it has no column named file".to_owned()),
        };
    }
    match table.needed().iter().find(|name| !titles.contains(name)) {
        None => Ok(()),
        Some(missing) => Err(format!(
            "missing column {missing}: separated by {}, the columns are {}",
            form.name(),
            titles.join(", ")
        )),
    }
}
