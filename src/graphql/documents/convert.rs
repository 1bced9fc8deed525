//! A document as apollo-compiler has parsed it, in the form that the library executes.
//!
//! The library's own parser reads no document: it recurses without a limit, and reads escapes otherwise than the
//! specification has it.

use std::collections::HashMap;

use apollo_compiler::ast::{self, Definition};
use apollo_compiler::parser::SourceSpan;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
    InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::{Number, Value};

/// The document in the other form. What is no valid document may lose a part: it has to be validated in its own form.
pub fn convert(document: &ast::Document, text: &str) -> ExecutableDocument {
    let mut converter = Converter {
        places: Places::new(text),
    };
    let (mut operations, mut fragments) = (Vec::new(), HashMap::new());
    for definition in &document.definitions {
        let at = converter.places.of(definition.location());
        match definition {
            Definition::OperationDefinition(operation) => {
                let name = operation.name.as_ref().map(Name::new);
                operations.push((name, Positioned::new(converter.operation(operation, at), at)));
            }
            Definition::FragmentDefinition(fragment) => {
                let name = Name::new(&fragment.name);
                fragments.insert(name, Positioned::new(converter.fragment(fragment, at), at));
            }
            _ => {}
        }
    }
    let alone = operations.len() == 1;
    let operations = match operations.pop_if(|(name, _)| alone && name.is_none()) {
        Some((_, only)) => DocumentOperations::Single(only),
        None => {
            let named = operations.into_iter();
            DocumentOperations::Multiple(
                named
                    .filter_map(|(name, operation)| Some((name?, operation)))
                    .collect(),
            )
        }
    };
    ExecutableDocument {
        operations,
        fragments,
    }
}

/// Lines and columns of a text, asked for from its start to its end.
struct Places<'a> {
    text: &'a str,
    offset: usize,
    pos: Pos,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            pos: Pos { line: 1, column: 1 },
        }
    }

    fn of(&mut self, span: Option<SourceSpan>) -> Pos {
        let offset = span.map_or(self.offset, |span| span.offset());
        if offset < self.offset {
            *self = Self::new(self.text);
        }
        let mut passed = self
            .text
            .get(self.offset..offset)
            .unwrap_or_default()
            .chars()
            .peekable();
        while let Some(char) = passed.next() {
            match char {
                '\n' => self.pos = self.next_line(),
                '\r' if passed.peek() != Some(&'\n') => self.pos = self.next_line(),
                _ => self.pos.column += 1,
            }
        }
        self.offset = offset;
        self.pos
    }

    fn next_line(&self) -> Pos {
        Pos {
            line: self.pos.line + 1,
            column: 1,
        }
    }
}

struct Converter<'a> {
    places: Places<'a>,
}

impl Converter<'_> {
    fn name(&mut self, name: &apollo_compiler::Name) -> Positioned<Name> {
        let at = self.places.of(name.location());
        Positioned::new(Name::new(name), at)
    }

    fn operation(&mut self, operation: &ast::OperationDefinition, at: Pos) -> OperationDefinition {
        OperationDefinition {
            ty: match operation.operation_type {
                ast::OperationType::Query => OperationType::Query,
                ast::OperationType::Mutation => OperationType::Mutation,
                ast::OperationType::Subscription => OperationType::Subscription,
            },
            variable_definitions: operation
                .variables
                .iter()
                .map(|variable| {
                    let at = self.places.of(variable.location());
                    let name = self.name(&variable.name);
                    let ty = self.places.of(variable.ty.location());
                    let default_value = variable.default_value.as_ref().map(|default| {
                        let default = self.value(default);
                        default.map(|value| value.into_const().unwrap_or_default())
                    });
                    let definition = VariableDefinition {
                        name,
                        var_type: Positioned::new(type_of(&variable.ty), ty),
                        directives: self.directives(&variable.directives),
                        default_value,
                    };
                    Positioned::new(definition, at)
                })
                .collect(),
            directives: self.directives(&operation.directives),
            selection_set: self.selections(&operation.selection_set, at),
        }
    }

    fn fragment(&mut self, fragment: &ast::FragmentDefinition, at: Pos) -> FragmentDefinition {
        let on = self.name(&fragment.type_condition);
        FragmentDefinition {
            type_condition: Positioned::new(TypeCondition { on: on.clone() }, on.pos),
            directives: self.directives(&fragment.directives),
            selection_set: self.selections(&fragment.selection_set, at),
        }
    }

    fn selections(&mut self, selections: &[ast::Selection], at: Pos) -> Positioned<SelectionSet> {
        let items = selections.iter().map(|selection| {
            let at = self.places.of(selection.location());
            let selection = match selection {
                ast::Selection::Field(field) => Selection::Field(Positioned::new(self.field(field, at), at)),
                ast::Selection::FragmentSpread(spread) => {
                    let spread = FragmentSpread {
                        fragment_name: self.name(&spread.fragment_name),
                        directives: self.directives(&spread.directives),
                    };
                    Selection::FragmentSpread(Positioned::new(spread, at))
                }
                ast::Selection::InlineFragment(fragment) => {
                    let on = fragment.type_condition.as_ref().map(|on| self.name(on));
                    let fragment = InlineFragment {
                        type_condition: on
                            .map(|on| Positioned::new(TypeCondition { on: on.clone() }, on.pos)),
                        directives: self.directives(&fragment.directives),
                        selection_set: self.selections(&fragment.selection_set, at),
                    };
                    Selection::InlineFragment(Positioned::new(fragment, at))
                }
            };
            Positioned::new(selection, at)
        });
        let items = items.collect();
        Positioned::new(SelectionSet { items }, at)
    }

    fn field(&mut self, field: &ast::Field, at: Pos) -> Field {
        Field {
            alias: field.alias.as_ref().map(|alias| self.name(alias)),
            name: self.name(&field.name),
            arguments: self.arguments(&field.arguments),
            directives: self.directives(&field.directives),
            selection_set: self.selections(&field.selection_set, at),
        }
    }

    fn directives(&mut self, directives: &ast::DirectiveList) -> Vec<Positioned<Directive>> {
        let directives = directives.iter().map(|directive| {
            let at = self.places.of(directive.location());
            let directive = Directive {
                name: self.name(&directive.name),
                arguments: self.arguments(&directive.arguments),
            };
            Positioned::new(directive, at)
        });
        directives.collect()
    }

    fn arguments(
        &mut self,
        arguments: &[apollo_compiler::Node<ast::Argument>],
    ) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let arguments = arguments.iter();
        arguments
            .map(|argument| (self.name(&argument.name), self.value(&argument.value)))
            .collect()
    }

    fn value(&mut self, value: &apollo_compiler::Node<ast::Value>) -> Positioned<Value> {
        let at = self.places.of(value.location());
        Positioned::new(value_of(value), at)
    }
}

