//! POST of a person: a new one, or one who returns.

use std::sync::Arc;

use entity::directory::Model as Directory;
use entity::directory_person::Model as Link;
use entity::dismissal::{self, DismissalState};
use entity::user::{self, Model as User, Role, UserStatus};
use entity::{DismissalId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::document::{self, Document};
use super::mapping::{Mapped, map};
use super::person::{self, Person};
use super::problem::{Kind, Problem};
use super::save_person::{check, save};
use super::schema::USERS;
use super::write_person::note_active;
use super::{Fault, activity, fault, taken};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::people::create::{self, Identity};
use crate::domain::people::list::role_name;
use crate::error::Error;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// Creates a person: active and without a password, an employee. A person whom this directory has dismissed returns with
/// the same id, found by `externalId`, or by `userName` if they had none.
///
/// # Errors
/// [`Kind::InvalidValue`]; [`Kind::Uniqueness`] if somebody else has the name or the address.
pub async fn create_person(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    body: &Map<String, Value>,
) -> Result<Person, Fault> {
    let read = &document::read(&USERS, body)?;
    let mapped = map(&read.document)?;
    let returning = returning(db, directory, &mapped).await?;
    let people = returning.as_slice();
    let needs = match people.is_empty() {
        true => Needs::Permission(Permission::ProvisionPeople),
        false => Needs::PermissionOverPeople(Permission::ProvisionPeople, people),
    };
    fault::write(
        db,
        actor,
        directory,
        needs,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            let active = map(&read.document)?.active;
            note_active(tx, directory, active).await?;
            let known = match returning {
                Some(id) => Some(person::find_locked(tx, directory, id).await?),
                None => None,
            };
            let (document, unknown) = (read.document.clone(), read.unknown.clone());
            match known {
                Some(known) => restore(tx, actor, directory, known, document, unknown).await,
                None => create(tx, actor, directory, document, unknown).await,
            }
        },
    )
    .await
}

/// Returns the dismissed person whom the request means.
async fn returning(db: &Db, directory: &Directory, mapped: &Mapped) -> Result<Option<UserId>, Fault> {
    let conn = db.read();
    let by_id = taken::by_external_id(conn, directory.id, mapped.external_id.as_deref()).await?;
    let (found, taken) = match by_id {
        Some(link) => (Some(link), taken::external_id()),
        None => (taken::by_name(conn, &mapped.user_name).await?, taken::user_name()),
    };
    let Some(link) = found else { return Ok(None) };
    let is_same = link.directory_id == directory.id && is_same(&link, mapped);
    let user = user::Entity::find_by_id(link.user_id).one(conn).await?;
    match user.filter(|user| user.status == UserStatus::Dismissed) {
        Some(user) if is_same => Ok(Some(user.id)),
        Some(_) if link.directory_id == directory.id => {
            let detail = "a dismissed user with this userName is still linked: delete it first";
            Err(Problem::new(Kind::Uniqueness, detail).into())
        }
        _ => Err(taken.into()),
    }
}

/// Returns whether the link is that of the person in the request: by their external id, or by the name if neither side has
/// one. Otherwise it may be a namesake, who must not inherit what a leaver has.
fn is_same(link: &Link, mapped: &Mapped) -> bool {
    link.external_id == mapped.external_id
}

async fn restore(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    known: Person,
    document: Document,
    unknown: Vec<String>,
) -> Result<(Person, Recorded), Fault> {
    let id = known.user.id;
    // Another request may have been quicker.
    if known.is_active() {
        return Err(taken::name().into());
    }
    let checked = check(tx, directory, document, unknown, Some(id)).await?;
    let returns = checked.mapped.active != Some(false) && !known.is_active();
    let (person, _) = save(tx, actor, directory, known, &checked).await?;
    if returns {
        activity::set_active(tx, actor, directory, &person, true).await?;
    }
    Ok((
        person::find_locked(tx, directory, id).await?,
        Recorded::by_its_steps(),
    ))
}

async fn create(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    document: Document,
    unknown: Vec<String>,
) -> Result<(Person, Recorded), Fault> {
    let checked = check(tx, directory, document, unknown, None).await?;
    let mapped = &checked.mapped;
    let identity = Identity {
        email: mapped.email.clone(),
        given_name: mapped.given_name.clone(),
        family_name: mapped.family_name.clone(),
        position: mapped.position.clone(),
        department_id: None,
        role: Role::Employee,
    };
    checked.free_address(tx, actor).await?;
    let row = create::new_row(tx, identity, UserStatus::Active, None);
    let user = create::insert(tx, row).await?;
    let data = json!({ "role": role_name(Role::Employee), "directory": directory.id.to_string() });
    let subject = Some(user.id.into());
    journal::record(tx, &actor.author(), Action::UserCreated, subject, data).await?;
    let user = match mapped.active {
        Some(false) => create_dismissed(tx, directory, user).await?,
        _ => user,
    };
    let (person, _) = save(tx, actor, directory, Person { user, link: None }, &checked).await?;
    Ok((person, Recorded::by_its_steps()))
}

/// Somebody who has never worked here is dismissed from the start, like imported leavers: nobody is told of a dismissal.
async fn create_dismissed(tx: &Tx, directory: &Directory, mut user: User) -> Result<User, Error> {
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Dismissed))
        .col_expr(user::Column::DismissedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(user.id))
        .exec(&tx.conn)
        .await?;
    let row = dismissal::ActiveModel {
        id: Set(DismissalId(tx.new_id())),
        user_id: Set(user.id),
        state: Set(DismissalState::InForce),
        effective_at: Set(tx.now),
        created_at: Set(tx.now),
        directory_id: Set(Some(directory.id)),
        ..Default::default()
    };
    dismissal::Entity::insert(row)
        .exec_without_returning(&tx.conn)
        .await?;
    user.status = UserStatus::Dismissed;
    user.dismissed_at = Some(tx.now);
    Ok(user)
}
