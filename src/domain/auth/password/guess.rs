//! Estimates how easily a password is guessed: NIST SP 800-63B, 5.1.1.2, asks to refuse commonly used, repetitive and
//! sequential passwords and those derived from the user's name. Pure.

/// Common words in passwords, and rows of keyboards, in lower case. Variants with digits and symbols in place of
/// letters are equal.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passwd",
    "pass",
    "motdepasse",
    "contrasena",
    "senha",
    "parola",
    "haslo",
    "geheim",
    "secret",
    "letmein",
    "welcome",
    "willkommen",
    "bienvenue",
    "changeme",
    "default",
    "temporary",
    "login",
    "admin",
    "administrator",
    "root",
    "user",
    "guest",
    "test",
    "hello",
    "hallo",
    "iloveyou",
    "love",
    "trustno",
    "whatever",
    "nothing",
    "access",
    "master",
    "monkey",
    "dragon",
    "shadow",
    "sunshine",
    "princess",
    "prinzessin",
    "football",
    "fussball",
    "baseball",
    "superman",
    "batman",
    "pokemon",
    "starwars",
    "michael",
    "jordan",
    "daniel",
    "thomas",
    "charlie",
    "jessica",
    "ashley",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "fruehling",
    "sommer",
    "herbst",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "company",
    "firma",
    "office",
    "qwerty",
    "qwertz",
    "azerty",
    "asdf",
    "zxcvbn",
    "yxcvbn",
    "qwer",
    "wasd",
    "qazwsx",
    "abc",
    "xyz",
];
/// Rows of keys: three or more neighbors in either direction are a sequence, as in alphabetical or numerical order.
const ROWS: &[&str] = &[
    "1234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "!@#$%^&*()",
];
/// Maximum number of characters examined: the rest of a longer password makes no difference.
const MAX_EXAMINED: usize = 128;
/// Minimum length of a sequence or a common word that counts as one unit.
const MIN_RUN: usize = 3;

/// Counts the unpredictable units of a password: a common word, a sequence, a year, a repetition and every other
/// character are one unit each. Ignores case and spaces, and digits and symbols in place of letters.
pub fn unpredictable_units(password: &str, local_part: &str) -> usize {
    let folded = text::search_key(password);
    let shown = folded.chars().filter(|c| !c.is_whitespace());
    let plain: Vec<char> = shown.take(MAX_EXAMINED).collect();
    let name: Vec<char> = text::search_key(local_part).chars().collect();
    let mut count = 0;
    let mut at = 0;
    while at < plain.len() {
        let repeated = repetition(&plain, at);
        let known = match repeated {
            0 => longest_word(&plain[at..], &name)
                .max(sequence(&plain[at..]))
                .max(year(&plain[at..])),
            _ => repeated,
        };
        count += 1;
        at += known.max(1);
    }
    count
}

/// Returns how many characters from here repeat the preceding ones, in whole pieces: for `abcabcabc`, six from the
/// fourth.
fn repetition(plain: &[char], at: usize) -> usize {
    (1..=at)
        .map(|length| {
            let piece = &plain[at - length..at];
            let again = plain[at..].chunks_exact(length).take_while(|next| *next == piece);
            again.count() * length
        })
        .filter(|&length| length >= MIN_RUN || length == plain.len() - at)
        .max()
        .unwrap_or(0)
}

fn longest_word(rest: &[char], name: &[char]) -> usize {
    let same = |(wanted, &typed): (char, &char)| wanted == typed || replaces(typed, wanted);
    let own = name.len() >= MIN_RUN && name.len() <= rest.len() && name.iter().copied().zip(rest).all(same);
    let common = COMMON
        .iter()
        .filter(|word| word.len() <= rest.len() && word.chars().zip(rest).all(same));
    common
        .map(|word| word.len())
        .chain(own.then_some(name.len()))
        .max()
        .unwrap_or(0)
}

/// Returns whether a digit or symbol stands for a letter.
fn replaces(typed: char, letter: char) -> bool {
    matches!(
        (typed, letter),
        ('0', 'o')
            | ('1' | '!' | '|', 'i' | 'l')
            | ('3', 'e')
            | ('4' | '@', 'a')
            | ('5' | '$', 's')
            | ('7' | '+', 't')
    )
}

/// Returns how many characters from here are neighbors on a row.
fn sequence(rest: &[char]) -> usize {
    let along = |row: &[char]| {
        let Some(start) = rest.first().and_then(|first| row.iter().position(|c| c == first)) else {
            return 0;
        };
        row[start..].iter().zip(rest).take_while(|(a, b)| a == b).count()
    };
    let longest = ROWS
        .iter()
        .flat_map(|row| {
            let forward: Vec<char> = row.chars().collect();
            let backward: Vec<char> = row.chars().rev().collect();
            [along(&forward), along(&backward)]
        })
        .max()
        .unwrap_or(0);
    if longest >= MIN_RUN { longest } else { 0 }
}

/// Returns the length of a year of our time.
fn year(rest: &[char]) -> usize {
    let digits = rest.iter().take(4).filter(|c| c.is_ascii_digit()).count();
    let begins = matches!(rest, ['1', '9', ..] | ['2', '0', ..]);
    if digits == 4 && begins { 4 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictable_parts_count_once() {
        for (password, expected) in [
            ("1234567890", 1),
            ("qwertyuiop", 1),
            ("passwordpassword", 2),
            ("letmein123", 2),
            ("          a b c", 1),
            ("Summer2026!", 3),
            ("aaaaaaaaaaaaaaaa", 2),
            ("abababababab", 3),
            ("p4$$w0rd", 1),
            ("ada.lovelace", 1),
            ("xkqv", 4),
        ] {
            assert_eq!(
                unpredictable_units(password, "ada.lovelace"),
                expected,
                "{password}"
            );
        }
        for good in [
            "correct horse",
            "a long password",
            "handover-demo",
            "Schlüssel für Zoë",
            "xk3!vQ9#pL",
        ] {
            assert!(unpredictable_units(good, "ada") >= 5, "{good}");
        }
    }
}
