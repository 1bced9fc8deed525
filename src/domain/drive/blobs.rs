//! The bytes of files: in a folder, or in a bucket of S3, under their SHA-256. Bytes that are there already are
//! not kept twice. Nothing is ever deleted.
//!
//! Bytes are written before the file that names them: a crash in between, or a refusal, leaves bytes that nobody
//! names, which cost space and nothing else.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Error;
use crate::runtime::patience::Patience;
use crate::runtime::process;

/// Bytes that are held in memory and written in one go; more are written in parts.
const SMALL: usize = 256 * 1024;
/// Bytes of a part, in a folder.
const PART: usize = 512 * 1024;
/// Bytes of a part, in a bucket: S3 takes none that is smaller, unless it is the last.
const BUCKET_PART: usize = 5 * 1024 * 1024;
/// Bytes of a file that are read whole before the first of them is sent.
const READ_WHOLE: u64 = 64 * 1024;
/// Parts that are on their way at the same time.
const PARALLEL: usize = 2;
/// How long a bucket may take to answer when the program starts.
const REACH: Duration = Duration::from_secs(3);
/// How long an upload may be waited for, beyond what its bytes are worth at the least speed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where bytes are kept.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Bytes of a part.
    part: usize,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
}

/// Bytes that have been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// How many.
    pub size: u64,
}

/// Why bytes could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// There are more than there may be.
    #[error("the file is larger than the {0} bytes that are allowed here")]
    TooLarge(u64),
    /// They stopped coming.
    #[error("the upload broke off: {0}")]
    BrokeOff(String),
    /// The person has uploaded as many mebibytes as they may in a day; seconds until there is room again.
    #[error("the quota of {0} MiB a day is used up: retry in {1} seconds")]
    Quota(u64, u32),
    /// The disk is nearly full.
    #[error("there is not enough space left for uploads")]
    Full,
    /// They could not be kept.
    #[error("internal error")]
    Store(#[from] object_store::Error),
}

/// Makes a file in a folder, and removes it again.
fn try_writing(folder: &std::path::Path) -> std::io::Result<()> {
    let file = folder.join(format!(".write-test-{}", std::process::id()));
    std::fs::File::create_new(&file)?;
    std::fs::remove_file(file)
}

impl Blobs {
    /// Opens a place: `file://FOLDER` (relative to where the program was started unless it begins with `/`),
    /// `s3://BUCKET/PREFIX` with the settings of the AWS tools' environment variables, or `memory://`.
    ///
    /// # Errors
    /// [`Error::BadInput`] for any other address.
    pub fn open(url: &str) -> Result<Self, Error> {
        let bad = |cause: &dyn std::fmt::Display| Error::BadInput(format!("--blob-url {url}: {cause}"));
        if let Some(folder) = url.strip_prefix("file://") {
            let folder = std::path::absolute(folder).map_err(|error| bad(&error))?;
            let prefix = Path::from_absolute_path(&folder).map_err(|error| bad(&error))?;
            let store = LocalFileSystem::new().with_fsync(true);
            Ok(Self {
                store: Arc::new(PrefixStore::new(store, prefix)),
                part: PART,
                folder: Some(folder),
            })
        } else if let Some(rest) = url.strip_prefix("s3://") {
            let prefix = rest.split_once('/').map_or("", |(_, prefix)| prefix);
            let prefix = Path::parse(prefix).map_err(|error| bad(&error))?;
            let store = AmazonS3Builder::from_env()
                .with_url(url)
                .build()
                .map_err(|error| bad(&error))?;
            Ok(Self {
                store: Arc::new(PrefixStore::new(store, prefix)),
                part: BUCKET_PART,
                folder: None,
            })
        } else if url == "memory://" {
            Ok(Self {
                store: Arc::new(InMemory::new()),
                part: PART,
                folder: None,
            })
        } else {
            Err(bad(&"it must begin with file:// or s3://"))
        }
    }

