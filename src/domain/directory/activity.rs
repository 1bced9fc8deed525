//! `active`: false dismisses a person, true rehires them.

use entity::directory::{Model as Directory, WhenDismissedHere};
use entity::directory_exemption;
use entity::directory_note::NoteKind;
use sea_orm::EntityTrait;
use serde_json::json;

use super::notes::{self, Note};
use super::person::Person;
use super::problem::{Kind, Problem};
use super::{Fault, handover};
use crate::domain::auth::Actor;
use crate::domain::dismissal::by_directory;
use crate::domain::integrations;
use crate::error::{Error, Failure};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Dismisses an active person or rehires a dismissed one, if the directory says so. The lock-out never waits for the
/// work: that follows by the policy of the directory.
///
/// # Errors
/// [`Kind::Exempt`]; [`Kind::Conflict`] for the last administrator.
pub(super) async fn set_active(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    person: &Person,
    active: bool,
) -> Result<(), Fault> {
    let actor = integrations::for_administrators(actor.clone());
    match active {
        false => dismiss(tx, &actor, directory, person).await,
        true => rehire(tx, &actor, directory, person).await,
    }
}

async fn dismiss(tx: &Tx, actor: &Actor, directory: &Directory, person: &Person) -> Result<(), Fault> {
    let id = person.user.id;
    if directory_exemption::Entity::find_by_id(id)
        .one(&tx.conn)
        .await?
        .is_some()
    {
        let detail = "an administrator has exempted this person from the directory";
        return Err(Problem::new(Kind::Exempt, detail).into());
    }
    let reason = format!("Deactivated by the directory {}", directory.name);
    let (done, _) = Box::pin(by_directory::dismiss(tx, actor, directory.id, id, &reason)).await?;
    let unusual = handover::is_unusual(tx, directory).await?;
    if unusual {
        handover::note_mass_dismissal(tx, directory).await?;
    }
    if !done.decided {
        handover::plan(tx, directory, &done.dismissed.dismissal, unusual).await?;
    }
    Ok(())
}

async fn rehire(tx: &Tx, actor: &Actor, directory: &Directory, person: &Person) -> Result<(), Fault> {
    let latest = by_directory::in_force(tx, person.user.id).await?;
    let stands = directory.when_dismissed_here == WhenDismissedHere::Stands;
    if stands && latest.directory_id != Some(directory.id) {
        return ignore_activation(tx, actor, directory, person).await;
    }
    match by_directory::rehire(tx, actor, &person.user, &latest).await {
        Ok(_) => {}
        // Former administrators, the owner of the integration, and who was shown its secrets: an administrator has to.
        Err(Failure::Broken(Error::Forbidden(_))) => {
            return ignore_activation(tx, actor, directory, person).await;
        }
        Err(failure) => return Err(failure.into()),
    }
    handover::cancel(tx, latest.id).await?;
    Ok(())
}

/// The person stays dismissed: some clients send `active: true` with each change of a profile.
async fn ignore_activation(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    person: &Person,
) -> Result<(), Fault> {
    let id = person.user.id;
    let note: Note = (NoteKind::ActivationIgnored, id.to_string());
    if notes::keep_one(tx, directory, &note).await? {
        let data = json!({ "directory": directory.id.to_string() });
        let action = Action::DirectoryActivationIgnored;
        journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
    }
    Ok(())
}
