//! The company's settings.

use std::sync::Arc;

use entity::settings::{self, Model as Settings, ONLY};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::Action;

/// Reads them.
///
/// # Errors
/// When the database fails.
pub async fn read(db: &Db) -> Result<Settings, Error> {
    let row = settings::Entity::find_by_id(ONLY).one(db.read()).await?;
    row.ok_or_else(|| Error::Internal("the settings are missing".to_owned()))
}

/// Changes them; what is `None` stays.
///
/// # Errors
/// When the actor lacks the permission.
pub async fn update(db: &Db, actor: &Actor, show_dismissed_employees: Option<bool>) -> Outcome<Settings> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageSettings),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = settings::Entity::find_by_id(ONLY)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let before = before.ok_or_else(|| Error::Internal("the settings are missing".to_owned()))?;
            let after = Settings {
                show_dismissed_employees: show_dismissed_employees.unwrap_or(before.show_dismissed_employees),
                ..before.clone()
            };
            if after != before {
                settings::Entity::update_many()
                    .col_expr(
                        settings::Column::ShowDismissedEmployees,
                        Expr::value(after.show_dismissed_employees),
                    )
                    .filter(settings::Column::Id.eq(ONLY))
                    .exec(&tx.conn)
                    .await?;
                let data = json!({ "showDismissedEmployees": after.show_dismissed_employees });
                journal::record(tx, &actor.author(), Action::SettingsUpdated, None, data).await?;
            }
            Ok(after)
        },
    )
    .await
}

/// Notes the public address under which a process serves this database; answers the one before, where it was another.
///
/// # Errors
/// When the database fails.
pub async fn replace_public_url(db: &Db, url: &str) -> Outcome<Option<String>> {
    db.write(|tx: Arc<Tx>| async move {
        let before = settings::Entity::find_by_id(ONLY)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let before = before.and_then(|settings| settings.public_url);
        if before.as_deref() == Some(url) {
            return Ok(None);
        }
        settings::Entity::update_many()
            .col_expr(settings::Column::PublicUrl, Expr::value(url))
            .filter(settings::Column::Id.eq(ONLY))
            .exec(&tx.conn)
            .await?;
        Ok(before)
    })
    .await
}
