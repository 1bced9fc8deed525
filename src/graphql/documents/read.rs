//! A document that has been parsed and validated, and what is known about it.

use std::collections::HashMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, VariableDefinition};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};

use super::bounds::too_complex;
use super::convert::convert;
use super::validate::{parse, validate};
use super::walk::{TooLarge, WRITTEN_OUT, fields, walk};
use super::{introspection, once, scan, variables};
use crate::domain::auth::SIGNING_IN;
use crate::graphql::kit::user_error::coded;

/// Most bytes of variables, each counted as often as the document names it.
const VARIABLES: usize = 8 << 20;
/// Bytes that a value takes beside its text, about.
const VALUE: usize = 32;
/// Bytes of memory for each token of a parsed document, about.
const TOKEN: usize = size_of::<Positioned<Selection>>() + 64;

/// See the module.
pub struct Read {
    /// The document, with all its operations.
    document: ExecutableDocument,
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
    /// Who may send it.
    pub audience: Audience,
    /// What it asks about the schema: see [`introspection::cost`].
    pub introspection: Option<usize>,
    variables: Vec<Node<VariableDefinition>>,
}

/// Who may send an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever is signed in.
    SignedIn,
    /// Everybody: it asks for names of types, and for the schema, of which is decided elsewhere.
    Everybody,
    /// Everybody, also with a token that is not accepted: it is how one gets another.
    SigningIn,
}

impl Audience {
    fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Result<Self, ServerError> {
        let (mut signing_in, mut other) = (false, false);
        fields(document, &operation.selection_set.node, 0, &mut |field, _| {
            let name = field.node.name.node.as_str();
            let signs_in = operation.ty == OperationType::Mutation && SIGNING_IN.contains(&name);
            signing_in |= signs_in;
            other |= !signs_in && !name.starts_with("__");
            Ok(())
        })?;
        Ok(match (signing_in, other) {
            (_, true) => Self::SignedIn,
            (true, false) => Self::SigningIn,
            (false, false) => Self::Everybody,
        })
    }
}

impl Operation {
    /// Looks whether the variables of a request have the types that the operation gives them.
    ///
    /// # Errors
    /// The first that has not.
    pub fn check_types(&self, values: &Variables) -> Result<(), ServerError> {
        variables::check(&self.variables, values)
    }

    /// Whether it declares a variable of this name.
    pub fn declares(&self, name: &str) -> bool {
        self.variables
            .iter()
            .any(|variable| variable.name.as_str() == name)
    }
}

impl Read {
    /// Parses and validates a document that is not too large in any way.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` when it exceeds a limit, `BAD_USER_INPUT` when it can't be parsed, and all that makes it
    /// invalid.
    pub fn new(text: &str) -> Result<Self, Vec<ServerError>> {
        let (read, parsed) = Self::bounded(text).map_err(|error| vec![error])?;
        validate(&parsed)?;
        Ok(read)
    }

