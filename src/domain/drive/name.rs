//! Names of folders and files. Pure.
//!
//! Any script and any symbol, except names that would be a path, or would display as another name, where an archive is
//! unpacked.

use std::collections::HashSet;

use crate::error::{Code, Outcome, refuse};
use crate::store::input;

/// Maximum length of a name, in bytes: the limit of the file systems into which archives are unpacked.
pub const MAX: usize = 255;
/// Maximum length of a file extension, in characters; a longer ending is part of the stem.
const EXTENSION: usize = 16;

/// Checks a name and trims it.
///
/// # Errors
/// [`Code::Invalid`] for the field.
pub fn check(text: &str, field: &str) -> Outcome<String> {
    let name = input::check_line(text, MAX, field)?;
    if name == "." || name == ".." {
        return refuse(
            Code::Invalid,
            field,
            "this is a path to another folder, not a name",
        );
    }
    if name.contains(['/', '\\']) {
        return refuse(Code::Invalid, field, "it must not contain / or \\");
    }
    if name.len() > MAX {
        let message = format!("it can have at most {MAX} bytes: a character takes one to four");
        return refuse(Code::Invalid, field, message);
    }
    Ok(name)
}

/// Returns the first free one of the name itself and its forms with " (2)", " (3)" … `taken` contains folded names: see
/// [`text::name_key`].
pub fn free(name: &str, folder: bool, taken: &HashSet<String>) -> String {
    if !taken.contains(&text::name_key(name)) {
        return name.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let candidate = marked(name, folder, &format!(" ({number})"));
        if !taken.contains(&text::name_key(&candidate)) {
            return candidate;
        }
        number += 1;
    }
}

/// Shortens a name longer than [`MAX`]: from before the limit, or derived from other names.
pub fn fit(name: &str, folder: bool) -> String {
    match name.len() <= MAX {
        true => name.to_owned(),
        false => marked(name, folder, "…"),
    }
}

/// Inserts a mark before the extension of a name, shortening its stem as needed.
fn marked(name: &str, folder: bool, mark: &str) -> String {
    let (stem, extension) = if folder { (name, "") } else { split(name) };
    let room = MAX.saturating_sub(mark.len() + extension.len());
    let stem = &stem[..stem.floor_char_boundary(room)];
    format!("{stem}{mark}{extension}")
}

/// Returns what all numbered forms of a name have before the number.
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
        let taken = |names: &[&str]| {
            names
                .iter()
                .map(|name| text::name_key(name))
                .collect::<HashSet<_>>()
        };
        for (name, folder, there, expected) in [
            ("a.pdf", false, &[][..], "a.pdf"),
            ("a.pdf", false, &["a.pdf"], "a (2).pdf"),
            ("a.pdf", false, &["a.pdf", "a (2).pdf"], "a (3).pdf"),
            ("v1.2", true, &["v1.2"], "v1.2 (2)"),
            (".profile", false, &[".profile"], ".profile (2)"),
            ("archive", false, &["archive"], "archive (2)"),
            ("REPORT.pdf", false, &["Report.pdf"], "REPORT (2).pdf"),
            ("u\u{308}.txt", false, &["Ü.txt"], "u\u{308} (2).txt"),
        ] {
            assert_eq!(free(name, folder, &taken(there)), expected);
        }
        let long = format!("{}.pdf", "ü".repeat(125));
        let other = free(&long, false, &taken(&[&long]));
        assert!(other.len() <= MAX && other.ends_with("ü (2).pdf"), "{other}");
    }

    #[test]
    fn names_too_long_for_file_systems_are_shortened() {
        for (name, folder) in [
            ("報".repeat(255), true),
            (format!("{}.pdf", "報".repeat(251)), false),
        ] {
            assert!(check(&name, "name").is_err());
            let fitting = fit(&name, folder);
            assert!(
                fitting.len() <= MAX && check(&fitting, "name").is_ok(),
                "{fitting}"
            );
            assert_eq!(fitting.ends_with(".pdf"), !folder);
        }
        assert_eq!(fit("a.pdf", false), "a.pdf");
    }
}
