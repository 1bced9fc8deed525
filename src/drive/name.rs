//! What folders and files may be called. Pure.
//!
//! Any script and any sign, but nothing that would be a path, or would show another name than it is, on the
//! machine of whoever unpacks an archive.

use std::collections::HashSet;

use crate::error::{Code, Outcome, refuse};
use crate::input;

/// Longest name, in characters.
pub const MAX: usize = 255;
/// Longest ending of a file's name that is taken for its extension, in characters.
const EXTENSION: usize = 16;

/// A name, trimmed.
///
/// # Errors
/// [`Code::Invalid`] that names the field.
pub fn check(text: &str, field: &str) -> Outcome<String> {
    let name = input::line(text, MAX, field)?;
    if name == "." || name == ".." {
        return refuse(
            Code::Invalid,
            field,
            "this is a way to another folder, not a name",
        );
    }
    if name.contains(['/', '\\']) {
        return refuse(Code::Invalid, field, "it must not hold / or \\");
    }
    if name.chars().any(turns_text) {
        let message = "it must not hold characters that change the direction of the text";
        return refuse(Code::Invalid, field, message);
    }
    Ok(name)
}

/// Marks that make the text after them run the other way: `fdp.exe` can be shown as `exe.pdf` with them.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first of the name itself and those with " (2)", " (3)" … that is not taken.
pub fn free(name: &str, folder: bool, taken: &HashSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let candidate = numbered(name, folder, number);
        if !taken.contains(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

fn numbered(name: &str, folder: bool, number: usize) -> String {
    let (stem, extension) = if folder { (name, "") } else { split(name) };
    let mark = format!(" ({number})");
    let room = MAX - mark.chars().count() - extension.chars().count();
    let stem: String = stem.chars().take(room).collect();
    format!("{stem}{mark}{extension}")
}

/// What comes before the number in every numbered form of a name.
pub fn stem(name: &str, folder: bool) -> &str {
    if folder { name } else { split(name).0 }
}

fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(place) if place > 0 && name[place..].chars().count() <= EXTENSION => name.split_at(place),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in [
            "a",
            " a ",
            "Überblick 2026.pdf",
            "写真 📷.png",
            "..a",
            "a..",
            "con",
            "a:b*?",
        ] {
            assert_eq!(check(good, "name").unwrap(), good.trim());
        }
        let long = "x".repeat(256);
        for bad in [
            "",
            " ",
            ".",
            "..",
            "a/b",
            "/",
            "..\\b",
            "a\0",
            "a\nb",
            "a\u{202e}fdp.exe",
            &long,
        ] {
            assert!(check(bad, "name").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn clashes_are_numbered_before_the_extension() {
        let taken = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<HashSet<_>>();
        for (name, folder, there, expected) in [
            ("a.pdf", false, &[][..], "a.pdf"),
            ("a.pdf", false, &["a.pdf"], "a (2).pdf"),
            ("a.pdf", false, &["a.pdf", "a (2).pdf"], "a (3).pdf"),
            ("v1.2", true, &["v1.2"], "v1.2 (2)"),
            (".profile", false, &[".profile"], ".profile (2)"),
            ("archive", false, &["archive"], "archive (2)"),
        ] {
            assert_eq!(free(name, folder, &taken(there)), expected);
        }
        let long = format!("{}.pdf", "ü".repeat(MAX - 4));
        let other = free(&long, false, &taken(&[&long]));
        assert_eq!(other.chars().count(), MAX);
        assert!(other.ends_with("ü (2).pdf"));
    }
}
