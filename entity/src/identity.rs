//! Accounts of identity providers, each linked to a person.

use sea_orm::entity::prelude::*;

use crate::{IdentityId, IdentityProviderId, Timestamp, UserId};

/// How an account was linked to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkedBy {
    /// By the person, while they were signed in.
    Themselves,
    /// By the external id in the directory of the provider.
    Directory,
    /// By the verified e-mail address.
    Email,
    /// The person was created when they signed in.
    JustInTime,
}

/// A row of `identities`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdentityId,
    /// The provider.
    pub provider_id: IdentityProviderId,
    /// The `sub` of the account there.
    pub subject: String,
    /// The person. The link stays when they are dismissed, for their return; nobody dismissed can use it.
    pub user_id: UserId,
    /// How it was linked.
    pub linked_by: LinkedBy,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When the person last signed in with it.
    pub last_used_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
