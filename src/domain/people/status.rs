//! Whose status changes, as it happens.

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

/// How long a change may have been under way when somebody begins to listen.
const UNDER_WAY: TimeDelta = TimeDelta::milliseconds(200);

/// The people whose status has changed, each as they are then; only `only`, where somebody is named. A reader who is
/// too far behind is told so, and that is the end.
pub fn changes(
    db: Db,
    live: &Live,
    actor: Actor,
    only: Option<UserId>,
) -> impl Stream<Item = Result<User, Error>> + use<> {
    let changes = live.statuses();
    let since = db.clock().now() - UNDER_WAY;
    stream::unfold(Some((db, actor, changes)), move |state| async move {
        let (db, actor, mut changes) = state?;
        loop {
            let id = match changes.recv().await {
                Ok((_, at)) if at < since => continue,
                Ok((id, _)) => id,
                Err(RecvError::Lagged(_)) => {
                    let behind = Error::BadInput("you read too slowly: subscribe again".to_owned());
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