    /// Tries whether bytes can be kept here. A folder that can't be written is a setting that is wrong; a bucket may be
    /// away for a moment, and is only warned about.
    ///
    /// # Errors
    /// [`Error::BadInput`] with the folder.
    pub async fn try_out(&self) -> Result<(), Error> {
        if let Some(folder) = &self.folder {
            let tried = std::fs::create_dir_all(folder).and_then(|()| try_writing(folder));
            return tried
                .map_err(|error| Error::BadInput(format!("--blob-url {}: {error}", folder.display())));
        }
        let nothing = Path::from("incoming/nothing");
        match tokio::time::timeout(REACH, self.store.head(&nothing)).await {
            Ok(Ok(_) | Err(object_store::Error::NotFound { .. })) => {}
            Ok(Err(cause)) => tracing::warn!(%cause, "--blob-url: files can't be kept at the moment"),
            Err(_) => tracing::warn!("--blob-url: the bucket does not answer"),
        }
        Ok(())
    }

    /// The most memory that one upload holds, in mebibytes: the part that is gathered and those that are being written.
    pub fn memory_of_upload(&self) -> u32 {
        (self.part * (PARALLEL + 1)).div_ceil(1 << 20) as u32
    }

    /// The free bytes of the disk, where there is a folder on one.
    pub fn free_space(&self) -> Option<u64> {
        // Before the first file there may be no folder yet.
        let there = self
            .folder
            .as_deref()?
            .ancestors()
            .find(|folder| folder.exists())?;
        process::free_space(there)
    }

