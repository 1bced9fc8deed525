//! Whom an integration may change: [`rules::may_change`] on database state. People are always allowed.

use entity::handover_part::WorkKind;
use entity::user::{self, Role};
use entity::{DepartmentId, IntegrationId, UserId, department, integration};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::rules::{self, Involvement};
use super::secrets;
use crate::domain::auth::{ActingIntegration, Actor};
use crate::domain::handover::Part;
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Checks that the actor may rehire this person, or change their role, e-mail address, department or invitation.
///
/// # Errors
/// [`Error::Forbidden`] for an integration if the person is an administrator, its owner or was shown one of its
/// secrets.
pub async fn may_change(tx: &Tx, actor: &Actor, person: &user::Model) -> Result<(), Error> {
    may_change_in(&tx.conn, actor, person).await
}

/// As [`may_change`], outside of a transaction.
///
/// # Errors
/// As [`may_change`].
pub async fn may_change_in(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    person: &user::Model,
) -> Result<(), Error> {
    let Some(ActingIntegration { id, owner, .. }) = actor.integration else {
        return Ok(());
    };
    rules::may_change(Involvement {
        administrator: person.role == Role::Administrator,
        owner: person.id == owner,
        knows_secret: secrets::was_shown(conn, id, person.id).await?,
    })
}

/// Checks that the actor may move a department, or give it another head: the head sees and changes the tasks of
/// everybody in it and its subdepartments.
///
/// # Errors
/// As [`may_change`], for anybody in it.
pub async fn may_reorganize(tx: &Tx, actor: &Actor, department: DepartmentId) -> Result<(), Error> {
    let Some(ActingIntegration { id, owner, .. }) = actor.integration else {
        return Ok(());
    };
    if works_there(tx, department, id, owner).await? {
        return Err(Error::Forbidden(
            "a signed-in person: administrators, the owner of the integration or people who were shown its secrets work in this \
             department",
        ));
    }
    Ok(())
}

/// Checks that the actor may hand these parts over: headships as in [`may_reorganize`]; integrations never, because
/// only people manage them.
///
/// # Errors
/// As [`may_reorganize`]; [`Error::Forbidden`] for an integration that hands integrations over.
pub async fn may_hand_over(
    tx: &Tx,
    actor: &Actor,
    from: Option<UserId>,
    parts: &[Part],
) -> Result<(), Error> {
    if actor.integration.is_none() {
        return Ok(());
    }
    for part in parts {
        match part.kind {
            WorkKind::Integration => {
                let mut owned = integration::Entity::find();
                if let Some(from) = from {
                    owned = owned.filter(integration::Column::OwnerId.eq(from));
                }
                if let Some(ids) = &part.ids {
                    owned = owned.filter(integration::Column::Id.is_in(ids.iter().copied()));
                }
                if owned.one(&tx.conn).await?.is_some() {
                    let needed = "a signed-in person: an integration can't hand integrations over";
                    return Err(Error::Forbidden(needed));
                }
            }
            WorkKind::DepartmentHead => {
                let mut led = department::Entity::find()
                    .select_only()
                    .column(department::Column::Id);
                if let Some(from) = from {
                    led = led.filter(department::Column::HeadId.eq(from));
                }
                if let Some(ids) = &part.ids {
                    led = led.filter(department::Column::Id.is_in(ids.iter().copied()));
                }
                for id in led.into_tuple().all(&tx.conn).await? {
                    may_reorganize(tx, actor, id).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn works_there(
    tx: &Tx,
    department: DepartmentId,
    integration: IntegrationId,
    owner: UserId,
) -> Result<bool, Error> {
    let sql = format!(
        "SELECT 1 FROM users u WHERE u.department_id IN {} AND (u.role = $2 OR u.id = $3 OR u.id IN \
         (SELECT s.shown_to_id FROM integration_secrets s WHERE s.integration_id = $4)) LIMIT 1",
        tree::below("$1")
    );
    let values = [
        department.into(),
        Role::Administrator.to_value().into(),
        owner.into(),
        integration.into(),
    ];
    Ok(!db::query(&tx.conn, &sql, values).await?.is_empty())
}
