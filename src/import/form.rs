//! The dialect of a CSV file: its separator and line endings, which spreadsheets choose by locale, and whether it is
//! well-formed.

use std::io::{BufRead, BufReader, Cursor, Read};

use csv::Terminator;

/// Maximum length of a record, in bytes: a small gzip file can unpack to a single field of gigabytes.
const LONGEST_RECORD: usize = 1024 * 1024;
/// Maximum number of bytes read to find the end of the header.
const HEAD: u64 = 64 * 1024;
/// The recognised separators with their names.
const SEPARATORS: [(u8, &str); 3] = [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs")];

/// The CSV dialect of a file.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The separator between cells.
    pub delimiter: u8,
    /// The row terminator. A line feed alone if the file has one: a carriage return before it is trimmed as white
    /// space of the last cell, and line numbers are right.
    pub terminator: Terminator,
}

impl Form {
    /// The name of the separator.
    pub fn name(self) -> &'static str {
        SEPARATORS
            .iter()
            .find(|(byte, _)| *byte == self.delimiter)
            .map_or("commas", |(_, name)| name)
    }
}

/// Detects the dialect from the header: the most frequent separator outside quotes. Returns the file from its start.
///
/// # Errors
/// When the file can't be read.
pub fn detect(file: impl Read + Send + 'static) -> std::io::Result<(Form, Box<dyn Read + Send>)> {
    let mut reader = BufReader::new(file);
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_until(b'\n', &mut head)?;
    let mut quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut ends = Terminator::CRLF;
    for &byte in &head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' => ends = Terminator::Any(b'\n'),
            _ if quoted => {}
            b'\r' if !head.ends_with(b"\n") => break,
            _ => {
                if let Some(place) = SEPARATORS.iter().position(|(mark, _)| *mark == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    // On a tie the first one wins, so the default is the comma.
    let most = (0..SEPARATORS.len())
        .rev()
        .max_by_key(|&place| counts[place])
        .unwrap_or_default();
    let form = Form {
        delimiter: SEPARATORS[most].0,
        terminator: ends,
    };
    Ok((form, Box::new(Cursor::new(head).chain(reader))))
}

/// The state of the byte-by-byte parser within a field.
#[derive(Clone, Copy)]
enum Place {
    Start,
    Bare,
    Quoted { since: u64 },
    Closed { since: u64 },
}

/// A line number with a problem.
type Problem = (u64, &'static str);

impl Place {
    /// The state after a byte of this line.
    fn after(self, byte: u8, form: Form, line: u64) -> Result<Self, Problem> {
        Ok(match (self, byte) {
            (Self::Quoted { since }, b'"') => Self::Closed { since },
            (Self::Quoted { since }, _) => Self::Quoted { since },
            (Self::Closed { since }, b'"') => Self::Quoted { since },
            (_, b'\n') => Self::Start,
            // If rows end with a line feed, the CSV reader keeps a carriage return as part of the field.
            (_, b'\r') if matches!(form.terminator, Terminator::CRLF) => Self::Start,
            (_, b'\r') => Self::Bare,
            (_, mark) if mark == form.delimiter => Self::Start,
            (Self::Start, b'"') => Self::Quoted { since: line },
            (Self::Bare, b'"') => return Err((line, "quote inside an unquoted field")),
            (Self::Closed { since }, _) => {
                let problem = "text after the closing quote of the quoted field starting here";
                return Err((since, problem));
            }
            (Self::Start | Self::Bare, _) => Self::Bare,
        })
    }
}

/// Validates a file as CSV (RFC 4180) in UTF-8; returns the line and the problem if it is not.
///
/// # Errors
/// When the file can't be read.
pub fn check(form: Form, mut reader: impl BufRead) -> std::io::Result<Result<(), Problem>> {
    let mut place = Place::Start;
    let mut text = Vec::new();
    let mut line = 0;
    // The first line of the current record, and its length in bytes so far.
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
            return Ok(Err((record, "the row starting here is longer than 1 MiB")));
        }
        if std::str::from_utf8(&text).is_err() {
            return Ok(Err((line, "invalid UTF-8")));
        }
        let text = if line == 1 {
            text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text)
        } else {
            &text
        };
        for &byte in text {
            place = match place.after(byte, form, line) {
                Ok(next) => next,
                Err(problem) => return Ok(Err(problem)),
            };
        }
    }
    Ok(match place {
        Place::Quoted { since } => Err((since, "unterminated quoted field starting here")),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Form = Form {
        delimiter: b',',
        terminator: Terminator::Any(b'\n'),
    };

    /// The record limit only works if records are split exactly as the CSV reader splits them.
    #[test]
    fn a_carriage_return_alone_is_a_part_of_its_field() {
        let record = |text: &str| {
            check(COMMAS, text.as_bytes())
                .unwrap()
                .err()
                .map(|(line, _)| line)
        };
        assert_eq!(record("id,name\r\n1,\"a\r\nb\"\r\n"), None);
        // The reader continues this field, so what looks like a quoted field is not one.
        assert_eq!(record("id,name\n1,a\r\",\",x\n"), Some(2));
        assert_eq!(record("id,name\n1,\"a\"\r\",\",x\n"), Some(2));
        let long = format!("id,name\n1,a\r\",\"{}", "x\n".repeat(1 << 20));
        assert!(record(&long).is_some());
    }

    #[test]
    fn the_separator_and_the_line_ends_are_found() {
        for (text, delimiter, terminator) in [
            ("email,role\r\n", b',', Terminator::Any(b'\n')),
            ("email;\"first, last\";role\n", b';', Terminator::Any(b'\n')),
            ("\u{feff}email\trole\r", b'\t', Terminator::CRLF),
            ("email", b',', Terminator::CRLF),
        ] {
            let (form, mut rest) = detect(text.as_bytes()).unwrap();
            assert_eq!(form.delimiter, delimiter, "{text:?}");
            assert_eq!(
                format!("{:?}", form.terminator),
                format!("{terminator:?}"),
                "{text:?}"
            );
            let mut all = String::new();
            rest.read_to_string(&mut all).unwrap();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn files_that_are_not_csv_are_told_from_those_that_are() {
        for good in [
            "",
            "a,b\n1,2\n",
            "a,b\r\n1,\"two\r\nlines, and a \"\"quote\"\"\"\r\n",
            "\u{feff}\"a\",b\n",
            "a,b\n\"\",\"\"",
        ] {
            assert_eq!(check(COMMAS, good.as_bytes()).unwrap(), Ok(()), "{good}");
        }
        let line = |text: &[u8]| check(COMMAS, text).unwrap().unwrap_err().0;
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
        assert_eq!(check(COMMAS, &row(1_000)[..]).unwrap(), Ok(()));
        assert_eq!(check(COMMAS, &row(1_024)[..]).unwrap().unwrap_err().0, 3);
        assert_eq!(check(COMMAS, &vec![b'x'; 2 << 20][..]).unwrap().unwrap_err().0, 1);
        // Many short rows are accepted.
        let many = [
            &b"a,b\n"[..],
            &b"12345678901234567890,\"two\nlines\"\n".repeat(100_000),
        ]
        .concat();
        assert_eq!(check(COMMAS, &many[..]).unwrap(), Ok(()));
    }
}
