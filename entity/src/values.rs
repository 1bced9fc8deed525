//! Positional access to the values of a row, for reading whole pages fast.
//!
//! sea-orm looks up each value by column name, compares its type with all that the field accepts, and formats an error
//! for every NULL. Here values are read by position. On PostgreSQL an optimised build does not check the type, because
//! the schema fixes it: every test checks it. On SQLite a value can have any type, so it is always checked.

use sea_orm::sqlx::{Decode, Postgres, Row, Sqlite, Type};
use sea_orm::{ActiveEnum, DbErr, QueryResult, RuntimeErr};

/// Reads the values of a row in order: see the module.
pub struct Values<'a> {
    row: &'a QueryResult,
    place: usize,
}

impl<'a> Values<'a> {
    /// Starts at the first column of a row.
    pub fn of(row: &'a QueryResult) -> Self {
        Self { row, place: 0 }
    }

    /// Returns the next value.
    ///
    /// # Errors
    /// When there are no more values, or this one is not of the type.
    pub fn take<T>(&mut self) -> Result<T, DbErr>
    where
        T: Decode<'a, Postgres> + Type<Postgres> + Decode<'a, Sqlite> + Type<Sqlite>,
    {
        let place = self.place;
        self.place += 1;
        let value = match (self.row.try_as_pg_row(), self.row.try_as_sqlite_row()) {
            (Some(row), _) if cfg!(debug_assertions) => row.try_get(place),
            (Some(row), _) => row.try_get_unchecked(place),
            (_, Some(row)) => row.try_get(place),
            _ => {
                return Err(DbErr::BackendNotSupported {
                    db: "this",
                    ctx: "values",
                });
            }
        };
        value.map_err(|cause| DbErr::Query(RuntimeErr::SqlxError(cause.into())))
    }

    /// Returns the next value as a variant of an enum.
    ///
    /// # Errors
    /// As [`take`](Self::take), and when it is not a variant.
    pub fn take_enum<T: ActiveEnum<Value = String>>(&mut self) -> Result<T, DbErr> {
        T::try_from_value(&self.take()?)
    }
}
