//! Where the rows come from: the CSV files of a folder, plain or gzipped, or a rejects file.
//!
//! Before anything is imported, [`check_form`] reads every file once: a file that is not UTF-8, or whose quotes
//! do not match, is refused as a whole, because nobody can say where its rows begin.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;

use super::rejects::unescaped;
use super::table::Table;
use super::unreadable;
use crate::error::Error;

/// Longest record of a file, in bytes. A small archive can unpack to gigabytes that are one field.
const LONGEST_RECORD: usize = 1024 * 1024;
/// Most bytes of rows that are taken in one batch, the last one beyond that included.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// What is read.
#[derive(Debug)]
pub struct Source {
    files: Vec<(Option<Table>, PathBuf)>,
    /// CSV files that are not of the import form.
    pub ignored: Vec<String>,
}

impl Source {
    /// Looks at a folder, or takes a rejects file.
    ///
    /// # Errors
    /// When there is nothing to import.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.is_file() {
            let files = vec![(None, path.to_owned())];
            return Ok(Self {
                files,
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
            ignored: names,
        })
    }

    /// Whether this is a rejects file: rows that were imported before, and have been mended since.
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
            let reader = BufReader::with_capacity(1 << 16, decoded(path, &ProgressBar::hidden())?);
            check_form(reader)
                .map_err(|cause| unreadable(path, &cause))?
                .map_err(wrong)?;
            match table {
                Some(table) => drop(Rows::open(*table, path, false, &ProgressBar::hidden())?),
                None => drop(Rows::open(
                    Table::Departments,
                    path,
                    true,
                    &ProgressBar::hidden(),
                )?),
            }
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
            .map(|(of, path)| Rows::open(table, path, of.is_none(), bar))
            .transpose()
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

