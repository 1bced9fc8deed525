//! Webhooks: URLs to which changes are sent.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, Timestamp, UserId, WebhookId};

/// Order of the deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookOrder {
    /// Several at a time; a failed one doesn't delay others.
    BestEffort,
    /// One at a time, in the order of the changes.
    InOrder,
}

/// Whether deliveries are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookState {
    /// They are sent.
    Enabled,
    /// They are sent, but every attempt has failed for a day.
    Failing,
    /// They are held: somebody disabled it, or every attempt has failed for five days.
    Disabled,
    /// They are held: the receiver answered 410.
    Gone,
}

/// A row of `webhooks`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    /// The integration it belongs to; `None` if it belongs to the company.
    pub integration_id: Option<IntegrationId>,
    /// The person who was shown the secret.
    pub secret_shown_to_id: UserId,
    /// Where deliveries are sent.
    pub url: String,
    /// The events that it receives, with a space before and after each: ` user.dismissed user.hired `.
    pub events: String,
    /// Order of the deliveries.
    pub delivery_order: WebhookOrder,
    /// Whether deliveries are sent.
    pub state: WebhookState,
    /// The secret that signs deliveries: `whsec_` and 32 bytes in base64.
    pub secret: String,
    /// The secret before the last rotation.
    pub previous_secret: Option<String>,
    /// Until when deliveries are signed with it too.
    pub previous_secret_until: Option<Timestamp>,
    /// When the first of the attempts since the last success failed.
    pub failing_since: Option<Timestamp>,
    /// When the last attempt failed.
    pub last_failed_at: Option<Timestamp>,
    /// When it stopped sending.
    pub disabled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Without the secrets.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Model {
    /// Whether it receives an event of this type.
    pub fn receives(&self, event: &str) -> bool {
        self.events.split(' ').any(|one| one == event)
    }

    /// Whether deliveries are sent.
    pub fn is_sending(&self) -> bool {
        self.deleted_at.is_none() && matches!(self.state, WebhookState::Enabled | WebhookState::Failing)
    }
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
