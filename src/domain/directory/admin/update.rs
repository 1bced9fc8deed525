//! updateDirectory.

use std::sync::Arc;

use entity::DirectoryId;
use entity::directory::{self, Model as Directory, WhenDismissedHere};
use entity::handover_part::WorkKind;
use entity::user;
use sea_orm::{ActiveEnum, ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::find;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::directory::policy::{self, DirectoryMove, Recipient};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Changes, Recorded};

/// Maximum time between a dismissal and the handover, in seconds: thirty days.
pub const MAX_HANDOVER_AFTER: i32 = 30 * 86_400;
/// Maximum number of recipients in order of preference.
pub const MAX_RECIPIENTS: usize = 10;

/// Changes to a directory; what is left out stays.
#[derive(Debug, Clone)]
pub struct UpdateDirectory {
    /// The directory.
    pub directory: DirectoryId,
    /// Name.
    pub name: Option<String>,
    /// Who gets the work of the people whom it dismisses.
    pub handover_moves: Option<Vec<DirectoryMove>>,
    /// Seconds between a dismissal and the handover.
    pub handover_after_seconds: Option<i32>,
    /// What happens when it activates a person whom somebody else has dismissed.
    pub when_dismissed_here: Option<WhenDismissedHere>,
    /// Whether it assigns people to departments by their names.
    pub departments_by_name: Option<bool>,
}

/// Changes a directory.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for a time or a list out of range.
pub async fn update_directory(db: &Db, actor: &Actor, command: &UpdateDirectory) -> Outcome<Directory> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = find(tx, command.directory).await?;
            check(tx, command).await?;
            let mut after = before.clone();
            if let Some(name) = &command.name {
                after.name.clone_from(name);
            }
            if let Some(moves) = &command.handover_moves {
                after.handover_moves = policy::to_json(moves)?;
            }
            after.handover_after_seconds = command
                .handover_after_seconds
                .unwrap_or(after.handover_after_seconds);
            after.when_dismissed_here = command.when_dismissed_here.unwrap_or(after.when_dismissed_here);
            after.departments_by_name = command.departments_by_name.unwrap_or(after.departments_by_name);
            if after == before {
                return Ok((before, Recorded::nothing_changed()));
            }
            after.updated_at = tx.now;
            let row = after.clone().into_active_model().reset_all();
            directory::Entity::update(row).exec(&tx.conn).await?;
            let (subject, changes) = (Some(after.id.into()), changes(&before, &after));
            let recorded =
                journal::record(tx, &actor.author(), Action::DirectoryUpdated, subject, changes).await?;
            Ok((after, recorded))
        },
    )
    .await
}

async fn check(tx: &Tx, command: &UpdateDirectory) -> Outcome<()> {
    if command
        .handover_after_seconds
        .is_some_and(|seconds| !(0..=MAX_HANDOVER_AFTER).contains(&seconds))
    {
        let message = "it must be between 0 and 2592000 seconds, thirty days";
        return refuse(Code::Invalid, "handoverAfterSeconds", message);
    }
    let moves = command.handover_moves.as_deref().unwrap_or_default();
    for (place, one) in moves.iter().enumerate() {
        let refused = |field: &str, message: &str| {
            refuse(Code::Invalid, &format!("handoverMoves.{place}.{field}"), message)
        };
        if moves[..place].iter().any(|other| other.kind == one.kind) {
            return refused("kind", "another move has this kind of work");
        }
        if one.kind == WorkKind::Integration {
            return refused("kind", "only a person hands integrations over");
        }
        if one.to.is_empty() || one.to.len() > MAX_RECIPIENTS {
            return refused("to", "between 1 and 10 recipients are required");
        }
        for (rank, recipient) in one.to.iter().enumerate() {
            if let Recipient::User(id) = recipient
                && user::Entity::find_by_id(*id).one(&tx.conn).await?.is_none()
            {
                let field = format!("handoverMoves.{place}.to.{rank}.userId");
                return refuse(Code::NotFound, &field, "there is no such person");
            }
        }
    }
    Ok(())
}

fn changes(before: &Directory, after: &Directory) -> Changes {
    Changes::default()
        .with("name", before.name.clone(), after.name.clone())
        .with(
            "handoverMoves",
            before.handover_moves.clone(),
            after.handover_moves.clone(),
        )
        .with(
            "handoverAfterSeconds",
            before.handover_after_seconds,
            after.handover_after_seconds,
        )
        .with(
            "whenDismissedHere",
            before.when_dismissed_here.to_value(),
            after.when_dismissed_here.to_value(),
        )
        .with(
            "departmentsByName",
            before.departments_by_name,
            after.departments_by_name,
        )
}
