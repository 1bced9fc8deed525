//! Whose status changes, as it happens.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::user::{Model as User, UserStatus};
use entity::{UserId, user};
use futures_util::{Stream, stream};
use sea_orm::EntityTrait;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;

/// How long a change may have been under way when somebody begins to listen.
const UNDER_WAY: TimeDelta = TimeDelta::milliseconds(200);

/// The people whose status has changed, each as they are then; only `only`, where somebody is named. A reader who is
/// too far behind is told so, and that is the end.
pub fn changes(
    app: Arc<App>,
    actor: Actor,
    only: Option<UserId>,
) -> impl Stream<Item = (Arc<App>, Result<User, Error>)> {
    let changes = app.live.statuses();
    let since = app.db.clock().now() - UNDER_WAY;
    stream::unfold(Some((app, actor, changes)), move |state| async move {
        let (app, actor, mut changes) = state?;
        loop {
            let id = match changes.recv().await {
                Ok((_, at)) if at < since => continue,
                Ok((id, _)) => id,
                Err(RecvError::Lagged(_)) => {
                    let behind = Error::BadInput("you read too slowly: subscribe again".to_owned());
                    return Some(((app, Err(behind)), None));
                }
                Err(RecvError::Closed) => return None,
            };
            if only.is_some_and(|only| only != id) {
                continue;
            }
            let found = match user::Entity::find_by_id(id).one(app.db.read()).await {
                Ok(Some(row)) => row,
                Ok(None) => continue,
                Err(cause) => return Some(((app, Err(cause.into())), None)),
            };
            let hidden = found.status == UserStatus::Dismissed;
            if hidden && !actor.may(Permission::SeeDismissedUsers) {
                continue;
            }
            return Some(((Arc::clone(&app), Ok(found)), Some((app, actor, changes))));
        }
    })
}
