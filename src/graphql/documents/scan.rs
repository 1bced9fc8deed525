//! Limits that are looked at before a document is parsed, in one pass over its bytes.
//!
//! The parser recurses for each bracket, so their nesting is what has to be bounded first. The scan follows the lexical
//! grammar (<https://spec.graphql.org/October2021/#sec-Language.Source-Text>); where the parser would read a text
//! differently, in a string without its end, the document is refused here.

use async_graphql::{Pos, ServerError};

use super::bounds::too_complex;
use crate::graphql::kit::user_error::coded;

/// Longest document, in bytes: the parser takes its time for each byte of a string.
pub const LENGTH: usize = 128 << 10;
/// Most tokens of a document; a string is one token.
pub const TOKENS: usize = 5_000;
/// Deepest nesting of brackets of any kind.
pub const NESTING: usize = 64;
/// Longest name or number, in bytes.
pub const WORD: usize = 256;

/// Counts the tokens of a document.
///
/// # Errors
/// `QUERY_TOO_COMPLEX` when it exceeds a limit, `BAD_USER_INPUT` when a string has no end.
pub fn scan(document: &str) -> Result<usize, ServerError> {
    let bytes = document.as_bytes();
    if bytes.len() > LENGTH {
        let message = format!(
            "a document can have at most {} KiB: send long values as variables",
            LENGTH >> 10
        );
        return Err(too_complex(&message));
    }
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let length = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            // The byte order mark is ignored wherever it stands.
            0xEF if bytes[at..].starts_with(&[0xEF, 0xBB, 0xBF]) => {
                at += 3;
                continue;
            }
            b'#' => {
                at += length_while(&bytes[at..], |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            b'"' => string(&bytes[at..]).ok_or_else(|| unterminated(document, at))?,
            b'{' | b'[' | b'(' => {
                nesting += 1;
                if nesting > NESTING {
                    let message = format!("brackets in a document can be nested at most {NESTING} deep");
                    return Err(too_complex(&message));
                }
                1
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                1
            }
            b'.' => length_while(&bytes[at..], |byte| byte == b'.'),
            byte if is_word(byte) => {
                let length = length_while(&bytes[at..], is_word);
                if length > WORD {
                    let message = format!("a name or a number can have at most {WORD} bytes");
                    return Err(too_complex(&message));
                }
                length
            }
            _ => 1,
        };
        at += length;
        tokens += 1;
        if tokens > TOKENS {
            return Err(too_complex(&format!(
                "a document can have at most {TOKENS} tokens"
            )));
        }
    }
    Ok(tokens)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn length_while(bytes: &[u8], holds: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !holds(byte)).unwrap_or(bytes.len())
}

/// The length of the string at the start of `bytes`, its quotes included; nothing when it has no end.
fn string(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(br#"""""#) {
        let mut at = 3;
        loop {
            match bytes.get(at)? {
                b'\\' if bytes[at..].starts_with(br#"\""""#) => at += 4,
                b'"' if bytes[at..].starts_with(br#"""""#) => return Some(at + 3),
                _ => at += 1,
            }
        }
    }
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn unterminated(document: &str, at: usize) -> ServerError {
    let before = document.get(..at).unwrap_or_default();
    let line = before.lines().count().max(1);
    let column = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let mut error = coded("syntax error: a string has no end", "BAD_USER_INPUT");
    error.locations = vec![Pos {
        line,
        column: column.chars().count() + 1,
    }];
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(document: &str) -> String {
        scan(document).unwrap_err().message
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_has_them() {
        for (document, tokens) in [
            ("", 0),
            ("{ users(first: 10) { nodes { id } } }", 14),
            ("{a,b,,c\u{feff}}", 5),
            ("{ ...F } # ] ) } \n# [\r[", 5),
            (r#"{ a(b: "x [ \" ( { \\") }"#, 8),
            (r#"{ a(b: """ [ " "" \""" { """) }"#, 8),
            (r#"["" """""" "x"]"#, 5),
        ] {
            assert_eq!(scan(document), Ok(tokens), "{document}");
        }
    }

    #[test]
    fn brackets_of_every_kind_are_counted_wherever_they_are_nested() {
        for (open, close) in [("[", "]"), ("{", "}"), ("(", ")"), ("{a(b:[", "])}")] {
            let each = open.bytes().filter(|byte| b"{[(".contains(byte)).count();
            let nested = |times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
            assert!(scan(&nested(NESTING / each)).is_ok(), "{open}");
            assert!(message(&nested(NESTING / each + 1)).contains("nested"), "{open}");
        }
        // Closed brackets do not count, and those in strings and comments are none.
        assert!(scan(&"{[()]}".repeat(100)).is_ok());
        assert!(
            scan(&format!(
                "{{ a(b: \"{0}\", c: \"\"\"{0}\"\"\") }} # {0}",
                "[".repeat(1_000)
            ))
            .is_ok()
        );
    }

    #[test]
    fn a_string_without_its_end_hides_no_bracket() {
        for document in [
            r#"{ a(b: """["x" "#.to_owned() + &"[".repeat(1_000),
            "{ a(b: \"\n".to_owned() + &"[".repeat(1_000),
            "{ a(b: \"x\\".to_owned(),
        ] {
            assert!(message(&document).contains("string"), "{document}");
        }
        let error = scan("{\n  a(b: \"x)\n}").unwrap_err();
        assert_eq!((error.locations[0].line, error.locations[0].column), (2, 8));
    }

    #[test]
    fn lengths_words_and_tokens_are_bounded() {
        assert!(scan(&" ".repeat(LENGTH)).is_ok());
        assert!(message(&" ".repeat(LENGTH + 1)).contains("KiB"));
        assert!(scan(&"a".repeat(WORD)).is_ok());
        assert!(message(&"a".repeat(WORD + 1)).contains("name"));
        assert!(scan(&"a ".repeat(TOKENS)).is_ok());
        assert!(message(&"a ".repeat(TOKENS + 1)).contains("tokens"));
    }
}
