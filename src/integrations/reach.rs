//! Whom an integration may change: the rule of [`rules::may_change`], asked of the database. People are not concerned.

use entity::user::{self, Role};
use entity::{DepartmentId, IntegrationId, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait};

use super::rules::{self, Standing};
use super::secrets;
use crate::auth::{Actor, AsIntegration};
use crate::db::{self, Tx};
use crate::error::Error;
use crate::people::tree;

/// Goes on only where the actor may hire this person back, or change their role, address, department or invitation.
///
/// # Errors
/// [`Error::Forbidden`] for an integration that reaches for an administrator, its owner or somebody who was shown one
/// of its secrets.
pub async fn may_change(tx: &Tx, actor: &Actor, person: &user::Model) -> Result<(), Error> {
    may_change_in(&tx.conn, actor, person).await
}

/// As [`may_change`], outside a transaction.
///
/// # Errors
/// As [`may_change`].
pub async fn may_change_in(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    person: &user::Model,
) -> Result<(), Error> {
    let Some(AsIntegration { id, owner, .. }) = actor.integration else {
        return Ok(());
    };
    rules::may_change(Standing {
        administrator: person.role == Role::Administrator,
        owner: person.id == owner,
        knows_a_secret: secrets::was_shown(conn, id, person.id).await?,
    })
}

/// Goes on only where the actor may put the department, with those below it, under another head: whoever leads it sees and
/// changes the tasks of all who work there.
///
/// # Errors
/// As [`may_change`], when one of them works there.
pub async fn may_reorganize(tx: &Tx, actor: &Actor, department: DepartmentId) -> Result<(), Error> {
    let Some(AsIntegration { id, owner, .. }) = actor.integration else {
        return Ok(());
    };
    if works_there(tx, department, id, owner).await? {
        return Err(Error::Forbidden(
            "a person: administrators, the owner of the integration or people who were shown its secrets work in this \
             department",
        ));
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
