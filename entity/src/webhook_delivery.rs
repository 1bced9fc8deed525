//! Deliveries of webhooks: one for each event and webhook.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, Timestamp, WebhookDeliveryId, WebhookId};

/// What has become of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryState {
    /// It will be sent, or sent again.
    Pending,
    /// The receiver has accepted it.
    Delivered,
    /// It was given up.
    Failed,
    /// Its webhook was disabled; it is sent only on request.
    Held,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryFailure {
    /// The host name could not be resolved.
    Dns,
    /// The address is not public, and not allowed.
    BlockedAddress,
    /// No connection, or it was closed before the answer.
    Connect,
    /// The certificate is not trusted, or TLS could not be negotiated.
    Tls,
    /// No answer within 15 seconds.
    Timeout,
    /// A status other than 2xx.
    Status,
    /// A redirect, which is not followed.
    Redirect,
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The change, or the audit entry of a test.
    pub entry_id: AuditEntryId,
    /// Type of the event.
    pub event: String,
    /// Place of the change among all changes; `None` for a test.
    pub sequence: Option<i64>,
    /// What has become of it.
    pub state: DeliveryState,
    /// Number of attempts.
    pub attempts: i32,
    /// Number of attempts since it was last requested: decides when the next one is due.
    pub tries: i32,
    /// Not sent before this time.
    pub due_at: Timestamp,
    /// Token of the process that is sending it.
    pub lease: Option<Uuid>,
    /// When the lease expires.
    pub leased_until: Option<Timestamp>,
    /// HTTP status of the last attempt that got one.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_failure: Option<DeliveryFailure>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
