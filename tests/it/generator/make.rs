//! Makes documents: good ones of the schema, and bad ones of every kind that is known to have hurt a server.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{InputValueDefinition, TypeKind, TypeSystemDefinition};
use serde_json::json;

/// Random numbers that are the same for the same seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Small numbers often, large ones now and then.
    pub fn size(&mut self, most: usize) -> usize {
        let bits = self.below(usize::BITS as usize - most.leading_zeros() as usize + 1);
        self.below((1 << bits) + 1).min(most)
    }
}

/// A document and its variables, which need not be JSON.
#[derive(Clone)]
pub struct Document {
    pub kind: &'static str,
    pub query: String,
    pub variables: String,
}

struct Argument {
    name: String,
    of: String,
}

struct Field {
    name: String,
    arguments: Vec<Argument>,
    of: String,
}

enum Kind {
    Fields(Vec<Field>),
    Input(Vec<Argument>),
    Values(Vec<String>),
}

pub struct Maker {
    pub random: Random,
    types: BTreeMap<String, Kind>,
}

/// The name in `[T!]!`.
fn name_in(of: &str) -> &str {
    of.trim_matches(['[', ']', '!'])
}

const INTROSPECTION: [(&str, &str); 14] = [
    ("types", "{"),
    ("queryType", "{"),
    ("directives", "{"),
    ("fields(includeDeprecated: true)", "{"),
    ("interfaces", "{"),
    ("possibleTypes", "{"),
    ("enumValues", "{"),
    ("inputFields", "{"),
    ("ofType", "{"),
    ("type", "{"),
    ("args", "{"),
    ("name", ""),
    ("description", ""),
    ("kind", ""),
];

const WORDS: [&str; 52] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "$",
    "@",
    "...",
    "\"",
    "\"\"\"",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "users",
    "node",
    "nodes",
    "id",
    "edges",
    "pageInfo",
    "first",
    "after",
    "filter",
    "input",
    "__schema",
    "__typename",
    "types",
    "name",
    "handoverPlan",
    "null",
    "true",
    "-1",
    "1e999",
    "99999999999999999999",
    "\u{0}",
    "é",
    "🦀",
    "include",
    "if",
    "User",
    "work",
    "department",
    "'",
    "--",
    ";",
    "#",
    "\\u0041",
    "\u{feff}",
];

