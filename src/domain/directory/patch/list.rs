//! Changes of multi-valued attributes.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Op, unwrapped};
use crate::domain::directory::document::{checked, checked_single, identity, make_primary};
use crate::domain::directory::filter::{Filter, Operator};
use crate::domain::directory::matching::{self, same_text};
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::schema::{self, Attribute};

/// Changes a whole list. `remove` with a value takes out exactly those values.
pub(super) fn change_list(
    list: &mut Vec<Value>,
    op: Op,
    attribute: &'static Attribute,
    value: &Value,
) -> Result<(), Problem> {
    if op == Op::Remove && value.is_null() {
        list.clear();
        return Ok(());
    }
    let given = match checked(attribute, value)? {
        Some(Value::Array(given)) => given,
        _ => Vec::new(),
    };
    match op {
        Op::Remove => remove_values(list, attribute, &given),
        Op::Replace => *list = given,
        Op::Add => add_values(list, attribute, given),
    }
    Ok(())
}

/// Values of a message by what makes them the same as values of a list.
struct Given<'a> {
    attribute: &'static Attribute,
    values: &'a [Value],
    by_value: HashMap<Cow<'a, str>, Vec<usize>>,
    /// Places of those without a `value`.
    others: Vec<usize>,
}

impl<'a> Given<'a> {
    fn new(attribute: &'static Attribute, values: &'a [Value]) -> Self {
        let mut given = Self {
            attribute,
            values,
            by_value: HashMap::new(),
            others: Vec::new(),
        };
        for (place, value) in values.iter().enumerate() {
            match identity(attribute, value) {
                Some((value, _)) => given.by_value.entry(value).or_default().push(place),
                None => given.others.push(place),
            }
        }
        given
    }

    /// Returns the places of those that are the same as a value of a list: by `value`, and by `type` if both have one.
    fn same<'b>(&'b self, one: &'b Value) -> impl Iterator<Item = usize> + 'b {
        let own = identity(self.attribute, one);
        let places = own
            .as_ref()
            .and_then(|(value, _)| self.by_value.get(value.as_ref()));
        let label = own.and_then(|(_, label)| label);
        places.into_iter().flatten().copied().filter(move |&place| {
            let other = identity(self.attribute, &self.values[place]).and_then(|(_, label)| label);
            label.is_none() || other.is_none() || label == other
        })
    }
}

fn remove_values(list: &mut Vec<Value>, attribute: &'static Attribute, given: &[Value]) {
    let given = Given::new(attribute, given);
    list.retain(|one| {
        let says_all = |place: &usize| says(attribute, one, &given.values[*place]);
        given.same(one).next().is_none() && !given.others.iter().any(says_all)
    });
}

/// Returns whether a value says all that another one says.
fn says(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    other.as_object().is_some_and(|other| {
        other.iter().all(|(name, expected)| {
            let exact = schema::find(attribute.subs(), name).is_some_and(|sub| sub.exact);
            match (one.get(name), expected) {
                (Some(Value::String(found)), Value::String(expected)) if !exact => same_text(found, expected),
                (found, expected) => found == Some(expected),
            }
        })
    })
}

