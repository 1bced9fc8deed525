//! Who an account of an identity provider is: the rules, without the database.

use entity::identity::LinkedBy;
use entity::user::{Model as User, Role, UserStatus};

use crate::error::{Code, Refusal};

/// What is known about an account that wants to sign in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The person whom the account is linked to.
    pub linked: Option<&'a User>,
    /// The person with its external id in the directory of the provider.
    pub in_directory: Option<&'a User>,
    /// The person with its e-mail address, if the provider has verified that and speaks for its domain.
    pub with_address: Option<&'a User>,
    /// Whether the account has such an address.
    pub has_address: bool,
    /// Whether the person in the directory has another account at this provider.
    pub is_linked_here: bool,
    /// Whether the person with the address has an account at any provider.
    pub is_linked_anywhere: bool,
    /// Whether the directory knows the person with the address by another external id.
    pub is_namesake: bool,
    /// Whether people who are not known may be created.
    pub may_create: bool,
}

/// What happens to an account that wants to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// It is this person.
    Is(&'a User),
    /// It becomes that of this person from now on.
    Link(&'a User, LinkedBy),
    /// It becomes that of a new person.
    Create,
}

/// Why an account may not sign in: the person it would be, and the reason for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwanted<'a>(pub Option<&'a User>, pub &'static str);

/// Decides: a link decides for ever; then the directory; then the address, which never makes anybody an administrator.
///
/// # Errors
/// Why the account may not sign in.
pub fn decide(facts: Facts<'_>) -> Result<Decision<'_>, Unwanted<'_>> {
    if let Some(person) = facts.linked {
        return active(person).map(Decision::Is);
    }
    if let Some(person) = facts.in_directory {
        let person = active(person)?;
        return match facts.is_linked_here {
            false => Ok(Decision::Link(person, LinkedBy::Directory)),
            true => Err(Unwanted(Some(person), "linked to another account")),
        };
    }
    if let Some(person) = facts.with_address {
        let person = active(person)?;
        return match (person.role, facts.is_linked_anywhere, facts.is_namesake) {
            (Role::Administrator, ..) => {
                Err(Unwanted(Some(person), "administrators are not linked by address"))
            }
            (_, true, _) => Err(Unwanted(Some(person), "linked to another account")),
            (_, _, true) => Err(Unwanted(Some(person), "known to the directory by another id")),
            (Role::Employee, false, false) => Ok(Decision::Link(person, LinkedBy::Email)),
        };
    }
    match (facts.may_create, facts.has_address) {
        (true, true) => Ok(Decision::Create),
        (_, true) => Err(Unwanted(None, "unknown")),
        (_, false) => Err(Unwanted(
            None,
            "unknown, without a verified address in the domains",
        )),
    }
}

fn active(person: &User) -> Result<&User, Unwanted<'_>> {
    match person.status {
        UserStatus::Active => Ok(person),
        UserStatus::Invited => Err(Unwanted(Some(person), "invited")),
        UserStatus::Dismissed => Err(Unwanted(Some(person), "dismissed")),
    }
}

/// Returns whether an address is in one of these domains; those are in lower case.
pub fn is_within<'a>(address: &str, mut domains: impl Iterator<Item = &'a str>) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    domain.is_some_and(|domain| domains.any(|known| known == domain))
}

/// Returns the refusal of a sign-in with an identity provider: the same for all reasons.
pub fn failed() -> Refusal {
    let message = "signing in with the identity provider failed: try again, or ask an administrator";
    Refusal::new(Code::SignInFailed, "", message)
}

/// Returns the refusal for a provider that can't be used at the moment, whoever asks.
pub fn unreachable() -> Refusal {
    let message = "the identity provider can't be reached: try again later";
    Refusal::new(Code::SignInFailed, "", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_their_whole_domain() {
        let within = |address| is_within(address, ["example.com", "example.org"].into_iter());
        for address in ["a@example.com", "A@Example.COM", "a@b@example.org"] {
            assert!(within(address), "{address}");
        }
        for address in ["a@sub.example.com", "a@example.com.evil", "example.com", "a@", ""] {
            assert!(!within(address), "{address}");
        }
    }
}
