//! inviteUser: asks someone to join; the token lets them set a password.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::user::{Model as User, Role, UserStatus, email_key};
use entity::{invitation, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::create::{self, Identity};
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::secret::{fingerprint, new_secret};
use crate::auth::{Actor, Permission};
use crate::db::Tx;
use crate::error::Outcome;
use crate::integrations::reach;
use crate::journal::{self, Action};

/// How long an invitation can be accepted.
const LIFETIME: TimeDelta = TimeDelta::days(14);

/// Invites someone. Inviting again who has not accepted yet makes a new token; the old one is dead then.
///
/// # Errors
/// [`crate::error::Code::EmailTaken`] when the address is that of someone who has joined.
pub async fn invite_user(app: &App, actor: &Actor, who: &Identity) -> Outcome<(User, String)> {
    may_give(actor, who.role)?;
    app.db
        .write_as(
            actor,
            Needs::Permission(Permission::ManageUsers),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                create::check_department(tx, who.department_id).await?;
                let found = user::Entity::find()
                    .filter(user::Column::EmailKey.eq(email_key(&who.email)))
                    .one(&tx.conn)
                    .await?;
                let user = match found {
                    Some(user) if user.status == UserStatus::Invited => {
                        // The new token would let in whoever has it.
                        reach::may_change(tx, actor, &user).await?;
                        invitation::Entity::delete_many()
                            .filter(invitation::Column::UserId.eq(user.id))
                            .exec(&tx.conn)
                            .await?;
                        user
                    }
                    Some(_) => return Err(create::taken().into()),
                    None => {
                        create::insert(tx, create::new_row(tx, who.clone(), UserStatus::Invited, None))
                            .await?
                    }
                };
                let token = new_secret()?;
                invitation::Entity::insert(invitation::ActiveModel {
                    hash: Set(fingerprint(&token)),
                    user_id: Set(user.id),
                    created_at: Set(tx.now),
                    expires_at: Set(tx.now + LIFETIME),
                })
                .exec_without_returning(&tx.conn)
                .await?;
                let data = json!({ "role": super::list::role_name(user.role) });
                journal::record(
                    tx,
                    &actor.author(),
                    Action::UserInvited,
                    Some(user.id.into()),
                    data,
                )
                .await?;
                Ok((user, token))
            },
        )
        .await
}

/// Only people make administrators: an integration could give itself every scope by way of one.
///
/// # Errors
/// [`crate::error::Error::Forbidden`].
pub fn may_give(actor: &Actor, role: Role) -> Result<(), crate::error::Error> {
    if role == Role::Administrator {
        actor.require_person()
    } else {
        Ok(())
    }
}