/// Adds the values that are not in the list; the others say what they say in addition.
fn add_values(list: &mut Vec<Value>, attribute: &'static Attribute, given: Vec<Value>) {
    let mut places = vec![None; given.len()];
    let index = Given::new(attribute, &given);
    for (place, one) in list.iter_mut().enumerate() {
        let same = index.same(one).find(|&at| places[at].is_none());
        let equal = || index.others.iter().copied().find(|&at| given[at] == *one);
        let Some(at) = same.or_else(equal) else { continue };
        places[at] = Some(place);
        if let (Value::Object(known), Value::Object(new)) = (one, &given[at]) {
            let is_id = |name: &str| attribute.name == "members" && name == "value";
            let new = new.iter().filter(|(name, _)| !is_id(name));
            known.extend(new.map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    let mut chosen = None;
    for (one, place) in given.into_iter().zip(places) {
        let primary = one["primary"] == Value::Bool(true);
        let place = place.unwrap_or_else(|| {
            list.push(one);
            list.len() - 1
        });
        if primary {
            chosen = Some(place);
        }
    }
    if let Some(chosen) = chosen {
        make_primary(list, chosen);
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
    if attribute.name == "members" && sub.is_some() {
        return Err(Problem::new(
            Kind::Mutability,
            "a member can't be changed: remove it and add another",
        ));
    }
    let new = match (op, sub) {
        (Op::Remove, _) => None,
        (_, Some(sub)) => {
            checked(sub, unwrapped(sub, value))?.map(|value| Map::from_iter([(sub.name.to_owned(), value)]))
        }
        (_, None) => match checked_single(attribute, unwrapped(attribute, value))? {
            Some(Value::Object(object)) => Some(object),
            _ => None,
        },
    };
    let selects = |one: &Value| filter.is_none_or(|filter| matching::element(attribute, filter, one));
    let Some(new) = new else {
        take_away(list, sub, selects);
        return Ok(());
    };
    // Whoever names the value names all of it, except what the filter says already.
    let whole = op == Op::Replace
        && sub.is_none()
        && (new.contains_key("value") || schema::find(attribute.subs(), "value").is_none());
    let said = filter.map_or_else(|| Some(Map::new()), described);
    let mut last = None;
    for (place, one) in list.iter_mut().enumerate().filter(|(_, one)| selects(one)) {
        last = Some(place);
        if whole && let Some(Value::Object(said)) = shaped(attribute, said.as_ref())? {
            *one = said.into();
        }
        if let Value::Object(one) = one {
            one.extend(new.clone());
        }
    }
    let changed = match last {
        Some(place) => place,
        None => {
            list.push(made(attribute, filter, said, &new)?);
            list.len() - 1
        }
    };
    let named = last.is_none() || new.contains_key("primary");
    if named && list[changed]["primary"] == Value::Bool(true) {
        make_primary(list, changed);
    }
    Ok(())
}

/// Removes values, or their sub-attribute.
fn take_away(list: &mut Vec<Value>, sub: Option<&Attribute>, selects: impl Fn(&Value) -> bool) {
    let Some(sub) = sub else {
        list.retain(|one| !selects(one));
        return;
    };
    for one in list.iter_mut().filter(|one| selects(one)) {
        one.as_object_mut().and_then(|one| one.remove(sub.name));
    }
    list.retain(|one| one.as_object().is_none_or(|one| !one.is_empty()));
}

/// Returns a value in the form of the attribute.
fn shaped(
    attribute: &'static Attribute,
    said: Option<&Map<String, Value>>,
) -> Result<Option<Value>, Problem> {
    match said {
        Some(said) if said.is_empty() => Ok(Some(Map::new().into())),
        Some(said) => checked_single(attribute, &said.clone().into()),
        None => Ok(Some(Map::new().into())),
    }
}

/// Makes a value that says this and fulfils the filter.
fn made(
    attribute: &'static Attribute,
    filter: Option<&Filter>,
    said: Option<Map<String, Value>>,
    new: &Map<String, Value>,
) -> Result<Value, Problem> {
    let none = || {
        Problem::new(
            Kind::NoTarget,
            format!("no value of {} fulfils the filter", attribute.name),
        )
    };
    let said = said.ok_or_else(none)?;
    let Some(Value::Object(mut made)) = shaped(attribute, Some(&said))? else {
        return Err(none());
    };
    let fulfils = |made: &Map<String, Value>| {
        filter.is_none_or(|filter| matching::element(attribute, filter, &made.clone().into()))
    };
    if !fulfils(&made) {
        return Err(none());
    }
    made.extend(new.clone());
    Ok(made.into())
}

/// Returns what a filter says of a value, if it is a conjunction of equalities such as `type eq "work"`.
fn described(filter: &Filter) -> Option<Map<String, Value>> {
    match filter {
        Filter::Compare(path, Operator::Eq, value) if path.sub.is_none() && !value.is_null() => {
            Some(Map::from_iter([(path.name.clone(), value.clone())]))
        }
        Filter::And(parts) => parts.iter().map(described).try_fold(Map::new(), |mut all, part| {
            all.extend(part?);
            Some(all)
        }),
        _ => None,
    }
}
