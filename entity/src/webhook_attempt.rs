//! Attempts to deliver an event to a webhook.

use sea_orm::entity::prelude::*;

use crate::webhook_delivery::DeliveryFailure;
use crate::{Timestamp, WebhookDeliveryId};

/// A row of `webhook_attempts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempts")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: i32,
    /// HTTP status of the answer, if there was one.
    pub status: Option<i32>,
    /// Why it failed; `None` if it succeeded.
    pub failure: Option<DeliveryFailure>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
