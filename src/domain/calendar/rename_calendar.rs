//! renameCalendar.

use std::sync::Arc;

use entity::CalendarId;
use entity::calendar::{self, Model as Calendar};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::feed::seen;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};

/// Renames a calendar.
///
/// # Errors
/// [`crate::error::Code::NotFound`] for a calendar that the actor can't see.
pub async fn rename_calendar(db: &Db, actor: &Actor, id: CalendarId, name: &str) -> Outcome<Calendar> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = seen(tx, actor, id).await?;
        if before.name == name {
            return Ok((before, Recorded::nothing_changed()));
        }
        let data = Changes::default().with("name", before.name.as_str(), name);
        let renamed = calendar::ActiveModel {
            name: Set(name.to_owned()),
            search_text: Set(text::search_key(name)),
            updated_at: Set(tx.now),
            ..before.into()
        };
        let saved = renamed.update(&tx.conn).await?;
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CalendarRenamed,
            Some(id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}
