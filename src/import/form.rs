//! The form of a CSV file: its separator and its line ends, which spreadsheets choose by the language of the computer, and
//! whether it can be split into rows at all.

use std::io::{BufRead, BufReader, Cursor, Read};

use csv::Terminator;

/// Longest record of a file, in bytes. A small archive can unpack to gigabytes that are one field.
const LONGEST_RECORD: usize = 1024 * 1024;
/// Bytes that are read to find the header's end.
const HEAD: u64 = 64 * 1024;
/// The separators that are recognised, with what a person calls them.
const SEPARATORS: [(u8, &str); 3] = [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs")];

/// How a file is split.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// What stands between two cells.
    pub delimiter: u8,
    /// What ends a row. A line feed alone where there is one: the carriage return before it is white space at the end
    /// of the last cell, and lines are counted right.
    pub terminator: Terminator,
}

impl Form {
    /// What a person calls the separator.
    pub fn name(self) -> &'static str {
        SEPARATORS
            .iter()
            .find(|(byte, _)| *byte == self.delimiter)
            .map_or("commas", |(_, name)| name)
    }
}

/// Finds the form by the header: the separator that it has most of, outside quotes. Answers the file from its beginning.
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
    // Of equally many the first, which is the comma.
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

/// Where a field stands, to someone who reads byte by byte.
#[derive(Clone, Copy)]
enum Place {
    Start,
    Bare,
    Quoted { since: u64 },
    Closed { since: u64 },
}

/// Reads a file to its end and answers the line and the reason why it is not CSV in UTF-8 (RFC 4180), if it is not.
///
/// # Errors
/// When the file can't be read.
pub fn check(form: Form, mut reader: impl BufRead) -> std::io::Result<Result<(), (u64, &'static str)>> {
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
                (_, b'\n') => Place::Start,
                // Where rows end with a line feed, the reader takes a carriage return for a part of the field.
                (_, b'\r') if matches!(form.terminator, Terminator::CRLF) => Place::Start,
                (_, b'\r') => Place::Bare,
                (_, mark) if mark == form.delimiter => Place::Start,
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

    const COMMAS: Form = Form {
        delimiter: b',',
        terminator: Terminator::Any(b'\n'),
    };

    /// The limit of a record holds only where it is cut as the CSV reader cuts it.
    #[test]
    fn a_carriage_return_alone_is_a_part_of_its_field() {
        let record = |text: &str| {
            check(COMMAS, text.as_bytes())
                .unwrap()
                .err()
                .map(|(line, _)| line)
        };
        assert_eq!(record("id,name\r\n1,\"a\r\nb\"\r\n"), None);
        // The reader goes on with this field, so what looks like a quoted one is none.
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
        // Many rows are no long one.
        let many = [
            &b"a,b\n"[..],
            &b"12345678901234567890,\"two\nlines\"\n".repeat(100_000),
        ]
        .concat();
        assert_eq!(check(COMMAS, &many[..]).unwrap(), Ok(()));
    }
}
