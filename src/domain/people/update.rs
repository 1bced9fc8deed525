//! updateUser: names, e-mail address, position, department and role.

use std::sync::Arc;

use entity::integration_secret::Model as Secret;
use entity::user::{self, Model as User, Role};
use entity::{DepartmentId, UserId, directory_person, dismissal};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::create;
use super::invite::check_grant;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links};
use crate::domain::dismissal::lock_out::active_administrators;
use crate::domain::dismissal::{requester, rules};
use crate::domain::handover::requester as handover_requester;
use crate::domain::integrations::{known_secrets, reach};
use crate::domain::webhooks;
use crate::error::{Code, Error, Outcome, Refusal, refuse_if_any};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};

/// Changes to a person, checked.
#[derive(Debug, Clone)]
pub struct UpdateUser {
    /// Id of the person.
    pub user: UserId,
    /// E-mail address; required.
    pub email: Change<String>,
    /// First name.
    pub given_name: Change<String>,
    /// Last name.
    pub family_name: Change<String>,
    /// Job title.
    pub position: Change<String>,
    /// Department.
    pub department_id: Change<DepartmentId>,
    /// Role; required.
    pub role: Change<Role>,
}

/// Result of an update.
#[derive(Debug)]
pub struct Updated {
    /// The person after the operation.
    pub user: User,
    /// Secrets of integrations revoked by a demotion.
    pub secrets_stopped: Vec<Secret>,
    /// Dismissals scheduled by a person who may no longer dismiss, now owned by the one who changed their role.
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

/// Updates a person. The new role applies to their requests once this commits. A change of the role or the e-mail
/// address revokes the links made for the person. A demotion revokes those made by the person and secrets of
/// integrations known to them, and transfers their scheduled dismissals to `actor`.
///
/// # Errors
/// [`crate::error::Code::NotFound`], [`crate::error::Code::EmailTaken`], and [`crate::error::Code::LastAdministrator`]
/// for the role.
pub async fn update_user(db: &Db, actor: &Actor, command: &UpdateUser) -> Outcome<Updated> {
    if let Change::Set(Some(role)) = command.role {
        check_grant(actor, role)?;
    }
    let people = [command.user];
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ManageUsers, &people),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = create::find(tx, command.user, "userId").await?;
            let after = changed(actor, &before, command.clone());
            if after == before {
                return Ok((before.into(), Recorded::nothing_changed()));
            }
            check_reach(tx, actor, &before, &after).await?;
            check_directory(tx, &before, &after).await?;
            apply(tx, actor, &before, after).await
        },
    )
    .await
}

/// Changes a person inside the caller's transaction, which holds locks on the administrators if the role changes. Whether
/// `actor` may change this person has been checked.
///
/// # Errors
/// As [`update_user`].
pub async fn apply(tx: &Tx, actor: &Actor, before: &User, after: User) -> Outcome<(Updated, Recorded)> {
    check(tx, before, &after).await?;
    let (saved, recorded) = save(tx, actor, before, after).await?;
    if saved.email != before.email || saved.role != before.role {
        links::end_for(tx, &actor.author(), saved.id, links::Reason::Changed).await?;
    }
    let mut done = Updated::from(saved);
    if is_demotion(before, &done.user) {
        revoke_rights(tx, actor, &mut done).await?;
    }
    Ok((done, recorded))
}

fn changed(actor: &Actor, before: &User, command: UpdateUser) -> User {
    let mut after = before.clone();
    let has_written = matches!(command.email, Change::Set(Some(_)));
    after.email = command.email.or_keep(after.email);
    after.given_name = command.given_name.or(after.given_name);
    after.family_name = command.family_name.or(after.family_name);
    after.position = command.position.or(after.position);
    after.department_id = command.department_id.or(after.department_id);
    after.role = command.role.or_keep(after.role);
    if after.email != before.email {
        after.email_key = user::email_key(&after.email);
    }
    match has_written && actor.integration.is_none() {
        true => after.email_identifies = true,
        false => create::note_address(actor, before, &mut after),
    }
    create::derive(&mut after);
    after
}

