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
use crate::domain::auth::{UNAUTHENTICATED_MUTATIONS, UNAUTHENTICATED_QUERIES};
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
            let signs_in = match operation.ty {
                OperationType::Mutation => UNAUTHENTICATED_MUTATIONS.contains(&name),
                OperationType::Query => UNAUTHENTICATED_QUERIES.contains(&name),
                OperationType::Subscription => false,
            };
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
mod tests;
