//! The company's settings.

use std::sync::Arc;

use entity::settings::{self, Model as Settings, PasswordSignIn, SINGLE_ROW_ID};
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, password_policy};
use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};
use crate::store::revision;

/// Reads the settings.
///
/// # Errors
/// When the database fails.
pub async fn read(db: &Db) -> Result<Settings, Error> {
    let row = settings::Entity::find_by_id(SINGLE_ROW_ID).one(db.read()).await?;
    row.ok_or_else(|| Error::Internal("the settings are missing".to_owned()))
}

/// Settings that can be changed, one line each: column, type of its value, how it is applied ([`Change::or_keep`] if it
/// is required, [`Change::or`] if it can be null), and name in the audit log.
macro_rules! settings {
    ($($column:ident: $type:ty, $apply:ident, $name:literal;)*) => {
        /// A change to the settings.
        #[derive(Debug, Clone)]
        #[expect(missing_docs, reason = "the columns of `settings` are documented there")]
        pub struct SettingsChange {
            $(pub $column: Change<$type>,)*
        }

        impl SettingsChange {
            fn apply(self, before: &Settings) -> Settings {
                let mut after = before.clone();
                $(after.$column = self.$column.$apply(after.$column);)*
                after
            }
        }

        /// The changed settings, for the audit log.
        fn changes(before: &Settings, after: &Settings) -> Changes {
            Changes::default()$(.with($name, before.$column.told(), after.$column.told()))*
        }

        /// Returns the revision of the settings that can be changed.
        pub fn revision(settings: &Settings) -> String {
            revision::of(&json!([$(settings.$column.told()),*]))
        }
    };
}

settings! {
    show_dismissed_employees: bool, or_keep, "showDismissedEmployees";
    company_name: String, or, "companyName";
    time_zone: String, or, "timeZone";
    password_sign_in: PasswordSignIn, or_keep, "passwordSignIn";
    break_glass_ids: String, or_keep, "breakGlassIds";
}

/// A setting as it is in the audit log.
trait Told {
    fn told(&self) -> Value;
}

impl Told for bool {
    fn told(&self) -> Value {
        (*self).into()
    }
}

impl Told for String {
    fn told(&self) -> Value {
        self.as_str().into()
    }
}

impl Told for Option<String> {
    fn told(&self) -> Value {
        self.as_deref().into()
    }
}

impl Told for PasswordSignIn {
    fn told(&self) -> Value {
        self.to_value().into()
    }
}

/// Updates the settings, if they still have the expected revision.
///
/// # Errors
/// [`Error::Forbidden`] without the permission; [`Code::ChangedMeanwhile`](crate::error::Code::ChangedMeanwhile); for
/// who may sign in with a password, as [`password_policy::check`].
pub async fn update(
    db: &Db,
    actor: &Actor,
    change: &SettingsChange,
    expected_revision: Option<&str>,
) -> Outcome<Settings> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageSettings),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = settings::Entity::find_by_id(SINGLE_ROW_ID)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let before = before.ok_or_else(|| Error::Internal("the settings are missing".to_owned()))?;
            revision::expect(expected_revision, || revision(&before))?;
            let after = change.clone().apply(&before);
            if after == before {
                return Ok((after, Recorded::nothing_changed()));
            }
            check_password_sign_in(tx, actor, &before, &after).await?;
            let changed = changes(&before, &after);
            let row = after.into_active_model().reset_all();
            let saved = settings::Entity::update(row).exec(&tx.conn).await?;
            let author = actor.author();
            let recorded = journal::record(tx, &author, Action::SettingsUpdated, None, changed).await?;
            Ok((saved, recorded))
        },
    )
    .await
}

/// Checks a change to who may sign in with a password: only people make it, and never so that a failure of the identity
/// provider would leave nobody who can.
async fn check_password_sign_in(tx: &Tx, actor: &Actor, before: &Settings, after: &Settings) -> Outcome<()> {
    if (before.password_sign_in, &before.break_glass_ids) == (after.password_sign_in, &after.break_glass_ids)
    {
        return Ok(());
    }
    actor.require_person()?;
    password_policy::check(tx, after).await
}

/// Records the public URL with which a process serves this database; returns the previous one if it differs.
///
/// # Errors
/// When the database fails.
pub async fn replace_public_url(db: &Db, url: &str) -> Outcome<Option<String>> {
    db.write(|tx: Arc<Tx>| async move {
        let before = settings::Entity::find_by_id(SINGLE_ROW_ID)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let before = before.and_then(|settings| settings.public_url);
        if before.as_deref() == Some(url) {
            return Ok(None);
        }
        settings::Entity::update_many()
            .col_expr(settings::Column::PublicUrl, Expr::value(url))
            .filter(settings::Column::Id.eq(SINGLE_ROW_ID))
            .exec(&tx.conn)
            .await?;
        Ok(before)
    })
    .await
}
