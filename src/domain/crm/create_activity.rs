//! createCrmActivity.

use std::sync::Arc;

use entity::crm_activity::{self, CrmActivityKind, Model as CrmActivity};
use entity::crm_rule::CrmOperation;
use entity::{CrmActivityId, CrmItemId, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::access::Access;
use super::update::check_access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new activity, checked.
#[derive(Debug, Clone)]
pub struct CreateCrmActivity {
    /// Record.
    pub item: CrmItemId,
    /// Kind.
    pub kind: CrmActivityKind,
    /// Summary.
    pub subject: String,
    /// Person responsible; defaults to the actor.
    pub responsible: Option<UserId>,
    /// When it is due.
    pub deadline: Option<Timestamp>,
}

/// Creates an activity: for oneself on a readable record, for others on an updatable one.
///
/// # Errors
/// [`Code::NotFound`] for a record that the actor can't see, [`crate::error::Error::Forbidden`] for somebody else's
/// activity on one that they can only read; [`Code::RecipientNotActive`].
pub async fn create_crm_activity(
    db: &Db,
    actor: &Actor,
    command: &CreateCrmActivity,
) -> Outcome<CrmActivity> {
    let responsible = command.responsible.unwrap_or(actor.user_id);
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        if responsible == actor.user_id {
            let access = Access::load(&tx.conn, actor, CrmOperation::Read).await?;
            if !access.allows(&tx.conn, command.item).await? {
                return refuse(Code::NotFound, "itemId", "there is no such record");
            }
        } else {
            check_access(tx, actor, command.item).await?;
        }
        check_active(tx, &[responsible], "responsibleId").await?;
        let row = crm_activity::ActiveModel {
            id: Set(CrmActivityId(tx.new_id())),
            item_id: Set(command.item),
            kind: Set(command.kind),
            subject: Set(command.subject.clone()),
            search_text: Set(text::search_key(&command.subject)),
            completed: Set(false),
            deadline: Set(command.deadline),
            responsible_id: Set(responsible),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        };
        let saved = crm_activity::Entity::insert(row)
            .exec_with_returning(&tx.conn)
            .await?;
        let data = json!({ "item": command.item.to_string(), "responsible": responsible.to_string() });
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CrmActivityCreated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}
