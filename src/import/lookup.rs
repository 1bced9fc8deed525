//! Batched lookups of the people and records that rows refer to.

use std::collections::{HashMap, HashSet};

use entity::UserId;
use entity::user::email_key;
use uuid::Uuid;

use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Maximum number of values per statement.
const SET: usize = 1_000;

/// People by their normalized address.
pub struct People(HashMap<String, UserId>);

impl People {
    /// Loads the people with these addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of<'a>(tx: &Tx, addresses: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let keys: HashSet<String> = addresses.map(email_key).collect();
        let mut found = find(tx, "users", "email_key", keys.clone()).await?;
        // Files exported together refer to people by the address they had at that time.
        let others = keys.into_iter().filter(|key| !found.contains_key(key)).collect();
        found.extend(find(tx, "users", "external_id", others).await?);
        Ok(Self(
            found.into_iter().map(|(key, id)| (key, UserId(id))).collect(),
        ))
    }

    /// Returns the person with this address.
    pub fn get(&self, address: &str) -> Option<UserId> {
        self.0.get(&email_key(address)).copied()
    }
}

/// Loads the people with these addresses, with their imported ids.
///
/// # Errors
/// When the database fails.
pub async fn people_with_keys(
    tx: &Tx,
    addresses: impl Iterator<Item = String>,
) -> Result<HashMap<String, (UserId, Option<String>)>, Error> {
    let keys: HashSet<String> = addresses.filter(|key| !key.contains('\0')).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut found = HashMap::with_capacity(keys.len());
    for some in keys.chunks(SET) {
        let list = db::placeholders(1, some.len());
        let sql = format!("SELECT email_key, id, external_id FROM users WHERE email_key IN ({list})");
        for row in db::query(&tx.conn, &sql, some.iter().map(|key| key.as_str().into())).await? {
            let person = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            found.insert(row.try_get_by_index(0)?, person);
        }
    }
    Ok(found)
}

/// Loads the rows of a table that were imported with these ids.
///
/// # Errors
/// When the database fails.
pub async fn imported<'a>(
    tx: &Tx,
    table: &str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Uuid>, Error> {
    find(tx, table, "external_id", ids.map(str::to_owned).collect()).await
}

async fn find(
    tx: &Tx,
    table: &str,
    column: &str,
    keys: HashSet<String>,
) -> Result<HashMap<String, Uuid>, Error> {
    let keys: Vec<String> = keys.into_iter().filter(|key| !key.contains('\0')).collect();
    let mut found = HashMap::with_capacity(keys.len());
    for some in keys.chunks(SET) {
        let list = db::placeholders(1, some.len());
        let sql = format!("SELECT {column}, id FROM {table} WHERE {column} IN ({list})");
        for row in db::query(&tx.conn, &sql, some.iter().map(|key| key.as_str().into())).await? {
            found.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(found)
}

/// The problem text for an unknown address.
pub fn nobody(column: &str, address: &str) -> String {
    let shown: String = address.chars().take(80).collect();
    format!("{column}: no person with the address {shown:?}")
}
