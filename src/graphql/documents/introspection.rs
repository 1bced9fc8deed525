//! Bounds and costs of introspection.
//!
//! `__schema` and `__type` answer from memory, without a pause, and lists within lists multiply. The library counts
//! nothing of that, so two things are counted here: lists within lists, as the rule `MaxIntrospectionDepthRule` of
//! graphql-js does, and how many objects the answer has, estimated by the sizes of this schema.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::ServerError;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{ExecutableDocument, SelectionSet, TypeKind, TypeSystemDefinition};

use super::bounds::too_complex;
use super::walk::fields;

/// So many lists within each other are too many.
const LISTS: usize = 3;
/// How many times an operation may ask for each element of the schema; the standard query does about five times.
const TIMES: f64 = 15.0;
/// Share of an object that a field without a selection counts as.
const LEAF: f64 = 1.0 / 8.0;
/// Share of the schema's elements that `__schema` and `__type` look at to begin with, counted as objects.
const VISIT: f64 = 1.0 / 16.0;
/// Types that the published schema does not list: the built-in scalars and those of introspection.
const BUILT_IN: f64 = 13.0;
/// Directives of a schema, about.
const DIRECTIVES: f64 = 5.0;
/// Wrappers around a named type, `[T!]!`, that `ofType` can unwrap.
const WRAPPERS: usize = 3;

/// Lengths of the lists of a type, and of the arguments of its fields.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    fields: f64,
    args: f64,
    inputs: f64,
    values: f64,
    interfaces: f64,
    possible: f64,
}

/// The sizes of the schema.
struct Sizes {
    types: f64,
    /// Types, fields, arguments, input fields and enum values.
    elements: f64,
    average: Lengths,
    largest: Lengths,
}

static SIZES: LazyLock<Sizes> = LazyLock::new(|| Sizes::of(super::bounds::SCHEMA));

impl Sizes {
    fn of(sdl: &str) -> Self {
        // A schema that could not be read would have no elements, and nothing could be asked for.
        let definitions = parse_schema(sdl).map_or_else(|_| Vec::new(), |schema| schema.definitions);
        let mut types = BUILT_IN;
        let (mut all, mut largest) = (Lengths::default(), Lengths::default());
        let mut implementers = HashMap::<String, f64>::new();
        let add = |sum: &mut f64, most: &mut f64, length: usize| {
            *sum += length as f64;
            *most = most.max(length as f64);
        };
        for definition in &definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            types += 1.0;
            let fields = match &definition.node.kind {
                TypeKind::Object(object) => {
                    add(
                        &mut all.interfaces,
                        &mut largest.interfaces,
                        object.implements.len(),
                    );
                    for interface in &object.implements {
                        *implementers.entry(interface.node.to_string()).or_default() += 1.0;
                    }
                    object.fields.as_slice()
                }
                TypeKind::Interface(interface) => interface.fields.as_slice(),
                TypeKind::InputObject(input) => {
                    add(&mut all.inputs, &mut largest.inputs, input.fields.len());
                    &[]
                }
                TypeKind::Enum(values) => {
                    add(&mut all.values, &mut largest.values, values.values.len());
                    &[]
                }
                TypeKind::Union(_) | TypeKind::Scalar => &[],
            };
            add(&mut all.fields, &mut largest.fields, fields.len());
            for field in fields {
                add(&mut all.args, &mut largest.args, field.node.arguments.len());
            }
        }
        largest.possible = implementers.values().copied().fold(0.0, f64::max);
        Self {
            types,
            elements: types + all.fields + all.args + all.inputs + all.values,
            average: Lengths {
                fields: all.fields / types,
                args: all.args / all.fields.max(1.0),
                inputs: all.inputs / types,
                values: all.values / types,
                interfaces: all.interfaces / types,
                possible: all.interfaces / types,
            },
            largest,
        }
    }
}

