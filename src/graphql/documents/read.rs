//! A document that has been parsed, and what is known about it before it is validated.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};

use super::walk::{TooLarge, WRITTEN_OUT, fields, walk};
use super::{introspection, scan, too_complex};
use crate::graphql::over_http::coded;

/// Most bytes of variables, each counted as often as the document names it.
const VARIABLES: usize = 8 << 20;
/// Bytes that a value takes beside its text, about.
const VALUE: usize = 32;
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
        let found = walk(&document).map_err(|TooLarge| {
            let message = format!(
                "a document can have at most {WRITTEN_OUT} fields and values, with all fragments written out"
            );
            too_complex(&message)
        })?;
        let uses = found
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
            merges: found.merges,
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
fn size(value: &Value) -> usize {
    VALUE
        + match value {
            Value::String(text) => text.len(),
            Value::Enum(name) => name.len(),
            Value::Binary(bytes) => bytes.len(),
            Value::List(list) => list.iter().map(size).sum(),
            Value::Object(object) => object.iter().map(|(name, value)| name.len() + size(value)).sum(),
            Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
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
