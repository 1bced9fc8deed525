//! retireIdentityProvider.

use std::sync::Arc;

use entity::identity_provider::{self, Model as Provider};
use entity::{IdentityProviderId, pending_sign_in};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::update_provider::find;
use crate::domain::auth::guard;
use crate::domain::auth::session::{self, OfProvider};
use crate::domain::auth::{Actor, password_policy};
use crate::error::Outcome;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Retires a provider for good: nobody can sign in with it any more, the sessions opened with it end, and its secret is
/// deleted. The links to people stay in the database, without effect.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound); [`Code::BreakGlassNeeded`](crate::error::Code::BreakGlassNeeded) if
/// nobody but break-glass people can sign in with a password, and no administrator is linked to another provider.
pub async fn retire_provider(db: &Db, actor: &Actor, id: IdentityProviderId) -> Outcome<Provider> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let mut row = find(tx, id).await?;
            identity_provider::Entity::update_many()
                .col_expr(identity_provider::Column::RetiredAt, Expr::value(tx.now))
                .col_expr(identity_provider::Column::UpdatedAt, Expr::value(tx.now))
                .col_expr(
                    identity_provider::Column::ClientSecret,
                    Expr::value(None::<String>),
                )
                .filter(identity_provider::Column::Id.eq(id))
                .exec(&tx.conn)
                .await?;
            password_policy::keep_linked_administrator(tx, "providerId").await?;
            pending_sign_in::Entity::delete_many()
                .filter(pending_sign_in::Column::ProviderId.eq(id))
                .exec(&tx.conn)
                .await?;
            let all = OfProvider {
                provider: id,
                subject: None,
                session: None,
            };
            let ended = session::end_of_provider(tx, all).await?;
            row.retired_at = Some(tx.now);
            row.client_secret = None;
            let data = json!({ "name": row.name, "sessions": ended.len() });
            let (subject, action) = (Some(id.into()), Action::IdentityProviderRetired);
            let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
            Ok((row, recorded))
        },
    )
    .await
}
