//! PATCH (RFC 7644, section 3.5.2) on a document, in the forms that clients send.

mod list;
mod place;

use std::collections::HashSet;

use serde_json::{Map, Value};

use self::list::{change_elements, change_list};
pub use self::place::public;
use self::place::{Place, Target, without_urn};
use super::body::field;
use super::document::{self, Document, check_names, check_schemas, checked, twice};
use super::problem::{Kind, Problem};
use super::schema::{self, Attribute, Schema, Type};

/// URN of the messages of PATCH.
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Maximum number of operations in one request.
pub const MAX_OPERATIONS: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// Applies the operations of a request to the document of the resource with this id; returns the names that the schema
/// doesn't know. After an error the document is of no use: some of the operations may have been applied.
///
/// # Errors
/// [`Kind::InvalidSyntax`], [`Kind::InvalidPath`], [`Kind::InvalidValue`], [`Kind::NoTarget`] or [`Kind::Mutability`];
/// [`Kind::TooMany`] for more than [`MAX_OPERATIONS`].
pub fn apply(
    schema: &Schema,
    id: &str,
    document: &mut Document,
    body: &Map<String, Value>,
) -> Result<Vec<String>, Problem> {
    let operations = operations(body)?;
    let manager = manager(schema, document).cloned();
    let mut patch = Patch {
        schema,
        id,
        document,
        unknown: Vec::new(),
    };
    for operation in operations {
        patch.apply_one(operation)?;
    }
    let unknown = patch.unknown;
    document::tidy(schema, document);
    if let Some(before) = manager {
        forget_manager(schema, document, &before);
    }
    Ok(unknown)
}

fn syntax(detail: &str) -> Problem {
    Problem::new(Kind::InvalidSyntax, detail)
}

fn manager<'a>(schema: &Schema, document: &'a Document) -> Option<&'a Map<String, Value>> {
    let (urn, _) = schema.extension?;
    document.get(urn)?.get("manager")?.as_object()
}

/// Removes what was said of the manager before, if it is another one now.
fn forget_manager(schema: &Schema, document: &mut Document, before: &Map<String, Value>) {
    let Some((urn, _)) = schema.extension else { return };
    let Some(Value::Object(extension)) = document.get_mut(urn) else {
        return;
    };
    if let Some(Value::Object(after)) = extension.get_mut("manager")
        && after.get("value") != before.get("value")
    {
        after.retain(|name, said| name == "value" || before.get(name) != Some(said));
        if after.is_empty() {
            extension.remove("manager");
        }
    }
    if extension.is_empty() {
        document.remove(urn);
    }
}

/// Returns the operations of a request.
///
/// # Errors
/// [`Kind::InvalidSyntax`] for a foreign schema, a name that is given twice, and without operations; [`Kind::TooMany`] for
/// more than [`MAX_OPERATIONS`].
pub fn operations(body: &Map<String, Value>) -> Result<&[Value], Problem> {
    check_names(body)?;
    check_schemas(PATCH, body)?;
    let operations = field(body, "operations").and_then(Value::as_array);
    let Some(operations) = operations.filter(|operations| !operations.is_empty()) else {
        return Err(syntax("Operations is missing or empty"));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(Problem::new(
            Kind::TooMany,
            format!("at most {MAX_OPERATIONS} operations"),
        ));
    }
    Ok(operations)
}

/// Operations being applied.
struct Patch<'a> {
    schema: &'a Schema,
    id: &'a str,
    document: &'a mut Document,
    unknown: Vec<String>,
}

