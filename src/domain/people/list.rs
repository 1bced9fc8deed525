//! Queries on people and departments, and the visibility of people in lists.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::user::{self, Profile, Role, UserStatus};
use entity::{DepartmentId, Timestamp, UserId, department};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::tree;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::selection::Sql;
use crate::domain::handover::work;
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{By, Order, Page, PageArgs};

/// Filter of people.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Dismissed, or everyone else.
    pub dismissed: Option<bool>,
    /// One of these statuses.
    pub status: Option<Vec<UserStatus>>,
    /// Role.
    pub role: Option<Role>,
    /// Department, subdepartments included.
    pub department: Option<DepartmentId>,
    /// Text in the name, e-mail address or position.
    pub search: Option<String>,
    /// Dismissed people who still hold open work, or none.
    pub holds_work: Option<bool>,
    /// One of these ids.
    pub ids: Option<Vec<UserId>>,
    /// One of these e-mail addresses.
    pub emails: Option<Vec<String>>,
    /// One of these ids in the system they were imported from.
    pub external_ids: Option<Vec<String>>,
    /// Whether their dismissal is scheduled.
    pub dismissal_scheduled: Option<bool>,
    /// Dismissed at or after this time.
    pub dismissed_since: Option<Timestamp>,
    /// Dismissed before this time.
    pub dismissed_until: Option<Timestamp>,
    /// Changed at or after this time.
    pub updated_since: Option<Timestamp>,
}

/// Order of a list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserOrder {
    /// Family name, given name.
    Name,
    /// E-mail address.
    Email,
    /// First working day; people without one first.
    HiredOn,
    /// Time of dismissal; people not dismissed first.
    DismissedAt,
}

/// Returns a page of the people visible to the actor in lists.
///
/// Dismissed people are always visible to administrators, and to employees if the company's setting allows it.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments; [`Error::Forbidden`] for filters on confidential data.
pub async fn users(
    db: &Db,
    actor: &Actor,
    filter: &UserFilter,
    (by, descending): (UserOrder, bool),
    args: &PageArgs,
) -> Result<Page<Profile>, Error> {
    let mut select = user::Entity::find();
    if !actor.may(Permission::SeeDismissedUsers) {
        select = select.filter(user::Column::Status.ne(UserStatus::Dismissed));
    }
    let select = select.filter(matching(db, actor, filter)?);
    let mut order = user_order(db.backend(), by, descending);
    if filter.search.is_some() {
        // PostgreSQL would otherwise walk the index of the order, and read most people to find a few.
        if let (DbBackend::Postgres, Some(column)) = (db.backend(), text_column(by)) {
            order.by = Some(By::of::<String>(Expr::cust(format!("users.{column} || ''"))));
        }
        return found_users(db, select, order, args).await;
    }
    page::fetch_as(
        db.read(),
        Profile::select(select),
        order,
        args,
        |person: &Profile| person.id.0,
    )
    .await
}

/// Fetches a page of a search: the ids first. An index has all that is needed to find, sort and count them, so the rows
/// of people who are not found are never read.
async fn found_users(
    db: &Db,
    select: Select<user::Entity>,
    order: Order,
    args: &PageArgs,
) -> Result<Page<Profile>, Error> {
    let select = select.select_only().column(user::Column::Id);
    let found = page::fetch_as(db.read(), select, order, args, |found: &Found| found.id.0).await?;
    let ids: Vec<UserId> = found.items.iter().map(|(found, _)| found.id).collect();
    let mut people = by_ids(db, &ids).await?;
    Ok(found.filter_map(|found| people.remove(&found.id)))
}

#[derive(FromQueryResult)]
struct Found {
    id: UserId,
}

