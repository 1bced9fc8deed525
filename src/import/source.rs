//! Where the rows come from: the CSV files of a folder, plain or gzipped, or a rejects file.
//!
//! Before anything is imported, [`form::check`] reads every file once: a file that is not UTF-8, or whose quotes
//! do not match, is refused as a whole, because nobody can say where its rows begin.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;

use super::date::DateFormat;
use super::form;
use super::rejects::unescaped;
use super::table::Table;
use super::table::unreadable;
use crate::error::Error;

/// Most bytes of rows that are taken in one batch, the last one beyond that included.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// What is read.
#[derive(Debug)]
pub struct Source {
    files: Vec<(Option<Table>, PathBuf)>,
    dates: DateFormat,
    /// CSV files that are not of the import form.
    pub ignored: Vec<String>,
}

impl Source {
    /// Looks at a folder, or takes a rejects file.
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
            // Where both are there, the one that can be read without a tool.
            let found = [plain, gzipped].into_iter().find(|name| names.contains(name));
            if let Some(name) = found {
                files.push((Some(table), path.join(&name)));
                names.retain(|other| *other != name);
            }
        }
        if files.is_empty() {
            let wanted: Vec<&str> = Table::ALL.iter().map(|table| table.file()).collect();
            return Err(Error::BadInput(format!(
                "{}: there is none of {} here",
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

    /// Whether this is a rejects file: rows that were imported before, and have been corrected since.
    pub fn is_rejects(&self) -> bool {
        self.files.iter().any(|(table, _)| table.is_none())
    }

    /// Refuses files that can't be taken apart into rows, and headers that lack a column.
    ///
    /// # Errors
    /// The file, the line, and what is wrong with it.
    pub fn check(&self) -> Result<(), Error> {
        for (table, path) in &self.files {
            let wrong = |(line, message): (u64, &str)| malformed(&name_of(path), line, message);
            let (form, reader) = form::detect(decoded(path, &ProgressBar::hidden())?)
                .map_err(|cause| unreadable(path, &cause))?;
            form::check(form, BufReader::with_capacity(1 << 16, reader))
                .map_err(|cause| unreadable(path, &cause))?
                .map_err(wrong)?;
            // Opening reads the header. Of a rejects file any table does.
            let of = table.unwrap_or(Table::Departments);
            drop(self.open_rows(of, table.is_none(), path, &ProgressBar::hidden())?);
        }
        Ok(())
    }

    /// The rows of a table, or `None` where the source has no such file.
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

/// A header: which column stands where, and how dates below it are written.
#[derive(Debug)]
struct Header {
    columns: Vec<Option<&'static str>>,
    dates: DateFormat,
}

/// A row and where it was found.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins, the header being on line 1.
    pub line: u64,
    record: StringRecord,
    header: Arc<Header>,
}

impl Row {
    /// What stands in a column, without the spaces around it; `None` for an empty cell and for a column that the
    /// file does not have.
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

    /// The form of its dates.
    pub fn date_format(&self) -> DateFormat {
        self.header.dates
    }

    /// What is wrong with the number of its fields. Empty cells beyond the header are what spreadsheets leave behind.
    pub fn misshapen(&self) -> Option<String> {
        let (fields, columns) = (self.record.len(), self.header.columns.len());
        let empty = |record: &StringRecord| record.iter().skip(columns).all(|cell| cell.trim().is_empty());
        (fields < columns || !empty(&self.record))
            .then(|| format!("it has {fields} fields, the header has {columns}"))
    }
}

/// The rows of one table in one file.
pub struct Rows {
    /// The name of the file.
    pub name: String,
    /// Columns that mean nothing here.
    pub unknown: Vec<String>,
    reader: csv::Reader<Box<dyn Read + Send>>,
    header: Arc<Header>,
    /// In a rejects file: the column that tells the table, and the name of the wanted one.
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
        let broken = |message: &str| malformed(&name, 1, message);
        let (form, source) = form::detect(decoded(path, bar)?).map_err(|cause| unreadable(path, &cause))?;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(form.delimiter)
            .terminator(form.terminator)
            // So that every row has a line end to be counted.
            .from_reader(Box::new(source.chain(&b"\n"[..])) as Box<dyn Read + Send>);
        let titles: Vec<String> = reader
            .headers()
            .map_err(|cause| unreadable(path, &cause))?
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        let named = || titles.iter().filter(|title| !title.is_empty());
        if named().next().is_none() {
            return Err(broken("there is no header"));
        }
        if let Some(twice) = named()
            .enumerate()
            .find(|(n, title)| named().take(*n).any(|earlier| earlier == *title))
        {
            return Err(broken(&format!("the column {} is there twice", twice.1)));
        }
        let only = match titles.iter().position(|title| title == "file") {
            Some(place) if is_rejects => Some((place, table.file())),
            None if is_rejects => {
                return Err(broken("this is no rejects file: it has no column named file"));
            }
            _ => None,
        };
        let missing = table
            .needed()
            .iter()
            .find(|name| !named().any(|title| title == *name));
        if let (false, Some(missing)) = (is_rejects, missing) {
            let found: Vec<&str> = named().map(String::as_str).collect();
            return Err(broken(&format!(
                "the column {missing} is missing: separated by {}, the columns are {}",
                form.name(),
                found.join(", ")
            )));
        }
        let known = |title: &String| table.columns().iter().copied().find(|column| column == title);
        let unknown = named()
            .filter(|title| !is_rejects && known(title).is_none())
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

    /// The next rows, at most `count`, and fewer where they are long; none when there are no more. Rows of empty cells are
    /// no rows.
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
            // Counted from the end of the row: its beginning is told before the empty lines that the reader skips.
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