/// What an operation asks about the schema, as a number of fields for [complexity](super::Prepared::complexity);
/// nothing when it does not ask.
///
/// # Errors
/// `QUERY_TOO_COMPLEX` when it asks for too much.
pub fn cost(document: &ExecutableDocument, operation: &SelectionSet) -> Result<Option<usize>, ServerError> {
    let mut roots = Vec::new();
    fields(document, operation, 0, &mut |field, _| {
        if matches!(field.node.name.node.as_str(), "__schema" | "__type") {
            roots.push(field);
        }
        Ok(())
    })?;
    if roots.is_empty() {
        return Ok(None);
    }
    let sizes = &*SIZES;
    let estimate = Estimate { document, sizes };
    let mut objects = 0.0;
    for root in roots {
        let place = Place {
            lengths: &sizes.largest,
            lists: 0,
            wrappers: 0,
            depth: 0,
        };
        objects += sizes.elements * VISIT + estimate.objects(&root.node.selection_set.node, place)?;
    }
    if objects > sizes.elements * TIMES {
        return Err(too_complex(
            "the document asks for too much of the schema at once",
        ));
    }
    Ok(Some(objects.ceil() as usize))
}

/// Where in an answer a selection stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    lengths: &'a Lengths,
    lists: usize,
    wrappers: usize,
    depth: usize,
}

struct Estimate<'a> {
    document: &'a ExecutableDocument,
    sizes: &'a Sizes,
}

impl Estimate<'_> {
    /// Objects in the answer for one object with this selection, itself included.
    fn objects(&self, selection: &SelectionSet, place: Place<'_>) -> Result<f64, ServerError> {
        let mut objects = 1.0;
        fields(self.document, selection, place.depth, &mut |field, depth| {
            let below = &field.node.selection_set.node;
            if below.items.is_empty() {
                objects += LEAF;
                return Ok(());
            }
            let (times, place) = self.enter(
                &field.node.name.node,
                Place {
                    depth: depth + 1,
                    ..place
                },
            )?;
            let each = self.objects(below, place)?;
            objects += times * each;
            Ok(())
        })?;
        Ok(objects)
    }

    /// How many objects a field answers, and where its selection stands.
    fn enter<'p>(&'p self, field: &str, place: Place<'p>) -> Result<(f64, Place<'p>), ServerError> {
        let Place {
            lengths,
            lists,
            wrappers,
            ..
        } = place;
        let times = match field {
            "types" => self.sizes.types,
            "directives" => DIRECTIVES,
            "fields" => lengths.fields,
            "args" => lengths.args,
            "inputFields" => lengths.inputs,
            "enumValues" => lengths.values,
            "interfaces" => lengths.interfaces,
            "possibleTypes" => lengths.possible,
            "ofType" if wrappers >= WRAPPERS => 0.0,
            _ => 1.0,
        };
        let nests = matches!(field, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        let lists = lists + usize::from(nests);
        if lists >= LISTS {
            return Err(too_complex(
                "introspection of lists within lists is nested too deep",
            ));
        }
        let place = Place {
            // Of one type that is named, the largest is assumed; of all, the average is known.
            lengths: match field {
                "types" | "type" | "ofType" | "interfaces" | "possibleTypes" => &self.sizes.average,
                _ => lengths,
            },
            lists,
            wrappers: if field == "ofType" { wrappers + 1 } else { 0 },
            depth: place.depth,
        };
        Ok((times, place))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn cost_of(query: &str) -> Result<Option<usize>, String> {
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        cost(&document, &operation.node.selection_set.node).map_err(|error| error.message)
    }

    #[test]
    fn only_questions_about_the_schema_cost() {
        assert_eq!(
            cost_of("{ __typename users { nodes { __typename id } } }"),
            Ok(None)
        );
        let one = cost_of("{ __type(name: \"User\") { name } }").unwrap().unwrap();
        let hidden = "{ ... { ...F } } fragment F on Query { a: __type(name: \"User\") { name } }";
        assert_eq!(cost_of(hidden), Ok(Some(one)));
        let twice = "{ ...F ...F } fragment F on Query { __type(name: \"User\") { name } }";
        assert!(cost_of(twice).unwrap().unwrap() > one);
    }

    #[test]
    fn lists_within_lists_are_bounded_through_fragments_too() {
        for refused in [
            "{ __type(name: \"Node\") { possibleTypes { interfaces { possibleTypes { name } } } } }",
            "{ __schema { types { fields { type { fields { type { inputFields { name } } } } } } } }",
            "{ __schema { ...S } } fragment S on __Schema { queryType { ...T } } \
             fragment T on __Type { fields { type { ... { fields { type { ...U } } } } } } \
             fragment U on __Type { interfaces { name } }",
        ] {
            assert!(cost_of(refused).unwrap_err().contains("nested"), "{refused}");
        }
        let once = "{ __schema { queryType { fields { type { fields { name } } } } } }";
        assert!(cost_of(once).is_ok());
    }
}
