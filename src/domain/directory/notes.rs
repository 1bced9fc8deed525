//! Notes on the requests of a directory, for its administrator.

use entity::directory::Model as Directory;
use entity::directory_note::{self, NoteKind};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::error::Error;
use crate::store::db::Tx;

/// Maximum length of what a note is about, in characters.
const NAME: usize = 200;
/// Maximum number of different notes that one request leaves.
const MOST: usize = 50;

/// Something that an administrator should know.
pub type Note = (NoteKind, String);

/// Keeps notes; a note that is known gets the present time, at most once a day.
///
/// # Errors
/// When the database fails.
pub(super) async fn keep(tx: &Tx, directory: &Directory, notes: &[Note]) -> Result<(), Error> {
    for note in notes.iter().take(MOST) {
        keep_one(tx, directory, note).await?;
    }
    Ok(())
}

/// As [`keep`], for one note; returns whether it is the first of its kind and name today.
///
/// # Errors
/// When the database fails.
pub(super) async fn keep_one(tx: &Tx, directory: &Directory, (kind, name): &Note) -> Result<bool, Error> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let known = directory_note::Entity::find_by_id((directory.id, *kind, name.clone()))
        .one(&tx.conn)
        .await?;
    if known.is_some_and(|note| note.noted_at.date_naive() == tx.now.date_naive()) {
        return Ok(false);
    }
    let row = directory_note::ActiveModel {
        directory_id: Set(directory.id),
        kind: Set(*kind),
        name: Set(name),
        noted_at: Set(tx.now),
    };
    let key = [
        directory_note::Column::DirectoryId,
        directory_note::Column::Kind,
        directory_note::Column::Name,
    ];
    let again = OnConflict::columns(key)
        .update_column(directory_note::Column::NotedAt)
        .to_owned();
    directory_note::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(true)
}
