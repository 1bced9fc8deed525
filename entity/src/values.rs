//! The values of a row, in the order of its columns: for what is read by the page.
//!
//! sea-orm reads a value by the name of its column, compares its type with all that the field could be made of, and writes
//! an error text for every NULL. Here a value is taken from its place. On PostgreSQL, where a column has one type, its type is
//! not compared: the tables say what it is. A value of SQLite can be of any type, so there it is.

use sea_orm::sqlx::{Decode, Postgres, Row, Sqlite, Type};
use sea_orm::{ActiveEnum, DbErr, QueryResult, RuntimeErr};

/// See the module.
pub struct Values<'a> {
    row: &'a QueryResult,
    place: usize,
}

impl<'a> Values<'a> {
    /// Those of a row, from its first column.
    pub fn of(row: &'a QueryResult) -> Self {
        Self { row, place: 0 }
    }

    /// The next value.
    ///
    /// # Errors
    /// When the row ends, or the value can't be read as this type.
    pub fn take<T>(&mut self) -> Result<T, DbErr>
    where
        T: Decode<'a, Postgres> + Decode<'a, Sqlite> + Type<Sqlite>,
    {
        let place = self.place;
        self.place += 1;
        let value = match (self.row.try_as_pg_row(), self.row.try_as_sqlite_row()) {
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

    /// The next value, one of a few words.
    ///
    /// # Errors
    /// As [`take`](Self::take); when it is none of the words.
    pub fn take_word<T: ActiveEnum<Value = String>>(&mut self) -> Result<T, DbErr> {
        T::try_from_value(&self.take()?)
    }
}
