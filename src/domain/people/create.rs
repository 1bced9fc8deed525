//! Creates the rows of people: by invitation, on the command line, or for the demo.

use std::sync::Arc;

use entity::user::{self, Model as User, Role, UserStatus};
use entity::{DepartmentId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use secrecy::SecretString;
use serde_json::json;

use crate::domain::auth::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::password;
use crate::error::{Code, Error, Outcome, Refusal, refuse};
use crate::store::db::Tx;
use crate::store::input;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Data of a person, checked.
#[derive(Debug, Clone)]
pub struct Identity {
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
    /// Role.
    pub role: Role,
}

/// Returns a new row for this person. `password_hash` is `None` for invited and imported people.
pub fn new_row(
    tx: &Tx,
    who: Identity,
    status: UserStatus,
    password_hash: Option<String>,
) -> user::ActiveModel {
    let (given, family) = (who.given_name.as_deref(), who.family_name.as_deref());
    user::ActiveModel {
        id: Set(UserId(tx.new_id())),
        external_id: Set(None),
        email_key: Set(user::email_key(&who.email)),
        email_identifies: Set(true),
        sort_name: Set(user::sort_name(given, family, &who.email)),
        sort_email: Set(text::sort_key(&who.email)),
        search_text: Set(user::search_text(
            given,
            family,
            &who.email,
            who.position.as_deref(),
        )),
        email: Set(who.email),
        given_name: Set(who.given_name),
        family_name: Set(who.family_name),
        position: Set(who.position),
        department_id: Set(who.department_id),
        role: Set(who.role),
        status: Set(status),
        hired_on: Set(None),
        dismissed_at: Set(None),
        accepted_at: Set((status != UserStatus::Invited).then_some(tx.now)),
        password_hash: Set(password_hash),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
    }
}

/// Inserts a person; refuses an e-mail address that is in use.
///
/// # Errors
/// [`Code::EmailTaken`].
pub async fn insert(tx: &Tx, row: user::ActiveModel) -> Outcome<User> {
    let key = row.email_key.clone().take().unwrap_or_default();
    if user::Entity::find()
        .filter(user::Column::EmailKey.eq(key))
        .one(&tx.conn)
        .await?
        .is_some()
    {
        return Err(email_taken().into());
    }
    match user::Entity::insert(row).exec_with_returning(&tx.conn).await {
        Err(cause) if crate::store::db::is_duplicate(&cause) => Err(email_taken().into()),
        other => Ok(other?),
    }
}

/// Returns the refusal of an e-mail address that is in use.
pub fn email_taken() -> Refusal {
    Refusal::new(Code::EmailTaken, "email", "this address is already in use")
}

/// Creates an active person with a password, such as the first administrator.
///
/// # Errors
/// [`Code::EmailTaken`], [`Code::PasswordTooWeak`], [`Code::Invalid`].
pub async fn create_user(
    auth: &Authenticator,
    email: &str,
    role: Role,
    password: SecretString,
) -> Outcome<User> {
    let email = input::email(email, "email")?;
    password::check_strength(&password, &email, "password")?;
    let hash = &auth.passwords.hash(password::Lane::Program, password).await?;
    let who = &Identity {
        email,
        given_name: None,
        family_name: None,
        position: None,
        department_id: None,
        role,
    };
    auth.db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let row = new_row(tx, who.clone(), UserStatus::Active, Some(hash.clone()));
            let user = insert(tx, row).await?;
            let author = Author::Program("handover user create");
            let data = json!({ "role": crate::domain::people::list::role_name(role) });
            journal::record(tx, &author, Action::UserCreated, Some(user.id.into()), data).await?;
            Ok(user)
        })
        .await
}

/// Notes in `after` who has written the address of a person, if it has changed. What an integration has written is not
/// enough to know them by: whoever has its token could enter an address that is their own at an identity provider.
pub fn note_address(actor: &Actor, before: &User, after: &mut User) {
    if after.email_key != before.email_key {
        after.email_identifies = actor.integration.is_none();
    }
}

/// Recomputes what is derived from the names, the e-mail address and the position. An address that was
/// [given up](user::given_up_key) stays so.
pub fn derive(row: &mut User) {
    let (given, family) = (row.given_name.as_deref(), row.family_name.as_deref());
    if !row.has_given_up_address() {
        row.email_key = user::email_key(&row.email);
    }
    row.sort_name = user::sort_name(given, family, &row.email);
    row.sort_email = text::sort_key(&row.email);
    row.search_text = user::search_text(given, family, &row.email, row.position.as_deref());
}

/// Checks that a department exists.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn check_department(tx: &Tx, id: Option<DepartmentId>) -> Outcome<()> {
    let Some(id) = id else { return Ok(()) };
    if entity::department::Entity::find_by_id(id)
        .one(&tx.conn)
        .await?
        .is_none()
    {
        return refuse(Code::NotFound, "departmentId", "there is no such department");
    }
    Ok(())
}

/// Returns the person, or a refusal for `field`.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find(tx: &Tx, id: UserId, field: &str) -> Outcome<User> {
    match user::Entity::find_by_id(id)
        .one(&tx.conn)
        .await
        .map_err(Error::from)?
    {
        Some(user) => Ok(user),
        None => refuse(Code::NotFound, field, "there is no such person"),
    }
}

/// As [`find`], locked so that the person can't be dismissed before the transaction ends: for giving them work.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find_locked(tx: &Tx, id: UserId, field: &str) -> Outcome<User> {
    match user::Entity::find_by_id(id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?
    {
        Some(user) => Ok(user),
        None => refuse(Code::NotFound, field, "there is no such person"),
    }
}

/// Checks that all these people can be given work: they exist and are active.
///
/// # Errors
/// [`Code::NotFound`], [`Code::RecipientNotActive`].
pub async fn check_active(tx: &Tx, people: &[UserId], field: &str) -> Outcome<()> {
    let found = user::Entity::find()
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock(LockType::Share)
        .all(&tx.conn)
        .await?;
    for (place, id) in people.iter().enumerate() {
        let path = if people.len() == 1 {
            field.to_owned()
        } else {
            format!("{field}.{place}")
        };
        match found.iter().find(|person| person.id == *id) {
            None => return refuse(Code::NotFound, &path, "there is no such person"),
            Some(person) if !person.is_active() => {
                return refuse(
                    Code::RecipientNotActive,
                    &path,
                    "work can only be given to active people",
                );
            }
            Some(_) => {}
        }
    }
    Ok(())
}