    /// Keeps the bytes of a stream, at most `limit` of them. Holds a few parts of them in memory, never all.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing of the stream stays then.
    pub async fn write(
        &self,
        mut bytes: impl Stream<Item = Result<Bytes, WriteError>> + Unpin,
        limit: u64,
        temporary: Uuid,
    ) -> Result<Blob, WriteError> {
        let mut hash = Sha256::new();
        let mut size = 0_u64;
        let mut small = Vec::new();
        let place = Path::from(format!("incoming/{temporary}"));
        let mut large: Option<WriteMultipart> = None;
        let mut patience = Patience::new(PATIENCE);
        let outcome = loop {
            let waiting = Instant::now();
            let piece = match tokio::time::timeout(patience.left(), bytes.next()).await {
                Ok(None) => break Ok(()),
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(cause))) => break Err(cause),
                Err(_) => break Err(WriteError::BrokeOff("it was too slow".to_owned())),
            };
            patience.spend(waiting.elapsed());
            patience.earn(piece.len());
            size += piece.len() as u64;
            if size > limit {
                break Err(WriteError::TooLarge(limit));
            }
            hash.update(&piece);
            match &mut large {
                Some(parts) => {
                    if let Err(cause) = parts.wait_for_capacity(PARALLEL).await {
                        break Err(cause.into());
                    }
                    parts.write(&piece);
                }
                None if small.len() + piece.len() <= SMALL => small.extend_from_slice(&piece),
                None => {
                    let upload = match self.store.put_multipart(&place).await {
                        Ok(upload) => upload,
                        Err(cause) => break Err(cause.into()),
                    };
                    let mut parts = WriteMultipart::new_with_chunk_size(upload, self.part);
                    // Copied: pieces that are kept would keep the buffers that they were read into.
                    parts.write(&std::mem::take(&mut small));
                    parts.write(&piece);
                    large = Some(parts);
                }
            }
        };
        if let Err(why) = outcome {
            if let Some(parts) = large {
                parts.abort().await?;
            }
            return Err(why);
        }
        let blob = Blob {
            sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            size,
        };
        let there = self.has(&blob.sha256).await?;
        let last = address(&blob.sha256);
        match large {
            None if there => {}
            None => {
                self.store.put(&last, small.into()).await?;
            }
            Some(parts) if there => parts.abort().await?,
            Some(parts) => {
                parts.finish().await?;
                self.store.rename(&place, &last).await?;
            }
        }
        Ok(blob)
    }

    async fn has(&self, sha256: &str) -> Result<bool, object_store::Error> {
        match self.store.head(&address(sha256)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    /// The bytes of a file of `size`, or a stretch of them.
    ///
    /// # Errors
    /// When they are not there, or can't be read; later failures come in the stream.
    pub async fn read(
        &self,
        sha256: &str,
        size: u64,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, std::io::Error>>, Error> {
        if size == 0 || range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let range_length = range.end - range.start;
        let options = GetOptions::new().with_range(Some(GetRange::Bounded(range)));
        let found = self
            .store
            .get_opts(&address(sha256), options)
            .await
            .map_err(Error::internal)?;
        if range_length <= READ_WHOLE {
            // Ready at once, so that it leaves with the head of the answer in one write.
            let bytes = found.bytes().await.map_err(Error::internal)?;
            return Ok(futures_util::stream::iter([Ok(bytes)]).boxed());
        }
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }
}

/// Not all in one folder: file systems grow slow with very many entries.
fn address(sha256: &str) -> Path {
    Path::from(format!("sha256/{}/{sha256}", &sha256[..2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn keep(blobs: &Blobs, pieces: &[&[u8]], limit: u64) -> Result<Blob, WriteError> {
        let pieces: Vec<Result<Bytes, WriteError>> = pieces
            .iter()
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        blobs
            .write(futures_util::stream::iter(pieces), limit, Uuid::nil())
            .await
    }

    async fn all(blobs: &Blobs, blob: &Blob, range: Range<u64>) -> Vec<u8> {
        let stream = blobs.read(&blob.sha256, blob.size, range).await.unwrap();
        stream.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap()
    }

    async fn objects(blobs: &Blobs) -> usize {
        blobs
            .store
            .list(None)
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .len()
    }

    #[tokio::test]
    async fn bytes_are_kept_once_under_their_hash() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("file://{}/blobs with space", folder.path().display());
        for url in ["memory://", file.as_str()] {
            let blobs = Blobs::open(url).unwrap();
            let small = keep(&blobs, &[b"hello ", b"world"], 100).await.unwrap();
            assert_eq!(
                small.sha256,
                "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
            );
            assert_eq!(all(&blobs, &small, 0..11).await, b"hello world");
            assert_eq!(all(&blobs, &small, 6..8).await, b"wo");
            let again = keep(&blobs, &[b"hello world"], 11).await.unwrap();
            assert_eq!((again, objects(&blobs).await), (small, 1));

            // In parts, and again.
            let piece: Vec<u8> = (0..PART + 3).map(|n| (n % 251) as u8).collect();
            for _ in 0..2 {
                let large = keep(&blobs, &[&piece, &piece, b"end"], u64::MAX).await.unwrap();
                assert_eq!(large.size, 2 * (PART as u64 + 3) + 3);
                let expected = [&piece[..], &piece, b"end"].concat();
                assert!(all(&blobs, &large, 0..large.size).await == expected);
                assert_eq!(objects(&blobs).await, 2);
            }
            let nothing = keep(&blobs, &[], 0).await.unwrap();
            assert!(all(&blobs, &nothing, 0..0).await.is_empty());

            // Too many, small and large: nothing stays.
            let there = objects(&blobs).await;
            for pieces in [&[&b"123456"[..]][..], &[&piece, &piece, b"x"]] {
                let limit = if pieces.len() == 1 {
                    5
                } else {
                    2 * piece.len() as u64
                };
                let refused = keep(&blobs, pieces, limit).await;
                assert!(matches!(refused, Err(WriteError::TooLarge(n)) if n == limit));
            }
            assert_eq!(objects(&blobs).await, there);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for url in ["", "handover-blobs", "http://example.com", "s3:/x"] {
            assert!(Blobs::open(url).is_err(), "{url}");
        }
    }
}
