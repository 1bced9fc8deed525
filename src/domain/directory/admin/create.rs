//! createDirectory.

use std::sync::Arc;

use entity::directory::{self, Model as Directory, WhenDismissedHere};
use entity::{DirectoryId, IntegrationId};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::domain::auth::guard;
use crate::domain::auth::{Actor, Permission};
use crate::domain::integrations::{add_secret, read_scopes};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx, is_duplicate};
use crate::store::journal::{self, Action};

/// Seconds between a dismissal and the handover, unless an administrator says otherwise: an hour to revert a mistake.
const HANDOVER_AFTER: i32 = 3_600;

/// Makes an integration a directory: it can provision people by SCIM from now on.
///
/// # Errors
/// [`Code::NotFound`] for the integration; [`Code::Invalid`] if it is revoked, lacks PROVISION_PEOPLE, or is a directory
/// already.
pub async fn create_directory(
    db: &Db,
    actor: &Actor,
    name: &str,
    integration: IntegrationId,
) -> Outcome<Directory> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let row = add_secret::find(tx, integration).await?;
            let refused = |message: &str| refuse(Code::Invalid, "integrationId", message);
            if row.revoked_at.is_some() {
                return refused("this integration is revoked: create a new one");
            }
            if !read_scopes(&row.scopes).contains(&Permission::ProvisionPeople) {
                return refused("this integration lacks the scope PROVISION_PEOPLE");
            }
            let other = directory::Entity::find()
                .filter(directory::Column::IntegrationId.eq(integration))
                .filter(directory::Column::EndedAt.is_null())
                .one(&tx.conn)
                .await?;
            if other.is_some() {
                return refused("this integration is a directory already");
            }
            let created = Directory {
                id: DirectoryId(tx.new_id()),
                name: name.to_owned(),
                integration_id: integration,
                when_dismissed_here: WhenDismissedHere::Stands,
                departments_by_name: false,
                handover_moves: "[]".to_owned(),
                handover_after_seconds: HANDOVER_AFTER,
                first_write_at: None,
                active_received_at: None,
                last_request_at: None,
                created_at: tx.now,
                updated_at: tx.now,
                ended_at: None,
            };
            let row = created.clone().into_active_model();
            match directory::Entity::insert(row)
                .exec_without_returning(&tx.conn)
                .await
            {
                Err(cause) if is_duplicate(&cause) => {
                    return refused("this integration is a directory already");
                }
                inserted => inserted?,
            };
            let data = json!({ "name": name, "integration": integration.to_string() });
            let subject = Some(created.id.into());
            let recorded =
                journal::record(tx, &actor.author(), Action::DirectoryCreated, subject, data).await?;
            Ok((created, recorded))
        },
    )
    .await
}