fn type_of(ty: &ast::Type) -> Type {
    let (base, nullable) = match ty {
        ast::Type::Named(name) => (BaseType::Named(Name::new(name)), true),
        ast::Type::NonNullNamed(name) => (BaseType::Named(Name::new(name)), false),
        ast::Type::List(item) => (BaseType::List(Box::new(type_of(item))), true),
        ast::Type::NonNullList(item) => (BaseType::List(Box::new(type_of(item))), false),
    };
    Type { base, nullable }
}

/// Converts a value.
pub fn value_of(value: &ast::Value) -> Value {
    match value {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(name) => Value::Enum(Name::new(name)),
        ast::Value::Variable(name) => Value::Variable(Name::new(name)),
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Boolean(flag) => Value::Boolean(*flag),
        ast::Value::Int(number) => {
            let text = number.as_str();
            // Longer ones can only be ids, which are text.
            let number = text.parse::<i64>().map(Number::from);
            number.map_or_else(|_| Value::String(text.to_owned()), Value::Number)
        }
        ast::Value::Float(number) => {
            let text = number.as_str();
            let number = text.parse().ok().and_then(Number::from_f64);
            number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
        }
        ast::Value::List(list) => Value::List(list.iter().map(|item| value_of(item)).collect()),
        ast::Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (Name::new(name), value_of(value)));
            Value::Object(fields.collect::<IndexMap<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, to_value};

    use super::super::validate::parse;
    use super::*;

    /// The tree without places, of which each parser has its own idea.
    fn plain(document: &ExecutableDocument) -> Json {
        fn strip(tree: &mut Json) {
            match tree {
                Json::Object(fields) => {
                    fields.remove("pos");
                    fields.values_mut().for_each(strip);
                }
                Json::Array(items) => items.iter_mut().for_each(strip),
                _ => {}
            }
        }
        let mut tree = to_value(document).unwrap();
        strip(&mut tree);
        tree
    }

    fn converted(text: &str) -> ExecutableDocument {
        convert(&parse(text).unwrap(), text)
    }

    #[test]
    fn both_parsers_read_the_same() {
        for text in [
            "{ a b: c(d: 1, e: -2.5, f: \"g\", h: I, j: null, k: true, l: [1, [2]], m: {n: {o: 1}}) }",
            "query A { a } mutation B { b } subscription C { c }",
            "query A { a }",
            "query A($a: Int = 1, $b: [ID!]! = [\"x\"], $c: X = {a: Y}) @d(e: $a) { f(g: $b) @h { i } }",
            "{ ...F ... on G @h { i } ... @skip(if: true) { j } } fragment F on K @l { m }",
            "{ a(b: \"\"\"\n    one\n      two\n  \"\"\", c: \"\\\"\\\\\\/\\b\\f\\n\\r\\t\") }",
        ] {
            let library = parse_query(text).unwrap();
            assert_eq!(plain(&converted(text)), plain(&library), "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "\u{feff}# é\r\n{ é: 1 }";
        assert!(parse(text).is_err());
        let text = "# é\r\nquery(\r  $a: Int) {\n  a b(c: $a) }";
        let document = converted(text);
        let DocumentOperations::Single(operation) = &document.operations else {
            unreachable!("{text}");
        };
        let items = &operation.node.selection_set.node.items;
        let at = |pos: Pos| (pos.line, pos.column);
        let variable = &operation.node.variable_definitions[0];
        assert_eq!(
            [
                at(operation.pos),
                at(variable.pos),
                at(items[0].pos),
                at(items[1].pos)
            ],
            [(2, 1), (3, 3), (4, 3), (4, 5)]
        );
    }

    #[test]
    fn escapes_are_read_as_the_specification_has_them() {
        for (text, read) in [
            (r#""\u0073""#, "s"),
            (r#""\u{73}""#, "s"),
            (r#""\u{1F600}""#, "😀"),
            (r#""\uD83D\uDE00""#, "😀"),
            ("\"\"\"a \\\"\"\" \\u0073\"\"\"", "a \"\"\" \\u0073"),
        ] {
            let document = converted(&format!("{{ a(b: {text}) }}"));
            let json = plain(&document).to_string();
            assert!(
                json.contains(&to_value(read).unwrap().to_string()),
                "{text}: {json}"
            );
        }
        for half in [
            r#""\uD83D""#,
            r#""\uDE00""#,
            r#""\u{D83D}""#,
            r#""\u{110000}""#,
            r#""\x""#,
        ] {
            assert!(parse(&format!("{{ a(b: {half}) }}")).is_err(), "{half}");
        }
    }
}
