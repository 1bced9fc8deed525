//! Reads of people and departments, and who may see whom in lists.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::user::{self, Profile, Role, UserStatus};
use entity::{DepartmentId, Timestamp, UserId, department};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::tree;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::selection::Sql;
use crate::domain::handover::work;
use crate::error::Error;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{By, Order, Page, PageArgs};

/// Which people.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Dismissed, or everyone else.
    pub dismissed: Option<bool>,
    /// Where they stand.
    pub status: Option<Vec<UserStatus>>,
    /// What they may do.
    pub role: Option<Role>,
    /// In this department or below.
    pub department: Option<DepartmentId>,
    /// Name, address or position.
    pub search: Option<String>,
    /// Dismissed people who still hold something open, or have nothing left.
    pub holds_work: Option<bool>,
    /// With one of these ids.
    pub ids: Option<Vec<UserId>>,
    /// With one of these addresses.
    pub emails: Option<Vec<String>>,
    /// With one of these ids in the system that they were imported from.
    pub external_ids: Option<Vec<String>>,
    /// Whose dismissal is scheduled, or is not.
    pub dismissal_scheduled: Option<bool>,
    /// Dismissed at this moment or later.
    pub dismissed_since: Option<Timestamp>,
    /// Dismissed before this moment.
    pub dismissed_until: Option<Timestamp>,
    /// Changed at this moment or later.
    pub updated_since: Option<Timestamp>,
}

/// What a list of people is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserOrder {
    /// Family name, given name.
    Name,
    /// Address.
    Email,
    /// First day at work; those without one first.
    HiredOn,
    /// Moment of dismissal; those who are not dismissed first.
    DismissedAt,
}

/// A page of the people whom the actor may see in lists.
///
/// Dismissed people are seen by administrators always, and by employees while the company's setting allows it.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense; [`Error::Forbidden`] for who asks about what they may not know.
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
    if let Some(dismissed) = filter.dismissed {
        select = select.filter(if dismissed {
            user::Column::Status.eq(UserStatus::Dismissed)
        } else {
            user::Column::Status.is_in([UserStatus::Active, UserStatus::Invited])
        });
    }
    if let Some(status) = &filter.status {
        select = select.filter(user::Column::Status.is_in(status.iter().copied()));
    }
    if let Some(role) = filter.role {
        select = select.filter(user::Column::Role.eq(role));
    }
    if let Some(department) = filter.department {
        select = select.filter(sql_condition(
            db.backend(),
            &format!("users.department_id IN {}", tree::below("$1")),
            &[department.into()],
        ));
    }
    if let Some(pattern) = filter
        .search
        .as_deref()
        .map(input::search_pattern)
        .transpose()?
        .flatten()
    {
        select = select.filter(Expr::col(user::Column::SearchText).like(LikeExpr::new(pattern).escape('\\')));
    }
    if let Some(holds) = filter.holds_work {
        let mut sql = Sql::default();
        let condition = format!(
            "({}) = {}",
            work::holds_open_work(&mut sql, db.clock().now()),
            if holds { "TRUE" } else { "FALSE" }
        );
        select = select
            .filter(user::Column::Status.eq(UserStatus::Dismissed))
            .filter(sql_condition(db.backend(), &condition, &sql.values));
    }
    if let Some(ids) = &filter.ids {
        select = select.filter(user::Column::Id.is_in(ids.iter().copied()));
    }
    if let Some(emails) = &filter.emails {
        let keys = emails.iter().map(|email| user::email_key(email.trim()));
        select = select.filter(user::Column::EmailKey.is_in(keys));
    }
    if let Some(external) = &filter.external_ids {
        select = select.filter(user::Column::ExternalId.is_in(external.iter().map(String::as_str)));
    }
    if let Some(scheduled) = filter.dismissal_scheduled {
        actor.require(Permission::DismissUsers)?;
        let not = if scheduled { "" } else { "NOT" };
        // Nobody learns of their own.
        let sql = format!(
            "{not} EXISTS (SELECT 1 FROM dismissals d WHERE d.user_id = users.id AND d.state = 'SCHEDULED' \
             AND d.user_id <> $1)"
        );
        select = select.filter(sql_condition(db.backend(), &sql, &[actor.user_id.into()]));
    }
    if let Some(since) = filter.dismissed_since {
        select = select.filter(user::Column::DismissedAt.gte(since));
    }
    if let Some(until) = filter.dismissed_until {
        select = select.filter(user::Column::DismissedAt.lt(until));
    }
    if let Some(since) = filter.updated_since {
        select = select.filter(user::Column::UpdatedAt.gte(since));
    }
    let order = user_order(db.backend(), by, descending);
    page::fetch_as(
        db.read(),
        Profile::select(select),
        order,
        args,
        |person: &Profile| person.id.0,
    )
    .await
}

fn user_order(backend: DbBackend, by: UserOrder, descending: bool) -> Order {
    // The expressions of the indexes, letter by letter.
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

/// People by id.
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

/// When people were last changed. Not part of a [`Profile`]: it is seldom asked for, and a moment is the dearest column to
/// read.
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

/// Departments by id.
///
/// # Errors
/// When the database fails.
pub async fn departments_by_ids(
    db: &Db,
    ids: &[DepartmentId],
) -> Result<HashMap<DepartmentId, department::Model>, Error> {
    let rows = department::Entity::find()
        .filter(department::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of departments, in the order in which they were made.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense.
pub async fn departments(db: &Db, args: &PageArgs) -> Result<Page<department::Model>, Error> {
    let order = Order::by_id(department::Column::Id, false);
    page::fetch(db.read(), department::Entity::find(), order, args, |row| row.id.0).await
}

/// The departments right below each of these.
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
    // A few for each department: put into their order here.
    rows.sort_by_cached_key(|row| text::sort_key(&row.name));
    let mut found: HashMap<DepartmentId, Vec<department::Model>> = HashMap::new();
    for row in rows {
        if let Some(parent) = row.parent_id {
            found.entry(parent).or_default().push(row);
        }
    }
    Ok(found)
}

/// How many people each of these departments has who have not been dismissed, those below not counted.
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

/// Whether the actor may see what this person holds: their own, that of people in departments they lead, and
/// everybody's for administrators.
///
/// # Errors
/// [`Error::Forbidden`] when not.
pub async fn require_watching(db: &Db, actor: &Actor, person: UserId) -> Result<(), Error> {
    if actor.may(Permission::ReadWork) || actor.user_id == person {
        return Ok(());
    }
    actor.require_sight_of_work()?;
    let sql = format!("SELECT 1 WHERE $1 IN {}", tree::watched_by("$2"));
    let watched = crate::store::db::query(db.read(), &sql, [person.into(), actor.user_id.into()]).await?;
    if watched.is_empty() {
        Err(Error::Forbidden(
            "to be the person, their head or an administrator",
        ))
    } else {
        Ok(())
    }
}

/// The name of a role in the API.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Administrator => "ADMINISTRATOR",
        Role::Employee => "EMPLOYEE",
    }
}
