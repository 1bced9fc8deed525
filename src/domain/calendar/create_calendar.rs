//! createCalendar.

use std::sync::Arc;

use entity::CalendarId;
use entity::calendar::{self, Model as Calendar};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Creates a calendar owned by the actor.
///
/// # Errors
/// When the actor is locked out, or the database fails.
pub async fn create_calendar(db: &Db, actor: &Actor, name: &str) -> Outcome<Calendar> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let id = CalendarId(tx.new_id());
        let row = calendar::ActiveModel {
            id: Set(id),
            name: Set(name.to_owned()),
            search_text: Set(text::search_key(name)),
            owner_id: Set(actor.user_id),
            kept_by_id: Set(actor.user_id),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        };
        let saved = calendar::Entity::insert(row)
            .exec_with_returning(&tx.conn)
            .await?;
        let data = json!({ "name": name });
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CalendarCreated,
            Some(id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}
