//! Harmful documents: deep, wide, exponential, large, malformed.

use serde_json::json;

use super::make::Maker;

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
    pub fn introspection(&mut self) -> String {
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

    pub fn deep(&mut self) -> String {
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

    pub fn wide(&mut self) -> String {
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

    pub fn fragments(&mut self) -> String {
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

    pub fn values(&mut self) -> String {
        let size = self.random.size(120_000);
        match self.random.below(8) {
            0 => json!(self.text(120_000)).to_string(),
            1 => format!("\"\"\"{}\"\"\"", "\n  \\\"\"\" x".repeat(size / 8)),
            2 => format!("\"{}\"", "\\u0041".repeat(size / 6)),
            3 => "9".repeat(size),
            4 => format!("[{}]", "1 ".repeat(size / 40)),
            5 => format!("{{{}}}", "a: 1 ".repeat(size / 80)),
            6 => format!("1e{}", "9".repeat(size)),
            _ => format!("$a{}", "b".repeat(size)),
        }
    }

    pub fn variables(&mut self) -> (String, String) {
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

    pub fn ignored(&mut self) -> String {
        let one = *self
            .random
            .pick(&["\n", "\r\n", ",", " ", "#\n", "# {[(\n", "\u{feff}", "\t", "#x"]);
        let ignored = one.repeat(self.random.size(150_000 / one.len()));
        match self.random.below(3) {
            0 => format!("{{ __typename {ignored} }}"),
            1 => format!("{{ users {ignored} {{ totalCount }} }} {ignored}"),
            _ => format!("{ignored}{{ x(a: [1 {ignored} ) }}"),
        }
    }

    pub fn words(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..self.random.size(60) {
            out += *self.random.pick::<&str>(&WORDS);
            out += " ";
        }
        out
    }

    /// Mutates a document.
    pub fn broken(&mut self, document: String) -> String {
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
            chars.truncate(150_000);
        }
        chars.into_iter().collect()
    }
}
