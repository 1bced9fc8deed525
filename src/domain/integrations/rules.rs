//! What becomes of secrets when people leave, and whom an integration may change. Pure: no database, no clock.

use chrono::TimeDelta;
use entity::integration_secret::Model as Secret;
use entity::{IntegrationSecretId, Timestamp};

use crate::domain::auth::Permission;
use crate::error::Error;

/// Most live secrets of one integration: enough to rotate without an outage.
pub const MAX_LIVE: usize = 5;
/// How long a secret that a leaver knows may go on where the dismissal asks for it.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(7);

/// What a dismissal does to a live secret that the leaver was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtDismissal {
    /// It is revoked with the dismissal.
    Stops,
    /// It goes on until this moment, because the dismissal asks for it.
    EndsAt(Timestamp),
    /// It goes on as it was, because the dismissal is carried out by it: it stands out until it is rotated.
    CarriesItOut,
}

/// What a dismissal at `now` does to a live secret that the leaver was shown. `kept` are those that it lets go on for a
/// while, `carrying` is the one by which it was asked for.
pub fn at_dismissal(
    secret: &Secret,
    now: Timestamp,
    kept: &[IntegrationSecretId],
    carrying: Option<IntegrationSecretId>,
) -> AtDismissal {
    if carrying == Some(secret.id) {
        return AtDismissal::CarriesItOut;
    }
    if kept.contains(&secret.id) {
        let limit = now + KEPT_FOR;
        return AtDismissal::EndsAt(secret.expires_at.map_or(limit, |at| at.min(limit)));
    }
    AtDismissal::Stops
}

/// Whether the secrets of an integration with these scopes stop when somebody who was shown them is demoted: when one of
/// the scopes is a permission that they do not have any more.
pub fn stops_at_demotion(scopes: &[Permission], still_held: impl Fn(Permission) -> bool) -> bool {
    scopes.iter().any(|&scope| !still_held(scope))
}

/// How somebody stands to an integration that wants to change them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// They are, or have been invited as, an administrator.
    pub administrator: bool,
    /// They own the integration.
    pub owner: bool,
    /// They were ever shown a secret of it.
    pub knows_a_secret: bool,
}

/// Whether an integration may hire somebody back, change what they may do, how they sign in or whom they work for. It
/// may not where it would reach for the company (administrators), or where somebody could act on themselves by way of it
/// (its owner, and who knows or knew its secrets).
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_change(person: Standing) -> Result<(), Error> {
    if person == Standing::default() {
        return Ok(());
    }
    Err(Error::Forbidden(
        "a person: an integration does not do it to an administrator, its owner or anybody who was shown its secrets",
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
            shown_to_id: UserId(Uuid::from_u128(1)),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn what_a_leaver_knows_stops_or_ends_soon_or_carries_the_dismissal_out() {
        let now = Timestamp::UNIX_EPOCH;
        let (soon, late) = (now + TimeDelta::days(1), now + TimeDelta::days(30));
        let decide = |secret: &Secret| at_dismissal(secret, now, &[id(2), id(3), id(4)], Some(id(4)));
        assert_eq!(decide(&secret(1, None)), AtDismissal::Stops);
        assert_eq!(decide(&secret(2, None)), AtDismissal::EndsAt(now + KEPT_FOR));
        assert_eq!(
            decide(&secret(2, Some(late))),
            AtDismissal::EndsAt(now + KEPT_FOR)
        );
        assert_eq!(decide(&secret(3, Some(soon))), AtDismissal::EndsAt(soon));
        assert_eq!(decide(&secret(4, None)), AtDismissal::CarriesItOut);
    }

    #[test]
    fn a_demotion_stops_what_carries_a_lost_permission() {
        let employee = |permission| permission == Permission::SeeDismissedUsers;
        assert!(!stops_at_demotion(&[Permission::SeeDismissedUsers], employee));
        assert!(stops_at_demotion(
            &[Permission::SeeDismissedUsers, Permission::HireUsers],
            employee
        ));
        assert!(stops_at_demotion(&[Permission::SeeDismissedUsers], |_| false));
    }

    #[test]
    fn an_integration_changes_only_those_who_have_no_part_in_it() {
        assert!(may_change(Standing::default()).is_ok());
        let others = Standing::default();
        for person in [
            Standing {
                administrator: true,
                ..others
            },
            Standing {
                owner: true,
                ..others
            },
            Standing {
                knows_a_secret: true,
                ..others
            },
        ] {
            assert!(may_change(person).is_err(), "{person:?}");
        }
    }
}
