//! updateCrmItem.

use std::sync::Arc;

use entity::crm_item::{self, Model as CrmItem};
use entity::crm_rule::CrmOperation;
use entity::{CrmItemId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};

/// Changes to a record, checked.
#[derive(Debug, Clone)]
pub struct UpdateCrmItem {
    /// Id of the record.
    pub item: CrmItemId,
    /// Title; required.
    pub title: Change<String>,
    /// Stage in its pipeline.
    pub stage: Change<String>,
    /// Whether work on it has ended; required.
    pub closed: Change<bool>,
    /// Exact decimal, as text.
    pub amount: Change<String>,
    /// ISO 4217 code.
    pub currency: Change<String>,
    /// Person responsible.
    pub responsible: Change<UserId>,
    /// Whether it is opened to all; required.
    pub opened_to_all: Change<bool>,
}

/// Updates a record, if the actor's CRM roles allow it.
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
            return Ok((before, Recorded::nothing_changed()));
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
        let person = |row: &CrmItem| row.responsible_id.map(|id| id.to_string());
        let data = Changes::default()
            .with("title", before.title.clone(), saved.title.clone())
            .with("stage", before.stage.clone(), saved.stage.clone())
            .with("closed", before.closed, saved.closed)
            .with("amount", before.amount.clone(), saved.amount.clone())
            .with("currency", before.currency.clone(), saved.currency.clone())
            .with("responsible", person(&before), person(&saved))
            .with("openedToAll", before.opened_to_all, saved.opened_to_all);
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::CrmItemUpdated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}

/// Checks that the actor may update the record.
///
/// # Errors
/// [`Code::NotFound`] for a record that they can't see, [`Error::Forbidden`] for one that they can only read.
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
        Err(Error::Forbidden("a CRM role with UPDATE on this record").into())
    } else {
        refuse(Code::NotFound, "itemId", "there is no such record")
    }
}
