//! withdrawInvitation: revokes a token.

use std::sync::Arc;

use entity::UserId;
use entity::user::{Model as User, UserStatus};

use super::create;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links};
use crate::domain::integrations::reach;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal::Recorded;

/// Withdraws a pending invitation. The person stays INVITED, without a token: their data is kept, and they can be
/// invited again. Idempotent.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for somebody who has accepted.
pub async fn withdraw_invitation(db: &Db, actor: &Actor, person: UserId) -> Outcome<User> {
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &[person]),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let user = create::find(tx, person, "userId").await?;
            match user.status {
                UserStatus::Invited => {
                    reach::may_change(tx, actor, &user).await?;
                    links::end_for(tx, &actor.author(), person, links::Reason::Withdrawn).await?;
                    Ok((user, Recorded::by_its_steps()))
                }
                // The dismissal has withdrawn it already.
                UserStatus::Dismissed => Ok((user, Recorded::nothing_changed())),
                UserStatus::Active => refuse(
                    Code::Invalid,
                    "userId",
                    "this person has accepted the invitation: use dismissUser",
                ),
            }
        },
    )
    .await
}