/// Returns the condition of a filter, regardless of visibility.
fn matching(db: &Db, actor: &Actor, filter: &UserFilter) -> Result<Condition, Error> {
    use user::Column;
    let dismissed = |dismissed| match dismissed {
        true => Column::Status.eq(UserStatus::Dismissed),
        false => Column::Status.is_in([UserStatus::Active, UserStatus::Invited]),
    };
    let in_department = |department: DepartmentId| {
        let sql = format!("users.department_id IN {}", tree::below("$1"));
        sql_condition(db.backend(), &sql, &[department.into()])
    };
    let search = input::search(Column::SearchText, filter.search.as_deref())?;
    if filter.dismissal_scheduled.is_some() {
        actor.require(Permission::DismissUsers)?;
    }
    let (status, ids, external) = (&filter.status, &filter.ids, &filter.external_ids);
    let (status, ids, external) = (status.as_ref(), ids.as_ref(), external.as_ref());
    let keys = filter
        .emails
        .as_ref()
        .map(|emails| emails.iter().map(|email| user::email_key(email.trim())));
    Ok(Condition::all()
        .add_option(filter.dismissed.map(dismissed))
        .add_option(status.map(|status| Column::Status.is_in(status.iter().copied())))
        .add_option(filter.role.map(|role| Column::Role.eq(role)))
        .add_option(filter.department.map(in_department))
        .add_option(search)
        .add_option(
            filter
                .holds_work
                .map(|holds| is_dismissed_and_holds_work(db, holds)),
        )
        .add_option(ids.map(|ids| Column::Id.is_in(ids.iter().copied())))
        .add_option(keys.map(|keys| Column::EmailKey.is_in(keys)))
        .add_option(external.map(|ids| Column::ExternalId.is_in(ids.iter().map(String::as_str))))
        .add_option(
            filter
                .dismissal_scheduled
                .map(|scheduled| has_schedule(db, actor, scheduled)),
        )
        .add_option(filter.dismissed_since.map(|since| Column::DismissedAt.gte(since)))
        .add_option(filter.dismissed_until.map(|until| Column::DismissedAt.lt(until)))
        .add_option(filter.updated_since.map(|since| Column::UpdatedAt.gte(since))))
}

/// Returns the condition for dismissed people who hold open work, or none.
fn is_dismissed_and_holds_work(db: &Db, holds: bool) -> Condition {
    let mut sql = Sql::default();
    let condition = format!(
        "({}) = {}",
        work::holds_open_work(&mut sql, db.clock().now()),
        if holds { "TRUE" } else { "FALSE" }
    );
    Condition::all()
        .add(user::Column::Status.eq(UserStatus::Dismissed))
        .add(sql_condition(db.backend(), &condition, &sql.values))
}

/// Returns the condition for people whose dismissal is scheduled, or not. Nobody sees their own.
fn has_schedule(db: &Db, actor: &Actor, scheduled: bool) -> Condition {
    let not = if scheduled { "" } else { "NOT" };
    let sql = format!(
        "{not} EXISTS (SELECT 1 FROM dismissals d WHERE d.user_id = users.id AND d.state = 'SCHEDULED' \
         AND d.user_id <> $1)"
    );
    sql_condition(db.backend(), &sql, &[actor.user_id.into()])
}

fn user_order(backend: DbBackend, by: UserOrder, descending: bool) -> Order {
    // Must match the expressions of the indexes literally.
    let (never, no_day) = match backend {
        DbBackend::Postgres => ("TIMESTAMPTZ '0001-01-01 00:00:00+00'", "DATE '0001-01-01'"),
        _ => ("'0001-01-01T00:00:00+00:00'", "'0001-01-01'"),
    };
    let coalesce = |column, none| Expr::cust(format!("COALESCE(users.{column}, {none})"));
    let (tag, by) = match by {
        UserOrder::Name => ("sorted", By::of::<String>(Expr::col(user::Column::SortName))),
        UserOrder::Email => ("address", By::of::<String>(Expr::col(user::Column::SortEmail))),
        UserOrder::HiredOn => ("hired", By::of::<NaiveDate>(coalesce("hired_on", no_day))),
        UserOrder::DismissedAt => ("dismissed", By::of::<Timestamp>(coalesce("dismissed_at", never))),
    };
    Order {
        tag,
        by: Some(by),
        id: Expr::col(user::Column::Id),
        descending,
    }
}

