//! A mutation runs each of its fields once. The library runs a field as often as it is named, where the specification has
//! one run, and one answer to all that is asked of it (`CollectFields`, `MergeSelectionSets`).

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Positioned, ServerError};

use super::walk::{DEEP, fields};
use crate::graphql::kit::user_error::coded;

/// Gathers the fields of mutations that name one more than once; answers whether there is such a mutation. What makes
/// this one answer, that they are the same fields with the same arguments, is looked at by validation.
///
/// # Errors
/// `BAD_USER_INPUT` where it depends on variables which of them are asked for.
pub fn gather(document: &mut ExecutableDocument) -> Result<bool, ServerError> {
    let mut gathered = Vec::new();
    for (name, operation) in document.operations.iter() {
        if names_one_twice(document, &operation.node)? {
            let mut once = Vec::new();
            collect(document, &operation.node.selection_set.node, 0, &mut once)?;
            gathered.push((name.cloned(), once));
        }
    }
    let any = !gathered.is_empty();
    for (name, once) in gathered {
        let operation = match (&mut document.operations, name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(all), Some(name)) => all.get_mut(&name),
            (DocumentOperations::Multiple(_), None) => None,
        };
        if let Some(operation) = operation {
            let items = once.into_iter().map(|field| {
                let at = field.pos;
                Positioned::new(Selection::Field(field), at)
            });
            operation.node.selection_set.node.items = items.collect();
        }
    }
    Ok(any)
}

fn names_one_twice(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<bool, ServerError> {
    if operation.ty != OperationType::Mutation {
        return Ok(false);
    }
    let (mut keys, mut twice) = (HashSet::new(), false);
    fields(document, &operation.selection_set.node, 0, &mut |field, _| {
        twice |= !keys.insert(&field.node.response_key().node) && field.node.name.node != "__typename";
        Ok(())
    })?;
    Ok(twice)
}

fn collect(
    document: &ExecutableDocument,
    selection: &SelectionSet,
    depth: usize,
    once: &mut Vec<Positioned<Field>>,
) -> Result<(), ServerError> {
    for selection in &selection.items {
        if !selection.node.directives().is_empty() || depth > DEEP {
            let message = "a field of a mutation that is asked for twice can't depend on directives";
            let mut error = coded(message, "BAD_USER_INPUT");
            error.locations = vec![selection.pos];
            return Err(error);
        }
        match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key();
                match once
                    .iter_mut()
                    .find(|other| other.node.response_key().node == key.node)
                {
                    Some(other) => {
                        let more = field.node.selection_set.node.items.iter().cloned();
                        other.node.selection_set.node.items.extend(more);
                    }
                    None => once.push(field.clone()),
                }
            }
            Selection::InlineFragment(fragment) => {
                collect(document, &fragment.node.selection_set.node, depth + 1, once)?;
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, depth + 1, once)?;
                }
            }
        }
    }
    Ok(())
}
