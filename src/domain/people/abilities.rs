//! What the actor may do with a person, for display: evaluates the rules of the operations, which check them again
//! themselves.

use std::collections::HashSet;

use entity::user::{Role, UserStatus};
use entity::{UserId, integration_secret};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::auth::{ActingIntegration, Actor, Permission};
use crate::domain::dismissal::lock_out::active_administrators;
use crate::domain::dismissal::rules;
use crate::domain::dismissal::rules::Person;
use crate::domain::integrations::rules::{Involvement, may_change};
use crate::error::{Code, Error, Refusal};
use crate::store::db::Db;

/// What the actor may do with a person: `None` if allowed, otherwise the reason for the refusal.
pub struct Abilities {
    /// Dismissing them.
    pub dismiss: Option<Refusal>,
    /// Rehiring them.
    pub hire: Option<Refusal>,
    /// Updating them.
    pub update: Option<Refusal>,
    /// Handing over their work.
    pub hand_over: Option<Refusal>,
}

/// Input of the rules besides the person, loaded once per answer.
#[derive(Debug, Default)]
pub struct RuleContext {
    /// Active administrators who can sign in.
    administrators: Vec<UserId>,
    /// People who were shown a secret of the acting integration.
    shown: HashSet<UserId>,
}

impl RuleContext {
    /// Loads it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &Db, actor: &Actor) -> Result<Self, Error> {
        let administrators = if actor.may(Permission::DismissUsers) {
            active_administrators(db.read()).await?
        } else {
            Vec::new()
        };
        let shown: Vec<UserId> = match &actor.integration {
            Some(ActingIntegration { id, .. }) => {
                integration_secret::Entity::find()
                    .select_only()
                    .column(integration_secret::Column::ShownToId)
                    .distinct()
                    .filter(integration_secret::Column::IntegrationId.eq(*id))
                    .filter(integration_secret::Column::ShownToId.is_not_null())
                    .into_tuple()
                    .all(db.read())
                    .await?
            }
            None => Vec::new(),
        };
        Ok(Self {
            administrators,
            shown: shown.into_iter().collect(),
        })
    }
}

impl Abilities {
    /// Returns the abilities of an authenticated actor.
    pub fn of(actor: &Actor, context: &RuleContext, person: Person) -> Self {
        let change = || {
            let Some(ActingIntegration { owner, .. }) = &actor.integration else {
                return None;
            };
            let standing = Involvement {
                administrator: person.role == Role::Administrator,
                owner: person.id == *owner,
                knows_secret: context.shown.contains(&person.id),
            };
            may_change(standing).err().map(|error| forbidden(&error))
        };
        let hire = || match person.status {
            // For somebody who was rehired before, hiring succeeds without effect: shown as not allowed.
            UserStatus::Dismissed => rules::hire(person, actor.user_id, true, true).err(),
            UserStatus::Invited | UserStatus::Active => rules::hire(person, actor.user_id, true, false).err(),
        };
        let dismiss = || rules::dismiss(person, actor.user_id, &context.administrators).err();
        Self {
            dismiss: needs(actor, Permission::DismissUsers).or_else(dismiss),
            hire: needs(actor, Permission::HireUsers).or_else(change).or_else(hire),
            update: needs(actor, Permission::ManageUsers).or_else(change),
            hand_over: needs(actor, Permission::ReassignWork),
        }
    }

    /// Returns the abilities of an unauthenticated caller.
    pub fn unauthenticated() -> Self {
        let refused = || Some(forbidden(&Error::Unauthenticated));
        Self {
            dismiss: refused(),
            hire: refused(),
            update: refused(),
            hand_over: refused(),
        }
    }
}

fn needs(actor: &Actor, permission: Permission) -> Option<Refusal> {
    actor.require(permission).err().map(|error| forbidden(&error))
}

/// Converts an error of the operation to a refusal.
fn forbidden(error: &Error) -> Refusal {
    Refusal::new(Code::Invalid, "", error.to_string())
}
