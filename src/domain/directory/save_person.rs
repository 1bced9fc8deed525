//! Applies what a directory says of a person: to the person, and to their link.

use std::collections::BTreeMap;

use entity::directory::Model as Directory;
use entity::directory_note::NoteKind;
use entity::directory_person::Model as Link;
use entity::user::{self, Model as User};
use entity::{DepartmentId, UserId, department, directory, directory_email, directory_person};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Fault;
use super::document::Document;
use super::mapping::{Mapped, map};
use super::notes::Note;
use super::person::Person;
use super::problem::{Kind, Problem};
use super::schema::ENTERPRISE;
use super::{identifies, notes, taken};
use crate::domain::auth::{Actor, links};
use crate::domain::integrations::reach;
use crate::domain::people::{create, update};
use crate::error::Error;
use crate::store::db::{self, Tx};
use crate::store::journal::{self, Action, Recorded};

/// Maximum size of the attributes of a person, in bytes.
const MAX_ATTRIBUTES: usize = 64 << 10;

/// Maximum length of an e-mail address that is not the one used here, in bytes: PostgreSQL limits what it indexes.
const MAX_EMAIL: usize = 1_000;

/// What a document says, checked against the other people.
pub(super) struct Checked {
    /// What is taken from it.
    pub mapped: Mapped,
    /// The attributes to be stored.
    attributes: String,
    filter_keys: String,
    emails: Vec<(String, Option<String>)>,
    manager: Option<UserId>,
    department: Option<DepartmentId>,
    /// A leaver who gives up the address.
    gives_up_address: Option<UserId>,
    /// What an administrator should know.
    notes: Vec<Note>,
}

impl Checked {
    /// Frees the address for this person.
    ///
    /// # Errors
    /// [`Kind::Uniqueness`] if its holder is back.
    pub(super) async fn free_address(&self, tx: &Tx, actor: &Actor) -> Result<(), Fault> {
        match self.gives_up_address {
            Some(leaver) => taken::give_up_address(tx, actor, leaver).await,
            None => Ok(()),
        }
    }
}

/// Checks a document. `active` is not kept: the status of the person tells it.
///
/// # Errors
/// [`Kind::InvalidValue`] that names the attribute; [`Kind::Uniqueness`].
pub(super) async fn check(
    tx: &Tx,
    directory: &Directory,
    mut document: Document,
    unknown: Vec<String>,
    own: Option<UserId>,
) -> Result<Checked, Fault> {
    let mapped = map(&document)?;
    document.remove("active");
    let attributes = serde_json::to_string(&document).map_err(Error::internal)?;
    if attributes.len() > MAX_ATTRIBUTES {
        let detail = format!("the attributes of a user can have at most {MAX_ATTRIBUTES} bytes");
        return Err(Problem::new(Kind::InvalidValue, detail).into());
    }
    let gives_up_address = taken::check_names(tx, directory, &mapped, own).await?;
    let mut notes: Vec<Note> = unknown
        .into_iter()
        .map(|name| (NoteKind::IgnoredAttribute, name))
        .collect();
    let department = department(tx, directory, &mapped, &mut notes).await?;
    let manager = manager(tx, &document, &mapped, &mut notes).await?;
    Ok(Checked {
        filter_keys: filter_keys(&document)?,
        emails: emails(&document)?,
        gives_up_address,
        mapped,
        attributes,
        manager,
        department,
        notes,
    })
}

/// Finds the department with the name, if the directory assigns departments.
async fn department(
    tx: &Tx,
    directory: &Directory,
    mapped: &Mapped,
    notes: &mut Vec<Note>,
) -> Result<Option<DepartmentId>, Error> {
    let Some(name) = mapped
        .department
        .as_deref()
        .filter(|_| directory.departments_by_name)
    else {
        return Ok(None);
    };
    let key = text::name_key(name);
    let all = department::Entity::find().all(&tx.conn).await?;
    let found: Vec<_> = all
        .iter()
        .filter(|row| text::name_key(&row.name) == key)
        .collect();
    match found.as_slice() {
        [only] => Ok(Some(only.id)),
        _ => {
            notes.push((NoteKind::UnknownDepartment, name.to_owned()));
            Ok(None)
        }
    }
}

