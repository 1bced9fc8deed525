//! Password resets: the link that lets a person set a new password.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, UserId};

/// A row of `password_resets`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Whose password it sets; everybody has one link at most.
    pub user_id: UserId,
    /// The administrator who issued it.
    pub issued_by_id: UserId,
    /// When it was issued.
    pub created_at: Timestamp,
    /// After this moment it can't be used.
    pub expires_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
