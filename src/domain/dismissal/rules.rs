//! Who may be dismissed and rehired. Pure: no database, no clock.

use entity::UserId;
use entity::user::{Model as User, Role, UserStatus};

use crate::error::{Code, Refusal};

/// Input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// Role.
    pub role: Role,
    /// Status.
    pub status: UserStatus,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            role: user.role,
            status: user.status,
        }
    }
}

/// Effect of a dismissal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dismissal {
    /// The person is locked out.
    LockOut,
    /// Already dismissed: nothing changes.
    Already,
}

/// Decides whether `actor` may dismiss `person`; `administrators` are the active ones who can sign in.
///
/// # Errors
/// The reason for a refusal.
pub fn dismiss(person: Person, actor: UserId, administrators: &[UserId]) -> Result<Dismissal, Refusal> {
    let refuse = |code, message: &str| Err(Refusal::new(code, "userId", message));
    match person.status {
        _ if person.id == actor => refuse(Code::CannotDismissYourself, "you can't dismiss yourself"),
        UserStatus::Dismissed => Ok(Dismissal::Already),
        UserStatus::Active if is_last(person.id, administrators) => refuse(
            Code::LastAdministrator,
            "at least one active administrator who can sign in must remain",
        ),
        // Pending invitations can't be accepted any more.
        UserStatus::Invited | UserStatus::Active => Ok(Dismissal::LockOut),
    }
}

/// Decides whether `person` may stop being an administrator; `administrators` are the active ones who can sign in.
///
/// # Errors
/// [`Code::LastAdministrator`].
pub fn demote(person: UserId, administrators: &[UserId]) -> Result<(), Refusal> {
    if is_last(person, administrators) {
        return Err(Refusal::new(
            Code::LastAdministrator,
            "role",
            "at least one active administrator who can sign in must remain",
        ));
    }
    Ok(())
}

fn is_last(person: UserId, administrators: &[UserId]) -> bool {
    administrators == [person]
}

/// Effect of rehiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hiring {
    /// The person returns to this status.
    Returns(UserStatus),
    /// Already rehired: nothing changes.
    Already,
}

/// Decides whether `actor` may rehire `person`. `accepted`: they had accepted their invitation; `left_before`: they
/// have been dismissed before.
///
/// # Errors
/// The reason for a refusal.
pub fn hire(person: Person, actor: UserId, accepted: bool, left_before: bool) -> Result<Hiring, Refusal> {
    match person.status {
        _ if person.id == actor => Err(Refusal::new(
            Code::CannotHireYourself,
            "userId",
            "you can't hire yourself",
        )),
        UserStatus::Dismissed if accepted => Ok(Hiring::Returns(UserStatus::Active)),
        UserStatus::Dismissed => Ok(Hiring::Returns(UserStatus::Invited)),
        _ if left_before => Ok(Hiring::Already),
        _ => Err(Refusal::new(
            Code::NotDismissed,
            "userId",
            "this person is not dismissed",
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn person(n: u128, role: Role, status: UserStatus) -> Person {
        Person {
            id: id(n),
            role,
            status,
        }
    }

    #[test]
    fn each_refusal_has_its_code() {
        let active = person(1, Role::Administrator, UserStatus::Active);
        let code = |result: Result<Dismissal, Refusal>| result.unwrap_err().code;
        assert_eq!(
            code(dismiss(active, id(1), &[id(1), id(2)])),
            Code::CannotDismissYourself
        );
        assert_eq!(code(dismiss(active, id(9), &[id(1)])), Code::LastAdministrator);
        assert_eq!(
            dismiss(person(1, Role::Employee, UserStatus::Invited), id(9), &[id(9)]),
            Ok(Dismissal::LockOut)
        );
        // An administrator who can't sign in doesn't count, and may be dismissed.
        assert_eq!(dismiss(active, id(2), &[id(2)]), Ok(Dismissal::LockOut));
        assert_eq!(demote(id(1), &[id(2)]), Ok(()));
        assert_eq!(demote(id(2), &[id(2)]).unwrap_err().code, Code::LastAdministrator);
        assert_eq!(dismiss(active, id(2), &[id(1), id(2)]), Ok(Dismissal::LockOut));
        assert_eq!(
            dismiss(person(1, Role::Employee, UserStatus::Dismissed), id(2), &[id(2)]),
            Ok(Dismissal::Already)
        );
        let gone = person(1, Role::Employee, UserStatus::Dismissed);
        assert_eq!(
            hire(gone, id(1), true, true).unwrap_err().code,
            Code::CannotHireYourself
        );
        assert_eq!(
            hire(gone, id(2), true, true),
            Ok(Hiring::Returns(UserStatus::Active))
        );
        assert_eq!(
            hire(gone, id(2), false, true),
            Ok(Hiring::Returns(UserStatus::Invited))
        );
        assert_eq!(hire(active, id(2), true, true), Ok(Hiring::Already));
        assert_eq!(
            hire(active, id(2), true, false).unwrap_err().code,
            Code::NotDismissed
        );
    }

    proptest! {
        /// Whatever administrators do to each other, in any order, at least one is left.
        #[test]
        fn an_administrator_always_remains(steps in prop::collection::vec((0..4_u128, 0..4_u128, any::<bool>()), 0..60)) {
            let mut active: Vec<UserId> = (0..4).map(id).collect();
            for (actor, target, demoting) in steps {
                if !active.contains(&id(actor)) || !active.contains(&id(target)) {
                    continue;
                }
                let allowed = if demoting {
                    demote(id(target), &active).is_ok()
                } else {
                    let target = person(target, Role::Administrator, UserStatus::Active);
                    dismiss(target, id(actor), &active) == Ok(Dismissal::LockOut)
                };
                if allowed {
                    active.retain(|&who| who != id(target));
                }
                prop_assert!(!active.is_empty());
            }
        }
    }
}