/// Returns the column of an order by text.
fn text_column(by: UserOrder) -> Option<&'static str> {
    match by {
        UserOrder::Name => Some("sort_name"),
        UserOrder::Email => Some("sort_email"),
        UserOrder::HiredOn | UserOrder::DismissedAt => None,
    }
}

/// Returns people by id.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[UserId]) -> Result<HashMap<UserId, Profile>, Error> {
    let rows = Profile::select(user::Entity::find())
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .into_model::<Profile>()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns when people were last changed. Not part of a [`Profile`]: rarely requested, and a timestamp is the most
/// expensive column to read.
///
/// # Errors
/// When the database fails.
pub async fn changes(db: &Db, ids: &[UserId]) -> Result<HashMap<UserId, Timestamp>, Error> {
    let rows: Vec<(UserId, Timestamp)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::UpdatedAt])
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().collect())
}

/// Returns when people were dismissed, of those who are.
///
/// # Errors
/// When the database fails.
pub async fn dismissal_times(db: &Db, ids: &[UserId]) -> Result<HashMap<UserId, Timestamp>, Error> {
    let rows: Vec<(UserId, Option<Timestamp>)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::DismissedAt])
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// Returns departments by id.
///
/// # Errors
/// When the database fails.
pub async fn departments_by_ids(
    db: &Db,
    ids: &[DepartmentId],
) -> Result<HashMap<DepartmentId, department::Model>, Error> {
    db::by_ids::<department::Entity, _>(db.read(), department::Column::Id, ids, |row| row.id).await
}

/// Returns a page of departments, by creation.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn departments(db: &Db, args: &PageArgs) -> Result<Page<department::Model>, Error> {
    let order = Order::by_id(department::Column::Id, false);
    page::fetch(db.read(), department::Entity::find(), order, args, |row| row.id.0).await
}

/// Returns the direct subdepartments of each department.
///
/// # Errors
/// When the database fails.
pub async fn children(
    db: &Db,
    parents: &[DepartmentId],
) -> Result<HashMap<DepartmentId, Vec<department::Model>>, Error> {
    let mut rows = department::Entity::find()
        .filter(department::Column::ParentId.is_in(parents.iter().copied()))
        .order_by_asc(department::Column::Id)
        .all(db.read())
        .await?;
    // Few per department, so sorted here.
    rows.sort_by_cached_key(|row| text::sort_key(&row.name));
    let mut found: HashMap<DepartmentId, Vec<department::Model>> = HashMap::new();
    for row in rows {
        if let Some(parent) = row.parent_id {
            found.entry(parent).or_default().push(row);
        }
    }
    Ok(found)
}

/// Returns the number of people in each department who are not dismissed, without subdepartments.
///
/// # Errors
/// When the database fails.
pub async fn member_counts(db: &Db, ids: &[DepartmentId]) -> Result<HashMap<DepartmentId, i64>, Error> {
    let rows: Vec<(DepartmentId, i64)> = user::Entity::find()
        .select_only()
        .column(user::Column::DepartmentId)
        .column_as(user::Column::Id.count(), "members")
        .filter(user::Column::DepartmentId.is_in(ids.iter().copied()))
        .filter(user::Column::Status.ne(UserStatus::Dismissed))
        .group_by(user::Column::DepartmentId)
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().collect())
}

/// Checks that the actor may see the work of this person: their own, that of people in departments they lead, and
/// everybody's for administrators.
///
/// # Errors
/// [`Error::Forbidden`] if not.
pub async fn require_access_to_work_of(db: &Db, actor: &Actor, person: UserId) -> Result<(), Error> {
    if actor.may(Permission::ReadWork) || actor.user_id == person {
        return Ok(());
    }
    actor.require_work_access()?;
    let sql = format!("SELECT 1 WHERE $1 IN {}", tree::people_visible_to("$2"));
    let watched = db::query(db.read(), &sql, [person.into(), actor.user_id.into()]).await?;
    if watched.is_empty() {
        Err(Error::Forbidden(
            "being the person, their head or an administrator",
        ))
    } else {
        Ok(())
    }
}

/// Returns the name of a role in the API.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Administrator => "ADMINISTRATOR",
        Role::Employee => "EMPLOYEE",
    }
}
