//! Invitations: the link that lets a person set a first password.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// A row of `invitations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Who is invited.
    pub user_id: UserId,
    /// When the invitation was made.
    pub created_at: Timestamp,
    /// After this moment it can't be accepted.
    pub expires_at: Timestamp,
    /// The person who sent it.
    pub sent_by_id: Option<UserId>,
    /// The integration that sent it.
    pub sent_by_integration_id: Option<IntegrationId>,
    /// The secret by which the integration was authenticated then.
    pub sent_by_secret_id: Option<IntegrationSecretId>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
