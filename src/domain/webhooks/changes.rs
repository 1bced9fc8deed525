//! Changes of the company, to be followed by cursor: what webhooks announce.

use std::collections::BTreeSet;

use entity::audit_entry::{self, Column, Model as Entry};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::event::Event;
use super::publish;
use crate::domain::audit::confidential;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page::{self, By, Order, Page, PageArgs};

/// Returns a page of the changes, oldest first, in the order of their commits: after the cursor of the last change on a
/// page nothing appears that belongs before it. Changes that the actor may not learn of are left out.
///
/// # Errors
/// [`Error::Forbidden`] without READ_EVENTS; [`Error::BadInput`] for invalid arguments.
pub async fn changes(
    db: &Db,
    actor: &Actor,
    types: Option<&BTreeSet<Event>>,
    args: &PageArgs,
) -> Result<Page<Entry>, Error> {
    actor.require(Permission::ReadEvents)?;
    publish::publish(db).await?;
    let visible = Event::all().filter(|event| may_follow(actor, *event));
    let wanted = visible.filter(|event| types.is_none_or(|types| types.contains(event)));
    let select = audit_entry::Entity::find()
        .filter(Column::Sequence.gt(0))
        .filter(Column::Action.is_in(wanted.map(Event::as_str)))
        .filter(confidential::hidden_from(actor).not());
    let order = Order {
        tag: "sequence",
        by: Some(By::of::<i64>(Expr::col((audit_entry::Entity, Column::Sequence)))),
        id: Expr::col((audit_entry::Entity, Column::Id)),
        descending: false,
    };
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns the entry, if it is a change that the actor may learn of.
pub fn visible(actor: &Actor, entry: Entry) -> Option<Entry> {
    let event = Event::parse(&entry.action)?;
    let entry = entry.sequence.is_some().then_some(entry)?;
    may_follow(actor, event).then(|| confidential::visible(actor, entry))?
}

fn may_follow(actor: &Actor, event: Event) -> bool {
    event.requires().all(|permission| actor.may(permission))
}
