//! Random filters, read by this parser and by another one.

use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter as Other, PatchPath, ValFilter};

use super::*;

const STRICT: usize = 20_000;
const NOISE: usize = 10_000;

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A filter and its text; `loose` if only this parser accepts it.
struct Made {
    filter: Filter,
    text: String,
    loose: bool,
}

/// A path and its text.
struct Named {
    path: AttributePath,
    text: String,
    loose: bool,
}

/// Makes filters.
struct Maker {
    random: Random,
    /// Whether to use the forms beyond the grammar.
    loose: bool,
}

impl Maker {
    fn cased(&mut self, word: &str) -> String {
        let upper = |c: char, yes: bool| if yes { c.to_ascii_uppercase() } else { c };
        word.chars().map(|c| upper(c, self.random.chance(20))).collect()
    }

    fn attribute(&mut self, within: bool, subs: bool) -> Named {
        const NAMES: [&str; 8] = [
            "userName", "emails", "x-y_1", "active", "meta", "eqx", "a", "prefix",
        ];
        const URNS: [&str; 2] = ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:a:b-c:1.0"];
        let loose = self.loose && self.random.chance(10);
        let name = if loose { "$ref" } else { self.random.one(&NAMES) }.to_owned();
        let sub = (subs && self.random.chance(30)).then(|| self.random.one(&NAMES).to_owned());
        let schema = (!within && self.random.chance(20)).then(|| self.random.one(&URNS).to_owned());
        let urn = schema.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
        let tail = sub.as_ref().map(|sub| format!(".{sub}")).unwrap_or_default();
        let text = format!("{urn}{name}{tail}");
        let path = AttributePath { schema, name, sub };
        Named { path, text, loose }
    }

    fn value(&mut self, operator: Operator) -> (Value, String, bool) {
        const TEXTS: [&str; 7] = [
            "",
            "ann@x.example",
            "a \"b\" \\c",
            "ä ß 😀",
            ") or (a pr",
            "true",
            "\n\t",
        ];
        const NUMBERS: [&str; 5] = ["0", "42", "-7", "1.5", "1e5"];
        if self.loose && operator == Operator::Eq && self.random.chance(30) {
            let word = self.random.one(&["ann@x.example", "0042", "a:b", "3b-5"]);
            return (word.into(), word.to_owned(), true);
        }
        let (value, text) = match self.random.below(6) {
            0 => (true.into(), "true".to_owned()),
            1 => (false.into(), "false".to_owned()),
            2 => (Value::Null, "null".to_owned()),
            3 => {
                let text = self.random.one(&NUMBERS);
                let number: serde_json::Number = text.parse().unwrap();
                let kept = number.to_string() == text;
                (if kept { number.into() } else { text.into() }, text.to_owned())
            }
            _ => {
                let text = self.random.one(&TEXTS);
                (text.into(), serde_json::to_string(text).unwrap())
            }
        };
        (value, text, false)
    }

