//! acceptInvitation: the invited person sets a password and is signed in.

use std::sync::Arc;

use entity::invitation;
use entity::user::{self, Model as User, UserStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::session;
use crate::domain::auth::session::Tokens;
use crate::domain::auth::sign_in::From;
use crate::domain::auth::{by_link, links};
use crate::error::{Code, Outcome, Refusal};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Activates the invited person, and opens their first session.
///
/// # Errors
/// [`Code::TokenInvalid`] if the invitation is unknown, accepted, withdrawn or expired, or its sender may no longer
/// invite this person; [`Code::PasswordTooWeak`].
pub async fn accept_invitation(
    auth: &Authenticator,
    token: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    let hash = &by_link::hash_of(token).ok_or_else(invalid)?;
    let now = auth.db.clock().now();
    let invitation = invitation::Entity::find_by_id(hash).one(auth.db.read()).await?;
    let invitation = &invitation
        .filter(|invitation| invitation.expires_at > now)
        .ok_or_else(invalid)?;
    let password_hash = &by_link::hash_password(auth, invitation.user_id, password, from.network)
        .await?
        .ok_or_else(invalid)?;

    let (user, session, refresh) = auth
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let invited = use_invitation(tx, invitation).await?;
            user::Entity::update_many()
                .col_expr(user::Column::Status, Expr::value(UserStatus::Active))
                .col_expr(user::Column::AcceptedAt, Expr::value(tx.now))
                .col_expr(user::Column::PasswordHash, Expr::value(password_hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(invited.id))
                .exec(&tx.conn)
                .await?;
            let author = Author::Person(invited.id, invited.email);
            let subject = Some(invited.id.into());
            journal::record(tx, &author, Action::InvitationAccepted, subject, json!({})).await?;
            by_link::open_session(tx, invited.id, from).await
        })
        .await?;
    session::tokens(auth, user, session, refresh).await
}

/// Deletes the invitation; returns the invited person if it is still valid.
async fn use_invitation(tx: &Tx, invitation: &invitation::Model) -> Outcome<User> {
    let invited = by_link::lock_person(tx, invitation.user_id).await?;
    let used = invitation::Entity::delete_many()
        .filter(invitation::Column::Hash.eq(&invitation.hash))
        .filter(invitation::Column::ExpiresAt.gt(tx.now))
        .exec(&tx.conn)
        .await?;
    let invited = invited
        .filter(|person| used.rows_affected == 1 && person.status == UserStatus::Invited)
        .ok_or_else(invalid)?;
    match links::sender_may_invite(tx, invitation, &invited).await? {
        true => Ok(invited),
        false => Err(invalid().into()),
    }
}

fn invalid() -> Refusal {
    Refusal::new(
        Code::TokenInvalid,
        "token",
        "this invitation is unknown, used, withdrawn or expired",
    )
}