fn is_demotion(before: &User, after: &User) -> bool {
    before.role == Role::Administrator && after.role != before.role
}

async fn check_reach(tx: &Tx, actor: &Actor, before: &User, after: &User) -> Outcome<()> {
    let reaches = before.role == Role::Administrator
        || before.email != after.email
        || before.role != after.role
        || before.department_id != after.department_id;
    if reaches {
        reach::may_change(tx, actor, before).await?;
    }
    Ok(())
}

/// Refuses changes of what the directory of a person decides.
async fn check_directory(tx: &Tx, before: &User, after: &User) -> Outcome<()> {
    let link = directory_person::Entity::find_by_id(before.id)
        .one(&tx.conn)
        .await?;
    let Some(link) = link.filter(|link| link.deleted_at.is_none()) else {
        return Ok(());
    };
    let sent: serde_json::Value = serde_json::from_str(&link.attributes).map_err(Error::internal)?;
    let managed = [
        ("email", before.email != after.email),
        ("givenName", before.given_name != after.given_name),
        ("familyName", before.family_name != after.family_name),
        (
            "position",
            before.position != after.position && sent.get("title").is_some(),
        ),
    ];
    let message = "the directory of this person decides this: change it there";
    refuse_if_any(
        managed
            .into_iter()
            .filter(|(_, changed)| *changed)
            .map(|(field, _)| Refusal::new(Code::ManagedByDirectory, field, message))
            .collect(),
    )
}

async fn check(tx: &Tx, before: &User, after: &User) -> Outcome<()> {
    create::check_department(tx, after.department_id).await?;
    if is_demotion(before, after) {
        rules::demote(before.id, &active_administrators(&tx.conn).await?)?;
    }
    let namesake = user::Entity::find()
        .filter(user::Column::EmailKey.eq(&after.email_key))
        .filter(user::Column::Id.ne(after.id))
        .one(&tx.conn)
        .await?;
    match namesake {
        Some(_) => Err(create::email_taken().into()),
        None => Ok(()),
    }
}

async fn save(tx: &Tx, actor: &Actor, before: &User, mut after: User) -> Outcome<(User, Recorded)> {
    after.updated_at = tx.now;
    let changed = changes(before, &after);
    let row = after.into_active_model().reset_all();
    let saved = match user::Entity::update(row).exec(&tx.conn).await {
        Err(cause) if crate::store::db::is_duplicate(&cause) => return Err(create::email_taken().into()),
        other => other?,
    };
    let subject = Some(saved.id.into());
    let recorded = journal::record(tx, &actor.author(), Action::UserUpdated, subject, changed).await?;
    Ok((saved, recorded))
}

/// Revokes what a former administrator could still do through links, secrets and scheduled dismissals.
async fn revoke_rights(tx: &Tx, actor: &Actor, done: &mut Updated) -> Outcome<()> {
    let person = done.user.id;
    let sender = links::Sender::Person(person);
    links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderDemoted).await?;
    handover_requester::transfer(tx, person, actor).await?;
    done.secrets_stopped = known_secrets::revoke_for_demoted(tx, actor, person).await?;
    webhooks::disable_known_to(tx, &actor.author(), person).await?;
    let authors = requester::authors(person, &done.secrets_stopped);
    done.schedules_passed = requester::transfer_all(tx, &authors, actor, "role").await?;
    Ok(())
}

/// Returns the changed fields, for the audit log.
pub fn changes(before: &User, after: &User) -> Changes {
    let department = |row: &User| row.department_id.map(|id| id.to_string());
    Changes::default()
        .with("email", before.email.clone(), after.email.clone())
        .with("emailIdentifies", before.email_identifies, after.email_identifies)
        .with("givenName", before.given_name.clone(), after.given_name.clone())
        .with(
            "familyName",
            before.family_name.clone(),
            after.family_name.clone(),
        )
        .with("position", before.position.clone(), after.position.clone())
        .with("departmentId", department(before), department(after))
        .with(
            "role",
            super::list::role_name(before.role),
            super::list::role_name(after.role),
        )
}
