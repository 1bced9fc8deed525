//! A document that has been parsed, and what is known about it before it is validated.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, ServerError, Variables};
use async_graphql_value::{ConstValue, Value};

use super::{introspection, scan, too_complex};
use crate::graphql::over_http::coded;

/// Most selections, directives and argument values of a document when all fragments are written out where they are named.
pub const WRITTEN_OUT: usize = 20_000;
/// Most bytes of variables, each counted as often as the document names it.
const VARIABLES: usize = 8 << 20;
/// Bytes that a value takes beside its text, about.
const VALUE: usize = 32;
/// Bytes of a string that count as one value.
const TEXT: usize = 256;
/// How deep is looked: deeper documents the library refuses.
const DEEP: usize = 64;
/// Bytes of memory for each token of a parsed document, about.
const TOKEN: usize = size_of::<Positioned<Selection>>() + 64;

/// See the module.
pub struct Read {
    /// The document.
    pub document: ExecutableDocument,
    /// Whether objects of an answer have to be merged: one is asked for in two places.
    pub merges: bool,
    /// About how many bytes of memory it takes.
    pub weight: usize,
    operations: Vec<Operation>,
    /// How often each variable is named, with all fragments written out.
    uses: HashMap<Name, usize>,
}

/// One operation of a document.
pub struct Operation {
    name: Option<Name>,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// What it asks about the schema: see [`introspection::cost`].
    pub introspection: Option<usize>,
}

impl Read {
    /// Parses a document that is not too large in any way.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` when it exceeds a limit, `BAD_USER_INPUT` when it can't be parsed.
    pub fn new(text: &str) -> Result<Self, ServerError> {
        let tokens = scan::scan(text)?;
        let document = parse_query(text).map_err(syntax_error)?;
        // What the library validates, it validates anew wherever a fragment is named: this comes first.
        let mut walk = Walk {
            document: &document,
            left: WRITTEN_OUT,
            uses: HashMap::new(),
            reached: HashSet::new(),
        };
        let merges = walk.whole().map_err(|TooLarge| {
            let message = format!(
                "a document can have at most {WRITTEN_OUT} fields and values, with all fragments written out"
            );
            too_complex(&message)
        })?;
        let uses = walk
            .uses
            .into_iter()
            .map(|(name, uses)| (name.clone(), uses))
            .collect();
        let operations = document.operations.iter().map(|(name, operation)| {
            let operation = &operation.node;
            if operation.ty == OperationType::Mutation {
                runs_once(&document, operation)?;
            }
            Ok(Operation {
                name: name.cloned(),
                kind: operation.ty,
                introspection: introspection::cost(&document, &operation.selection_set.node)?,
            })
        });
        Ok(Self {
            merges,
            weight: 2 * text.len() + tokens * TOKEN,
            operations: operations.collect::<Result<_, ServerError>>()?,
            uses,
            document,
        })
    }

    /// The operation that runs, given the name that a request has for it.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when there is none of that name, or one of several would have to be named.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, ServerError> {
        let found = match (name, self.operations.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(name), all) => all
                .iter()
                .find(|one| one.name.as_ref().is_some_and(|it| it == name)),
        };
        found.ok_or_else(|| {
            let message = match name {
                Some(_) => "the document has no operation of the name `operationName`",
                None => "the document has several operations: name one as `operationName`",
            };
            coded(message, "BAD_USER_INPUT")
        })
    }

    /// Whether the variables are small enough for how often the document names them: each time, they are copied.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` when they are not.
    pub fn check_variables(&self, variables: &Variables) -> Result<(), ServerError> {
        let mut bytes = 0_usize;
        for (name, value) in variables.iter() {
            if let Some(uses) = self.uses.get(name) {
                bytes = bytes.saturating_add(size(value).saturating_mul(*uses));
            }
        }
        if bytes > VARIABLES {
            return Err(too_complex(
                "the variables are too large for how often the document names them",
            ));
        }
        Ok(())
    }
}

/// Bytes of a value, about.
fn size(value: &ConstValue) -> usize {
    VALUE
        + match value {
            ConstValue::String(text) => text.len(),
            ConstValue::Enum(name) => name.len(),
            ConstValue::Binary(bytes) => bytes.len(),
            ConstValue::List(list) => list.iter().map(size).sum(),
            ConstValue::Object(object) => object.iter().map(|(name, value)| name.len() + size(value)).sum(),
            ConstValue::Null | ConstValue::Number(_) | ConstValue::Boolean(_) => 0,
        }
}

