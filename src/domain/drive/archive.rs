//! A folder with all that is in it as one .zip, written while it is read: neither the archive nor a file is ever
//! whole in memory. It holds what was there when it began: what is made, uploaded or moved there later is left out.
//! The reader's right to each page of it is checked again.
//!
//! And `handover export`, which writes somebody's My Drive to a file in the same way.

use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipEntryBuilder, ZipString};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::drive_item::Model as Item;
use entity::user;
use futures_util::io::{AsyncWrite, AsyncWriteExt};
use futures_util::{Stream, StreamExt, TryStreamExt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::time::Instant;
use tokio_util::compat::TokioAsyncWriteCompatExt;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::{access, blobs::Blobs, list, name};
use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::{RECHECK, again};
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page::{MAX_PAGE, PageArgs};

/// Most bytes of the paths in one archive: its directory is in memory until the end.
const NAMES: usize = 64 << 20;
/// 1980-01-01T00:00:00Z and 2107-12-31T23:59:58Z: the times that a .zip can name.
const FIRST_MOMENT: DateTime<Utc> = DateTime::from_timestamp_nanos(315_532_800_000_000_000);
const LAST_MOMENT: DateTime<Utc> = DateTime::from_timestamp_nanos(4_354_819_198_000_000_000);

/// Bytes of an archive that wait for a slow reader.
const BUFFER: usize = 256 * 1024;

/// The archive of a folder, as a stream for `actor`.
pub fn stream(
    db: Db,
    blobs: Blobs,
    folder: Item,
    actor: Actor,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let (reader, writer) = tokio::io::simplex(BUFFER);
    // The writer runs while, and only while, somebody reads.
    let writing = async move {
        let mut guard = Guard {
            db: &db,
            actor: &actor,
            root: folder.id,
            checked: Instant::now(),
        };
        let written = write(&db, &blobs, &folder, Some(&mut guard), writer.compat_write());
        let cause = written.await.err()?;
        match cause {
            Error::Unauthenticated | Error::Forbidden(_) => {
                tracing::info!(folder = folder.text_id(), %cause, "an archive was aborted");
            }
            _ => tracing::error!(?cause, folder = folder.text_id(), "an archive broke off"),
        }
        Some(Err(std::io::Error::other("the archive broke off")))
    };
    futures_util::stream::select(
        ReaderStream::new(reader),
        futures_util::stream::once(writing).filter_map(std::future::ready),
    )
}

/// Checks while an archive is written that its reader may still have what comes next.
struct Guard<'a> {
    db: &'a Db,
    actor: &'a Actor,
    /// The folder that is archived.
    root: Uuid,
    checked: Instant,
}

impl Guard<'_> {
    /// Whether a folder or file still lies below the root, and the reader may see it.
    async fn holds(&mut self, id: Uuid) -> Result<bool, Error> {
        self.checked = Instant::now();
        let actor = again(self.db, self.actor).await?;
        let ways = list::ways_up(self.db.read(), actor.user_id, &[id]).await?;
        let up = ways.get(&id).map_or(&[][..], Vec::as_slice);
        let below = up.iter().position(|link| link.id == self.root);
        // Only what lets the reader into the root lets them read on.
        match below {
            Some(place) if access::level(&actor, &up[place..]).is_some() => Ok(true),
            Some(_) => Err(Error::Forbidden("access to the folder")),
            None => Ok(false),
        }
    }

    /// Fails when the file whose bytes are being written has been moved away, or may not be seen any more.
    async fn check_now_and_then(&mut self, id: Uuid) -> Result<(), Error> {
        if self.checked.elapsed() < RECHECK || self.holds(id).await? {
            Ok(())
        } else {
            Err(Error::Forbidden("access to a file that was moved away"))
        }
    }
}

