//! Who was signed out by an identity provider lately: sign-ins that began before are not completed.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A row of `sign_in_revocations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_revocations")]
pub struct Model {
    /// SHA-256 of the person, the account or the session at the provider, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// When they were signed out.
    pub revoked_at: Timestamp,
    /// When no sign-in that began before can be completed any more: then the row is not needed.
    pub expires_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
