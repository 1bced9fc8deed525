//! Identity providers (OpenID Connect) that people can sign in with.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, IdentityProviderId, Timestamp};

/// A row of `identity_providers`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_providers")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdentityProviderId,
    /// Name, shown at the sign-in.
    pub name: String,
    /// Issuer: the base of its discovery document, and the `iss` of its tokens.
    pub issuer: String,
    /// The client ID of this server there.
    pub client_id: String,
    /// The client secret, as it is sent; `None` for a public client.
    pub client_secret: Option<String>,
    /// Where people may be sent back to, separated by spaces.
    pub redirect_uris: String,
    /// Domains of the e-mail addresses that it speaks for, in lower case, separated by spaces.
    pub email_domains: String,
    /// Whether people who are not known yet are created when they sign in.
    pub just_in_time: bool,
    /// The directory whose people it knows by their external ids.
    pub directory_id: Option<DirectoryId>,
    /// The claim that has the external id.
    pub external_id_claim: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was retired; `None` for an active one.
    pub retired_at: Option<Timestamp>,
}

impl Model {
    /// Returns where people may be sent back to.
    pub fn redirects(&self) -> impl Iterator<Item = &str> {
        self.redirect_uris.split_ascii_whitespace()
    }

    /// Returns the domains of the e-mail addresses that it speaks for.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.email_domains.split_ascii_whitespace()
    }
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("identity_provider::Model")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