    fn comparison(&mut self, Named { path, text, loose }: Named) -> Made {
        const OPERATORS: [(&str, Operator); 9] = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("co", Operator::Co),
            ("sw", Operator::Sw),
            ("ew", Operator::Ew),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
        ];
        if self.random.chance(20) {
            let text = format!("{text} {}", self.cased("pr"));
            return Made {
                filter: Filter::Present(path),
                text,
                loose,
            };
        }
        let (word, operator) = self.random.one(&OPERATORS);
        let (value, literal, bare) = self.value(operator);
        let text = format!("{text} {} {literal}", self.cased(word));
        Made {
            filter: Filter::Compare(path, operator, value),
            text,
            loose: loose || bare,
        }
    }

    fn element(&mut self) -> Made {
        let attribute = self.attribute(false, false);
        let inner = self.filter(1, true);
        let mut text = format!("{}[{}]", attribute.text, inner.text);
        let mut loose = attribute.loose || inner.loose;
        let mut rest = None;
        if self.loose && self.random.chance(50) {
            let path = AttributePath {
                schema: None,
                name: "value".to_owned(),
                sub: None,
            };
            let made = self.comparison(Named {
                path,
                text: "value".to_owned(),
                loose: true,
            });
            text = format!("{text}.{}", made.text);
            (rest, loose) = (Some(Box::new(made.filter)), true);
        }
        Made {
            filter: Filter::Element(attribute.path, Box::new(inner.filter), rest),
            text,
            loose,
        }
    }

    fn filter(&mut self, depth: usize, within: bool) -> Made {
        match self.random.below(if depth == 0 { 2 } else { 6 }) {
            2 | 3 => {
                let word = self.random.one(&["and", "or"]);
                let parts: Vec<_> = (0..2 + self.random.below(2))
                    .map(|_| self.filter(depth - 1, within))
                    .collect();
                let join = format!(" {} ", self.cased(word));
                let mut texts = Vec::new();
                for part in &parts {
                    let bare = word == "or" || !matches!(part.filter, Filter::Or(_));
                    texts.push(match bare && self.random.chance(70) {
                        true => part.text.clone(),
                        false => format!("({})", part.text),
                    });
                }
                let loose = parts.iter().any(|part| part.loose);
                let filters = parts.into_iter().map(|part| part.filter).collect();
                let filter = if word == "and" {
                    Filter::And(filters)
                } else {
                    Filter::Or(filters)
                };
                Made {
                    filter,
                    text: texts.join(&join),
                    loose,
                }
            }
            4 => {
                let inner = self.filter(depth - 1, within);
                let tight = self.loose && self.random.chance(50);
                let text = format!(
                    "{}{}({})",
                    self.cased("not"),
                    if tight { "" } else { " " },
                    inner.text
                );
                Made {
                    filter: Filter::Not(Box::new(inner.filter)),
                    text,
                    loose: inner.loose || tight,
                }
            }
            5 if !within => self.element(),
            _ => {
                let attribute = self.attribute(within, !within);
                self.comparison(attribute)
            }
        }
    }
}

fn path(path: AttrPath) -> AttributePath {
    AttributePath {
        schema: path.uri,
        name: path.name,
        sub: path.sub_attr,
    }
}

fn expression(expression: AttrExp) -> Filter {
    let (attribute, operator, value) = match expression {
        AttrExp::Present(attribute) => return Filter::Present(path(attribute)),
        AttrExp::Comparison(attribute, operator, value) => (attribute, operator, value),
    };
    let operator = match operator {
        CompareOp::Eq => Operator::Eq,
        CompareOp::Ne => Operator::Ne,
        CompareOp::Co => Operator::Co,
        CompareOp::Sw => Operator::Sw,
        CompareOp::Ew => Operator::Ew,
        CompareOp::Gt => Operator::Gt,
        CompareOp::Ge => Operator::Ge,
        CompareOp::Lt => Operator::Lt,
        CompareOp::Le => Operator::Le,
    };
    let value = match value {
        CompValue::False => false.into(),
        CompValue::True => true.into(),
        CompValue::Null => Value::Null,
        CompValue::Number(number) => number.into(),
        CompValue::Str(text) => text.into(),
    };
    Filter::Compare(path(attribute), operator, value)
}

fn inner(filter: ValFilter) -> Filter {
    match filter {
        ValFilter::Attr(attribute) => expression(attribute),
        ValFilter::Not(not) => Filter::Not(Box::new(inner(*not))),
        ValFilter::And(parts) => Filter::And(parts.iter().cloned().map(inner).collect()),
        ValFilter::Or(parts) => Filter::Or(parts.iter().cloned().map(inner).collect()),
    }
}

