//! Generates the files of the sample company. They use their own random numbers, so that the rest of the company does
//! not depend on them.

use bytes::Bytes;
use entity::FolderId;
use entity::drive_share::ShareAccess;
use entity::user::Role;
use futures_util::stream;

use super::as_person;
use super::company::{Employee, Rng};
use crate::domain::auth::Actor;
use crate::domain::drive::add_file::add_file;
use crate::domain::drive::{create_folder, share_folder};
use crate::error::{Error, Outcome};
use crate::http::app::App;

/// Folders and the files in them.
const SHELVES: &[(&str, &[&str])] = &[
    ("Reports", &["Q1.md", "Q2.md", "Outlook.md"]),
    (
        "Contracts",
        &["Framework agreement.md", "Non-disclosure agreement.md"],
    ),
    ("Handbook", &["How we work.md", "Checklist.md"]),
    ("Pictures 📷", &["Summer party.txt"]),
];
/// One in this many people has files.
const EACH: usize = 8;

/// Fills some drives through the API's own operations, as their owners, and shares a folder of each.
///
/// # Errors
/// When the database or the blob store fails.
pub async fn fill(app: &App, dice: &mut Rng, staff: &[Employee]) -> Outcome<()> {
    for (place, owner) in staff.iter().enumerate().filter(|(place, _)| place % EACH == 1) {
        let colleague = &staff[(place + 1) % staff.len()];
        let Some((name, files)) = dice.pick(SHELVES) else {
            continue;
        };
        as_person(&app.db, owner, Role::Employee, async |actor| {
            let drive = FolderId(owner.id.0);
            let shelf = FolderId(
                create_folder::create_folder(&app.db, actor, drive, name)
                    .await?
                    .id,
            );
            let notes = format!("# {}\n\nWhat I have to remember.\n", owner.email);
            add(app, actor, drive, "Notes.md", notes).await?;
            for file in files {
                add(
                    app,
                    actor,
                    shelf,
                    file,
                    format!("# {file}\n\nBy {}.\n", owner.email),
                )
                .await?;
            }
            share_folder::share_folder(&app.db, actor, shelf, &[colleague.id], ShareAccess::Edit)
                .await
                .map(drop)
        })
        .await?;
    }
    Ok(())
}

async fn add(app: &App, actor: &Actor, folder: FolderId, name: &str, text: String) -> Outcome<()> {
    let bytes = stream::iter([Ok(Bytes::from(text))]);
    let blob = app
        .blobs
        .write(bytes, app.upload_limit, app.db.clock().new_id())
        .await
        .map_err(Error::internal)?;
    add_file(&app.db, actor, folder, name, "text/markdown", &blob)
        .await
        .map(drop)
}
