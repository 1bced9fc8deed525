//! Changes of multi-valued attributes.

use serde_json::{Map, Value};

use super::Op;
use crate::domain::directory::document::{checked, checked_single, keep_one_primary};
use crate::domain::directory::filter::{Filter, Operator};
use crate::domain::directory::matching::{self, same_text};
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::schema::Attribute;

/// Changes a whole list. `remove` with a value takes out exactly those values.
pub(super) fn change_list(
    list: &mut Vec<Value>,
    op: Op,
    attribute: &'static Attribute,
    value: &Value,
) -> Result<(), Problem> {
    let given = match checked(attribute, value)? {
        Some(Value::Array(given)) => given,
        _ => Vec::new(),
    };
    match op {
        Op::Remove if value.is_null() => list.clear(),
        Op::Remove => list.retain(|one| !given.iter().any(|other| is_same(attribute, one, other))),
        Op::Replace => *list = given,
        Op::Add => {
            for one in given {
                match list.iter_mut().find(|other| is_same(attribute, other, &one)) {
                    Some(known) => *known = one.clone(),
                    None => list.push(one.clone()),
                }
                make_primary(list, &one);
            }
        }
    }
    Ok(())
}

/// Returns whether two values of a list are one: by their `value`, and their `type` if both have one.
fn is_same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    let exact = attribute.name == "members";
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let (type_of_one, type_of_other) = (text(one, "type"), text(other, "type"));
    let types = type_of_one.is_none() || type_of_other.is_none() || type_of_one == type_of_other;
    match (text(one, "value"), text(other, "value")) {
        (Some(one), Some(other)) => types && (one == other || !exact && same_text(&one, &other)),
        _ => one == other,
    }
}

/// Makes the other values secondary, if this one is primary.
fn make_primary(list: &mut [Value], new: &Value) {
    if new["primary"] != Value::Bool(true) {
        return;
    }
    for value in list.iter_mut().filter(|value| *value != new) {
        if value["primary"] == Value::Bool(true) {
            value["primary"] = false.into();
        }
    }
}

/// Changes the values that a filter selects, or their sub-attribute.
pub(super) fn change_elements(
    list: &mut Vec<Value>,
    op: Op,
    attribute: &'static Attribute,
    filter: Option<&Filter>,
    sub: Option<&'static Attribute>,
    value: &Value,
) -> Result<(), Problem> {
    let selects = |one: &Value| filter.is_none_or(|filter| matching::element(attribute, filter, one));
    if op == Op::Remove {
        match sub {
            None => list.retain(|one| !selects(one)),
            Some(sub) => {
                for one in list.iter_mut().filter(|one| selects(one)) {
                    if let Value::Object(object) = one {
                        object.remove(sub.name);
                    }
                }
                list.retain(|one| one.as_object().is_none_or(|object| !object.is_empty()));
            }
        }
        return Ok(());
    }
    let new = match sub {
        Some(sub) => checked(sub, value)?.map(|value| Map::from_iter([(sub.name.to_owned(), value)])),
        None => match checked_single(attribute, value)? {
            Some(Value::Object(object)) => Some(object),
            _ => None,
        },
    };
    let mut found = false;
    for one in list.iter_mut().filter(|one| selects(one)) {
        found = true;
        if let Value::Object(object) = one {
            match (&new, sub) {
                (Some(new), _) => object.extend(new.clone()),
                (None, Some(sub)) => drop(object.remove(sub.name)),
                (None, None) => {}
            }
        }
    }
    if !found && let Some(new) = new {
        let Some(mut object) = filter.map_or_else(|| Some(Map::new()), described) else {
            return Err(Problem::new(
                Kind::NoTarget,
                format!("no value of {} fulfils the filter", attribute.name),
            ));
        };
        object.extend(new);
        let made = checked_single(attribute, &object.into())?;
        list.extend(made);
    }
    keep_one_primary(list);
    Ok(())
}

/// Returns a value that fulfils the filter, if that is a conjunction of equalities such as `type eq "work"`.
fn described(filter: &Filter) -> Option<Map<String, Value>> {
    match filter {
        Filter::Compare(path, Operator::Eq, value) if path.sub.is_none() => {
            Some(Map::from_iter([(path.name.clone(), value.clone())]))
        }
        Filter::And(parts) => parts.iter().map(described).try_fold(Map::new(), |mut all, part| {
            all.extend(part?);
            Some(all)
        }),
        _ => None,
    }
}
