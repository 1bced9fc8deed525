//! Streams a folder with everything below it as a .zip: neither the archive nor a file is ever completely in memory. It
//! contains a snapshot from the start: items created, uploaded or moved there later are missing. The reader's access is
//! checked again for each page.
//!
//! Also `handover export`, which writes a person's My Drive to a file in the same way.

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
use crate::domain::auth::authenticate::{RECHECK_INTERVAL, reauthenticate};
use crate::error::Error;
use crate::store::db::Db;
use crate::store::page::{MAX_PAGE, PageArgs};

/// Maximum total length of the paths in one archive, in bytes: its directory is in memory until the end.
const MAX_PATHS: usize = 64 << 20;
/// 1980-01-01T00:00:00Z and 2107-12-31T23:59:58Z: the range of times in a .zip.
const MIN_TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(315_532_800_000_000_000);
const MAX_TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(4_354_819_198_000_000_000);

/// Bytes of an archive buffered for a slow reader.
const BUFFER: usize = 256 * 1024;

/// Streams the archive of a folder to `actor`.
pub fn stream(
    db: Db,
    blobs: Blobs,
    folder: Item,
    actor: Actor,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let (reader, writer) = tokio::io::simplex(BUFFER);
    // The writer runs only while the stream is polled.
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
            _ => tracing::error!(?cause, folder = folder.text_id(), "an archive failed"),
        }
        Some(Err(std::io::Error::other("the archive failed")))
    };
    futures_util::stream::select(
        ReaderStream::new(reader),
        futures_util::stream::once(writing).filter_map(std::future::ready),
    )
}

/// Checks, while an archive is written, that its reader still has access.
struct Guard<'a> {
    db: &'a Db,
    actor: &'a Actor,
    /// The folder being archived.
    root: Uuid,
    checked: Instant,
}

impl Guard<'_> {
    /// Returns whether a folder or file is still below the root and visible to the reader.
    async fn holds(&mut self, id: Uuid) -> Result<bool, Error> {
        self.checked = Instant::now();
        let actor = reauthenticate(self.db, self.actor).await?;
        let ways = list::paths_up(self.db.read(), actor.user_id, &[id]).await?;
        let up = ways.get(&id).map_or(&[][..], Vec::as_slice);
        let below = up.iter().position(|link| link.id == self.root);
        // Only access through the root counts.
        match below {
            Some(place) if access::level(&actor, &up[place..]).is_some() => Ok(true),
            Some(_) => Err(Error::Forbidden("access to the folder")),
            None => Ok(false),
        }
    }

    /// Fails if the file being written was moved away, or is no longer visible.
    async fn check_now_and_then(&mut self, id: Uuid) -> Result<(), Error> {
        if self.checked.elapsed() < RECHECK_INTERVAL || self.holds(id).await? {
            Ok(())
        } else {
            Err(Error::Forbidden("access to a file that was moved away"))
        }
    }
}

/// Writes the current archive of a folder; returns the number of folders and files in it.
///
/// # Errors
/// When the database, the blob store or the writer fail, and when the `guard` refuses.
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
    // Folders still to be visited, each with the path of its contents and the cursor of the next page.
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
            if names > MAX_PATHS {
                return Err(Error::Internal("too many paths in an archive".to_owned()));
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
    // A .zip has the years 1980 to 2107: other times are clamped.
    let (first, last) = (MIN_TIME, MAX_TIME);
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

/// Writes a person's My Drive to a new file; returns the number of folders and files in it.
///
/// # Errors
/// [`Error::BadInput`] for an unknown e-mail address, or a file that can't be created.
pub async fn export(db: &Db, blobs: &Blobs, email: &str, file: &std::path::Path) -> Result<u64, Error> {
    let person = user::Entity::find()
        .filter(user::Column::EmailKey.eq(user::email_key(email.trim())))
        .one(db.read())
        .await?
        .ok_or_else(|| Error::BadInput(format!("there is no person with the address {email}")))?;
    let bad = |error: std::io::Error| Error::BadInput(format!("--out {}: {error}", file.display()));
    if file.exists() {
        return Err(bad(std::io::ErrorKind::AlreadyExists.into()));
    }
    // Written under another name until it is complete.
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
        tracing::warn!(%error, file = %partial.display(), "failed to remove an incomplete archive");
    }
    written
}
