//! GraphQL types: identity providers, and the accounts linked to people.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::identity::{LinkedBy, Model as IdentityRow};
use entity::identity_provider::Model as Row;
use secrecy::SecretString;

use crate::domain::openid::callback::Callback;
use crate::domain::openid::create_provider::{
    CreateProvider, DEFAULT_CLAIM, check_client, check_domains, check_redirects,
};
use crate::domain::openid::update_provider::UpdateProvider;
use crate::error::{Code, Outcome, refuse};
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::UserError;
use crate::store::input;
use crate::store::input::Change;

/// Maximum length of the name of a claim, in characters.
const MAX_CLAIM: usize = 100;

/// An identity provider, such as Okta or Entra ID, that people sign in with by OpenID Connect. Everybody sees its name;
/// the other fields need MANAGE_INTEGRATIONS and are null otherwise.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct IdentityProvider {
    /// ID of the object.
    pub id: ID,
    /// Name, shown at the sign-in.
    name: String,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for IdentityProvider {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            row,
        }
    }
}

/// How an account was linked to its person.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "LinkedBy")]
pub enum IdentityLink {
    /// By the person, while they were signed in.
    Themselves,
    /// By their external ID in the directory of the provider.
    Directory,
    /// By their e-mail address, which the provider has verified.
    Email,
    /// The person was created when they first signed in.
    JustInTime,
}

/// An account at an identity provider that a person can sign in with.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Identity {
    /// ID of the object.
    pub id: ID,
    /// ID of the account at the provider: the `sub` of its tokens.
    subject: String,
    /// How it was linked.
    linked_by: IdentityLink,
    /// When it was linked.
    linked_at: DateTime<Utc>,
    /// When the person last signed in with it, or linked it.
    last_used_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) row: IdentityRow,
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            subject: row.subject.clone(),
            linked_by: row.linked_by.into(),
            linked_at: row.created_at,
            last_used_at: row.last_used_at,
            row,
        }
    }
}

/// Input of `createIdentityProvider`.
#[derive(InputObject)]
pub struct CreateIdentityProviderInput {
    /// Name, shown at the sign-in.
    name: String,
    /// Issuer, exactly as its discovery document has it. The document is read when the provider is created.
    issuer: String,
    /// The client ID of this server there.
    client_id: String,
    /// The client secret; leave it out for a public client.
    #[graphql(secret)]
    client_secret: Option<String>,
    /// Where people may be sent back to: `https` URLs, or `http` to this machine for development. Compared exactly.
    redirect_uris: Vec<String>,
    /// Domains of the e-mail addresses that the provider speaks for. A person with such an address, verified by the
    /// provider, is linked at their first sign-in; administrators never are: see `linkIdentity`.
    email_domains: Option<Vec<String>>,
    /// Whether people who are not known yet are created as employees when they sign in, with a verified address in
    /// `emailDomains`; never while there is a directory.
    #[graphql(default_with = "Some(false)")]
    just_in_time: Option<bool>,
    /// ID of the directory whose people are linked at their first sign-in by their external ID.
    directory_id: Option<ID>,
    /// The claim that has the external ID: `oid` for Entra ID; defaults to `sub`.
    external_id_claim: Option<String>,
}

impl CreateIdentityProviderInput {
    /// Checks the input.
    pub(crate) fn check(self) -> Outcome<CreateProvider> {
        let secret = self
            .client_secret
            .map(|secret| check_client(&secret, "clientSecret"));
        Ok(CreateProvider {
            name: input::check_line(&self.name, input::NAME, "name")?,
            issuer: self.issuer,
            client_id: check_client(&self.client_id, "clientId")?,
            client_secret: secret.transpose()?.map(SecretString::from),
            redirect_uris: check_redirects(self.redirect_uris)?,
            email_domains: check_domains(self.email_domains.unwrap_or_default())?,
            just_in_time: self.just_in_time.unwrap_or_default(),
            directory: self
                .directory_id
                .map(|id| input::id(&id, "directoryId"))
                .transpose()?,
            external_id_claim: match self.external_id_claim {
                Some(claim) => check_claim(&claim)?,
                None => DEFAULT_CLAIM.to_owned(),
            },
        })
    }
}

