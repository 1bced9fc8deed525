//! mapDirectoryGroup.

use std::sync::Arc;

use entity::directory::{self, Model as Directory};
use entity::directory_group_mapping::{self, Model as Mapping};
use entity::{CrmRoleId, DepartmentId, DirectoryGroupId, crm_role};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{any_locked, mapped, members};
use crate::domain::auth::Actor;
use crate::domain::directory::admin::needs_over_administrators;
use crate::domain::directory::fault::Fault;
use crate::domain::people::create;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// What the members of a group get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A department.
    Department(DepartmentId),
    /// A CRM role.
    CrmRole(CrmRoleId),
    /// The administrator role.
    Administrators,
}

impl Target {
    fn is_of(self, mapping: &Mapping) -> bool {
        match self {
            Self::Department(id) => mapping.department_id == Some(id),
            Self::CrmRole(id) => mapping.crm_role_id == Some(id),
            Self::Administrators => mapping.administrators,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Department(id) => id.to_string(),
            Self::CrmRole(id) => id.to_string(),
            Self::Administrators => "ADMINISTRATORS".to_owned(),
        }
    }

    async fn check(self, tx: &Tx) -> Outcome<()> {
        match self {
            Self::Department(id) => {
                create::check_department(tx, Some(id))
                    .await
                    .map_err(|failure| match failure {
                        Failure::Refused(_) => missing("to.departmentId", "there is no such department"),
                        broken => broken,
                    })
            }
            Self::CrmRole(id) => match crm_role::Entity::find_by_id(id).one(&tx.conn).await? {
                Some(_) => Ok(()),
                None => Err(missing("to.crmRoleId", "there is no such role")),
            },
            Self::Administrators => Ok(()),
        }
    }
}

fn missing(field: &str, message: &str) -> Failure {
    Refusal::new(Code::NotFound, field, message).into()
}

/// Maps a group to what its members get, now and later, or ends that: members lose it then, unless another group gives
/// it too. This is the only way for a directory to make administrators. Idempotent.
///
/// # Errors
/// [`Code::NotFound`] for the group or the target.
pub async fn map_directory_group(
    db: &Db,
    actor: &Actor,
    id: DirectoryGroupId,
    target: Target,
    map: bool,
) -> Outcome<Directory> {
    db.write_as(
        actor,
        needs_over_administrators(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let Some(group) = any_locked(tx, id).await? else {
                return refuse(Code::NotFound, "groupId", "there is no such group");
            };
            let directory = directory::Entity::find_by_id(group.directory_id)
                .one(&tx.conn)
                .await?;
            let directory = directory.ok_or_else(|| Error::internal("a group has no directory"))?;
            target.check(tx).await?;
            let known = mapped::of_group(&tx.conn, id).await?;
            let known = known.into_iter().find(|mapping| target.is_of(mapping));
            if known.is_some() == map {
                return Ok((directory, Recorded::nothing_changed()));
            }
            let people = members::of_group(&tx.conn, id).await?;
            mapped::lock(tx, actor, people.iter().copied().collect()).await?;
            match known {
                None => {
                    let mapping = insert(tx, id, target).await?;
                    mapped::give(tx, actor, &mapping, &people)
                        .await
                        .map_err(failure)?;
                }
                Some(mapping) => {
                    mapped::take(tx, actor, &directory, &mapping, &people)
                        .await
                        .map_err(failure)?;
                    directory_group_mapping::Entity::delete_by_id(mapping.id)
                        .exec(&tx.conn)
                        .await?;
                }
            }
            let data = json!({ "displayName": group.display_name, "to": target.text(), "mapped": map });
            let action = Action::DirectoryGroupMapped;
            let recorded = journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
            Ok((directory, recorded))
        },
    )
    .await
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Broken(error) => Failure::Broken(error),
        Fault::Problem(problem) => Refusal::new(Code::Invalid, "to", problem.detail).into(),
    }
}

async fn insert(tx: &Tx, group: DirectoryGroupId, target: Target) -> Outcome<Mapping> {
    let mapping = Mapping {
        id: tx.new_id(),
        group_id: group,
        department_id: match target {
            Target::Department(id) => Some(id),
            _ => None,
        },
        crm_role_id: match target {
            Target::CrmRole(id) => Some(id),
            _ => None,
        },
        administrators: target == Target::Administrators,
        created_at: tx.now,
    };
    directory_group_mapping::Entity::insert(mapping.clone().into_active_model())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(mapping)
}
