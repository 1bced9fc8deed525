//! issuePasswordReset: a one-time link for setting a new password.

use std::sync::Arc;

use entity::user::UserStatus;
use entity::{Timestamp, UserId};
use serde_json::json;

use super::guard::Needs;
use super::{Actor, Permission, links, password_policy};
use crate::domain::people::create;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Issues a token with which `person` can set a new password within 24 hours, replacing an earlier one; returns it and
/// its expiry. Only people may do that: an integration could otherwise sign in as anybody.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::InvitationPending`] for somebody who has not accepted yet; [`Code::Invalid`] for
/// somebody who was dismissed or may not sign in with a password, and for oneself: a stolen session must not suffice for
/// a new password.
pub async fn issue_password_reset(db: &Db, actor: &Actor, person: UserId) -> Outcome<(String, Timestamp)> {
    actor.require_person()?;
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &[person]),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if person == actor.user_id {
                return refuse(
                    Code::Invalid,
                    "userId",
                    "use changePassword for your own password",
                );
            }
            let found = create::find(tx, person, "userId").await?;
            match found.status {
                UserStatus::Active if !password_policy::allows(tx, &found).await? => {
                    let message =
                        "this person can't sign in with a password: see passwordSignIn of the settings";
                    return refuse(Code::Invalid, "userId", message);
                }
                UserStatus::Active => {}
                UserStatus::Invited => {
                    let message = "this person has not accepted the invitation yet: use renewInvitation";
                    return refuse(Code::InvitationPending, "userId", message);
                }
                UserStatus::Dismissed => {
                    return refuse(Code::Invalid, "userId", "this person has been dismissed");
                }
            }
            let issued = links::issue_reset(tx, actor.user_id, person).await?;
            let data = json!({ "expiresAt": issued.1 });
            let subject = Some(person.into());
            let recorded =
                journal::record(tx, &actor.author(), Action::PasswordResetIssued, subject, data).await?;
            Ok((issued, recorded))
        },
    )
    .await
}
