//! updateCrmActivity.

use std::sync::Arc;

use entity::crm_activity::{self, Model as CrmActivity};
use entity::{CrmActivityId, Timestamp, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::activities::may_see;
use super::update::check_access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};

/// Changes to an activity, checked.
#[derive(Debug, Clone)]
pub struct UpdateCrmActivity {
    /// Id of the activity.
    pub activity: CrmActivityId,
    /// Summary; required.
    pub subject: Change<String>,
    /// Whether it is completed; required.
    pub completed: Change<bool>,
    /// Person responsible; required.
    pub responsible: Change<UserId>,
    /// When it is due.
    pub deadline: Change<Timestamp>,
}

/// Updates an activity: one's own, or one of an updatable record.
///
/// # Errors
/// [`Code::NotFound`] for an activity that the actor can't see, [`crate::error::Error::Forbidden`] for one that they
/// can only read; [`Code::RecipientNotActive`].
pub async fn update_crm_activity(
    db: &Db,
    actor: &Actor,
    command: &UpdateCrmActivity,
) -> Outcome<CrmActivity> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = crm_activity::Entity::find_by_id(command.activity)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let before = match found {
            Some(row) if may_see(&tx.conn, actor, &row).await? => row,
            _ => return refuse(Code::NotFound, "activityId", "there is no such activity"),
        };
        if before.responsible_id != actor.user_id {
            check_access(tx, actor, before.item_id).await?;
        }
        let command = command.clone();
        let subject = command.subject.or_keep(before.subject.clone());
        let after = CrmActivity {
            search_text: text::search_key(&subject),
            subject,
            completed: command.completed.or_keep(before.completed),
            responsible_id: command.responsible.or_keep(before.responsible_id),
            deadline: command.deadline.or(before.deadline),
            ..before.clone()
        };
        if after == before {
            return Ok((before, Recorded::nothing_changed()));
        }
        if after.responsible_id != before.responsible_id {
            check_active(tx, &[after.responsible_id], "responsibleId").await?;
        }
        let row = CrmActivity {
            updated_at: tx.now,
            ..after
        }
        .into_active_model()
        .reset_all();
        let saved = crm_activity::Entity::update(row).exec(&tx.conn).await?;
        let data = Changes::default()
            .with("subject", before.subject.clone(), saved.subject.clone())
            .with("completed", before.completed, saved.completed)
            .with(
                "responsible",
                before.responsible_id.to_string(),
                saved.responsible_id.to_string(),
            );
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CrmActivityUpdated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}
