//! The values of variables, which come with each request: whether they have the types that the operation gives them.
//!
//! This is `CoerceVariableValues` of the specification, but for the coercion itself, which the library does when it
//! reads an argument: <https://spec.graphql.org/September2025/#CoerceVariableValues()>.

use apollo_compiler::Schema;
use apollo_compiler::ast::{Type, VariableDefinition};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node};
use async_graphql::{ServerError, Value, Variables};

use super::validate::schema;
use super::values::is_one_of;
use crate::graphql::kit::scalars;

/// Where a value is wrong, and why.
struct Wrong {
    /// From the inside to the outside.
    path: Vec<String>,
    reason: String,
}

impl Wrong {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            reason: reason.into(),
        }
    }

    fn within(mut self, part: impl ToString) -> Self {
        self.path.push(part.to_string());
        self
    }
}

/// Looks whether the variables of a request have their types.
///
/// # Errors
/// The first that has not. The message names types and fields: where the schema is not told, neither is it.
pub fn check(definitions: &[Node<VariableDefinition>], variables: &Variables) -> Result<(), ServerError> {
    let schema = schema()?;
    for definition in definitions {
        let value = variables.get(definition.name.as_str());
        let checked = match value {
            Some(value) => check_value(schema, &definition.ty, value),
            None if definition.ty.is_non_null() && definition.default_value.is_none() => {
                Err(Wrong::new("it is missing"))
            }
            None => Ok(()),
        };
        checked.map_err(|wrong| {
            let path = wrong.within(&definition.name);
            let place: Vec<_> = path.path.iter().rev().map(String::as_str).collect();
            ServerError::new(format!("variable `${}`: {}", place.join("."), path.reason), None)
        })?;
    }
    Ok(())
}