    /// Parses a document and looks at its limits: whatever looks at it afterwards has an end in sight.
    fn bounded(text: &str) -> Result<(Self, Document), ServerError> {
        let tokens = scan::scan(text)?;
        let parsed = parse(text)?;
        let mut document = convert(&parsed, text);
        let mut found = look(&document)?;
        if once::gather(&mut document)? {
            found = look(&document)?;
        }
        let operations = document.operations.iter().map(|(name, operation)| {
            let operation = &operation.node;
            Ok(Operation {
                name: name.cloned(),
                kind: operation.ty,
                audience: Audience::of(&document, operation)?,
                introspection: introspection::cost(&document, &operation.selection_set.node)?,
                variables: variables_of(&parsed, name.map(Name::as_str)),
            })
        });
        let read = Self {
            merges: found.0,
            weight: 2 * text.len() + tokens * TOKEN,
            operations: operations.collect::<Result<_, ServerError>>()?,
            uses: found.1,
            document,
        };
        Ok((read, parsed))
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

    /// The document with this operation alone: no value has been given to the variables of others.
    pub fn alone(&self, operation: &Operation) -> ExecutableDocument {
        let (DocumentOperations::Multiple(all), Some(name)) = (&self.document.operations, &operation.name)
        else {
            return self.document.clone();
        };
        let only = all.get_key_value(name).into_iter();
        ExecutableDocument {
            operations: DocumentOperations::Multiple(
                only.map(|(name, operation)| (name.clone(), operation.clone()))
                    .collect(),
            ),
            fragments: self.document.fragments.clone(),
        }
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

/// Bytes of variables, about.
pub fn weigh(variables: &Variables) -> usize {
    variables.values().map(size).sum()
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

/// The variables that the operation of this name declares.
fn variables_of(document: &Document, name: Option<&str>) -> Vec<Node<VariableDefinition>> {
    let operations = document
        .definitions
        .iter()
        .filter_map(Definition::as_operation_definition);
    let mut named =
        operations.filter(|operation| operation.name.as_ref().map(apollo_compiler::Name::as_str) == name);
    named
        .next()
        .map_or_else(Vec::new, |operation| operation.variables.clone())
}

/// Whether an answer has to be merged, and how often each variable is named.
fn look(document: &ExecutableDocument) -> Result<(bool, HashMap<Name, usize>), ServerError> {
    let found = walk(document).map_err(|TooLarge| {
        let message = format!(
            "a document can have at most {WRITTEN_OUT} fields and values, with all fragments written out"
        );
        too_complex(&message)
    })?;
    let uses = found.uses.into_iter();
    Ok((
        found.merges,
        uses.map(|(name, uses)| (name.clone(), uses)).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merges(text: &str) -> Result<bool, String> {
        Read::bounded(text)
            .map(|(read, _)| read.merges)
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
        let (read, _) = Read::bounded(
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
    fn a_mutation_runs_each_of_its_fields_once() {
        let asked = |text: &str| {
            let (read, _) = Read::bounded(text).map_err(|error| error.message)?;
            let (_, operation) = read.document.operations.iter().next().unwrap();
            let mut asked = Vec::new();
            let selection = &operation.node.selection_set.node;
            fields(&read.document, selection, 0, &mut |field, _| {
                let below = &field.node.selection_set.node.items;
                asked.push((field.node.response_key().node.to_string(), below.len()));
                Ok(())
            })
            .unwrap();
            Ok::<_, String>((asked, read.merges))
        };
        let out = "signOut { userErrors { code } }";
        for (text, fields, merges) in [
            (format!("mutation {{ {out} {out} }}"), vec![("signOut", 2)], true),
            (
                format!(
                    "mutation {{ a: {out} ...A ... {{ {out} }} }} fragment A on Mutation {{ {out} __typename }}"
                ),
                vec![("a", 1), ("signOut", 2), ("__typename", 0)],
                true,
            ),
            (
                format!("mutation {{ a: {out} {out} __typename __typename }}"),
                vec![("a", 1), ("signOut", 1), ("__typename", 0), ("__typename", 0)],
                false,
            ),
        ] {
            let fields = fields
                .into_iter()
                .map(|(key, below)| (key.to_owned(), below))
                .collect();
            assert_eq!(asked(&text), Ok((fields, merges)), "{text}");
        }
        for refused in [
            format!("mutation {{ {out} signOut @skip(if: true) {{ userErrors {{ code }} }} }}"),
            format!("mutation($a: Boolean!) {{ {out} ... @include(if: $a) {{ {out} }} }}"),
            format!("mutation {{ {out} ...A }} fragment A on Mutation {{ {out} ...A }}"),
        ] {
            assert!(asked(&refused).unwrap_err().contains("directives"), "{refused}");
        }
    }

    #[test]
    fn strangers_may_sign_in_and_ask_for_names() {
        let audience = |text: &str| Read::bounded(text).unwrap().0.operations[0].audience;
        let sign_in = "signIn(input: {email: \"a\", password: \"b\"}) { accessToken }";
        for (text, expected) in [
            ("{ __typename }".to_owned(), Audience::Everybody),
            (
                "{ ... { ...F } } fragment F on Query { __schema { queryType { name } } }".to_owned(),
                Audience::Everybody,
            ),
            (
                "{ __typename viewer { user { id } } }".to_owned(),
                Audience::SignedIn,
            ),
            (
                format!("mutation {{ {sign_in} __typename }}"),
                Audience::SigningIn,
            ),
            (
                format!("mutation {{ ...F }} fragment F on Mutation {{ {sign_in} }}"),
                Audience::SigningIn,
            ),
            (
                format!("mutation {{ {sign_in} ... {{ signOut {{ userErrors {{ code }} }} }} }}"),
                Audience::SignedIn,
            ),
            ("mutation { __typename }".to_owned(), Audience::Everybody),
            // An alias is no name.
            (
                "mutation { signIn: signOut { userErrors { code } } }".to_owned(),
                Audience::SignedIn,
            ),
            ("{ signIn }".to_owned(), Audience::SignedIn),
        ] {
            assert_eq!(audience(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_syntax_error_says_where_and_quotes_nothing() {
        let errors = Read::new("{ users(filter: {search: \"secret\"}) { totalCount } ]").err();
        let error = &errors.unwrap()[0];
        assert!(
            error.message.starts_with("syntax error: expected"),
            "{}",
            error.message
        );
        assert!(!error.message.contains("secret"), "{}", error.message);
        assert_eq!(error.locations[0].column, 52);
    }
}
