//! updateCrmItem.

use std::sync::Arc;

use entity::crm_item::{self, Model as CrmItem};
use entity::crm_rule::CrmOperation;
use entity::{CrmItemId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::Action;

/// What is to change, checked.
#[derive(Debug, Clone)]
pub struct UpdateCrmItem {
    /// Which record.
    pub item: CrmItemId,
    /// What it is called; it can't be removed.
    pub title: Change<String>,
    /// Where in its pipeline it stands.
    pub stage: Change<String>,
    /// Whether work on it has ended; it can't be removed.
    pub closed: Change<bool>,
    /// Exact decimal text.
    pub amount: Change<String>,
    /// ISO 4217 code.
    pub currency: Change<String>,
    /// Who looks after it.
    pub responsible: Change<UserId>,
    /// Whether it is opened to all; it can't be removed.
    pub opened_to_all: Change<bool>,
}

/// Changes a record, as far as the actor's CRM roles go.
///
/// # Errors
/// Those of [`check_access`]; [`Code::RecipientNotActive`] for a new responsible person who is not active.
pub async fn update_crm_item(db: &Db, actor: &Actor, command: &UpdateCrmItem) -> Outcome<CrmItem> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = crm_item::Entity::find_by_id(command.item)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let Some(before) = found else {
            return refuse(Code::NotFound, "itemId", "there is no such record");
        };
        check_access(tx, actor, before.id).await?;
        let command = command.clone();
        let title = command.title.or_keep(before.title.clone());
        let after = CrmItem {
            search_text: text::search_key(&title),
            title,
            stage: command.stage.or(before.stage.clone()),
            closed: command.closed.or_keep(before.closed),
            amount: command.amount.or(before.amount.clone()),
            currency: command.currency.or(before.currency.clone()),
            responsible_id: command.responsible.or(before.responsible_id),
            opened_to_all: command.opened_to_all.or_keep(before.opened_to_all),
            ..before.clone()
        };
        if after == before {
            return Ok(before);
        }
        if after.responsible_id != before.responsible_id
            && let Some(new) = after.responsible_id
        {
            check_active(tx, &[new], "responsibleId").await?;
        }
        let row = CrmItem {
            updated_at: tx.now,
            ..after
        }
        .into_active_model()
        .reset_all();
        let saved = crm_item::Entity::update(row).exec(&tx.conn).await?;
        let data = json!({
            "closed": { "from": before.closed, "to": saved.closed },
            "responsible": {
                "from": before.responsible_id.map(|id| id.to_string()),
                "to": saved.responsible_id.map(|id| id.to_string()),
            },
        });
        journal::record(
            tx,
            &actor.author(),
            Action::CrmItemUpdated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok(saved)
    })
    .await
}

/// Goes on only when the actor may change the record.
///
/// # Errors
/// [`Code::NotFound`] for a record that they can't see, [`Error::Forbidden`] for one that they can only see.
pub async fn check_access(tx: &Tx, actor: &Actor, item: CrmItemId) -> Outcome<()> {
    let access = async |operation| {
        Access::load(&tx.conn, actor, operation)
            .await?
            .allows(&tx.conn, item)
            .await
    };
    if access(CrmOperation::Update).await? {
        Ok(())
    } else if access(CrmOperation::Read).await? {
        Err(Error::Forbidden("a CRM role that lets you update this record").into())
    } else {
        refuse(Code::NotFound, "itemId", "there is no such record")
    }
}
