//! addFavoriteCalendar and removeFavoriteCalendar. Both are idempotent.

use std::sync::Arc;

use entity::calendar::{self, Model as Calendar};
use entity::{CalendarId, favorite_calendar};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Adds a calendar to the actor's favorites.
///
/// # Errors
/// [`Code::NotFound`] for a calendar that the actor can't see.
pub async fn add(db: &Db, actor: &Actor, id: CalendarId) -> Outcome<Calendar> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = calendar::Entity::find_by_id(id).one(&tx.conn).await?;
        let Some(calendar) = found.filter(|row| access::may_see(actor, row)) else {
            return missing();
        };
        let row = favorite_calendar::ActiveModel {
            user_id: Set(actor.user_id),
            calendar_id: Set(id),
            handed: Set(false),
            created_at: Set(tx.now),
        };
        let added = favorite_calendar::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn)
            .await?;
        if added == 0 {
            return Ok((calendar, Recorded::nothing_changed()));
        }
        let data = json!({ "name": calendar.name });
        let action = Action::CalendarFavorited;
        let recorded = journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
        Ok((calendar, recorded))
    })
    .await
}

/// Removes a calendar from the actor's favorites, even one they can no longer see.
///
/// # Errors
/// [`Code::NotFound`] for a calendar that the actor can't see and has not among the favorites.
pub async fn remove(db: &Db, actor: &Actor, id: CalendarId) -> Outcome<Calendar> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let Some(calendar) = calendar::Entity::find_by_id(id).one(&tx.conn).await? else {
            return missing();
        };
        let removed = favorite_calendar::Entity::delete_by_id((actor.user_id, id))
            .exec(&tx.conn)
            .await?
            .rows_affected;
        if removed == 0 {
            return if access::may_see(actor, &calendar) {
                Ok((calendar, Recorded::nothing_changed()))
            } else {
                missing()
            };
        }
        let data = json!({ "name": calendar.name });
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CalendarUnfavorited,
            Some(id.into()),
            data,
        )
        .await?;
        Ok((calendar, recorded))
    })
    .await
}

fn missing<T>() -> Outcome<T> {
    refuse(Code::NotFound, "calendarId", "there is no such calendar")
}
