//! createCrmItem.

use std::sync::Arc;

use entity::crm_item::{self, CrmKind, Model as CrmItem};
use entity::crm_rule::CrmOperation;
use entity::{CrmItemId, UserId};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::access::Access;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Error, Outcome};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new record, checked.
#[derive(Debug, Clone)]
pub struct CreateCrmItem {
    /// Kind.
    pub kind: CrmKind,
    /// Title.
    pub title: String,
    /// Stage in its pipeline.
    pub stage: Option<String>,
    /// Exact decimal, as text.
    pub amount: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Person responsible; defaults to the actor.
    pub responsible: Option<UserId>,
    /// Whether it is opened to all.
    pub opened_to_all: bool,
}

/// Creates a record, if the actor's CRM roles allow it.
///
/// # Errors
/// [`Error::Forbidden`] if no role allows adding such a record for this person; [`crate::error::Code::NotFound`] and
/// [`crate::error::Code::RecipientNotActive`] for the person named.
pub async fn create_crm_item(db: &Db, actor: &Actor, command: &CreateCrmItem) -> Outcome<CrmItem> {
    let responsible = command.responsible.unwrap_or(actor.user_id);
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let access = Access::load(&tx.conn, actor, CrmOperation::Add).await?;
        if !access.allows_for(&tx.conn, command.kind, responsible).await? {
            return Err(Error::Forbidden("a CRM role with ADD on such records").into());
        }
        check_active(tx, &[responsible], "responsibleId").await?;
        let id = CrmItemId(tx.new_id());
        let row = crm_item::ActiveModel {
            id: Set(id),
            external_id: Set(None),
            kind: Set(command.kind),
            search_text: Set(text::search_key(&command.title)),
            title: Set(command.title.clone()),
            stage: Set(command.stage.clone()),
            closed: Set(false),
            amount: Set(command.amount.clone()),
            currency: Set(command.currency.clone()),
            responsible_id: Set(Some(responsible)),
            opened_to_all: Set(command.opened_to_all),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        };
        let saved = crm_item::Entity::insert(row)
            .exec_with_returning(&tx.conn)
            .await?;
        let data = json!({ "responsible": responsible.to_string() });
        let recorded =
            journal::record(tx, &actor.author(), Action::CrmItemCreated, Some(id.into()), data).await?;
        Ok((saved, recorded))
    })
    .await
}
