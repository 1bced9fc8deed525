//! PATCH (RFC 7644, section 3.5.2) on a document, in the forms that clients send.

mod list;

use serde_json::{Map, Value};

use self::list::{change_elements, change_list};
use super::document::{Document, checked};
use super::filter::{AttributePath, Filter, parse_path};
use super::problem::{Kind, Problem};
use super::schema::{self, Attribute, Mutability, Schema};

/// Maximum number of operations in one request.
pub const MAX_OPERATIONS: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// The place that a path names.
struct Target {
    /// Whether it is in the extension.
    extended: bool,
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
    filter: Option<Filter>,
}

/// Applies the operations of a request to the document of the resource with this id; returns the names that the schema
/// doesn't know.
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
    let operations = field(body, "operations").and_then(Value::as_array);
    let Some(operations) = operations.filter(|operations| !operations.is_empty()) else {
        return Err(Problem::new(
            Kind::InvalidSyntax,
            "Operations is missing or empty",
        ));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(Problem::new(
            Kind::TooMany,
            format!("at most {MAX_OPERATIONS} operations"),
        ));
    }
    let mut patch = Patch {
        schema,
        id,
        document,
        unknown: Vec::new(),
    };
    for operation in operations {
        patch.apply_one(operation)?;
    }
    Ok(patch.unknown)
}

/// Operations being applied.
struct Patch<'a> {
    schema: &'a Schema,
    id: &'a str,
    document: &'a mut Document,
    unknown: Vec<String>,
}

fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

impl Patch<'_> {
    fn apply_one(&mut self, operation: &Value) -> Result<(), Problem> {
        let syntax = |detail: &str| Err(Problem::new(Kind::InvalidSyntax, detail));
        let Value::Object(operation) = operation else {
            return syntax("an operation must be an object");
        };
        let op = match field(operation, "op").and_then(Value::as_str) {
            Some(op) if op.eq_ignore_ascii_case("add") => Op::Add,
            Some(op) if op.eq_ignore_ascii_case("replace") => Op::Replace,
            Some(op) if op.eq_ignore_ascii_case("remove") => Op::Remove,
            _ => return syntax("op must be add, replace or remove"),
        };
        let value = field(operation, "value").unwrap_or(&Value::Null);
        match field(operation, "path") {
            Some(Value::String(path)) if !path.is_empty() => {
                if self.is_own(path, value)? {
                    return Ok(());
                }
                match self.resolve(path)? {
                    Some(target) => change(self.schema, self.document, op, target, value),
                    None => Ok(()),
                }
            }
            None | Some(Value::Null | Value::String(_)) => match (op, value) {
                (Op::Remove, _) => Err(Problem::new(Kind::NoTarget, "remove requires a path")),
                (_, Value::Object(values)) => self.spread(op, values),
                _ => syntax("without a path, the value must be an object"),
            },
            Some(_) => Err(Problem::new(Kind::InvalidPath, "path must be a text")),
        }
    }

    /// Applies a value without a path: each key is the path of its value.
    fn spread(&mut self, op: Op, values: &Map<String, Value>) -> Result<(), Problem> {
        for (key, value) in values {
            if self.is_own(key, value)? {
                continue;
            }
            if let (Some((urn, attributes)), Value::Object(inner)) = (self.schema.extension, value)
                && urn.eq_ignore_ascii_case(key)
            {
                for (name, value) in inner {
                    match schema::find(attributes, name) {
                        Some(attribute) => {
                            let target = Target {
                                extended: true,
                                attribute,
                                sub: None,
                                filter: None,
                            };
                            change(self.schema, self.document, op, target, value)?;
                        }
                        None => self.unknown.push(format!("{urn}:{name}")),
                    }
                }
                continue;
            }
            // In a body, unlike in a path, an unknown name is a custom mapping of the directory.
            match self.resolve(key) {
                Ok(Some(target)) => change(self.schema, self.document, op, target, value)?,
                Ok(None) => {}
                Err(problem) if problem.kind == Kind::InvalidPath => self.unknown.push(key.clone()),
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// Returns the place that a path names; `None` for what is ignored: passwords, read-only groups, and unknown extensions.
    fn resolve(&mut self, text: &str) -> Result<Option<Target>, Problem> {
        let schema = self.schema;
        let invalid = || Problem::new(Kind::InvalidPath, format!("there is no attribute {text}"));
        let path = parse_path(text)?;
        let AttributePath {
            schema: urn,
            name,
            sub,
        } = &path.attribute;
        let (extended, attribute) = match urn {
            None => (false, schema.core(name)),
            Some(urn) if urn.eq_ignore_ascii_case(schema.urn) => (false, schema.core(name)),
            Some(urn)
                if schema
                    .extension
                    .is_some_and(|(known, _)| known.eq_ignore_ascii_case(urn)) =>
            {
                (true, schema.extended(name))
            }
            Some(_) => {
                self.unknown.push(text.to_owned());
                return Ok(None);
            }
        };
        let attribute = attribute.ok_or_else(invalid)?;
        if attribute.mutability == Mutability::ReadOnly {
            return Ok(None);
        }
        let sub = match sub.as_ref().or(path.sub.as_ref()) {
            Some(sub) => Some(schema::find(attribute.subs(), sub).ok_or_else(invalid)?),
            None => None,
        };
        if path.filter.is_some() && !attribute.multi {
            return Err(invalid());
        }
        Ok(Some(Target {
            extended,
            attribute,
            sub,
            filter: path.filter,
        }))
    }

    /// Returns whether this is nothing to change: a password, or what the server alone decides, with the value it has.
    fn is_own(&self, key: &str, value: &Value) -> Result<bool, Problem> {
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        if is("id") && value.as_str().is_none_or(|id| !id.eq_ignore_ascii_case(self.id)) {
            return Err(Problem::new(Kind::Mutability, "id can't be changed"));
        }
        Ok(["id", "meta", "schemas", "password"].into_iter().any(is))
    }
}

fn change(
    schema: &Schema,
    document: &mut Document,
    op: Op,
    target: Target,
    value: &Value,
) -> Result<(), Problem> {
    if !target.extended {
        return change_in(document, op, &target, value);
    }
    let Some((urn, _)) = schema.extension else {
        return Ok(());
    };
    let mut extension = match document.remove(urn) {
        Some(Value::Object(extension)) => extension,
        _ => Map::new(),
    };
    let changed = change_in(&mut extension, op, &target, value);
    if !extension.is_empty() {
        document.insert(urn.to_owned(), extension.into());
    }
    changed
}

fn change_in(place: &mut Map<String, Value>, op: Op, target: &Target, value: &Value) -> Result<(), Problem> {
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
        Op::Add | Op::Replace => match sub {
            Some(sub) => checked(sub, value)?,
            None => checked(attribute, value)?,
        },
    };
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

fn set(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.remove(name)),
    }
}

#[cfg(test)]
mod tests;
