//! Keys for signing access tokens.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A row of `signing_keys`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// The `kid` of tokens signed with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// The Ed25519 private key, PKCS#8 in base64url.
    pub private_key: String,
    /// The Ed25519 public key, base64url: the `x` of its JWK.
    pub public_key: String,
    /// When it was created; the newest key signs.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("signing_key::Model")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