/// Input of `updateIdentityProvider`. What is left out stays.
#[derive(InputObject)]
pub struct UpdateIdentityProviderInput {
    /// ID of the provider.
    provider_id: ID,
    /// Name.
    name: Option<String>,
    /// The client ID of this server there.
    client_id: Option<String>,
    /// The client secret; null for a public client.
    #[graphql(secret)]
    client_secret: MaybeUndefined<String>,
    /// Where people may be sent back to.
    redirect_uris: Option<Vec<String>>,
    /// Domains of the e-mail addresses that the provider speaks for.
    email_domains: Option<Vec<String>>,
    /// Whether people who are not known yet are created when they sign in.
    just_in_time: Option<bool>,
    /// ID of the directory whose people are linked by their external ID; null for none.
    directory_id: MaybeUndefined<ID>,
    /// The claim that has the external ID.
    external_id_claim: Option<String>,
}

impl UpdateIdentityProviderInput {
    /// Checks the input.
    pub(crate) fn check(self) -> Outcome<UpdateProvider> {
        let secret = Change::from(self.client_secret);
        let secret = secret.check(|secret| check_client(&secret, "clientSecret").map(SecretString::from))?;
        let name = |name: String| input::check_line(&name, input::NAME, "name");
        Ok(UpdateProvider {
            provider: input::id(&self.provider_id, "providerId")?,
            name: self.name.map(name).transpose()?,
            client_id: self
                .client_id
                .map(|client| check_client(&client, "clientId"))
                .transpose()?,
            client_secret: secret,
            redirect_uris: self.redirect_uris.map(check_redirects).transpose()?,
            email_domains: self.email_domains.map(check_domains).transpose()?,
            just_in_time: self.just_in_time,
            directory: Change::from(self.directory_id).check(|id: ID| input::id(&id, "directoryId"))?,
            external_id_claim: self
                .external_id_claim
                .map(|claim| check_claim(&claim))
                .transpose()?,
        })
    }
}

fn check_claim(claim: &str) -> Outcome<String> {
    let claim = input::check_line(claim, MAX_CLAIM, "externalIdClaim")?;
    match claim.as_str() {
        // People can often change these themselves.
        "email" | "preferred_username" | "upn" | "name" | "nickname" => {
            let message = "must be a claim that identifies the account for ever, such as sub or oid";
            refuse(Code::Invalid, "externalIdClaim", message)
        }
        _ => Ok(claim),
    }
}

/// Input of `retireIdentityProvider`.
#[derive(InputObject)]
pub struct RetireIdentityProviderInput {
    /// ID of the provider.
    pub(crate) provider_id: ID,
}

/// Input of `startSignInWith`.
#[derive(InputObject)]
pub struct StartSignInWithInput {
    /// ID of the provider.
    pub(crate) provider_id: ID,
    /// SHA-256, in base64url without padding, of a new random text that the client keeps: the `binding`.
    pub(crate) binding_hash: String,
    /// Where the provider sends the person back to: one of the provider's redirect URIs.
    pub(crate) redirect_uri: String,
}

/// Input of `completeSignInWith` and `linkIdentity`: what the person came back with, and what the client has kept.
#[derive(InputObject)]
pub struct CompleteSignInWithInput {
    /// `state` of the address that the person came back to.
    #[graphql(secret)]
    state: String,
    /// `code` of that address.
    #[graphql(secret)]
    code: String,
    /// `iss` of that address, if it has one.
    iss: Option<String>,
    /// The text whose hash was sent to `startSignInWith`.
    #[graphql(secret)]
    binding: String,
}

impl From<CompleteSignInWithInput> for Callback {
    fn from(input: CompleteSignInWithInput) -> Self {
        Self {
            state: input.state,
            code: input.code,
            iss: input.iss,
            binding: input.binding,
        }
    }
}

/// Input of `unlinkIdentity`.
#[derive(InputObject)]
pub struct UnlinkIdentityInput {
    /// ID of the account.
    pub(crate) identity_id: ID,
}

payload! {
    /// Payload of `createIdentityProvider`, `updateIdentityProvider` and `retireIdentityProvider`.
    IdentityProviderPayload {
        /// The provider after the change.
        provider: IdentityProvider from Row,
    }
}

/// Payload of `startSignInWith`.
#[derive(SimpleObject)]
pub struct StartSignInWithPayload {
    /// URL to open in the browser. The sign-in has to be completed within ten minutes, once.
    pub(crate) url: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}
