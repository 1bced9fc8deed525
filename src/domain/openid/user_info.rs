//! The UserInfo endpoint (OpenID Connect Core 1.0, section 5.3): some providers tell there what others tell in the ID
//! token.

use hyper::HeaderMap;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use url::Url;

use super::claims::Claims;
use super::id_token::{Account, Person};
use super::jwt::Refused;
use crate::egress::Egress;

/// Maximum size of an answer, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// Adds what the endpoint says of the person of an account. If it can't be used, the account stays as it is: it has no
/// address then, which people who are linked don't need.
///
/// # Errors
/// If it speaks of somebody else.
pub async fn add(
    egress: &Egress,
    endpoint: &Url,
    access_token: &str,
    issuer: &str,
    account: Account,
) -> Result<Account, Refused> {
    let claims = match ask(egress, endpoint, access_token).await {
        Ok(claims) => claims,
        Err(why) => {
            tracing::warn!(issuer, why, "a sign-in goes on without an e-mail address");
            return Ok(account);
        }
    };
    if claims.name("sub") != Some(&account.subject) {
        return Err("the UserInfo endpoint speaks of somebody else");
    }
    let person = Person::read(&claims, issuer);
    Ok(Account { person, ..account })
}

async fn ask(egress: &Egress, endpoint: &Url, access_token: &str) -> Result<Claims, Refused> {
    let mut headers = HeaderMap::new();
    let mut value = HeaderValue::from_str(&format!("Bearer {access_token}"))
        .map_err(|_| "the access token can't be sent")?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let answer = egress.post(endpoint, headers, Vec::new(), MAX_ANSWER).await;
    let answer = answer.map_err(|_| "the UserInfo endpoint can't be reached")?;
    if answer.status != 200 {
        return Err("the UserInfo endpoint answers with an error");
    }
    let claims = Claims::read(&answer.body).ok_or("the answer of the UserInfo endpoint can't be read")?;
    match claims.get("sub") {
        Some(_) => Ok(claims),
        None => Err("the answer of the UserInfo endpoint has no sub"),
    }
}
