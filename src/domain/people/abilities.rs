//! What the one who looks may do with a person: the rules of the operations, asked before. They decide nothing here, each
//! operation asks them again.

use std::collections::HashSet;

use entity::user::{Role, UserStatus};
use entity::{UserId, integration_secret};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::auth::{Actor, AsIntegration, Permission};
use crate::domain::dismissal::lock_out::active_administrators;
use crate::domain::dismissal::rules;
use crate::domain::dismissal::rules::Person;
use crate::domain::integrations::rules::{Standing, may_change};
use crate::error::{Code, Error, Refusal};
use crate::store::db::Db;

/// What somebody may do with a person: `None` where they may, otherwise why not.
pub struct Abilities {
    /// To dismiss them.
    pub dismiss: Option<Refusal>,
    /// To hire them back.
    pub hire: Option<Refusal>,
    /// To change them.
    pub update: Option<Refusal>,
    /// To hand over what they hold.
    pub hand_over: Option<Refusal>,
}

/// What the rules look at beside the person, once for everybody in an answer.
#[derive(Debug, Default)]
pub struct Ground {
    /// The administrators who are active and can sign in.
    administrators: Vec<UserId>,
    /// Those who were shown a secret of the integration that looks.
    shown: HashSet<UserId>,
}

impl Ground {
    /// Looks it up.
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
            Some(AsIntegration { id, .. }) => {
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
    /// Those of somebody who is signed in.
    pub fn of(actor: &Actor, ground: &Ground, person: Person) -> Self {
        let change = || {
            let Some(AsIntegration { owner, .. }) = &actor.integration else {
                return None;
            };
            let standing = Standing {
                administrator: person.role == Role::Administrator,
                owner: person.id == *owner,
                knows_a_secret: ground.shown.contains(&person.id),
            };
            may_change(standing).err().map(|error| forbidden(&error))
        };
        let hire = || match person.status {
            // Whoever has come back before can be hired in vain, but not hired.
            UserStatus::Dismissed => rules::hire(person, actor.user_id, true, true).err(),
            UserStatus::Invited | UserStatus::Active => rules::hire(person, actor.user_id, true, false).err(),
        };
        let dismiss = || rules::dismiss(person, actor.user_id, &ground.administrators).err();
        Self {
            dismiss: needs(actor, Permission::DismissUsers).or_else(dismiss),
            hire: needs(actor, Permission::HireUsers).or_else(change).or_else(hire),
            update: needs(actor, Permission::ManageUsers).or_else(change),
            hand_over: needs(actor, Permission::ReassignWork),
        }
    }

    /// Those of nobody.
    pub fn of_nobody() -> Self {
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

/// What is an error of the operation, as a reason.
fn forbidden(error: &Error) -> Refusal {
    Refusal::new(Code::Invalid, "", error.to_string())
}
