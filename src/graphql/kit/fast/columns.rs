//! Columns: the fields of an object that are known without resolving anything.
//!
//! The library resolves each field by a future of its own, and keeps its value in a tree until the response is written.
//! A column needs neither: it is written directly. Fields that a type does not declare here are resolved by the
//! library.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::resolver_utils::EnumType;
use async_graphql::{ID, OutputType, Value};
use entity::Timestamp;
use serde::Serialize;

use crate::graphql::kit::scalars::Date;

/// See the module.
pub trait Columns: OutputType {
    /// The value of the field with this name. Whether there is one depends on the name alone.
    fn column(&self, _name: &str) -> Option<Column<'_>> {
        None
    }

    /// The value of `__typename`.
    fn name_of_type(&self) -> Cow<'static, str> {
        self.introspection_type_name()
    }
}

impl<T: Columns> Columns for &T {
    fn column(&self, name: &str) -> Option<Column<'_>> {
        (**self).column(name)
    }

    // The library would return the name of the interface.
    fn name_of_type(&self) -> Cow<'static, str> {
        (**self).name_of_type()
    }
}

impl<T: Columns> Columns for Arc<T> {
    fn column(&self, name: &str) -> Option<Column<'_>> {
        (**self).column(name)
    }

    fn name_of_type(&self) -> Cow<'static, str> {
        (**self).name_of_type()
    }
}

/// A value, or a reference to one.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Column<'a> {
    /// Null.
    Null,
    /// A boolean.
    Flag(bool),
    /// An integer.
    Number(i32),
    /// Text, an id, the name of an enum value, or another scalar that is written as text.
    Text(Cow<'a, str>),
}

/// Declares the columns of a type: the name of the field in the API, and the field of the struct. Only for values that
/// the library would return unchanged: no field that has a guard, or is resolved by a function.
macro_rules! columns {
    ($type:ty { $($name:literal: $field:ident),* $(,)? }) => {
        impl $crate::graphql::kit::fast::columns::Columns for $type {
            fn column(&self, name: &str) -> Option<$crate::graphql::kit::fast::columns::Column<'_>> {
                match name {
                    $($name => Some((&self.$field).into()),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use columns;

impl<'a> From<&'a String> for Column<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a ID> for Column<'a> {
    fn from(id: &'a ID) -> Self {
        (&id.0).into()
    }
}

impl From<&bool> for Column<'_> {
    fn from(flag: &bool) -> Self {
        Self::Flag(*flag)
    }
}

impl From<&i32> for Column<'_> {
    fn from(number: &i32) -> Self {
        Self::Number(*number)
    }
}

impl From<&Date> for Column<'_> {
    fn from(day: &Date) -> Self {
        Self::Text(Cow::Owned(day.0.to_string()))
    }
}

impl From<&Timestamp> for Column<'_> {
    fn from(moment: &Timestamp) -> Self {
        Self::Text(Cow::Owned(moment.to_rfc3339()))
    }
}

impl<'a, T> From<&'a Option<T>> for Column<'a>
where
    Column<'a>: From<&'a T>,
{
    fn from(value: &'a Option<T>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}

/// Declares that an enum of the API is written as the names of its values.
macro_rules! words {
    ($($type:ty),* $(,)?) => {$(
        impl From<&$type> for $crate::graphql::kit::fast::columns::Column<'_> {
            fn from(value: &$type) -> Self {
                $crate::graphql::kit::fast::columns::Column::word(value)
            }
        }
    )*};
}
pub(crate) use words;

impl Column<'_> {
    /// The name of an enum value.
    pub fn word<T: EnumType>(value: &T) -> Self {
        let item = T::items().iter().find(|item| item.value == *value);
        item.map_or(Self::Null, |item| Self::Text(Cow::Borrowed(item.name)))
    }
}

impl From<Column<'_>> for Value {
    fn from(column: Column<'_>) -> Self {
        match column {
            Column::Null => Self::Null,
            Column::Flag(flag) => Self::Boolean(flag),
            Column::Number(number) => number.into(),
            Column::Text(text) => Self::String(text.into_owned()),
        }
    }
}
