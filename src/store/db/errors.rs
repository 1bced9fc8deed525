//! Interprets database errors: their text, and whether a retry may help.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use super::address;

/// Returns the innermost message of an error.
pub fn innermost(cause: &DbErr) -> String {
    match of_sqlx(cause) {
        Some(cause) => address::reason(cause),
        None => cause.to_string(),
    }
}

/// Returns whether the error is a conflict with another transaction that a retry may resolve.
pub(super) fn is_contention(cause: &DbErr) -> bool {
    let Some(sqlx::Error::Database(cause)) = of_sqlx(cause) else {
        return false;
    };
    match cause.code().as_deref() {
        // PostgreSQL: serialization failure, deadlock.
        Some("40001" | "40P01") => true,
        // SQLite: busy, in its three forms, and a locked table.
        Some(code) => matches!(code, "5" | "261" | "517" | "6"),
        None => false,
    }
}

/// Returns whether a unique index was violated.
pub fn is_duplicate(cause: &DbErr) -> bool {
    matches!(cause.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Returns the driver error inside sea-orm's.
fn of_sqlx(cause: &DbErr) -> Option<&sqlx::Error> {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}
