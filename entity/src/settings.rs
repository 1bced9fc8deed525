//! Settings of the company: a single row.

use sea_orm::entity::prelude::*;

use crate::UserId;

/// Who may sign in with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PasswordSignIn {
    /// Everybody.
    Everybody,
    /// Administrators.
    Administrators,
    /// Only the people named in [`Model::break_glass_ids`].
    Nobody,
}

/// Primary key of the single row.
pub const SINGLE_ROW_ID: i32 = 1;

/// The row of `settings`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    /// Primary key: always [`SINGLE_ROW_ID`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Whether employees see dismissed people in lists.
    pub show_dismissed_employees: bool,
    /// Name of the company.
    pub company_name: Option<String>,
    /// The company's time zone, an IANA name.
    pub time_zone: Option<String>,
    /// The public URL (`--public-url`) with which a process last served this database.
    pub public_url: Option<String>,
    /// Who may sign in with a password.
    pub password_sign_in: PasswordSignIn,
    /// Ids of the people who always may, separated by spaces.
    pub break_glass_ids: String,
}

impl Model {
    /// Returns the people who may always sign in with a password.
    pub fn break_glass(&self) -> Vec<UserId> {
        let ids = self.break_glass_ids.split_ascii_whitespace();
        ids.filter_map(|id| id.parse().ok()).collect()
    }
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
