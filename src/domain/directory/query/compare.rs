//! Comparisons of one attribute.

use chrono::DateTime;
use entity::Timestamp;
use sea_orm::DbBackend;
use serde_json::Value;
use uuid::Uuid;

use super::Query;
use crate::domain::directory::filter::Operator;
use crate::domain::directory::problem::{Kind, Problem};

/// What is demanded of an attribute.
#[derive(Debug, Clone)]
pub enum Comparison {
    /// It has a value.
    Present,
    /// It has none.
    Absent,
    /// It compares to a value.
    Compare(Operator, Value),
}

fn invalid<T>(detail: &str) -> Result<T, Problem> {
    Err(Problem::new(Kind::InvalidFilter, detail))
}

impl Comparison {
    /// Creates a comparison; one with null is about presence.
    pub fn new(operator: Operator, value: &Value) -> Self {
        match (operator, value) {
            (Operator::Eq, Value::Null) => Self::Absent,
            (Operator::Ne, Value::Null) => Self::Present,
            _ => Self::Compare(operator, value.clone()),
        }
    }

    /// Returns the value if it is an equality with a text.
    pub fn equal_text(&self) -> Option<String> {
        match self {
            Self::Compare(Operator::Eq, value) => as_text(value),
            _ => None,
        }
    }

    /// Returns SQL for an expression that holds texts; `fold` makes a key of a value.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`] for a value that is no text.
    pub fn text(&self, query: &mut Query, expr: &str, fold: fn(&str) -> String) -> Result<String, Problem> {
        let (operator, value) = match self {
            Self::Present => return Ok(format!("{expr} IS NOT NULL")),
            Self::Absent => return Ok(format!("{expr} IS NULL")),
            Self::Compare(operator, value) => (*operator, value),
        };
        let Some(value) = as_text(value).map(|text| fold(&text)) else {
            return invalid("a text can only be compared with a text");
        };
        if value.contains('\0') {
            return invalid("a value must not contain NUL");
        }
        let position = match query.backend {
            DbBackend::Postgres => "strpos",
            _ => "instr",
        };
        let length = value.chars().count();
        let value = query.bind(value);
        Ok(match operator {
            Operator::Eq => format!("{expr} = {value}"),
            Operator::Ne => format!("({expr} IS NULL OR {expr} <> {value})"),
            Operator::Co => format!("{position}({expr}, {value}) > 0"),
            Operator::Sw => format!("substr({expr}, 1, {length}) = {value}"),
            Operator::Ew => format!(
                "(length({expr}) >= {length} AND substr({expr}, length({expr}) - {length} + 1) = {value})"
            ),
            Operator::Gt => format!("{expr} > {value}"),
            Operator::Ge => format!("{expr} >= {value}"),
            Operator::Lt => format!("{expr} < {value}"),
            Operator::Le => format!("{expr} <= {value}"),
        })
    }

    /// Returns SQL for a condition that holds booleans.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`] for another operator or value.
    pub fn boolean(&self, condition: &str) -> Result<String, Problem> {
        let (equal, value) = match self {
            Self::Present => return Ok("TRUE".to_owned()),
            Self::Absent => return Ok("FALSE".to_owned()),
            Self::Compare(Operator::Eq, value) => (true, as_bool(value)),
            Self::Compare(Operator::Ne, value) => (false, as_bool(value)),
            Self::Compare(..) => return invalid("active can only be compared with eq and ne"),
        };
        match value {
            Some(value) if value == equal => Ok(format!("({condition})")),
            Some(_) => Ok(format!("NOT ({condition})")),
            None => invalid("active can only be compared with true and false"),
        }
    }

    /// Returns SQL for an expression that holds times.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`] for a value that is no time of RFC 3339.
    pub fn time(&self, query: &mut Query, expr: &str) -> Result<String, Problem> {
        let (operator, value) = match self {
            Self::Present => return Ok("TRUE".to_owned()),
            Self::Absent => return Ok("FALSE".to_owned()),
            Self::Compare(operator, value) => (*operator, value),
        };
        let time = value
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let Some(time) = time else {
            return invalid("a time must be written as in 2026-01-31T12:00:00Z");
        };
        let sign = match operator {
            Operator::Eq => "=",
            Operator::Ne => "<>",
            Operator::Gt => ">",
            Operator::Ge => ">=",
            Operator::Lt => "<",
            Operator::Le => "<=",
            _ => return invalid("a time can't be compared so"),
        };
        let time = query.bind(crate::store::input::clamp_timestamp(Timestamp::from(time)));
        Ok(format!("{expr} {sign} {time}"))
    }

    /// Returns SQL for an expression that holds ids.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`] for another operator than `eq`, `ne` and `pr`.
    pub fn id(&self, query: &mut Query, expr: &str) -> Result<String, Problem> {
        let (equal, value) = match self {
            Self::Present => return Ok(format!("{expr} IS NOT NULL")),
            Self::Absent => return Ok(format!("{expr} IS NULL")),
            Self::Compare(Operator::Eq, value) => (true, value),
            Self::Compare(Operator::Ne, value) => (false, value),
            Self::Compare(..) => return invalid("an id can only be compared with eq and ne"),
        };
        let id = value.as_str().and_then(|text| Uuid::parse_str(text).ok());
        Ok(match (id, equal) {
            (Some(id), true) => format!("{expr} = {}", query.bind(id)),
            (Some(id), false) => format!("{expr} <> {}", query.bind(id)),
            (None, true) => "FALSE".to_owned(),
            (None, false) => "TRUE".to_owned(),
        })
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
