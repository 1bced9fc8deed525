//! Who may be dismissed and hired. Pure: no database, no clock.

use entity::UserId;
use entity::user::{Role, UserStatus};

use crate::error::{Code, Refusal};

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they may do.
    pub role: Role,
    /// Where they stand.
    pub status: UserStatus,
}

/// What a dismissal comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dismissal {
    /// The person is locked out.
    LocksOut,
    /// They were already: nothing changes.
    Already,
}

/// Whether `person` may be dismissed by `actor`; `administrators` are those who are active and can sign in.
///
/// # Errors
/// The reason why not.
pub fn dismiss(person: Person, actor: UserId, administrators: &[UserId]) -> Result<Dismissal, Refusal> {
    let refuse = |code, message: &str| Err(Refusal::new(code, "userId", message));
    match person.status {
        _ if person.id == actor => refuse(Code::CannotDismissYourself, "nobody dismisses themselves"),
        UserStatus::Dismissed => Ok(Dismissal::Already),
        UserStatus::Active if is_last(person.id, administrators) => refuse(
            Code::LastAdministrator,
            "there must always be an active administrator who can sign in",
        ),
        // Who has not accepted the invitation yet can't any more.
        UserStatus::Invited | UserStatus::Active => Ok(Dismissal::LocksOut),
    }
}

/// Whether `person` may stop being an administrator; `administrators` are those who are active and can sign in.
///
/// # Errors
/// [`Code::LastAdministrator`].
pub fn demote(person: UserId, administrators: &[UserId]) -> Result<(), Refusal> {
    if is_last(person, administrators) {
        return Err(Refusal::new(
            Code::LastAdministrator,
            "role",
            "there must always be an active administrator who can sign in",
        ));
    }
    Ok(())
}

fn is_last(person: UserId, administrators: &[UserId]) -> bool {
    administrators == [person]
}

/// What hiring someone back comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hiring {
    /// They come back to this status.
    Returns(UserStatus),
    /// They came back before: nothing changes.
    Already,
}

/// Whether `person` may be hired back by `actor`. `accepted` tells whether they had accepted their invitation,
/// `left_before` whether they have ever been dismissed.
///
/// # Errors
/// The reason why not.
pub fn hire(person: Person, actor: UserId, accepted: bool, left_before: bool) -> Result<Hiring, Refusal> {
    match person.status {
        _ if person.id == actor => Err(Refusal::new(
            Code::CannotHireYourself,
            "userId",
            "nobody hires themselves",
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
            Ok(Dismissal::LocksOut)
        );
        // An administrator who can't sign in is not counted, and can go.
        assert_eq!(dismiss(active, id(2), &[id(2)]), Ok(Dismissal::LocksOut));
        assert_eq!(demote(id(1), &[id(2)]), Ok(()));
        assert_eq!(demote(id(2), &[id(2)]).unwrap_err().code, Code::LastAdministrator);
        assert_eq!(dismiss(active, id(2), &[id(1), id(2)]), Ok(Dismissal::LocksOut));
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
        /// Whatever administrators do to each other, in whatever order, one is left.
        #[test]
        fn an_administrator_is_always_left(steps in prop::collection::vec((0..4_u128, 0..4_u128, any::<bool>()), 0..60)) {
            let mut active: Vec<UserId> = (0..4).map(id).collect();
            for (actor, target, demoting) in steps {
                if !active.contains(&id(actor)) || !active.contains(&id(target)) {
                    continue;
                }
                let allowed = if demoting {
                    demote(id(target), &active).is_ok()
                } else {
                    let target = person(target, Role::Administrator, UserStatus::Active);
                    dismiss(target, id(actor), &active) == Ok(Dismissal::LocksOut)
                };
                if allowed {
                    active.retain(|&who| who != id(target));
                }
                prop_assert!(!active.is_empty());
            }
        }
    }
}