fn check_value(schema: &Valid<Schema>, ty: &Type, value: &Value) -> Result<(), Wrong> {
    if *value == Value::Null {
        return match ty.is_non_null() {
            true => Err(Wrong::new("it can't be null")),
            false => Ok(()),
        };
    }
    let name = match (ty, value) {
        (Type::List(item) | Type::NonNullList(item), Value::List(values)) => {
            for (place, value) in values.iter().enumerate() {
                check_value(schema, item, value).map_err(|wrong| wrong.within(place))?;
            }
            return Ok(());
        }
        // One value is a list of one.
        (Type::List(item) | Type::NonNullList(item), _) => return check_value(schema, item, value),
        (Type::Named(name) | Type::NonNullNamed(name), _) => name,
    };
    let fits = match (schema.types.get(name), value) {
        (Some(ExtendedType::InputObject(object)), Value::Object(fields)) => {
            let get = |name: &Name| fields.get(name.as_str());
            return check_object(schema, object, fields.keys().map(|name| name.as_str()), get);
        }
        (Some(ExtendedType::Enum(values)), Value::String(text)) => values.values.contains_key(text.as_str()),
        (Some(ExtendedType::Scalar(_)), value) => match (name.as_str(), value) {
            ("Int", Value::Number(number)) => number
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok()),
            ("ID", Value::Number(number)) => number.is_i64(),
            ("ID" | "String", Value::String(_)) => true,
            ("Float", Value::Number(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("Int" | "Float" | "ID" | "String" | "Boolean", _) => false,
            (scalar, value) => {
                return scalars::check(scalar, value)
                    .map_err(|expected| Wrong::new(format!("it is no `{name}`: expected {expected}")));
            }
        },
        _ => false,
    };
    match fits {
        true => Ok(()),
        false => Err(Wrong::new(format!("it is no `{name}`"))),
    }
}

fn check_object<'a>(
    schema: &Valid<Schema>,
    object: &InputObjectType,
    names: impl Iterator<Item = &'a str>,
    get: impl Fn(&Name) -> Option<&'a Value>,
) -> Result<(), Wrong> {
    let mut count = 0;
    for name in names {
        count += 1;
        if !object.fields.contains_key(name) {
            let reason = format!("`{}` has no such field", object.name);
            return Err(Wrong::new(reason).within(name));
        }
    }
    for (name, definition) in &object.fields {
        let checked = match get(name) {
            Some(Value::Null) if is_one_of(object) => Err(Wrong::new("it can't be null")),
            Some(value) => check_value(schema, &definition.ty, value),
            None if definition.ty.is_non_null() && definition.default_value.is_none() => {
                Err(Wrong::new("it is missing"))
            }
            None => Ok(()),
        };
        checked.map_err(|wrong| wrong.within(name))?;
    }
    match is_one_of(object) && count != 1 {
        true => Err(Wrong::new("exactly one of its fields has to be given")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::ast::Definition;
    use serde_json::json;

    use super::super::validate::parse;
    use super::*;

    fn wrong(ty: &str, value: serde_json::Value) -> Option<String> {
        let document = parse(&format!("query($a: {ty}) {{ __typename }}")).unwrap();
        let [Definition::OperationDefinition(operation)] = &document.definitions[..] else {
            unreachable!("{ty}");
        };
        let variables = match value.is_null() {
            true => json!({}),
            false => json!({ "a": value }),
        };
        let checked = check(&operation.variables, &Variables::from_json(variables));
        checked.err().map(|error| error.message)
    }

    #[test]
    fn values_have_the_type_of_their_variable() {
        for (ty, value) in [
            ("Int", json!(1)),
            ("Int", json!(-2_147_483_648)),
            ("Float", json!(1)),
            ("Float", json!(1.5)),
            ("ID!", json!("x")),
            ("ID!", json!(7)),
            ("[ID!]!", json!("x")),
            ("[[Int]]", json!([1, [2, null]])),
            ("UserStatus", json!("ACTIVE")),
            ("DateTime", json!("2030-01-01T00:00:00Z")),
            ("Boolean = true", json!(null)),
            ("UserFilter", json!({ "status": "ACTIVE", "search": null })),
            ("UserOrder", json!({ "field": "NAME", "direction": "ASC" })),
            ("RecipientInput!", json!({ "userId": "x" })),
        ] {
            assert_eq!(wrong(ty, value.clone()), None, "{ty} {value}");
        }
    }

    #[test]
    fn other_values_are_refused_with_their_place() {
        for (ty, value, told) in [
            ("ID!", json!(null), "variable `$a`: it is missing"),
            ("Int", json!(2_147_483_648_u32), "variable `$a`: it is no `Int`"),
            ("Int", json!(1.0), "variable `$a`: it is no `Int`"),
            ("Int", json!("1"), "variable `$a`: it is no `Int`"),
            ("String", json!(1), "variable `$a`: it is no `String`"),
            ("Boolean", json!("true"), "variable `$a`: it is no `Boolean`"),
            ("ID", json!(1.5), "variable `$a`: it is no `ID`"),
            ("[ID!]!", json!(["x", null]), "variable `$a.1`: it can't be null"),
            (
                "UserStatus",
                json!("FIRED"),
                "variable `$a`: it is no `UserStatus`",
            ),
            (
                "UserFilter",
                json!({ "status": ["ACTIVE", 1] }),
                "variable `$a.status.1`: it is no `UserStatus`",
            ),
            (
                "UserFilter",
                json!({ "stauts": [] }),
                "variable `$a.stauts`: `UserFilter` has no such field",
            ),
            (
                "UserOrder",
                json!({ "field": "NAME" }),
                "variable `$a.direction`: it is missing",
            ),
            (
                "RecipientInput",
                json!({ "userId": "x", "headOfDepartment": true }),
                "variable `$a`: exactly one of its fields has to be given",
            ),
            (
                "RecipientInput",
                json!({}),
                "variable `$a`: exactly one of its fields has to be given",
            ),
            (
                "RecipientInput",
                json!({ "userId": null }),
                "variable `$a.userId`: it can't be null",
            ),
        ] {
            assert_eq!(wrong(ty, value.clone()).as_deref(), Some(told), "{ty} {value}");
        }
    }

    #[test]
    fn scalars_are_refused_with_what_is_expected() {
        for (ty, value, told) in [
            (
                "Date",
                json!("24.11.2026"),
                "variable `$a`: it is no `Date`: expected a date such as 2026-11-24",
            ),
            (
                "RedeliverWebhookInput",
                json!({ "webhookId": "x", "since": "yesterday" }),
                "variable `$a.since`: it is no `DateTime`: expected a time in RFC 3339 format such as \
                 2026-11-24T09:00:00Z",
            ),
            (
                "[Decimal!]",
                json!(["1.50", 1.5, "1,50"]),
                "variable `$a.2`: it is no `Decimal`: expected a decimal number with up to 28 digits, as a string \
                 such as 1250.50",
            ),
        ] {
            assert_eq!(wrong(ty, value.clone()).as_deref(), Some(told), "{ty} {value}");
        }
    }
}
