//! What of a text a reader can see: characters that show nothing, and marks that turn text around.

/// Whether a character shows nothing by itself: Unicode's Default_Ignorable_Code_Point, and the blanks that aren't white
/// space to programs (Hangul fillers, the empty Braille pattern).
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfff8 | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Marks that make the text after them run the other way: `fdp.exe` can be shown as `exe.pdf` with them. Those that only
/// say how what stands beside them runs, which Arabic and Hebrew need, are none of these.
pub fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is nothing in a text that a reader could see.
pub fn shows_nothing(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Why a text can't identify anything: two texts that look the same would be two keys. `None` when it can.
///
/// A spreadsheet that was saved with formulas has their text, or their error, in the cells.
pub fn unfit_for_key(text: &str) -> Option<&'static str> {
    const FAILED: [&str; 7] = ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"];
    if text.chars().any(char::is_control) {
        return Some("it must not contain control characters or line breaks");
    }
    if text.chars().any(is_invisible) {
        return Some("it must not contain invisible characters");
    }
    if text.starts_with('=') || FAILED.contains(&text) {
        return Some("this is a spreadsheet formula or its error: save the values instead");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_they_look_like() {
        for good in ["po-1", "member-0001@example.com", "Ünï/çode", "-1", "@ann", "#12"] {
            assert_eq!(unfit_for_key(good), None, "{good}");
        }
        for bad in [
            "D\n1",
            "a\tb",
            "a\u{200b}b",
            "\u{feff}a",
            "=HYPERLINK(\"x\")",
            "#REF!",
            "a\u{202e}b",
            "\u{3164}",
        ] {
            assert!(unfit_for_key(bad).is_some(), "{bad:?}");
        }
    }
}
