//! Scopes of access tokens (RFC 6749, section 3.3) and the permissions that they stand for.

use crate::domain::auth::Permission;

/// The scopes by name.
pub const NAMES: [(&str, Permission); 2] = [
    ("scim", Permission::ProvisionPeople),
    ("events", Permission::ReadEvents),
];

/// Returns the permissions of a token with the requested scopes, for an integration with the permissions `held`: all of
/// them if none are requested. `None` if a scope is unknown or not held, or they are not separated by single spaces.
pub fn granted(requested: Option<&str>, held: &[Permission]) -> Option<Vec<Permission>> {
    let Some(requested) = requested else {
        return Some(held.to_vec());
    };
    let permission = |name: &str| {
        let (_, permission) = NAMES.iter().find(|(known, _)| *known == name)?;
        held.contains(permission).then_some(*permission)
    };
    requested.split(' ').map(permission).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_narrow_what_is_held() {
        let held = [
            Permission::HireUsers,
            Permission::ProvisionPeople,
            Permission::ReadEvents,
        ];
        assert_eq!(granted(None, &held), Some(held.to_vec()));
        assert_eq!(
            granted(Some("scim"), &held),
            Some(vec![Permission::ProvisionPeople])
        );
        assert_eq!(granted(Some("events scim"), &held).map(|all| all.len()), Some(2));
        for refused in ["", "scim ", "scim  events", "Scim", "HIRE_USERS", "scim ssf.read"] {
            assert_eq!(granted(Some(refused), &held), None, "{refused}");
        }
        assert_eq!(granted(Some("events"), &held[..2]), None);
    }
}
