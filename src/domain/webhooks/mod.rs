//! Webhooks: changes are sent to other systems, signed by the Standard Webhooks specification, at least once.
//!
//! A change that webhooks announce is marked in the transaction that makes it (`store::journal`). [`publish`] then gives
//! it its place among all changes and creates its deliveries, in one transaction; [`deliver`] sends them, each webhook in
//! a lane of its own.

pub mod changes;
pub mod claim;
pub mod create;
pub mod delete;
pub mod deliver;
pub mod event;
pub mod list;
pub mod payload;
pub mod prune;
pub mod publish;
pub mod redeliver;
pub mod rotate_secret;
mod schedule;
pub mod send;
pub mod settle;
pub mod signature;
pub mod test;
pub mod update;

use std::collections::BTreeSet;

use entity::webhook::{self, Model as Webhook, WebhookState};
use entity::{IntegrationId, UserId, WebhookId};
use sea_orm::sea_query::{IntoCondition, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use self::event::Event;
use crate::domain::integrations::{add_secret, read_scopes};
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal::{self, Action, Author};

/// Finds a webhook that was not deleted, and locks it.
///
/// # Errors
/// [`Code::NotFound`].
async fn find(tx: &Tx, id: WebhookId) -> Outcome<Webhook> {
    let found = webhook::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    match found.filter(|row| row.deleted_at.is_none()) {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "webhookId", "there is no such webhook"),
    }
}

/// As [`find`], for something to be sent.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for a disabled webhook.
async fn find_sending(tx: &Tx, id: WebhookId) -> Outcome<Webhook> {
    let row = find(tx, id).await?;
    match row.is_sending() {
        true => Ok(row),
        false => refuse(
            Code::Invalid,
            "webhookId",
            "this webhook is disabled: enable it first",
        ),
    }
}

/// Checks that the events can be subscribed to, and that an integration may receive them.
///
/// # Errors
/// [`Code::Invalid`]; [`Code::NotFound`] for the integration.
async fn check_events(tx: &Tx, events: &BTreeSet<Event>, integration: Option<IntegrationId>) -> Outcome<()> {
    if events.is_empty() || events.contains(&Event::Ping) {
        return refuse(
            Code::Invalid,
            "events",
            "give at least one event; PING is for tests alone",
        );
    }
    let Some(integration) = integration else {
        return Ok(());
    };
    let row = add_secret::find(tx, integration).await?;
    if row.revoked_at.is_some() {
        return refuse(Code::Invalid, "integrationId", "this integration is revoked");
    }
    let scopes = read_scopes(&row.scopes);
    let missing = events
        .iter()
        .flat_map(|event| event.requires())
        .find(|permission| !scopes.contains(permission));
    match missing {
        None => Ok(()),
        Some(permission) => refuse(
            Code::Invalid,
            "integrationId",
            format!("this integration lacks the scope {}", permission.name()),
        ),
    }
}

/// The stored form of a set of events.
fn write_events(events: &BTreeSet<Event>) -> String {
    let names: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    format!(" {} ", names.join(" "))
}

/// The events that a webhook receives.
pub fn read_events(stored: &str) -> Vec<Event> {
    stored.split(' ').filter_map(Event::parse).collect()
}

/// Disables the webhooks of an integration that is being revoked.
///
/// # Errors
/// When the database fails.
pub async fn disable_of_integration(tx: &Tx, integration: IntegrationId) -> Result<(), Error> {
    disable_all(tx, webhook::Column::IntegrationId.eq(integration)).await?;
    Ok(())
}

/// Disables the webhooks whose secret was shown to a person who is dismissed or demoted: they may lead to a server of that
/// person, who could also sign deliveries. What they would send is held until somebody enables them again.
///
/// # Errors
/// When the database fails.
pub async fn disable_known_to(tx: &Tx, author: &Author, person: UserId) -> Result<(), Error> {
    for id in disable_all(tx, webhook::Column::SecretShownToId.eq(person)).await? {
        let data = json!({ "secretShownTo": person.to_string() });
        journal::record(tx, author, Action::WebhookDisabled, Some(id.into()), data).await?;
    }
    Ok(())
}

/// Disables the webhooks of this condition that are sending; returns which.
async fn disable_all(tx: &Tx, which: impl IntoCondition) -> Result<Vec<WebhookId>, Error> {
    let found = webhook::Entity::find()
        .filter(which)
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?;
    let mut disabled = Vec::new();
    for mut row in found.into_iter().filter(Webhook::is_sending) {
        disabled.push(row.id);
        switch_off(tx, &mut row).await?;
        row.into_active_model().reset_all().update(&tx.conn).await?;
    }
    Ok(disabled)
}

/// Holds what a webhook has not delivered, and disables it in `row`, which the caller saves: not because of its failures.
async fn switch_off(tx: &Tx, row: &mut Webhook) -> Result<(), Error> {
    settle::hold(tx, row).await?;
    row.state = WebhookState::Disabled;
    row.disabled_at = Some(tx.now);
    row.failing_since = None;
    Ok(())
}