/// Writes the archive of a folder as it is now; answers how many folders and files it holds.
///
/// # Errors
/// When the database, the bytes or the writer fail, and when the `guard` refuses.
async fn write(
    db: &Db,
    blobs: &Blobs,
    folder: &Item,
    mut guard: Option<&mut Guard<'_>>,
    writer: impl AsyncWrite + Unpin,
) -> Result<u64, Error> {
    let began = db.clock().now();
    let mut zip = ZipFileWriter::new(writer);
    let (mut count, mut names) = (0, 0);
    // Folders still to be gone through, each with the path of what is in it and the page that comes next.
    let mut left: Vec<(Uuid, String, Option<String>)> = vec![(folder.id, String::new(), None)];
    while let Some((id, path, after)) = left.pop() {
        if let Some(guard) = &mut guard
            && !guard.holds(id).await?
        {
            continue;
        }
        let args = PageArgs {
            first: Some(MAX_PAGE),
            after,
            ..PageArgs::default()
        };
        let page = list::items(db, id, &args).await?;
        if page.has_next {
            let last = page.items.last().map(|(_, cursor)| cursor.to_string());
            left.push((id, path.clone(), last));
        }
        let there = |item: &Item| item.placed_at.unwrap_or(item.created_at) <= began;
        for (item, _) in page.items.into_iter().filter(|(item, _)| there(item)) {
            count += 1;
            let name = format!("{path}{}", name::fit(&item.name, item.folder));
            names += name.len();
            if names > NAMES {
                return Err(Error::Internal("an archive with too many paths".to_owned()));
            }
            if item.folder {
                let name = format!("{name}/");
                let entry = entry(&name, &item).unix_permissions(0o40_755);
                zip.write_entry_whole(entry, &[]).await.map_err(Error::internal)?;
                left.push((item.id, name, None));
            } else {
                let entry = entry(&name, &item).unix_permissions(0o100_644);
                let mut writer = zip.write_entry_stream(entry).await.map_err(Error::internal)?;
                let mut bytes = bytes(blobs, &item).await?;
                while let Some(piece) = bytes.try_next().await.map_err(Error::internal)? {
                    if let Some(guard) = &mut guard {
                        guard.check_now_and_then(item.id).await?;
                    }
                    writer.write_all(&piece).await.map_err(Error::internal)?;
                }
                writer.close().await.map_err(Error::internal)?;
            }
        }
    }
    let mut writer = zip.close().await.map_err(Error::internal)?;
    writer.close().await.map_err(Error::internal)?;
    Ok(count)
}

fn entry(name: &str, item: &Item) -> ZipEntryBuilder {
    let builder = ZipEntryBuilder::new(ZipString::from(name), Compression::Stored);
    // The form knows the years 1980 to 2107: what is older or newer gets the nearest moment.
    let (first, last) = (FIRST_MOMENT, LAST_MOMENT);
    builder.last_modification_date(item.modified_at.clamp(first, last).into())
}

async fn bytes(
    blobs: &Blobs,
    item: &Item,
) -> Result<futures_util::stream::BoxStream<'static, Result<Bytes, std::io::Error>>, Error> {
    let size = u64::try_from(item.size).map_err(Error::internal)?;
    let sha256 = item.sha256.as_deref().unwrap_or_default();
    blobs.read(sha256, size, 0..size).await
}

/// Writes somebody's My Drive to a new file; answers how many folders and files it holds.
///
/// # Errors
/// [`Error::BadInput`] for an address that nobody has, or a file that can't be made.
pub async fn export(db: &Db, blobs: &Blobs, email: &str, file: &std::path::Path) -> Result<u64, Error> {
    let person = user::Entity::find()
        .filter(user::Column::EmailKey.eq(user::email_key(email.trim())))
        .one(db.read())
        .await?
        .ok_or_else(|| Error::BadInput(format!("nobody has the address {email}")))?;
    let bad = |error: std::io::Error| Error::BadInput(format!("--out {}: {error}", file.display()));
    if file.exists() {
        return Err(bad(std::io::ErrorKind::AlreadyExists.into()));
    }
    // An archive that is not whole never has the name of one.
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = std::path::PathBuf::from(partial);
    let out = tokio::fs::File::create(&partial).await.map_err(bad)?;
    let drive = super::my_drive(person.id, person.created_at);
    let out = tokio::io::BufWriter::new(out).compat_write();
    let written = match write(db, blobs, &drive, None, out).await {
        Ok(count) => tokio::fs::rename(&partial, file)
            .await
            .map_err(bad)
            .map(|()| count),
        Err(cause) => Err(cause),
    };
    if written.is_err()
        && let Err(error) = tokio::fs::remove_file(&partial).await
    {
        tracing::warn!(%error, file = %partial.display(), "an incomplete archive could not be removed");
    }
    written
}