/// Finds the manager; the directory may name one before it creates them.
async fn manager(
    tx: &Tx,
    document: &Document,
    mapped: &Mapped,
    notes: &mut Vec<Note>,
) -> Result<Option<UserId>, Error> {
    let named = document
        .get(ENTERPRISE)
        .map(|extension| &extension["manager"]["value"]);
    let Some(text) = named.and_then(Value::as_str) else {
        return Ok(None);
    };
    if let Ok(id) = Uuid::parse_str(text)
        && user::Entity::find_by_id(UserId(id))
            .one(&tx.conn)
            .await?
            .is_some()
    {
        return Ok(Some(UserId(id)));
    }
    notes.push((NoteKind::UnknownManager, mapped.user_name.clone()));
    Ok(None)
}

/// Returns what the attributes are compared by that filters and sorting may name.
fn filter_keys(document: &Document) -> Result<String, Error> {
    let extension = document.get(ENTERPRISE);
    let of_extension = |name: &str| extension.and_then(|extension| extension.get(name));
    let name = document.get("name");
    let values = [
        ("displayName", document.get("displayName")),
        ("givenName", name.and_then(|name| name.get("givenName"))),
        ("familyName", name.and_then(|name| name.get("familyName"))),
        ("title", document.get("title")),
        ("department", of_extension("department")),
        ("employeeNumber", of_extension("employeeNumber")),
        (
            "manager",
            of_extension("manager").and_then(|manager| manager.get("value")),
        ),
    ];
    let keys: BTreeMap<&str, String> = values
        .into_iter()
        .filter_map(|(key, value)| Some((key, text::name_key(value?.as_str()?))))
        .collect();
    serde_json::to_string(&keys).map_err(Error::internal)
}

fn emails(document: &Document) -> Result<Vec<(String, Option<String>)>, Problem> {
    let list = document.get("emails").and_then(Value::as_array);
    let keys = list.into_iter().flatten().filter_map(|email| {
        let kind = email["type"].as_str().map(text::name_key);
        Some((text::name_key(email["value"].as_str()?), kind))
    });
    let keys: Vec<_> = keys.collect();
    match keys.iter().any(|(value, _)| value.len() > MAX_EMAIL) {
        true => Err(Problem::value(
            "emails",
            "an address can have at most 1,000 bytes",
        )),
        false => Ok(keys),
    }
}

/// Saves what is new: the person, and their link, which is created by the first request about them. Returns the person
/// and `None` if nothing is.
///
/// # Errors
/// [`Kind::Uniqueness`]; [`Error::Forbidden`] for the e-mail address of an administrator.
pub(super) async fn save(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    person: Person,
    checked: &Checked,
) -> Result<(Person, Option<Recorded>), Fault> {
    notes::keep(tx, directory, &checked.notes).await?;
    if person.user.email != checked.mapped.email {
        checked.free_address(tx, actor).await?;
    }
    let mut changed = changed(&person, checked)?;
    identifies::note_address(tx, actor, &person, &mut changed).await?;
    let mut recorded = None;
    let user = match changed == person.user {
        true => changed,
        false => {
            let (saved, done) = save_user(tx, actor, &person.user, changed).await?;
            recorded = Some(done);
            saved
        }
    };
    let (link, done) = save_link(tx, actor, directory, person.link, &user, checked).await?;
    let person = Person {
        user,
        link: Some(link),
    };
    Ok((person, recorded.or(done)))
}

/// Returns the person as the directory wants them. An attribute that it has never sent stays.
fn changed(person: &Person, checked: &Checked) -> Result<User, Error> {
    let mapped = &checked.mapped;
    let before = person.link.as_ref().map(|_| person.attributes()).transpose()?;
    let was_sent = |name: &str| before.as_ref().is_some_and(|before| before.contains_key(name));
    let mut user: User = person.user.clone();
    user.email.clone_from(&mapped.email);
    user.given_name.clone_from(&mapped.given_name);
    user.family_name.clone_from(&mapped.family_name);
    if mapped.position.is_some() || was_sent("title") {
        user.position.clone_from(&mapped.position);
    }
    user.department_id = checked.department.or(user.department_id);
    if user.email != person.user.email {
        user.email_key = user::email_key(&user.email);
    }
    create::derive(&mut user);
    Ok(user)
}

