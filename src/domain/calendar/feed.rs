//! createCalendarFeed and revokeCalendarFeed: secret URLs for subscriptions by calendar clients, which send no header.
//!
//! Anyone with the URL sees the calendar as long as its creator may see it. It is revoked by revokeCalendarFeed, by a
//! new one of the same person, and by that person's dismissal.

use std::sync::Arc;

use entity::user::UserStatus;
use entity::{CalendarId, SessionId, UserId, calendar, calendar_feed, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::secret::{fingerprint, new_secret};
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Author, Recorded};

/// Creates a feed for a calendar, replacing an earlier one of the actor; returns its secret.
///
/// # Errors
/// [`Code::NotFound`] for a calendar that the actor can't see.
pub async fn create(db: &Db, actor: &Actor, id: CalendarId) -> Outcome<String> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let calendar = seen(tx, actor, id).await?;
        calendar_feed::Entity::delete_many()
            .filter(calendar_feed::Column::CalendarId.eq(id))
            .filter(calendar_feed::Column::UserId.eq(actor.user_id))
            .exec(&tx.conn)
            .await?;
        let secret = new_secret()?;
        calendar_feed::Entity::insert(calendar_feed::ActiveModel {
            hash: Set(fingerprint(&secret)),
            calendar_id: Set(id),
            user_id: Set(actor.user_id),
            created_at: Set(tx.now),
        })
        .exec_without_returning(&tx.conn)
        .await?;
        let data = json!({ "name": calendar.name });
        let action = Action::CalendarFeedCreated;
        let recorded = journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
        Ok((secret, recorded))
    })
    .await
}

/// Revokes all feeds of a calendar, of all people. Idempotent.
///
/// # Errors
/// [`Code::NotFound`] for a calendar that the actor can't see.
pub async fn revoke(db: &Db, actor: &Actor, id: CalendarId) -> Outcome<calendar::Model> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let calendar = seen(tx, actor, id).await?;
        let ended = calendar_feed::Entity::delete_many()
            .filter(calendar_feed::Column::CalendarId.eq(id))
            .exec(&tx.conn)
            .await?
            .rows_affected;
        if ended == 0 {
            return Ok((calendar, Recorded::nothing_changed()));
        }
        let recorded = record_end(tx, &actor.author(), id, json!({ "addresses": ended })).await?;
        Ok((calendar, recorded))
    })
    .await
}

/// Revokes the feeds of a dismissed person.
///
/// # Errors
/// When the database fails.
pub async fn end_of(tx: &Tx, author: &Author, person: UserId) -> Outcome<()> {
    let of_person = calendar_feed::Column::UserId.eq(person);
    let ending = calendar_feed::Entity::find()
        .filter(of_person.clone())
        .all(&tx.conn)
        .await?;
    calendar_feed::Entity::delete_many()
        .filter(of_person)
        .exec(&tx.conn)
        .await?;
    for feed in ending {
        let data = json!({ "madeBy": person.to_string(), "reason": "dismissed" });
        record_end(tx, author, feed.calendar_id, data).await?;
    }
    Ok(())
}

/// Returns the calendar of the feed with this hash, if the creator of the feed may still see it.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, hash: &str) -> Result<Option<calendar::Model>, Error> {
    let Some(feed) = calendar_feed::Entity::find_by_id(hash).one(db.read()).await? else {
        return Ok(None);
    };
    let maker = user::Entity::find_by_id(feed.user_id).one(db.read()).await?;
    let Some(maker) = maker.filter(|person| person.status == UserStatus::Active) else {
        return Ok(None);
    };
    let maker = Actor {
        user_id: maker.id,
        session_id: SessionId(Uuid::nil()),
        role: maker.role,
        email: maker.email,
        dismissed_shown: false,
        may_read_replica: false,
        integration: None,
    };
    let found = calendar::Entity::find_by_id(feed.calendar_id)
        .one(db.read())
        .await?;
    Ok(found.filter(|row| access::may_see(&maker, row)))
}

/// Returns a calendar visible to the actor.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn seen(tx: &Tx, actor: &Actor, id: CalendarId) -> Outcome<calendar::Model> {
    let found = calendar::Entity::find_by_id(id).one(&tx.conn).await?;
    match found.filter(|row| access::may_see(actor, row)) {
        Some(calendar) => Ok(calendar),
        None => refuse(Code::NotFound, "calendarId", "there is no such calendar"),
    }
}

async fn record_end(tx: &Tx, author: &Author, id: CalendarId, data: serde_json::Value) -> Outcome<Recorded> {
    Ok(journal::record(tx, author, Action::CalendarFeedRevoked, Some(id.into()), data).await?)
}