/// A syntax error without the lines of the document, which the library's message quotes.
fn syntax_error(error: async_graphql::parser::Error) -> ServerError {
    let error = ServerError::from(error);
    let reason = error
        .message
        .rsplit_once("= ")
        .map_or(error.message.as_str(), |(_, reason)| reason);
    let mut told = coded(&format!("syntax error: {reason}"), "BAD_USER_INPUT");
    told.locations = error.locations;
    told
}

/// Looks whether a mutation names each of its fields once. The library runs a field as often as it is named, where the
/// specification has one run and one answer.
fn runs_once(document: &ExecutableDocument, operation: &OperationDefinition) -> Result<(), ServerError> {
    let mut keys = HashSet::new();
    fields(document, &operation.selection_set.node, 0, &mut |field, _| {
        let key = &field.node.response_key().node;
        if keys.insert(key) || field.node.name.node == "__typename" {
            return Ok(());
        }
        let message = format!("`{key}` is asked for twice in one mutation: give one of them an alias");
        let mut error = coded(&message, "BAD_USER_INPUT");
        error.locations = vec![field.pos];
        Err(error)
    })
}

/// Calls back for each field of a selection, those of fragments included, with its depth.
pub fn fields<'a>(
    document: &'a ExecutableDocument,
    selection: &'a SelectionSet,
    depth: usize,
    each: &mut impl FnMut(&'a Positioned<Field>, usize) -> Result<(), ServerError>,
) -> Result<(), ServerError> {
    if depth > DEEP {
        return Ok(());
    }
    for selection in &selection.items {
        let within = match &selection.node {
            Selection::Field(field) => {
                each(field, depth)?;
                continue;
            }
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                fragment.map(|fragment| &fragment.node.selection_set.node)
            }
        };
        if let Some(within) = within {
            fields(document, within, depth + 1, each)?;
        }
    }
    Ok(())
}

/// Walks a document with all fragments written out.
struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// Selections and values that may still be looked at: fragments can name each other in ever so many ways.
    left: usize,
    uses: HashMap<&'a Name, usize>,
    /// Fragments that something names.
    reached: HashSet<&'a Name>,
}

/// There is more to a document than anybody should have to look at.
#[derive(Debug, PartialEq, Eq)]
struct TooLarge;

impl<'a> Walk<'a> {
    /// Whether an answer has to be merged: whether an object is asked for in two places, by fragments or twice in a row.
    fn whole(&mut self) -> Result<bool, TooLarge> {
        let mut merges = false;
        for (_, operation) in self.document.operations.iter() {
            self.directives(&operation.node.directives)?;
            for variable in &operation.node.variable_definitions {
                self.take(1)?;
                self.directives(&variable.node.directives)?;
            }
            merges |= self.selection(&operation.node.selection_set.node, &mut HashSet::new(), 0)?;
        }
        // Those that nothing names are validated too.
        for (name, fragment) in &self.document.fragments {
            if !self.reached.contains(name) {
                self.selection(&fragment.node.selection_set.node, &mut HashSet::new(), 0)?;
            }
        }
        Ok(merges)
    }