/// A header: which column stands where.
#[derive(Debug)]
struct Header(Vec<Option<&'static str>>);

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
        let place = self.header.0.iter().position(|name| *name == Some(column))?;
        self.record
            .get(place)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// What is wrong with the number of its fields.
    pub fn misshapen(&self) -> Option<String> {
        let (fields, columns) = (self.record.len(), self.header.0.len());
        (fields != columns).then(|| format!("it has {fields} fields, the header has {columns}"))
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
    fn open(table: Table, path: &Path, is_rejects: bool, bar: &ProgressBar) -> Result<Self, Error> {
        let name = name_of(path);
        let broken = |message: &str| malformed(&name, 1, message);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(decoded(path, bar)?);
        let titles: Vec<String> = reader
            .headers()
            .map_err(|cause| unreadable(path, &cause))?
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        if titles.iter().all(String::is_empty) {
            return Err(broken("there is no header"));
        }
        if let Some(twice) = titles
            .iter()
            .enumerate()
            .find(|(n, title)| titles[..*n].contains(title))
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
        if !is_rejects
            && let Some(missing) = table
                .needed()
                .iter()
                .find(|name| !titles.iter().any(|t| t == *name))
        {
            return Err(broken(&format!("the column {missing} is missing")));
        }
        let known = |title: &String| table.columns().iter().copied().find(|column| column == title);
        let unknown = titles
            .iter()
            .filter(|title| !is_rejects && known(title).is_none())
            .cloned()
            .collect();
        let header = Arc::new(Header(titles.iter().map(known).collect()));
        Ok(Self {
            name,
            unknown,
            reader,
            header,
            only,
            path: path.to_owned(),
        })
    }

    /// The next rows, at most `count`, and fewer where they are long; none when there are no more.
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
                && record.get(place) != Some(wanted)
            {
                continue;
            }
            bytes += record.as_slice().len();
            let line = record.position().map_or(0, csv::Position::line);
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

/// Where a field stands, to someone who reads byte by byte.
#[derive(Clone, Copy)]
enum Place {
    Start,
    Bare,
    Quoted { since: u64 },
    Closed { since: u64 },
}

/// Reads a file to its end and answers the line and the reason why it is not CSV in UTF-8 (RFC 4180), if it is not.
fn check_form(mut reader: impl BufRead) -> std::io::Result<Result<(), (u64, &'static str)>> {
    let mut place = Place::Start;
    let mut text = Vec::new();
    let mut line = 0;
    // Where the record began whose lines are being read, and how many bytes it has so far.
    let (mut record, mut length) = (1, 0);
    loop {
        text.clear();
        if !matches!(place, Place::Quoted { .. }) {
            (record, length) = (line + 1, 0);
        }
        let left = (LONGEST_RECORD - length) as u64 + 1;
        if reader.by_ref().take(left).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        line += 1;
        length += text.len();
        if length > LONGEST_RECORD {
            return Ok(Err((
                record,
                "the row that begins here is longer than a mebibyte",
            )));
        }
        if std::str::from_utf8(&text).is_err() {
            return Ok(Err((line, "this is not UTF-8")));
        }
        let text = if line == 1 {
            text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text)
        } else {
            &text
        };
        for &byte in text {
            place = match (place, byte) {
                (Place::Quoted { since }, b'"') => Place::Closed { since },
                (Place::Quoted { since }, _) => Place::Quoted { since },
                (Place::Closed { since }, b'"') => Place::Quoted { since },
                (_, b',' | b'\n' | b'\r') => Place::Start,
                (Place::Start, b'"') => Place::Quoted { since: line },
                (Place::Bare, b'"') => {
                    return Ok(Err((
                        line,
                        "there is a quote inside a field that does not begin with one",
                    )));
                }
                (Place::Closed { since }, _) => {
                    return Ok(Err((
                        since,
                        "a quoted field that begins here goes on after its closing quote",
                    )));
                }
                (Place::Start | Place::Bare, _) => Place::Bare,
            };
        }
    }
    Ok(match place {
        Place::Quoted { since } => Err((since, "a quoted field that begins here never ends")),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_csv_are_told_from_those_that_are() {
        for good in [
            "",
            "a,b\n1,2\n",
            "a,b\r\n1,\"two\r\nlines, and a \"\"quote\"\"\"\r\n",
            "\u{feff}\"a\",b\n",
            "a,b\n\"\",\"\"",
        ] {
            assert_eq!(check_form(good.as_bytes()).unwrap(), Ok(()), "{good}");
        }
        let line = |text: &[u8]| check_form(text).unwrap().unwrap_err().0;
        assert_eq!(line(b"a,b\n1,\"2\n3,4\n"), 2);
        assert_eq!(line(b"a,b\n1,2\n\"1,2\n\"x\",4\n"), 3);
        assert_eq!(line(b"a,b\n1,2\nx\",4\n"), 3);
        assert_eq!(line(b"a,b\n\"1\"x,2\n"), 2);
        assert_eq!(line(b"a,b\n1,M\xfcller\n"), 2);
        assert_eq!(line(b"\xff\xfea\0,\0"), 1);
    }

    #[test]
    fn a_row_has_a_longest_length_on_however_many_lines() {
        let row = |lines: usize| {
            let mut text = b"a,b\n1,2\n3,\"".to_vec();
            for _ in 0..lines {
                text.extend_from_slice(&[b'x'; 1023]);
                text.push(b'\n');
            }
            text.extend_from_slice(b"\"\n");
            text
        };
        assert_eq!(check_form(&row(1_000)[..]).unwrap(), Ok(()));
        assert_eq!(check_form(&row(1_024)[..]).unwrap().unwrap_err().0, 3);
        assert_eq!(check_form(&vec![b'x'; 2 << 20][..]).unwrap().unwrap_err().0, 1);
        // Many rows are no long one.
        let many = [
            &b"a,b\n"[..],
            &b"12345678901234567890,\"two\nlines\"\n".repeat(100_000),
        ]
        .concat();
        assert_eq!(check_form(&many[..]).unwrap(), Ok(()));
    }
}
