//! Walks over a document with all fragments written out where they are named.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, ServerError};
use async_graphql_value::{ConstValue, Value};

/// Most selections, directives and argument values of a document when all fragments are written out.
pub const WRITTEN_OUT: usize = 20_000;
/// Bytes of a string that count as one value.
const TEXT: usize = 256;
/// How deep is looked: deeper documents the library refuses.
pub const DEEP: usize = 64;

/// What a walk over a whole document finds.
pub struct Found<'a> {
    /// Whether an answer has to be merged: whether an object is asked for in two places, by fragments or twice in a row.
    pub merges: bool,
    /// How often each variable is named.
    pub uses: HashMap<&'a Name, usize>,
}

/// There is more to a document than anybody should have to look at.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Walks a whole document, fragments that nothing names included: they are validated too.
///
/// # Errors
/// When there is [more](WRITTEN_OUT) to it than is looked at.
pub fn walk(document: &ExecutableDocument) -> Result<Found<'_>, TooLarge> {
    let mut walk = Walk {
        document,
        left: WRITTEN_OUT,
        uses: HashMap::new(),
        reached: HashSet::new(),
    };
    let merges = walk.whole()?;
    Ok(Found {
        merges,
        uses: walk.uses,
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

struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// Selections and values that may still be looked at: fragments can name each other in ever so many ways.
    left: usize,
    uses: HashMap<&'a Name, usize>,
    /// Fragments that something names.
    reached: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn whole(&mut self) -> Result<bool, TooLarge> {
        let mut merges = false;
        let mut defaults = Vec::new();
        for (_, operation) in self.document.operations.iter() {
            self.directives(&operation.node.directives)?;
            for variable in &operation.node.variable_definitions {
                self.take(1)?;
                self.directives(&variable.node.directives)?;
                if let Some(default) = &variable.node.default_value {
                    defaults.push((&variable.node.name.node, count(&default.node)));
                }
            }
            merges |= self.selection(&operation.node.selection_set.node, &mut HashSet::new(), 0)?;
        }
        // Those that nothing names are validated too.
        for (name, fragment) in &self.document.fragments {
            if !self.reached.contains(name) {
                self.selection(&fragment.node.selection_set.node, &mut HashSet::new(), 0)?;
            }
        }
        // Each use of a variable may stand for its default, which is then copied and read there.
        for (name, size) in defaults {
            let uses = self.uses.get(name).copied().unwrap_or_default();
            self.take(size.saturating_mul(uses.max(1)))?;
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

/// How much a value counts.
fn count(value: &ConstValue) -> usize {
    match value {
        ConstValue::String(text) => 1 + text.len() / TEXT,
        ConstValue::List(list) => 1 + list.iter().map(count).sum::<usize>(),
        ConstValue::Object(object) => 1 + object.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_default_counts_as_often_as_its_variable_is_named() {
        let document = |ids: usize, uses: usize| {
            let ids = "\"a\" ".repeat(ids);
            let uses = "nodes(ids: $s) { id } ".repeat(uses);
            parse_query(format!("query($s: [ID!]! = [{ids}]) {{ __typename {uses} }}")).unwrap()
        };
        assert!(walk(&document(1_000, 15)).is_ok());
        assert_eq!(walk(&document(1_000, 25)).err(), Some(TooLarge));
        assert_eq!(walk(&document(25_000, 0)).err(), Some(TooLarge));
    }
}
