//! An index in which SQLite can search people without reading their rows. PostgreSQL limits the size of an index entry,
//! and reads the whole table about as fast.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => crate::sql(manager, INDEX).await,
            _ => Ok(()),
        }
    }
}

const INDEX: &str = "CREATE INDEX users_by_search_text ON users (status, search_text, sort_name, id)";