fn translated(filter: Other) -> Filter {
    match filter {
        Other::Attr(attribute) => expression(attribute),
        Other::ValuePath(of) => Filter::Element(path(of.attr), Box::new(inner(*of.filter)), None),
        Other::Not(not) => Filter::Not(Box::new(translated(*not))),
        Other::And(parts) => Filter::And(parts.iter().cloned().map(translated).collect()),
        Other::Or(parts) => Filter::Or(parts.iter().cloned().map(translated).collect()),
    }
}

/// The same for filters that mean the same: without parentheses that change nothing, and with numbers in one form.
fn normal(filter: Filter) -> Filter {
    let flat = |parts: Vec<Filter>, and: bool| {
        let unfold = |part| match normal(part) {
            Filter::And(parts) if and => parts,
            Filter::Or(parts) if !and => parts,
            other => vec![other],
        };
        parts.into_iter().flat_map(unfold).collect()
    };
    match filter {
        Filter::And(parts) => Filter::And(flat(parts, true)),
        Filter::Or(parts) => Filter::Or(flat(parts, false)),
        Filter::Not(not) => Filter::Not(Box::new(normal(*not))),
        Filter::Element(path, inner, rest) => Filter::Element(path, Box::new(normal(*inner)), rest),
        Filter::Compare(path, operator, Value::String(text)) => {
            let number = text
                .parse::<serde_json::Number>()
                .ok()
                .and_then(|number| number.as_f64());
            Filter::Compare(path, operator, number.map_or(Value::String(text), Value::from))
        }
        Filter::Compare(path, operator, Value::Number(number)) => {
            Filter::Compare(path, operator, number.as_f64().into())
        }
        other => other,
    }
}

#[test]
fn valid_filters_mean_the_same_to_both() {
    let mut maker = Maker {
        random: Random(0x5CE1),
        loose: false,
    };
    for _ in 0..STRICT {
        let Made { filter, text, loose } = maker.filter(2, false);
        assert!(!loose);
        let own = parse(&text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        let other: Other = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let expected = normal(filter);
        assert_eq!(normal(own), expected, "{text}");
        assert_eq!(normal(translated(other)), expected, "{text}");
    }
}

#[test]
fn forms_beyond_the_grammar_are_read_here_alone() {
    let mut maker = Maker {
        random: Random(0xB07),
        loose: true,
    };
    let mut seen = 0;
    for _ in 0..2_000 {
        let Made { filter, text, loose } = maker.filter(2, false);
        let own = parse(&text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        assert_eq!(normal(own), normal(filter), "{text}");
        assert_eq!(text.parse::<Other>().is_err(), loose, "{text}");
        seen += usize::from(loose);
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn noise_never_panics_and_means_the_same_if_both_accept_it() {
    let mut maker = Maker {
        random: Random(0xD1CE),
        loose: false,
    };
    let mut both = 0;
    for round in 0..NOISE {
        let mut bytes = match round % 2 {
            0 => (0..maker.random.below(40))
                .map(|_| maker.random.below(256).to_le_bytes()[0])
                .collect(),
            _ => maker.filter(1, false).text.into_bytes(),
        };
        for _ in 0..maker.random.below(3) {
            let at = maker.random.below(bytes.len() + 1);
            match maker.random.below(2) {
                0 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at, maker.random.one(b" \"\\()[].:-eqpr01")),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let read = parse_path(&text);
        if let (Ok(own), Ok(other)) = (read, text.parse::<PatchPath>()) {
            let expected = match other {
                PatchPath::Attr(attribute) => (path(attribute), None, None),
                PatchPath::Value(of) => (path(of.attr), Some(normal(inner(of.filter))), of.sub_attr),
            };
            assert_eq!(
                (own.attribute, own.filter.map(normal), own.sub),
                expected,
                "{text}"
            );
        }
        if let (Ok(own), Ok(other)) = (parse(&text), text.parse::<Other>()) {
            assert_eq!(normal(own), normal(translated(other)), "{text}");
            both += 1;
        }
    }
    assert!(both > 1_000, "{both}");
}
