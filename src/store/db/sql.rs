//! Handwritten SQL: execution, placeholders and bulk inserts.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    ExecResult, QueryResult, Statement, Value,
};

use super::tx::Tx;
use crate::error::Error;

/// Rows per INSERT: SQLite binds at most 32,766 values.
const ROWS: usize = 1_000;

/// Runs SQL with `$1`, `$2`, … bound to `values`, a form that both databases accept.
///
/// # Errors
/// Those of the database.
pub async fn execute(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    conn.execute_raw(Statement::from_sql_and_values(
        conn.get_database_backend(),
        sql,
        values,
    ))
    .await
}

/// As [`execute`], for a query.
///
/// # Errors
/// Those of the database.
pub async fn query(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    conn.query_all_raw(Statement::from_sql_and_values(
        conn.get_database_backend(),
        sql,
        values,
    ))
    .await
}

/// Inserts any number of rows.
///
/// # Errors
/// When the database fails.
pub async fn insert_all<A>(tx: &Tx, rows: Vec<A>) -> Result<(), Error>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(ROWS);
        <A::Entity as EntityTrait>::insert_many(some)
            .exec_without_returning(&tx.conn)
            .await?;
    }
    Ok(())
}

/// Returns `$n, $n+1, …`: placeholders for a list of `count` values.
pub fn placeholders(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|n| format!("${n}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Converts SQL with `$1`, `$2`, … to a condition of a sea-orm query; a placeholder may occur repeatedly.
pub fn sql_condition(backend: DbBackend, sql: &str, values: &[Value]) -> Condition {
    let sql = sql.to_owned();
    if backend == DbBackend::Postgres {
        return Condition::all().add(Expr::cust_with_values(sql, values.iter().cloned()));
    }
    // sea-query's SQLite placeholders are unnumbered: one value per placeholder, in order.
    let mut pieces = sql.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut in_order = Vec::new();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let number = piece[..digits].parse::<usize>().unwrap_or_default();
        in_order.extend(values.get(number.wrapping_sub(1)).cloned());
        text.push('?');
        text.push_str(&piece[digits..]);
    }
    Condition::all().add(Expr::cust_with_values(text, in_order))
}
