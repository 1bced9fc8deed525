//! The company's settings: one row.

use sea_orm::entity::prelude::*;

/// The key of the one row.
pub const ONLY: i32 = 1;

/// The row of `settings`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    /// Primary key: always [`ONLY`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Whether employees see dismissed people in lists.
    pub show_dismissed_employees: bool,
    /// The public address (`--public-url`) under which a process served this database last.
    pub public_url: Option<String>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