async fn save_user(
    tx: &Tx,
    actor: &Actor,
    before: &User,
    mut after: User,
) -> Result<(User, Recorded), Fault> {
    if before.email != after.email {
        reach::may_change(tx, actor, before).await?;
        links::end_for(tx, &actor.author(), before.id, links::Reason::Changed).await?;
    }
    after.updated_at = tx.now;
    let row = after.clone().into_active_model().reset_all();
    match user::Entity::update(row).exec(&tx.conn).await {
        Err(cause) if db::is_duplicate(&cause) => return Err(taken::address().into()),
        saved => saved?,
    };
    let (subject, changes) = (Some(after.id.into()), update::changes(before, &after));
    let recorded = journal::record(tx, &actor.author(), Action::UserUpdated, subject, changes).await?;
    Ok((after, recorded))
}

async fn save_link(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    before: Option<Link>,
    user: &User,
    checked: &Checked,
) -> Result<(Link, Option<Recorded>), Fault> {
    let (mapped, person) = (&checked.mapped, user.id);
    let old = before.clone();
    let id = mapped.external_id.as_deref();
    let identifies = identifies::identifies(tx, actor, user, old.as_ref(), id).await?;
    let mut link = before.unwrap_or_else(|| new_link(tx, directory, person));
    link.user_name.clone_from(&mapped.user_name);
    link.user_name_key = text::name_key(&mapped.user_name);
    link.external_id.clone_from(&mapped.external_id);
    link.identifies = identifies;
    link.manager_id = checked.manager;
    link.attributes.clone_from(&checked.attributes);
    link.filter_keys.clone_from(&checked.filter_keys);
    if old.as_ref() == Some(&link) {
        return Ok((link, None));
    }
    link.version += 1;
    link.updated_at = tx.now;
    let row = link.clone().into_active_model().reset_all();
    let written = match old {
        Some(_) => directory_person::Entity::update(row)
            .exec(&tx.conn)
            .await
            .map(|_| ()),
        None => directory_person::Entity::insert(row)
            .exec_without_returning(&tx.conn)
            .await
            .map(|_| ()),
    };
    match written {
        Err(cause) if db::is_duplicate(&cause) => return Err(taken::name().into()),
        written => written?,
    }
    save_emails(tx, person, &checked.emails, old.is_some()).await?;
    if actor.integration.is_some() {
        note_first_write(tx, directory).await?;
    }
    let data = json!({ "directory": directory.id.to_string(), "userName": link.user_name });
    let action = match old {
        Some(_) => Action::DirectoryPersonUpdated,
        None => Action::DirectoryPersonLinked,
    };
    let recorded = journal::record(tx, &actor.author(), action, Some(person.into()), data).await?;
    Ok((link, Some(recorded)))
}

fn new_link(tx: &Tx, directory: &Directory, person: UserId) -> Link {
    Link {
        user_id: person,
        directory_id: directory.id,
        user_name: String::new(),
        user_name_key: String::new(),
        external_id: None,
        manager_id: None,
        attributes: String::new(),
        filter_keys: String::new(),
        version: 0,
        created_at: tx.now,
        updated_at: tx.now,
        deleted_at: None,
        identifies: false,
    }
}

async fn save_emails(
    tx: &Tx,
    person: UserId,
    emails: &[(String, Option<String>)],
    replace: bool,
) -> Result<(), Error> {
    if replace {
        directory_email::Entity::delete_many()
            .filter(directory_email::Column::UserId.eq(person))
            .exec(&tx.conn)
            .await?;
    }
    let rows = (0..).zip(emails).map(|(place, (value, kind))| {
        let row = directory_email::Model {
            user_id: person,
            place,
            value_key: value.clone(),
            type_key: kind.clone(),
        };
        row.into_active_model()
    });
    db::insert_all(tx, rows.collect()).await
}

/// Notes when the directory first wrote a person, once.
async fn note_first_write(tx: &Tx, directory: &Directory) -> Result<(), Error> {
    if directory.first_write_at.is_some() {
        return Ok(());
    }
    directory::Entity::update_many()
        .col_expr(directory::Column::FirstWriteAt, Expr::value(tx.now))
        .filter(directory::Column::Id.eq(directory.id))
        .filter(directory::Column::FirstWriteAt.is_null())
        .exec(&tx.conn)
        .await?;
    Ok(())
}
