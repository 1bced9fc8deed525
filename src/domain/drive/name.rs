//! What folders and files may be called. Pure.
//!
//! Any script and any sign, but nothing that would be a path, or would show another name than it is, on the
//! machine of whoever unpacks an archive.

use std::collections::HashSet;

use crate::error::{Code, Outcome, refuse};
use crate::store::input;

/// Longest name, in bytes: what the file systems hold into which archives are unpacked.
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
    if name.len() > MAX {
        let message = format!("it can have at most {MAX} bytes: a letter has one to four of them");
        return refuse(Code::Invalid, field, message);
    }
    Ok(name)
}

/// The first of the name itself and those with " (2)", " (3)" … that is not taken. `taken` holds names as people compare
/// them: see [`text::name_key`].
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

/// The name, shortened where it is longer than [`MAX`]: it was given before that was the limit, or made of others.
pub fn fit(name: &str, folder: bool) -> String {
    match name.len() <= MAX {
        true => name.to_owned(),
        false => marked(name, folder, "…"),
    }
}

/// The name with a mark before its extension, its stem shortened as far as it has to be.
fn marked(name: &str, folder: bool, mark: &str) -> String {
    let (stem, extension) = if folder { (name, "") } else { split(name) };
    let room = MAX.saturating_sub(mark.len() + extension.len());
    let stem = &stem[..stem.floor_char_boundary(room)];
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
    fn names_that_no_file_system_holds_are_shortened() {
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
