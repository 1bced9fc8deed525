//! Text as people compare it: what looks the same is the same. Pure.
//!
//! - [`name_key`] tells whether two names, or two addresses, are one: canonical caseless matching (Unicode 3.13, D145).
//! - [`search_key`] is what searches look through and for: NFKC and full case folding, without what shows nothing.
//! - [`sort_key`] puts lists into the order of the Unicode Collation Algorithm, root collation.
//! - [`visible`] says what a reader can see of a text.
//! - [`password()`] prepares a password as RFC 8265 has it.
//!
//! The database keeps such keys in columns of their own, so these functions are part of what a migration promises: when
//! a new version of Unicode changes what they answer, a migration has to write the keys anew.

pub mod visible;

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use caseless::Caseless;
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use unicode_normalization::UnicodeNormalization;

pub use visible::{is_invisible, shows_nothing, turns, unfit_for_key};

/// Longest sort key, in bytes of the collation: an index of PostgreSQL holds about 2,700 bytes a row, and the key is
/// written as twice as many digits. Texts that are the same so far stand beside each other in any order.
const LONGEST_KEY: usize = 480;

/// The text in the form in which it is stored: NFC, so that what was typed on different systems is the same.
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The same for all texts that are one name to people, whatever their letter case and the form of their accents.
pub fn name_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().default_case_fold().nfc().collect()
}

/// What a search finds this text by, and what it looks for. Compatible characters (ligatures, wide letters) are the same;
/// what shows nothing doesn't count. The Turkish `İ` is found by `i`: its dot, left over by the folding, is dropped.
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let shown = text.nfkd().filter(|&c| !is_invisible(c));
    let folded: String = shown
        .default_case_fold()
        .nfkd()
        .default_case_fold()
        .nfkc()
        .collect();
    folded.replace("i\u{307}", "i")
}

/// Digits that stand in the order of the text's place in a list, compared byte by byte: `Émile` beside `Emil`, letter case
/// last.
pub fn sort_key(text: &str) -> String {
    let mut key = Vec::with_capacity(64);
    // A Vec takes whatever is written to it, and the data is there: only the types say otherwise.
    match COLLATOR
        .as_ref()
        .map(|collator| collator.write_sort_key_to(text, &mut key))
    {
        Some(Ok(())) => {}
        None | Some(Err(_)) => key.extend(text.bytes()),
    }
    key.truncate(LONGEST_KEY);
    key.iter()
        .fold(String::with_capacity(2 * key.len()), |mut digits, byte| {
            // Writing to a String can't fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}

/// The root collation; its data is part of the program.
static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| Collator::try_new(CollatorPreferences::default(), CollatorOptions::default()).ok());

/// A password as it is hashed: RFC 8265's OpaqueString, so that the keyboard it is typed on does not matter. What that
/// profile doesn't allow (control characters, code points without a character) is taken as it is.
pub fn password(text: &str) -> Cow<'_, str> {
    OpaqueString::enforce(text).unwrap_or(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_whatever_their_case_and_their_accents() {
        for (one, other) in [
            ("Zoë", "zoe\u{308}"),
            ("STRASSE", "straße"),
            ("ΑΣ", "ας"),
            ("Report.PDF", "report.pdf"),
            ("Ǆ", "ǆ"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} {other}");
        }
        for (one, other) in [("Zoë", "zoe"), ("a", "b"), ("ﬁ", "f"), ("I", "ı")] {
            assert_ne!(name_key(one), name_key(other), "{one} {other}");
        }
    }

    #[test]
    fn a_search_finds_what_people_see() {
        for (title, wanted) in [
            ("ΑΣΑ", "ΑΣ"),
            ("İstanbul", "istanbul"),
            ("Istanbul", "İSTANBUL"),
            ("Straße", "STRASSE"),
            ("Müller", "mu\u{308}ller"),
            ("Ju\u{308}rgen", "JÜRGEN"),
            ("ﬁnance", "fin"),
            ("ＡＢＣ", "abc"),
            ("soft\u{ad}ware", "software"),
        ] {
            assert!(
                search_key(title).contains(&search_key(wanted)),
                "{title} {wanted}"
            );
        }
        assert!(!search_key("Müller").contains(&search_key("Muller")));
    }

    #[test]
    fn the_search_key_of_a_search_key_is_itself() {
        for text in ["İstanbul", "Straße", "ΑΣΑ", "ﬃ", "ẛ̣", "ſ", "ᾳ", "ᴬ", "㎏"] {
            let key = search_key(text);
            assert_eq!(search_key(&key), key, "{text}");
        }
    }

    #[test]
    fn lists_stand_in_the_order_of_the_root_collation() {
        let mut names = [
            "Zoe",
            "Émile",
            "emil",
            "Emil",
            "Ångström",
            "Andy",
            "zoë",
            "Łukasz",
            "Lutz",
            "10",
            "9",
            "李",
        ];
        names.sort_by_cached_key(|name| sort_key(name));
        let expected = [
            "10",
            "9",
            "Andy",
            "Ångström",
            "emil",
            "Emil",
            "Émile",
            "Łukasz",
            "Lutz",
            "Zoe",
            "zoë",
            "李",
        ];
        assert_eq!(names, expected);
        assert!(sort_key(&"李".repeat(2_000)).len() <= 2 * LONGEST_KEY);
    }

    #[test]
    fn a_password_is_the_same_on_each_keyboard() {
        assert_eq!(
            password("Schlüssel für Zoë"),
            password("Schlu\u{308}ssel fu\u{308}r Zoe\u{308}")
        );
        assert_eq!(password("wide\u{3000}space"), "wide space");
        assert_ne!(password("Correct"), password("correct"));
        assert_eq!(password("tab\tinside"), "tab\tinside");
    }
}
