//! One-time links, invitations and password resets: how they are created, and what revokes them early.
//!
//! A link grants no more than its creator may grant, and only to the person for whom it was created, in their state at
//! that time. So it is revoked in the transaction in which its creator loses the right to create it, and in the one
//! that changes the role or the e-mail address of its person.

use chrono::TimeDelta;
use entity::user::{Model as User, Role};
use entity::{
    IntegrationId, IntegrationSecretId, Timestamp, UserId, integration, integration_secret, invitation,
    password_reset, user,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;

use super::secret::{fingerprint, new_secret};
use super::{Actor, Permission};
use crate::domain::calendar::feed;
use crate::domain::integrations;
use crate::error::{Error, Outcome};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Lifetime of an invitation.
const INVITATION: TimeDelta = TimeDelta::days(14);
/// Lifetime of a password reset.
const RESET: TimeDelta = TimeDelta::hours(24);

/// Why an invitation was revoked before it was accepted. The texts are part of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was withdrawn.
    Withdrawn,
    /// The invited person was dismissed.
    Dismissed,
    /// The role or the e-mail address of the invited person was changed.
    Changed,
    /// The invited person got a password in another way.
    PasswordSet,
    /// The sender was dismissed.
    SenderDismissed,
    /// The sender is no longer an administrator.
    SenderDemoted,
    /// The integration that sent it, or its secret, was revoked.
    SenderRevoked,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Dismissed => "dismissed",
            Self::Changed => "role or address changed",
            Self::PasswordSet => "password set",
            Self::SenderDismissed => "sender dismissed",
            Self::SenderDemoted => "sender demoted",
            Self::SenderRevoked => "sender revoked",
        }
    }
}

/// Creator of a link.
#[derive(Debug, Clone, Copy)]
pub enum Sender {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
    /// An integration, with a certain secret.
    Secret(IntegrationSecretId),
}

/// Creates the link with which `invited` sets a first password, replacing an earlier one; returns its token. The
/// caller's transaction must hold a lock on the invited person.
///
/// # Errors
/// When the database fails.
pub async fn invite(tx: &Tx, sender: &Actor, invited: UserId) -> Outcome<String> {
    delete_invitation(tx, invited).await?;
    let token = new_secret()?;
    let (person, integration) = sender.requester();
    invitation::Entity::insert(invitation::ActiveModel {
        hash: Set(fingerprint(&token)),
        user_id: Set(invited),
        created_at: Set(tx.now),
        expires_at: Set(tx.now + INVITATION),
        sent_by_id: Set(person),
        sent_by_integration_id: Set(integration),
        sent_by_secret_id: Set(sender.secret()),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    Ok(token)
}

/// Creates the link with which `person` sets a new password, replacing an earlier one; returns its token and its
/// expiry. The caller's transaction must hold a lock on the person.
///
/// # Errors
/// When the database fails.
pub async fn issue_reset(tx: &Tx, issuer: UserId, person: UserId) -> Outcome<(String, Timestamp)> {
    delete_reset(tx, person).await?;
    let (token, expires_at) = (new_secret()?, tx.now + RESET);
    password_reset::Entity::insert(password_reset::ActiveModel {
        hash: Set(fingerprint(&token)),
        user_id: Set(person),
        issued_by_id: Set(issuer),
        created_at: Set(tx.now),
        expires_at: Set(expires_at),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    Ok((token, expires_at))
}

/// Returns whether the sender of an invitation may still invite this person: an administrator, or an integration with
/// MANAGE_USERS unless the invited person is to be an administrator.
///
/// # Errors
/// When the database fails.
pub async fn sender_may_invite(tx: &Tx, sent: &invitation::Model, invited: &User) -> Result<bool, Error> {
    if let Some(id) = sent.sent_by_integration_id {
        let sender = integration::Entity::find_by_id(id).one(&tx.conn).await?;
        let alive = sender.filter(|row| row.revoked_at.is_none());
        return Ok(invited.role != Role::Administrator
            && alive.is_some_and(|row| {
                integrations::read_scopes(&row.scopes).contains(&Permission::ManageUsers)
            }));
    }
    match sent.sent_by_id {
        Some(id) => is_administrator(tx, id).await,
        None => Ok(false),
    }
}

/// Returns whether this person is an active administrator.
///
/// # Errors
/// When the database fails.
pub async fn is_administrator(tx: &Tx, id: UserId) -> Result<bool, Error> {
    let found = user::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(found.is_some_and(|person| person.is_active() && person.role == Role::Administrator))
}

/// Revokes the links for `person`, and with a dismissal also their calendar feeds. Returns whether an invitation was
/// among them, which is recorded.
///
/// # Errors
/// When the database fails.
pub async fn end_for(tx: &Tx, author: &Author, person: UserId, reason: Reason) -> Outcome<bool> {
    delete_reset(tx, person).await?;
    if reason == Reason::Dismissed {
        feed::end_of(tx, author, person).await?;
    }
    let ended = delete_invitation(tx, person).await?;
    if ended {
        record(tx, author, person, reason).await?;
    }
    Ok(ended)
}

/// Revokes the links created by `sender`, and records each invitation among them. For a person, this includes those
/// that an integration sent with a secret known to the person.
///
/// # Errors
/// When the database fails.
pub async fn end_sent_by(tx: &Tx, author: &Author, sender: Sender, reason: Reason) -> Outcome<()> {
    let sent = match sender {
        Sender::Person(id) => {
            password_reset::Entity::delete_many()
                .filter(password_reset::Column::IssuedById.eq(id))
                .exec(&tx.conn)
                .await?;
            let known = integration_secret::Entity::find()
                .select_only()
                .column(integration_secret::Column::Id)
                .filter(integration_secret::Column::ShownToId.eq(id))
                .into_query();
            Condition::any()
                .add(invitation::Column::SentById.eq(id))
                .add(invitation::Column::SentBySecretId.in_subquery(known))
        }
        Sender::Integration(id) => Condition::all().add(invitation::Column::SentByIntegrationId.eq(id)),
        Sender::Secret(id) => Condition::all().add(invitation::Column::SentBySecretId.eq(id)),
    };
    let ending = invitation::Entity::find()
        .filter(sent)
        .order_by_asc(invitation::Column::UserId)
        .all(&tx.conn)
        .await?;
    for sent in ending {
        let deleted = invitation::Entity::delete_by_id(sent.hash).exec(&tx.conn).await?;
        // Otherwise it was accepted or replaced meanwhile.
        if deleted.rows_affected == 1 {
            record(tx, author, sent.user_id, reason).await?;
        }
    }
    Ok(())
}

async fn delete_invitation(tx: &Tx, invited: UserId) -> Outcome<bool> {
    let deleted = invitation::Entity::delete_many()
        .filter(invitation::Column::UserId.eq(invited))
        .exec(&tx.conn)
        .await?;
    Ok(deleted.rows_affected > 0)
}

async fn delete_reset(tx: &Tx, person: UserId) -> Outcome<()> {
    password_reset::Entity::delete_many()
        .filter(password_reset::Column::UserId.eq(person))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

async fn record(tx: &Tx, author: &Author, invited: UserId, reason: Reason) -> Outcome<()> {
    let data = json!({ "reason": reason.as_str() });
    journal::record(tx, author, Action::InvitationEnded, Some(invited.into()), data).await?;
    Ok(())
}