impl Maker {
    pub fn new(seed: u64) -> Self {
        let mut types = BTreeMap::new();
        let arguments = |all: &[async_graphql::Positioned<InputValueDefinition>]| {
            let argument = |one: &async_graphql::Positioned<InputValueDefinition>| Argument {
                name: one.node.name.node.to_string(),
                of: one.node.ty.node.to_string(),
            };
            all.iter().map(argument).collect::<Vec<_>>()
        };
        for definition in parse_schema(handover::graphql::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let definition = definition.node;
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::InputObject(input) => {
                    types.insert(
                        definition.name.node.to_string(),
                        Kind::Input(arguments(&input.fields)),
                    );
                    continue;
                }
                TypeKind::Enum(values) => {
                    let values = values
                        .values
                        .iter()
                        .map(|value| value.node.value.node.to_string());
                    types.insert(definition.name.node.to_string(), Kind::Values(values.collect()));
                    continue;
                }
                TypeKind::Scalar | TypeKind::Union(_) => continue,
            };
            let field =
                |field: async_graphql::Positioned<async_graphql::parser::types::FieldDefinition>| Field {
                    name: field.node.name.node.to_string(),
                    arguments: arguments(&field.node.arguments),
                    of: field.node.ty.node.to_string(),
                };
            let fields = fields.into_iter().map(field).collect();
            types.insert(definition.name.node.to_string(), Kind::Fields(fields));
        }
        Self {
            random: Random(seed),
            types,
        }
    }

    /// The next document.
    pub fn document(&mut self) -> Document {
        let mut variables = "{}".to_owned();
        let (kind, query) = match self.random.below(12) {
            0 | 1 => ("good", self.good()),
            2 => ("introspection", self.introspection()),
            3 => ("deep", self.deep()),
            4 => ("wide", self.wide()),
            5 => ("fragments", self.fragments()),
            6 => ("values", self.values()),
            7 => {
                let (query, values) = self.variables();
                variables = values;
                ("variables", query)
            }
            8 => ("ignored", self.ignored()),
            9 => ("words", self.words()),
            _ => {
                let whole = self.document();
                variables = whole.variables;
                ("broken", self.broken(whole.query))
            }
        };
        Document {
            kind,
            query,
            variables,
        }
    }

    fn good(&mut self) -> String {
        let depth = 1 + self.random.below(6);
        format!("query {}", self.selection("Query", depth))
    }

    fn selection(&mut self, of: &str, depth: usize) -> String {
        let Some(Kind::Fields(fields)) = self.types.get(of) else {
            return String::new();
        };
        let composite = |of: &str| matches!(self.types.get(name_in(of)), Some(Kind::Fields(_)));
        let mut chosen = Vec::new();
        for _ in 0..1 + self.random.size(8) {
            let field = self.random.pick(fields);
            if depth > 0 || !composite(&field.of) {
                let arguments = field
                    .arguments
                    .iter()
                    .map(|one| (one.name.clone(), one.of.clone()));
                chosen.push((
                    field.name.clone(),
                    field.of.clone(),
                    arguments.collect::<Vec<_>>(),
                ));
            }
        }
        let mut out = "{ __typename ".to_owned();
        for (name, of, arguments) in chosen {
            if self.random.chance(10) {
                out += &format!("a{}: ", self.random.below(40));
            }
            out += &name;
            let mut values = Vec::new();
            for (name, of) in arguments {
                if of.ends_with('!') || self.random.chance(30) {
                    values.push(format!("{name}: {}", self.value(&of, 4)));
                }
            }
            if !values.is_empty() {
                out += &format!("({})", values.join(", "));
            }
            if self.random.chance(5) {
                out += " @include(if: true)";
            }
            out += " ";
            if matches!(self.types.get(name_in(&of)), Some(Kind::Fields(_))) {
                out += &self.selection(name_in(&of), depth.saturating_sub(1));
            }
        }
        out + "} "
    }

    fn value(&mut self, of: &str, depth: usize) -> String {
        if !of.ends_with('!') && self.random.chance(10) {
            return "null".to_owned();
        }
        if of.starts_with('[') && depth > 0 {
            let inner = of.trim_end_matches('!');
            let inner = &inner[1..inner.len() - 1].to_owned();
            let values: Vec<_> = (0..self.random.size(20))
                .map(|_| self.value(inner, depth - 1))
                .collect();
            return format!("[{}]", values.join(", "));
        }
        let text = self.text(30);
        match self.types.get(name_in(of)) {
            Some(Kind::Values(values)) => self.random.pick(values).clone(),
            Some(Kind::Input(fields)) if depth > 0 => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|one| (one.name.clone(), one.of.clone()))
                    .collect();
                let mut out = Vec::new();
                for (name, of) in fields {
                    if of.ends_with('!') || self.random.chance(20) {
                        out.push(format!("{name}: {}", self.value(&of, depth - 1)));
                    }
                }
                format!("{{{}}}", out.join(", "))
            }
            _ => match name_in(of) {
                "Int" => (*self
                    .random
                    .pick(&["0", "1", "20", "100", "-1", "101", "2147483647"]))
                .to_owned(),
                "Boolean" => "true".to_owned(),
                _ => json!(text).to_string(),
            },
        }
    }

    fn introspection(&mut self) -> String {
        let root = *self
            .random
            .pick(&["__schema", "__type(name: \"Node\")", "__type(name: \"User\")"]);
        let copies = 1 + self.random.size(40);
        let nested = self.introspected(12);
        let alias = |n: usize| format!("a{n}: {root} {nested} ");
        let fragment = self.random.chance(30);
        match fragment {
            true => format!(
                "{{ {} }} fragment F on Query {{ {root} {nested} }}",
                "...F ".repeat(copies)
            ),
            false => format!("{{ {} }}", (0..copies).map(alias).collect::<String>()),
        }
    }

    fn introspected(&mut self, depth: usize) -> String {
        let mut out = "{ ".to_owned();
        for _ in 0..1 + self.random.size(3) {
            let (name, below) = *self.random.pick(&INTROSPECTION);
            if below.is_empty() {
                out += name;
            } else if depth > 0 {
                out += name;
                out += &self.introspected(depth - 1);
            }
            out += " ";
        }
        out + "__typename }"
    }

    fn deep(&mut self) -> String {
        let depth = self.random.size(2_400);
        let (open, close) = *self.random.pick(&[
            ("[", "]"),
            ("{a:", "}"),
            ("{a:[", "]}"),
            ("{a", "}"),
            ("(", ")"),
            ("[\"\"\"", ""),
        ]);
        let middle = *self.random.pick(&["", "1", "Int", "$a", "a"]);
        let close = if self.random.chance(10) {
            String::new()
        } else {
            close.repeat(depth)
        };
        let nested = format!("{}{middle}{close}", open.repeat(depth));
        let hide = *self.random.pick(&[
            "",
            "",
            "",
            "\"\"\"[\"x\" ",
            "\"",
            "#",
            "\"\\\"\" ",
            "\"\"\"\\\"\"\"\"\"\" ",
        ]);
        match self.random.below(7) {
            0 => format!("{{ user(id: [{hide}{nested}]) {{ id }} }}"),
            1 => format!("query($a: {nested}) {{ __typename }}"),
            2 => format!("query($a: Int = {hide}{nested}) {{ __typename }}"),
            3 => format!("{{ __typename @skip(if: {nested}) }}"),
            4 => format!(
                "{{ {} __typename {} }}",
                "... on Query {".repeat(depth),
                "}".repeat(depth)
            ),
            5 => format!(
                "{{ {} {} }}",
                "... @skip(if: [1]) {a ".repeat(depth),
                "}".repeat(depth)
            ),
            _ => nested,
        }
    }

    fn wide(&mut self) -> String {
        let count = self.random.size(2_400);
        let name = "n".repeat(1 + self.random.size(300));
        let one = *self.random.pick(&[
            "__typename ",
            "users { nodes { id } } ",
            "x ",
            "viewer { user { id } } ",
            "users(frist: 1) { totalCount } ",
            "users(first: 1, first: 1) { totalCount } ",
            "... on User { id } ",
            "__type(name: \"User\") { name } ",
        ]);
        match self.random.below(7) {
            0 => format!("{{ {} }}", one.repeat(count)),
            1 => (0..count).fold("{ ".to_owned(), |out, n| out + &format!("{name}{n}: {one}")) + "}",
            2 => {
                (0..count).fold("query(".to_owned(), |out, n| {
                    out + &format!("${name}{n}: [{name}!]! ")
                }) + ") { __typename }"
            }
            3 => format!("{{ __typename {} }}", "@include(if: true) ".repeat(count)),
            4 => (0..count).fold(String::new(), |out, n| {
                out + &format!("query {name}{n} {{ {one} }} ")
            }),
            5 => format!(
                "{{ users({}) {{ totalCount }} }}",
                (0..count).fold(String::new(), |out, n| out + &format!("{name}{n}: {n} "))
            ),
            _ => format!(
                "{{ users {{ {} }} }}",
                "nodes { id: name name: id } ".repeat(count)
            ),
        }
    }

    fn fragments(&mut self) -> String {
        let (length, times) = (1 + self.random.size(400), 1 + self.random.size(6));
        let last = match self.random.below(4) {
            0 => "__typename".to_owned(),
            1 => format!("users(first: {}) {{ totalCount }}", self.values()),
            2 => format!("...F{}", self.random.below(length)),
            _ => "users { nodes { id } } ".repeat(self.random.size(300)),
        };
        let start = if self.random.chance(70) {
            "...F0 "
        } else {
            "__typename "
        };
        let mut out = format!("{{ {} }} ", start.repeat(times));
        for n in 0..length {
            let next = if n + 1 < length {
                format!("...F{} ", n + 1)
            } else {
                last.clone()
            };
            out += &format!("fragment F{n} on Query {{ {} }} ", next.repeat(times));
        }
        out
    }

    fn text(&mut self, most: usize) -> String {
        let length = self.random.size(most);
        let of = *self.random.pick(&[
            "a", "é", "🦀", "\u{0}", "\\", "\"", "\n", "%_'", "\u{202e}", "x y",
        ]);
        of.repeat(length)
    }

    fn values(&mut self) -> String {
        let size = self.random.size(200_000);
        match self.random.below(8) {
            0 => json!(self.text(200_000)).to_string(),
            1 => format!("\"\"\"{}\"\"\"", "\n  \\\"\"\" x".repeat(size / 8)),
            2 => format!("\"{}\"", "\\u0041".repeat(size / 6)),
            3 => "9".repeat(size),
            4 => format!("[{}]", "1 ".repeat(size / 40)),
            5 => format!("{{{}}}", "a: 1 ".repeat(size / 80)),
            6 => format!("1e{}", "9".repeat(size)),
            _ => format!("$a{}", "b".repeat(size)),
        }
    }

    fn variables(&mut self) -> (String, String) {
        let of = *self.random.pick(&[
            "ID!",
            "[ID!]!",
            "UserFilter",
            "UserStatus",
            "Int",
            "Boolean!",
            "Nothing",
            "[[Int]]",
        ]);
        let one = *self.random.pick(&[
            "user(id: $a) { id }",
            "nodes(ids: $a) { id }",
            "users(filter: $a) { totalCount }",
            "users(filter: {status: $a}) { totalCount }",
            "users(first: $a) { totalCount }",
            "__typename @skip(if: $a)",
        ]);
        let size = self.random.size(300_000);
        let value = match self.random.below(7) {
            0 => format!("{}{}", "[".repeat(size.min(5_000)), "]".repeat(size.min(5_000))),
            1 => format!(
                "{}1{}",
                "{\"a\":".repeat(size.min(5_000)),
                "}".repeat(size.min(5_000))
            ),
            2 => json!(vec![1; size]).to_string(),
            3 => json!("x".repeat(size)).to_string(),
            4 => json!({ "search": "x".repeat(size), "nothing": null }).to_string(),
            5 => format!("{{{}\"a\":1}}", "\"a\":1,".repeat(size / 8)),
            _ => (*self
                .random
                .pick(&["null", "true", "1e999", "\"\\ud800\"", "-0", "{}", ""]))
            .to_owned(),
        };
        let query = format!(
            "query($a: {of}) {{ {} }}",
            format!("{one} ").repeat(1 + self.random.size(400))
        );
        (query, format!("{{\"a\": {value}}}"))
    }

    fn ignored(&mut self) -> String {
        let one = *self
            .random
            .pick(&["\n", "\r\n", ",", " ", "#\n", "# {[(\n", "\u{feff}", "\t", "#x"]);
        let ignored = one.repeat(self.random.size(900_000 / one.len()));
        match self.random.below(3) {
            0 => format!("{{ __typename {ignored} }}"),
            1 => format!("{{ users {ignored} {{ totalCount }} }} {ignored}"),
            _ => format!("{ignored}{{ x(a: [1 {ignored} ) }}"),
        }
    }

    fn words(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..self.random.size(60) {
            out += *self.random.pick::<&str>(&WORDS);
            out += " ";
        }
        out
    }

    /// A document with a few changes.
    fn broken(&mut self, document: String) -> String {
        let mut chars: Vec<char> = document.chars().collect();
        for _ in 0..1 + self.random.size(8) {
            let at = self.random.below(chars.len() + 1);
            let end = (at + self.random.size(40)).min(chars.len());
            match self.random.below(3) {
                0 => {
                    chars.drain(at..end);
                }
                1 => {
                    let copy = chars[at..end].repeat(1 + self.random.size(200));
                    chars.splice(at..at, copy);
                }
                _ => {
                    let word = *self.random.pick(&WORDS);
                    chars.splice(at..end, word.chars());
                }
            }
            chars.truncate(900_000);
        }
        chars.into_iter().collect()
    }
}
