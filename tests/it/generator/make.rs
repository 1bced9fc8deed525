//! Generates documents: valid ones from the schema, and invalid ones of every known harmful kind.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{InputValueDefinition, TypeKind, TypeSystemDefinition};
use serde_json::json;

/// A seeded random number generator (SplitMix64).
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

    /// Mostly small numbers, sometimes large ones.
    pub fn size(&mut self, most: usize) -> usize {
        let bits = self.below(usize::BITS as usize - most.leading_zeros() as usize + 1);
        self.below((1 << bits) + 1).min(most)
    }
}

/// A document and its variables, which may be invalid JSON.
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
        for definition in parse_schema(handover::graphql::schema::sdl())
            .unwrap()
            .definitions
        {
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
            // Slightly above the limit.
            query: query.chars().take(150_000).collect(),
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

    pub fn text(&mut self, most: usize) -> String {
        let length = self.random.size(most);
        let of = *self.random.pick(&[
            "a", "é", "🦀", "\u{0}", "\\", "\"", "\n", "%_'", "\u{202e}", "x y",
        ]);
        of.repeat(length)
    }
}