impl Patch<'_> {
    fn apply_one(&mut self, operation: &Value) -> Result<(), Problem> {
        let Value::Object(operation) = operation else {
            return Err(syntax("an operation must be an object"));
        };
        check_names(operation)?;
        let op = match field(operation, "op").and_then(Value::as_str) {
            Some(op) if op.eq_ignore_ascii_case("add") => Op::Add,
            Some(op) if op.eq_ignore_ascii_case("replace") => Op::Replace,
            Some(op) if op.eq_ignore_ascii_case("remove") => Op::Remove,
            _ => return Err(syntax("op must be add, replace or remove")),
        };
        let value = field(operation, "value").unwrap_or(&Value::Null);
        let place = match field(operation, "path") {
            Some(Value::String(path)) if !path.trim().is_empty() => self.resolve(path)?,
            None | Some(Value::Null | Value::String(_)) => Place::Core,
            Some(_) => return Err(Problem::new(Kind::InvalidPath, "path must be a text")),
        };
        match (place, op, value) {
            (Place::Core, Op::Remove, _) => Err(Problem::new(Kind::NoTarget, "remove requires a path")),
            (Place::Core, _, Value::Object(values)) => self.spread(op, values),
            (Place::Core, ..) => Err(syntax("without a path, the value must be an object")),
            (Place::Own("id"), Op::Remove, _) | (Place::Own("meta"), ..) => {
                Err(Problem::new(Kind::Mutability, "id and meta can't be changed"))
            }
            (place, ..) => self.change(op, place, value),
        }
    }

    /// Applies a value without a path: each key is the path of its value.
    fn spread(&mut self, op: Op, values: &Map<String, Value>) -> Result<(), Problem> {
        let mut seen = HashSet::new();
        for (key, value) in values {
            let plain = !key.contains('[');
            if plain && !seen.insert(without_urn(self.schema, key).to_ascii_lowercase()) {
                return Err(twice(public(key)));
            }
            match self.resolve(key) {
                Ok(Place::Core) => match value {
                    Value::Object(inner) => self.spread(op, inner)?,
                    _ => return Err(Problem::value(self.schema.urn, "it must be an object")),
                },
                Ok(place) => self.change(op, place, value)?,
                // In a body, unlike in a path, an unknown name is a custom mapping of the directory.
                Err(problem) if problem.kind == Kind::InvalidPath => {
                    self.unknown.push(public(key).to_owned());
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    fn resolve(&mut self, path: &str) -> Result<Place, Problem> {
        let place = place::find(self.schema, path)?;
        if let Place::Unknown = place {
            self.unknown.push(public(path).to_owned());
        }
        Ok(place)
    }

    fn change(&mut self, op: Op, place: Place, value: &Value) -> Result<(), Problem> {
        match place {
            Place::Attribute(target) => change(self.document, op, &target, value),
            Place::Extension(urn, attributes) => self.change_extension(op, urn, attributes, value),
            Place::Own("id") => match value.as_str() {
                Some(id) if id.eq_ignore_ascii_case(self.id) => Ok(()),
                _ => Err(Problem::new(Kind::Mutability, "id can't be changed")),
            },
            // Who sends the whole resource sends its metadata too.
            Place::Own(_) | Place::Core | Place::Nothing | Place::Unknown => Ok(()),
        }
    }

    fn change_extension(
        &mut self,
        op: Op,
        urn: &'static str,
        attributes: &'static [Attribute],
        value: &Value,
    ) -> Result<(), Problem> {
        let inner = match (op, value) {
            (Op::Remove, _) | (Op::Replace, Value::Null) => {
                self.document.remove(urn);
                return Ok(());
            }
            (Op::Add, Value::Null) => return Ok(()),
            (_, Value::Object(inner)) => inner,
            _ => return Err(Problem::value(urn, "it must be an object")),
        };
        check_names(inner)?;
        // Some clients repeat the URN in the extension.
        for (name, value) in inner.iter().filter(|(name, _)| *name != "schemas") {
            let Some(attribute) = schema::find(attributes, name) else {
                self.unknown.push(format!("{urn}:{name}"));
                continue;
            };
            let target = Target {
                extension: Some(urn),
                attribute,
                sub: None,
                filter: None,
            };
            change(self.document, op, &target, value)?;
        }
        Ok(())
    }
}

fn change(document: &mut Document, op: Op, target: &Target, value: &Value) -> Result<(), Problem> {
    let Some(urn) = target.extension else {
        return change_in(document, op, target, value);
    };
    let mut extension = match document.remove(urn) {
        Some(Value::Object(extension)) => extension,
        _ => Map::new(),
    };
    let changed = change_in(&mut extension, op, target, value);
    if !extension.is_empty() {
        document.insert(urn.to_owned(), extension.into());
    }
    changed
}

fn change_in(place: &mut Document, op: Op, target: &Target, value: &Value) -> Result<(), Problem> {
    let Target {
        attribute,
        sub,
        filter,
        ..
    } = target;
    if attribute.multi {
        let mut list = match place.remove(attribute.name) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        match (filter, sub) {
            (None, None) => change_list(&mut list, op, attribute, value)?,
            (filter, sub) => change_elements(&mut list, op, attribute, filter.as_ref(), *sub, value)?,
        }
        if !list.is_empty() {
            place.insert(attribute.name.to_owned(), list.into());
        }
        return Ok(());
    }
    let new = match op {
        Op::Remove => None,
        Op::Add | Op::Replace => {
            let leaf = sub.unwrap_or(attribute);
            checked(leaf, unwrapped(leaf, value))?
        }
    };
    if sub.is_none() && new.is_none() && attribute.required {
        return Err(match op {
            Op::Remove => Problem::new(Kind::Mutability, format!("{} is required", attribute.name)),
            Op::Add | Op::Replace => Problem::value(attribute.name, "it is required"),
        });
    }
    match (sub, new, place.get_mut(attribute.name)) {
        (Some(sub), new, Some(Value::Object(object))) => {
            set(object, sub.name, new);
            if object.is_empty() {
                place.remove(attribute.name);
            }
        }
        (Some(sub), Some(new), _) => {
            let object = Map::from_iter([(sub.name.to_owned(), new)]);
            place.insert(attribute.name.to_owned(), object.into());
        }
        (Some(_), None, _) => {}
        // An object replaces only the sub-attributes that it names.
        (None, Some(Value::Object(new)), Some(Value::Object(old))) => old.extend(new),
        (None, new, _) => set(place, attribute.name, new),
    }
    Ok(())
}

/// Returns the value in a list of one, and the one in an object with it: older clients send them for single values.
fn unwrapped<'a>(attribute: &Attribute, value: &'a Value) -> &'a Value {
    let Value::Array(values) = value else {
        return value;
    };
    match values.as_slice() {
        [] => &Value::Null,
        [Value::Object(object)] if !matches!(attribute.ty, Type::Complex(_)) => {
            field(object, "value").unwrap_or(value)
        }
        [single] => single,
        _ => value,
    }
}

fn set(object: &mut Document, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.remove(name)),
    }
}

#[cfg(test)]
mod clients;
#[cfg(test)]
mod others;
#[cfg(test)]
mod tests;
