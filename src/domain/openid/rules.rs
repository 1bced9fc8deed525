//! Who an account of an identity provider is: the rules, without the database.

use entity::identity::LinkedBy;
use entity::user::{Model as User, Role, UserStatus};

use crate::error::{Code, Refusal};

/// What is known about an account that wants to sign in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The person whom the account is linked to.
    pub linked: Option<&'a User>,
    /// The person to whom it is linked at another provider with the same issuer, or at a retired one: somebody who is
    /// not active, if there is one.
    pub linked_elsewhere: Option<(&'a User, LinkedBy)>,
    /// Whether it is linked to several people there.
    pub is_disputed: bool,
    /// The person with its external id in the directory of the provider.
    pub in_directory: Option<&'a User>,
    /// Whether the external id is enough to know that person by: see
    /// [`identifies`](entity::directory_person::Model::identifies). Never for somebody who is exempt from the directory
    /// or has a break-glass account.
    pub is_identified: bool,
    /// The person with its e-mail address, if the provider has verified that and speaks for its domain.
    pub with_address: Option<&'a User>,
    /// Whether the account has such an address.
    pub has_address: bool,
    /// Whether the person in the directory, or the one to whom it is linked elsewhere, has another account at this
    /// provider.
    pub is_linked_here: bool,
    /// Whether the person with the address has an account at any provider.
    pub is_linked_anywhere: bool,
    /// Whether the directory knows the person with the address by another external id.
    pub is_namesake: bool,
    /// Whether the address was that of a leaver, who has given it up.
    pub is_given_up: bool,
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

/// Decides: a link decides for ever, also that of another provider with the same issuer; then the directory; then the
/// address. Neither of the last two makes anybody an administrator: both can be changed by integrations.
///
/// # Errors
/// Why the account may not sign in.
pub fn decide(facts: Facts<'_>) -> Result<Decision<'_>, Unwanted<'_>> {
    if let Some(person) = facts.linked {
        return active(person).map(Decision::Is);
    }
    if let Some((person, how)) = facts.linked_elsewhere {
        let person = active(person)?;
        return match (facts.is_disputed, facts.is_linked_here) {
            (true, _) => Err(Unwanted(Some(person), "linked to several people")),
            (_, true) => Err(Unwanted(Some(person), "linked to another account")),
            (false, false) => Ok(Decision::Link(person, how)),
        };
    }
    if let Some(person) = facts.in_directory {
        let person = active(person)?;
        let is_theirs = facts.with_address.is_some_and(|other| other.id == person.id);
        match (person.role, facts.is_linked_here, facts.is_identified) {
            (Role::Administrator, ..) => {
                return Err(Unwanted(Some(person), "administrators link themselves"));
            }
            (_, true, _) => return Err(Unwanted(Some(person), "linked to another account")),
            (Role::Employee, false, true) => return Ok(Decision::Link(person, LinkedBy::Directory)),
            // The address has to say the same.
            (Role::Employee, false, false) if is_theirs => {}
            (Role::Employee, false, false) => {
                return Err(Unwanted(Some(person), "not identified by the directory alone"));
            }
        }
    }
    if let Some(person) = facts.with_address {
        let person = active(person)?;
        return match (person.role, facts.is_linked_anywhere, facts.is_namesake) {
            (Role::Administrator, ..) => Err(Unwanted(Some(person), "administrators link themselves")),
            _ if !person.email_identifies => {
                Err(Unwanted(Some(person), "an integration has changed the address"))
            }
            (_, true, _) => Err(Unwanted(Some(person), "linked to another account")),
            (_, _, true) => Err(Unwanted(Some(person), "known to the directory by another id")),
            (Role::Employee, false, false) => Ok(Decision::Link(person, LinkedBy::Email)),
        };
    }
    match (facts.may_create, facts.has_address) {
        (true, true) if facts.is_given_up => Err(Unwanted(None, "the address was that of a leaver")),
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