    /// In the answer to this selection, at whatever depth; `objects` have been asked for beside it.
    fn selection(
        &mut self,
        selection: &'a SelectionSet,
        objects: &mut HashSet<&'a str>,
        depth: usize,
    ) -> Result<bool, TooLarge> {
        if depth > DEEP {
            return Ok(true);
        }
        let mut merges = false;
        for selection in &selection.items {
            self.take(1)?;
            self.directives(selection.node.directives())?;
            merges |= match &selection.node {
                Selection::Field(field) => {
                    for (_, value) in &field.node.arguments {
                        self.value(&value.node)?;
                    }
                    let below = &field.node.selection_set.node;
                    let again = !below.items.is_empty() && !objects.insert(&field.node.response_key().node);
                    again | self.selection(below, &mut HashSet::new(), depth + 1)?
                }
                Selection::InlineFragment(fragment) => {
                    self.selection(&fragment.node.selection_set.node, objects, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    match self
                        .document
                        .fragments
                        .get_key_value(&spread.node.fragment_name.node)
                    {
                        Some((name, fragment)) => {
                            self.reached.insert(name);
                            self.directives(&fragment.node.directives)?;
                            self.selection(&fragment.node.selection_set.node, objects, depth + 1)?
                        }
                        None => true,
                    }
                }
            };
        }
        Ok(merges)
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> Result<(), TooLarge> {
        for directive in directives {
            self.take(1)?;
            for (_, value) in &directive.node.arguments {
                self.value(&value.node)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &'a Value) -> Result<(), TooLarge> {
        match value {
            Value::Variable(name) => {
                *self.uses.entry(name).or_default() += 1;
                self.take(1)
            }
            Value::String(text) => self.take(1 + text.len() / TEXT),
            Value::List(list) => {
                self.take(1)?;
                list.iter().try_for_each(|value| self.value(value))
            }
            Value::Object(object) => {
                self.take(1)?;
                object.values().try_for_each(|value| self.value(value))
            }
            _ => self.take(1),
        }
    }

    fn take(&mut self, count: usize) -> Result<(), TooLarge> {
        self.left = self.left.checked_sub(count).ok_or(TooLarge)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merges(text: &str) -> Result<bool, String> {
        Read::new(text)
            .map(|read| read.merges)
            .map_err(|error| error.message)
    }

    #[test]
    fn what_is_asked_for_in_two_places_is_merged() {
        let users = |asked: &str| format!("{{ users {{ {asked} }} }} ");
        for plain in [
            users("nodes { id name department { id } } pageInfo { endCursor }"),
            users("nodes { id id ...Named ... on User { id email } }") + "fragment Named on User { id name }",
            users("a: nodes { id } b: nodes { id }"),
        ] {
            assert_eq!(merges(&plain), Ok(false), "{plain}");
        }
        for merged in [
            users("nodes { id } nodes { name }"),
            users("nodes { id } ...More") + "fragment More on UserConnection { nodes { name } }",
            users("nodes { ...Unknown }"),
            users("...Round") + "fragment Round on UserConnection { ...Round }",
        ] {
            assert_eq!(merges(&merged), Ok(true), "{merged}");
        }
    }

    #[test]
    fn fragments_that_multiply_are_too_large() {
        let chain = |from: usize, to: usize, last: &str| -> String {
            let fragment = |n: usize| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1);
            let fragments: String = (from..to).map(fragment).collect();
            format!("{fragments} fragment F{to} on Query {{ {last} }}")
        };
        let list = format!("__typename @skip(if: [{}])", "1 ".repeat(100));
        for large in [
            "{ ...F0 }".to_owned() + &chain(0, 29, "__typename"),
            // Named by nothing.
            "{ __typename }".to_owned() + &chain(0, 29, "__typename"),
            // Few fields, but many values, and much text.
            "{ ...F0 }".to_owned() + &chain(0, 9, &list),
            format!(
                "{{ ...F0 }} {}",
                chain(0, 9, &format!("user(id: \"{}\") {{ id }}", "x".repeat(20_000)))
            ),
            "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }".to_owned(),
        ] {
            assert!(merges(&large).unwrap_err().contains("written out"), "{large}");
        }
        assert_eq!(
            merges(&format!("{{ ...F0 }} {}", chain(0, 9, "__typename"))),
            Ok(false)
        );
    }

    #[test]
    fn variables_count_as_often_as_they_are_named() {
        let read = Read::new(
            "query($a: [Int!]) { ...F ...F ...F } fragment F on Query { users(first: $a) { totalCount } }",
        )
        .unwrap();
        let variables = |length: usize| {
            Variables::from_json(serde_json::json!({ "a": vec![1; length], "unused": vec![1; 1_000_000] }))
        };
        assert!(read.check_variables(&variables(80_000)).is_ok());
        let error = read.check_variables(&variables(90_000)).unwrap_err();
        assert!(error.message.contains("variables"), "{}", error.message);
    }

    #[test]
    fn a_mutation_names_each_of_its_fields_once() {
        for refused in [
            "mutation { signOut { userErrors { code } } signOut { userErrors { code } } }",
            "mutation { ...A ... { signOut { userErrors { code } } } } \
             fragment A on Mutation { signOut { userErrors { code } } }",
            "mutation { a: signOut { userErrors { code } } a: dismissUser { userErrors { code } } }",
        ] {
            assert!(merges(refused).unwrap_err().contains("twice"), "{refused}");
        }
        let fine = "mutation { a: signOut { userErrors { code code } } signOut { userErrors { code } } __typename __typename }";
        assert_eq!(merges(fine), Ok(false));
    }

    #[test]
    fn a_syntax_error_says_where_and_quotes_nothing() {
        let error = Read::new("{ users(filter: {search: \"secret\"}) { totalCount } ]")
            .err()
            .unwrap();
        assert!(
            error.message.starts_with("syntax error: expected"),
            "{}",
            error.message
        );
        assert!(!error.message.contains("secret"), "{}", error.message);
        assert_eq!(error.locations[0].column, 52);
    }
}
