//! Rules for secrets at a dismissal and before they expire, and for whom an integration may change. Pure: no database,
//! no clock.

use chrono::TimeDelta;
use entity::integration_secret::Model as Secret;
use entity::{IntegrationSecretId, Timestamp};

use crate::domain::auth::Permission;
use crate::error::Error;

/// Maximum number of valid secrets of one integration: enough to rotate without an outage.
pub const MAX_ACTIVE: usize = 5;
/// Grace period of a secret known to a leaver, if the dismissal requests one.
pub const GRACE_PERIOD: TimeDelta = TimeDelta::days(7);

/// How long before its expiry a secret is warned about.
pub const WARNED: TimeDelta = TimeDelta::days(30);

/// Effect of a dismissal on a valid secret known to the leaver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DismissalEffect {
    /// It is revoked with the dismissal.
    Stops,
    /// It expires at this time, because the dismissal requests a grace period.
    EndsAt(Timestamp),
    /// It stays valid, because the dismissal was requested with it; it is reported until it is rotated.
    CarriesItOut,
}

/// Returns the effect of a dismissal at `now` on a valid secret known to the leaver. `kept` are those with a grace
/// period, `carrying` is the one that the dismissal was requested with.
pub fn dismissal_effect(
    secret: &Secret,
    now: Timestamp,
    kept: &[IntegrationSecretId],
    carrying: Option<IntegrationSecretId>,
) -> DismissalEffect {
    if carrying == Some(secret.id) {
        return DismissalEffect::CarriesItOut;
    }
    if kept.contains(&secret.id) {
        let limit = now + GRACE_PERIOD;
        return DismissalEffect::EndsAt(secret.expires_at.map_or(limit, |at| at.min(limit)));
    }
    DismissalEffect::Stops
}

/// Returns whether secrets with these scopes are revoked when a person who knows them is demoted: when one of the
/// scopes is a permission that they no longer have.
pub fn is_revoked_at_demotion(scopes: &[Permission], still_held: impl Fn(Permission) -> bool) -> bool {
    scopes.iter().any(|&scope| !still_held(scope))
}

/// Returns the warning about a secret that is valid and expires within [`WARNED`]: on which day, in UTC.
pub fn expiry_warning(secret: &Secret, now: Timestamp) -> Option<String> {
    let at = secret.expires_at?;
    if !secret.is_active(now) || at > now + WARNED {
        return None;
    }
    let name = match secret.hint.as_str() {
        "" => "A secret".to_owned(),
        hint => format!("The secret ending in {hint}"),
    };
    Some(format!("{name} expires on {} (UTC)", at.format("%Y-%m-%d")))
}

/// Relation of a person to an integration that wants to change them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Involvement {
    /// They are, or were invited as, an administrator.
    pub administrator: bool,
    /// They own the integration.
    pub owner: bool,
    /// They were ever shown one of its secrets.
    pub knows_secret: bool,
}

/// Checks that an integration may rehire a person, or change their role, sign-in or department. It may not where it
/// could take over the company (administrators), or where somebody could act on themselves through it (its owner, and
/// anyone who knows or knew its secrets).
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_change(person: Involvement) -> Result<(), Error> {
    if person == Involvement::default() {
        return Ok(());
    }
    Err(Error::Forbidden(
        "a signed-in person: an integration can't change administrators, its owner or people who were shown its secrets",
    ))
}

#[cfg(test)]
mod tests {
    use entity::integration_secret::SecretKind;
    use entity::{IntegrationId, UserId};
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> IntegrationSecretId {
        IntegrationSecretId(Uuid::from_u128(n))
    }

    fn secret(n: u128, expires_at: Option<Timestamp>) -> Secret {
        Secret {
            id: id(n),
            integration_id: IntegrationId(Uuid::from_u128(1)),
            kind: SecretKind::Token,
            hash: String::new(),
            hint: String::new(),
            public_key: None,
            shown_to_id: UserId(Uuid::from_u128(1)),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at,
            last_used_at: None,
            revoked_at: None,
            warned_days: None,
        }
    }

    #[test]
    fn a_known_secret_is_revoked_kept_or_carries_out_the_dismissal() {
        let now = Timestamp::UNIX_EPOCH;
        let (soon, late) = (now + TimeDelta::days(1), now + TimeDelta::days(30));
        let decide = |secret: &Secret| dismissal_effect(secret, now, &[id(2), id(3), id(4)], Some(id(4)));
        assert_eq!(decide(&secret(1, None)), DismissalEffect::Stops);
        assert_eq!(
            decide(&secret(2, None)),
            DismissalEffect::EndsAt(now + GRACE_PERIOD)
        );
        assert_eq!(
            decide(&secret(2, Some(late))),
            DismissalEffect::EndsAt(now + GRACE_PERIOD)
        );
        assert_eq!(decide(&secret(3, Some(soon))), DismissalEffect::EndsAt(soon));
        assert_eq!(decide(&secret(4, None)), DismissalEffect::CarriesItOut);
    }

    #[test]
    fn secrets_are_warned_about_for_thirty_days() {
        let now = Timestamp::UNIX_EPOCH;
        let after = |days| Secret {
            hint: "abcd".to_owned(),
            ..secret(1, Some(now + TimeDelta::days(days)))
        };
        assert_eq!(expiry_warning(&secret(1, None), now), None);
        assert_eq!(expiry_warning(&after(31), now), None);
        let told = |secret: &Secret| expiry_warning(secret, now).unwrap_or_default();
        assert_eq!(
            told(&after(30)),
            "The secret ending in abcd expires on 1970-01-31 (UTC)"
        );
        assert_eq!(expiry_warning(&after(0), now), None, "expired");
        let revoked = Secret {
            revoked_at: Some(now),
            ..after(1)
        };
        assert_eq!(expiry_warning(&revoked, now), None);
        let unknown = Secret {
            hint: String::new(),
            ..after(1)
        };
        assert_eq!(told(&unknown), "A secret expires on 1970-01-02 (UTC)");
    }

    #[test]
    fn a_demotion_revokes_secrets_with_lost_permissions() {
        let employee = |permission| permission == Permission::SeeDismissedUsers;
        assert!(!is_revoked_at_demotion(
            &[Permission::SeeDismissedUsers],
            employee
        ));
        assert!(is_revoked_at_demotion(
            &[Permission::SeeDismissedUsers, Permission::HireUsers],
            employee
        ));
        assert!(is_revoked_at_demotion(&[Permission::SeeDismissedUsers], |_| {
            false
        }));
    }

    #[test]
    fn an_integration_changes_only_unrelated_employees() {
        assert!(may_change(Involvement::default()).is_ok());
        let others = Involvement::default();
        for person in [
            Involvement {
                administrator: true,
                ..others
            },
            Involvement {
                owner: true,
                ..others
            },
            Involvement {
                knows_secret: true,
                ..others
            },
        ] {
            assert!(may_change(person).is_err(), "{person:?}");
        }
    }
}
