//! updateUser: names, address, position, department and role.

use std::sync::Arc;

use entity::integration_secret::Model as Secret;
use entity::user::{self, Model as User, Role};
use entity::{DepartmentId, UserId, dismissal};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::create;
use super::invite::may_give;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links};
use crate::domain::dismissal::lock_out::active_administrators;
use crate::domain::dismissal::{requester, rules};
use crate::domain::handover::requester as handover_requester;
use crate::domain::integrations::{reach, stop_secrets};
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::Action;

/// What is to change, checked.
#[derive(Debug, Clone)]
pub struct UpdateUser {
    /// Who.
    pub user: UserId,
    /// The address; it can't be removed.
    pub email: Change<String>,
    /// First name.
    pub given_name: Change<String>,
    /// Last name.
    pub family_name: Change<String>,
    /// Job title.
    pub position: Change<String>,
    /// The department.
    pub department_id: Change<DepartmentId>,
    /// What they may do; it can't be removed.
    pub role: Change<Role>,
}

/// What came of it.
#[derive(Debug)]
pub struct Updated {
    /// The person, as they are now.
    pub user: User,
    /// Secrets of integrations that have stopped with a demotion.
    pub secrets_stopped: Vec<Secret>,
    /// Dismissals that the person had scheduled, when they may not dismiss any more: the one who changed their role has
    /// taken these over.
    pub schedules_passed: Vec<dismissal::Model>,
}

impl From<User> for Updated {
    fn from(user: User) -> Self {
        Self {
            user,
            secrets_stopped: Vec::new(),
            schedules_passed: Vec::new(),
        }
    }
}

/// Changes a person. Their requests are judged by the new role from the commit on. A change of the role or the address
/// ends the links that were made for the person. A demotion ends those that the person made, stops secrets of integrations
/// that they were shown, and passes dismissals that they have scheduled on to `actor`.
///
/// # Errors
/// [`crate::error::Code::NotFound`], [`crate::error::Code::EmailTaken`], and
/// [`crate::error::Code::LastAdministrator`] for the role.
pub async fn update_user(db: &Db, actor: &Actor, command: &UpdateUser) -> Outcome<Updated> {
    if let Change::Set(Some(role)) = command.role {
        may_give(actor, role)?;
    }
    let people = [command.user];
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &people),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = create::find(tx, command.user, "userId").await?;
            let command = command.clone();
            let mut after = before.clone();
            after.email = command.email.or_keep(after.email);
            after.given_name = command.given_name.or(after.given_name);
            after.family_name = command.family_name.or(after.family_name);
            after.position = command.position.or(after.position);
            after.department_id = command.department_id.or(after.department_id);
            after.role = command.role.or_keep(after.role);
            create::derive(&mut after);
            if after == before {
                return Ok(before.into());
            }
            let demoted = before.role == Role::Administrator && after.role != before.role;
            let reaches = before.role == Role::Administrator
                || before.email != after.email
                || before.role != after.role
                || before.department_id != after.department_id;
            if reaches {
                reach::may_change(tx, actor, &before).await?;
            }
            create::check_department(tx, after.department_id).await?;
            let readdressed = before.email != after.email || before.role != after.role;
            if demoted {
                rules::demote(before.id, &active_administrators(&tx.conn).await?)?;
            }
            let namesake = user::Entity::find()
                .filter(user::Column::EmailKey.eq(&after.email_key))
                .filter(user::Column::Id.ne(after.id))
                .one(&tx.conn)
                .await?;
            if namesake.is_some() {
                return Err(create::taken().into());
            }
            after.updated_at = tx.now;
            let changed = changes(&before, &after);
            let saved = match user::Entity::update(after.into_active_model().reset_all())
                .exec(&tx.conn)
                .await
            {
                Err(cause) if crate::store::db::is_duplicate(&cause) => {
                    return Err(create::taken().into());
                }
                other => other?,
            };
            journal::record(
                tx,
                &actor.author(),
                Action::UserUpdated,
                Some(saved.id.into()),
                changed,
            )
            .await?;
            if readdressed {
                links::end_for(tx, &actor.author(), saved.id, links::Reason::Changed).await?;
            }
            let mut done = Updated::from(saved);
            if demoted {
                let person = done.user.id;
                let sender = links::Sender::Person(person);
                links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderDemoted).await?;
                handover_requester::pass_on(tx, person, actor).await?;
                done.secrets_stopped = stop_secrets::of_demoted(tx, actor, person).await?;
                let authors = requester::authors(person, &done.secrets_stopped);
                done.schedules_passed = requester::pass_on_all(tx, &authors, actor, "role").await?;
            }
            Ok(done)
        },
    )
    .await
}

/// What the audit log says about the change: the fields with their new values.
pub(super) fn changes(before: &User, after: &User) -> serde_json::Value {
    let mut changed = serde_json::Map::new();
    let mut note = |name: &str, differs: bool, value: serde_json::Value| {
        if differs {
            changed.insert(name.to_owned(), value);
        }
    };
    note("email", before.email != after.email, json!(after.email));
    note(
        "givenName",
        before.given_name != after.given_name,
        json!(after.given_name),
    );
    note(
        "familyName",
        before.family_name != after.family_name,
        json!(after.family_name),
    );
    note(
        "position",
        before.position != after.position,
        json!(after.position),
    );
    let department = after.department_id.map(|id| id.to_string());
    note(
        "departmentId",
        before.department_id != after.department_id,
        json!(department),
    );
    note(
        "role",
        before.role != after.role,
        json!(super::list::role_name(after.role)),
    );
    changed.into()
}
