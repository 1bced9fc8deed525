//! ID tokens (OpenID Connect Core 1.0, sections 2 and 3.1.3.7).

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::Timestamp;
use jsonwebtoken::Algorithm;

use super::claims::Claims;
use super::jwt::{Refused, Token, check_parties, check_times};

/// Maximum age of an ID token, in seconds.
const MAX_AGE: f64 = 600.0;
/// Issuers of Entra ID, which says by `xms_edov` that it has verified the domain of an e-mail address.
const ENTRA: [&str; 3] = [
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
];

/// What an ID token has to match.
pub struct Expected<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The client ID.
    pub client: &'a str,
    /// The nonce of the sign-in.
    pub nonce: &'a str,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
    /// The claim that has the external id of the directory.
    pub external_id_claim: &'a str,
}

/// Who has signed in at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Their `sub`.
    pub subject: String,
    /// The `sid` of their session there.
    pub session: Option<String>,
    /// Their external id in the directory.
    pub external_id: Option<String>,
    /// What the provider says of the person.
    pub person: Person,
}

/// What a provider says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Whether it says anything of their e-mail address.
    pub has_email: bool,
    /// Their e-mail address, if the provider has verified it.
    pub verified_email: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
}

impl Person {
    /// Reads the claims of an issuer.
    pub fn read(claims: &Claims, issuer: &str) -> Self {
        let is_entra = ENTRA.iter().any(|start| issuer.starts_with(start));
        let verified = claims.is_true("email_verified") || (is_entra && claims.is_true("xms_edov"));
        let owned = |name: &str| claims.name(name).map(str::to_owned);
        Self {
            has_email: claims.get("email").is_some(),
            verified_email: owned("email").filter(|_| verified),
            given_name: owned("given_name"),
            family_name: owned("family_name"),
        }
    }
}

/// Checks the claims of an ID token whose signature has been verified.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(token: &Token<'_>, expected: &Expected<'_>, now: Timestamp) -> Result<Account, Refused> {
    let claims = &token.claims;
    // Other kinds of tokens by the same issuer are no ID tokens.
    if token.kind.as_deref().is_some_and(|kind| kind != "jwt") {
        return Err("the token is no ID token");
    }
    check_parties(claims, expected.issuer, expected.client)?;
    check_times(claims, now, MAX_AGE, true)?;
    if claims.text("nonce") != Some(expected.nonce) {
        return Err("the nonce of the token is wrong");
    }
    if let Some(hash) = claims.get("at_hash") {
        let right = expected.access_token.map(|text| half_hash(token.algorithm, text));
        if right.is_none() || hash.as_str() != right.as_deref() {
            return Err("the at_hash of the token is wrong");
        }
    }
    let subject = claims.name("sub").ok_or("the token has no valid sub")?;
    let owned = |name: &str| claims.name(name).map(str::to_owned);
    Ok(Account {
        subject: subject.to_owned(),
        session: owned("sid"),
        external_id: owned(expected.external_id_claim),
        person: Person::read(claims, expected.issuer),
    })
}

/// Returns the left half of the hash of an access token, in base64url (section 3.1.3.6).
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let by = match algorithm {
        // The hash of Ed25519.
        Algorithm::EdDSA => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let hash = digest::digest(by, text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
