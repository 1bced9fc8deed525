//! Changes of status, live.

use chrono::TimeDelta;
use entity::user::{Model as User, UserStatus};
use entity::{UserId, user};
use futures_util::{Stream, stream};
use sea_orm::EntityTrait;
use tokio::sync::broadcast::error::RecvError;

use crate::domain::auth::{Actor, Permission};
use crate::domain::live::Live;
use crate::error::Error;
use crate::store::db::Db;

/// How long a change may have been in flight when a subscription starts.
const IN_FLIGHT: TimeDelta = TimeDelta::milliseconds(200);

/// Streams the people whose status has changed, in their state at that time; `only` restricts it to one person. A
/// reader that is too slow gets an error, which ends the stream.
pub fn changes(
    db: Db,
    live: &Live,
    actor: Actor,
    only: Option<UserId>,
) -> impl Stream<Item = Result<User, Error>> + use<> {
    let changes = live.statuses();
    let since = db.clock().now() - IN_FLIGHT;
    stream::unfold(Some((db, actor, changes)), move |state| async move {
        let (db, actor, mut changes) = state?;
        loop {
            let id = match changes.recv().await {
                Ok((_, at)) if at < since => continue,
                Ok((id, _)) => id,
                Err(RecvError::Lagged(_)) => {
                    let behind = Error::BadInput("the reader is too slow: subscribe again".to_owned());
                    return Some((Err(behind), None));
                }
                Err(RecvError::Closed) => return None,
            };
            if only.is_some_and(|only| only != id) {
                continue;
            }
            let found = match user::Entity::find_by_id(id).one(db.read()).await {
                Ok(Some(row)) => row,
                Ok(None) => continue,
                Err(cause) => return Some((Err(cause.into()), None)),
            };
            let hidden = found.status == UserStatus::Dismissed;
            if hidden && !actor.may(Permission::SeeDismissedUsers) {
                continue;
            }
            return Some((Ok(found), Some((db, actor, changes))));
        }
    })
}
