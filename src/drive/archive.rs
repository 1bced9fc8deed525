//! A folder with all that is in it as one .zip, written while it is read: neither the archive nor a file is ever
//! whole in memory. And `handover export`, which writes somebody's My Drive to a file in the same way.

use std::sync::Arc;

use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipEntryBuilder, ZipString};
use axum::body::Bytes;
use chrono::Datelike;
use entity::drive_item::Model as Item;
use entity::user;
use futures_util::io::{AsyncWrite, AsyncWriteExt};
use futures_util::{Stream, StreamExt, TryStreamExt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio_util::compat::TokioAsyncWriteCompatExt;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::{blobs::Blobs, list};
use crate::app::App;
use crate::db::Db;
use crate::error::Error;
use crate::page::{MAX_PAGE, PageArgs};

/// Bytes of an archive that wait for a slow reader.
const BUFFER: usize = 256 * 1024;

/// The archive of a folder, as a stream.
pub fn stream(
    app: Arc<App>,
    folder: Item,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let (reader, writer) = tokio::io::simplex(BUFFER);
    // The writer runs while, and only while, somebody reads.
    let writing = async move {
        let written = write(&app.db, &app.blobs, &folder, writer.compat_write()).await;
        written.err().map(|cause| {
            tracing::error!(?cause, folder = folder.text_id(), "an archive broke off");
            Err(std::io::Error::other("the archive broke off"))
        })
    };
    futures_util::stream::select(
        ReaderStream::new(reader),
        futures_util::stream::once(writing).filter_map(std::future::ready),
    )
}

/// Writes the archive of a folder; answers how many folders and files it holds.
///
/// # Errors
/// When the database, the bytes or the writer fail.
pub async fn write(
    db: &Db,
    blobs: &Blobs,
    folder: &Item,
    writer: impl AsyncWrite + Unpin,
) -> Result<u64, Error> {
    let mut zip = ZipFileWriter::new(writer);
    let mut count = 0;
    // Folders still to be gone through, each with the path of what is in it and the page that comes next.
    let mut left: Vec<(Uuid, String, Option<String>)> = vec![(folder.id, String::new(), None)];
    while let Some((id, path, after)) = left.pop() {
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
        for (item, _) in page.items {
            count += 1;
            let name = format!("{path}{}", item.name);
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
    // The form knows the years 1980 to 2107.
    if (1980..2108).contains(&item.modified_at.year()) {
        builder.last_modification_date(item.modified_at.into())
    } else {
        builder
    }
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
    let out = tokio::fs::File::create_new(file).await.map_err(bad)?;
    let drive = super::my_drive(person.id, person.created_at);
    write(db, blobs, &drive, tokio::io::BufWriter::new(out).compat_write()).await
}
