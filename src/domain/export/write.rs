//! Rows as CSV.

use crate::error::Error;

/// Tells spreadsheets that the file is UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Returns the rows as CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe.
///
/// # Errors
/// None are expected: the rows are written to memory.
pub fn rows<R, C>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, Error>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        for cell in row {
            let text = cell.as_ref();
            let written = match is_formula(text) {
                true => writer.write_field(format!("'{text}")),
                false => writer.write_field(text),
            };
            written.map_err(Error::internal)?;
        }
        writer.write_record(None::<&[u8]>).map_err(Error::internal)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

/// Returns whether a spreadsheet would take the text for a formula: by its first character (OWASP, "CSV injection"),
/// also in full width. Numbers are none.
fn is_formula(text: &str) -> bool {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    begins && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for (cell, written) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"\r\n"),
            ("+49 30 1234", "'+49 30 1234\r\n"),
            ("-1+cmd|x", "'-1+cmd|x\r\n"),
            ("@SUM(A1)", "'@SUM(A1)\r\n"),
            ("\tx", "'\tx\r\n"),
            ("＝1", "'＝1\r\n"),
            ("-12.50", "-12.50\r\n"),
            ("a, \"b\"", "\"a, \"\"b\"\"\"\r\n"),
            ("a=b", "a=b\r\n"),
            ("Zoë", "Zoë\r\n"),
            ("", "\"\"\r\n"),
        ] {
            let bytes = rows([[cell]]).unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), written, "{cell}");
        }
    }
}
