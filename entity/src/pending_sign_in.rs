//! Sign-ins with an identity provider that have begun: each can be completed once.

use sea_orm::entity::prelude::*;

use crate::{IdentityProviderId, Timestamp};

/// A row of `pending_sign_ins`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_sign_ins")]
pub struct Model {
    /// SHA-256 of the `state`, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_hash: String,
    /// The provider.
    pub provider_id: IdentityProviderId,
    /// The `nonce` that the ID token must have.
    pub nonce: String,
    /// The verifier of the code (RFC 7636).
    pub code_verifier: String,
    /// SHA-256 of what the client keeps, in base64url.
    pub binding_hash: String,
    /// Where the provider sends the person back to.
    pub redirect_uri: String,
    /// The network that it was begun from.
    pub network: String,
    /// When it was begun.
    pub began_at: Timestamp,
    /// When it can no longer be completed.
    pub expires_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("pending_sign_in::Model")
            .field("provider_id", &self.provider_id)
            .finish_non_exhaustive()
    }
}
