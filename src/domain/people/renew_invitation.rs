//! renewInvitation: a new token for a pending invitation.

use std::sync::Arc;

use entity::UserId;
use entity::user::{Model as User, UserStatus};
use serde_json::json;

use super::{create, list};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links};
use crate::domain::integrations::reach;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Creates a new token for an invited person, replacing the old one if there is one. The actor becomes the sender.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for somebody who has accepted or was dismissed.
pub async fn renew_invitation(db: &Db, actor: &Actor, person: UserId) -> Outcome<(User, String)> {
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &[person]),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let user = create::find(tx, person, "userId").await?;
            match user.status {
                UserStatus::Invited => {}
                UserStatus::Active => {
                    let message = "this person has accepted the invitation: use issuePasswordReset";
                    return refuse(Code::Invalid, "userId", message);
                }
                UserStatus::Dismissed => {
                    let message = "this person is dismissed: use hireUser";
                    return refuse(Code::Invalid, "userId", message);
                }
            }
            reach::may_change(tx, actor, &user).await?;
            let token = links::invite(tx, actor, person).await?;
            let data = json!({ "role": list::role_name(user.role) });
            let subject = Some(person.into());
            let recorded =
                journal::record(tx, &actor.author(), Action::InvitationRenewed, subject, data).await?;
            Ok(((user, token), recorded))
        },
    )
    .await
}
