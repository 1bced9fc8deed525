//! acceptInvitation: the invited person sets a password and is signed in.

use std::sync::Arc;

use entity::user::UserStatus;
use entity::{invitation, user};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::SecretString;
use serde_json::json;

use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::password;
use crate::domain::auth::password::Lane;
use crate::domain::auth::secret::{LONGEST, fingerprint};
use crate::domain::auth::session;
use crate::domain::auth::session::Tokens;
use crate::domain::auth::sign_in::From;
use crate::domain::auth::{links, networks};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Makes the invited person an active one, and opens their first session.
///
/// # Errors
/// [`Code::TokenInvalid`] when the invitation is unknown, accepted, withdrawn or too old, and when its sender may not
/// invite this person any more;
/// [`Code::PasswordTooWeak`].
pub async fn accept_invitation(
    auth: &Authenticator,
    token: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    if token.len() > LONGEST {
        return invalid();
    }
    let hash = &fingerprint(token);
    let now = auth.db.clock().now();
    let found = invitation::Entity::find_by_id(hash).one(auth.db.read()).await?;
    let Some(found) = &found.filter(|invitation| invitation.expires_at > now) else {
        return invalid();
    };
    let Some(invited) = &user::Entity::find_by_id(found.user_id)
        .one(auth.db.read())
        .await?
    else {
        return invalid();
    };
    password::check_strength(&password, &invited.email, "password")?;
    let password_hash = &auth.passwords.hash(Lane::Network(from.network), password).await?;

    let (user, session, refresh) = auth
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let invited = user::Entity::find_by_id(invited.id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let used = invitation::Entity::delete_many()
                .filter(invitation::Column::Hash.eq(hash))
                .filter(invitation::Column::ExpiresAt.gt(tx.now))
                .exec(&tx.conn)
                .await?;
            let Some(invited) =
                invited.filter(|person| used.rows_affected == 1 && person.status == UserStatus::Invited)
            else {
                return invalid();
            };
            if !links::sender_may_invite(tx, found, &invited).await? {
                return invalid();
            }
            user::Entity::update_many()
                .col_expr(user::Column::Status, Expr::value(UserStatus::Active))
                .col_expr(user::Column::AcceptedAt, Expr::value(tx.now))
                .col_expr(user::Column::PasswordHash, Expr::value(password_hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(invited.id))
                .exec(&tx.conn)
                .await?;
            let author = Author::Person(invited.id, invited.email.clone());
            journal::record(
                tx,
                &author,
                Action::InvitationAccepted,
                Some(invited.id.into()),
                json!({}),
            )
            .await?;
            let (session, refresh) = session::open(tx, invited.id, from.user_agent).await?;
            networks::remember(tx, invited.id, from.network).await?;
            let user = crate::domain::people::create::find(tx, invited.id, "token").await?;
            Ok((user, session, refresh))
        })
        .await?;
    session::tokens(auth, user, session, refresh).await
}

fn invalid<T>() -> Outcome<T> {
    refuse(
        Code::TokenInvalid,
        "token",
        "this invitation is unknown, used, withdrawn or too old",
    )
}
