//! inviteUser: invites a person with a token for setting a password.

use std::sync::Arc;

use entity::user::{Model as User, Role, UserStatus, email_key};
use entity::{DepartmentId, UserId, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::create::{self, Identity};
use super::{list, update};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links};
use crate::domain::integrations::reach;
use crate::error::{Code, Outcome, Refusal};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// An invitation, checked. What a repeated invitation omits stays unchanged.
#[derive(Debug, Clone)]
pub struct InviteUser {
    /// E-mail address.
    pub email: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Job title.
    pub position: Option<String>,
    /// Department.
    pub department_id: Option<DepartmentId>,
    /// Role; defaults to employee.
    pub role: Option<Role>,
}

/// Invites a person. Repeating a pending invitation updates the person, and replaces the token.
///
/// # Errors
/// [`Code::EmailTaken`] if the address belongs to somebody who has joined or was dismissed.
pub async fn invite_user(db: &Db, actor: &Actor, who: &InviteUser) -> Outcome<(User, String)> {
    if let Some(role) = who.role {
        check_grant(actor, role)?;
    }
    let known: Vec<UserId> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::EmailKey.eq(email_key(&who.email)))
        .into_tuple()
        .all(db.read())
        .await?;
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &known),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            create::check_department(tx, who.department_id).await?;
            let found = user::Entity::find()
                .filter(user::Column::EmailKey.eq(email_key(&who.email)))
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let (user, changed) = match found {
                Some(user) if user.status == UserStatus::Invited => reinvite(tx, actor, user, who).await?,
                Some(user) => return Err(email_taken(actor, &user).into()),
                None => {
                    let row = create::new_row(tx, who.identity(), UserStatus::Invited, None);
                    (create::insert(tx, row).await?, json!({}))
                }
            };
            let token = links::invite(tx, actor, user.id).await?;
            let data = json!({ "role": list::role_name(user.role), "changed": changed });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::UserInvited,
                Some(user.id.into()),
                data,
            )
            .await?;
            Ok(((user, token), recorded))
        },
    )
    .await
}

impl InviteUser {
    fn identity(&self) -> Identity {
        let who = self.clone();
        Identity {
            email: who.email,
            given_name: who.given_name,
            family_name: who.family_name,
            position: who.position,
            department_id: who.department_id,
            role: who.role.unwrap_or(Role::Employee),
        }
    }
}

/// Updates a person with a pending invitation; returns them, and the changes.
async fn reinvite(tx: &Tx, actor: &Actor, before: User, who: &InviteUser) -> Outcome<(User, Value)> {
    // The caller gets the new token, and could sign in as this person.
    reach::may_change(tx, actor, &before).await?;
    let who = who.clone();
    let mut after = before.clone();
    after.email = who.email;
    after.given_name = who.given_name.or(after.given_name);
    after.family_name = who.family_name.or(after.family_name);
    after.position = who.position.or(after.position);
    after.department_id = who.department_id.or(after.department_id);
    after.role = who.role.unwrap_or(after.role);
    create::derive(&mut after);
    if after == before {
        return Ok((before, json!({})));
    }
    after.updated_at = tx.now;
    let changed = update::changes(&before, &after).into();
    let saved = after.into_active_model().reset_all().update(&tx.conn).await?;
    Ok((saved, changed))
}

/// Returns the refusal of an e-mail address that is in use. Callers who may rehire learn that it belongs to somebody
/// who was dismissed.
fn email_taken(actor: &Actor, user: &User) -> Refusal {
    if user.status == UserStatus::Dismissed && actor.may(Permission::HireUsers) {
        let message = "this address belongs to a dismissed person: use hireUser";
        return Refusal::new(Code::EmailTaken, "email", message);
    }
    create::email_taken()
}

/// Checks that the actor may give a role. Only people may create administrators: an integration could give itself every
/// scope through one.
///
/// # Errors
/// [`crate::error::Error::Forbidden`].
pub fn check_grant(actor: &Actor, role: Role) -> Result<(), crate::error::Error> {
    if role == Role::Administrator {
        actor.require_person()
    } else {
        Ok(())
    }
}
