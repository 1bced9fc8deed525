//! Blob store for the contents of files: a folder, or an S3 bucket, keyed by SHA-256. Equal contents are stored once.
//! Nothing is ever deleted.
//!
//! Contents are written before the file that refers to them: a crash in between, or a refusal, leaves unreferenced
//! blobs, which only cost space.

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
use crate::runtime::process;
use crate::runtime::slow_peer::StallTimeout;

/// Up to this many bytes are buffered and written at once; more are written in parts.
const SMALL: usize = 256 * 1024;
/// Size of a part in a folder, in bytes.
const PART: usize = 512 * 1024;
/// Size of a part in a bucket, in bytes: the minimum of S3, except for the last part.
const BUCKET_PART: usize = 5 * 1024 * 1024;
/// Up to this size, a file is read completely before the first byte is sent.
const READ_WHOLE: u64 = 64 * 1024;
/// Number of parts written concurrently.
const PARALLEL: usize = 2;
/// Timeout for reaching a bucket at startup.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);
/// Allowance for pauses of an upload, beyond the minimum speed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A blob store.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Size of a part, in bytes.
    part: usize,
    /// The folder, if it is one.
    folder: Option<PathBuf>,
}

/// A stored blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// Why contents could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Larger than the limit, in bytes.
    #[error("the file exceeds the limit of {0} bytes")]
    TooLarge(u64),
    /// The stream ended early.
    #[error("the upload was interrupted: {0}")]
    Interrupted(String),
    /// The person has exhausted the daily quota, in MiB; seconds until a retry.
    #[error("the upload quota of {0} MiB per day is exhausted: retry in {1} seconds")]
    Quota(u64, u32),
    /// The disk is nearly full.
    #[error("not enough disk space for uploads")]
    Full,
    /// The store failed.
    #[error("internal error")]
    Store(#[from] object_store::Error),
}

/// Creates a file in a folder, and removes it again.
fn try_writing(folder: &std::path::Path) -> std::io::Result<()> {
    let file = folder.join(format!(".write-test-{}", std::process::id()));
    std::fs::File::create_new(&file)?;
    std::fs::remove_file(file)
}

impl Blobs {
    /// Opens a store: `file://FOLDER` (relative to the working directory unless it starts with `/`),
    /// `s3://BUCKET/PREFIX` with the settings of the AWS environment variables, or `memory://`.
    ///
    /// # Errors
    /// [`Error::BadInput`] for any other URL.
    pub fn open(url: &str) -> Result<Self, Error> {
        let bad = |cause: &dyn std::fmt::Display| Error::BadInput(format!("--blob-url {url}: {cause}"));
        if let Some(folder) = url.strip_prefix("file://") {
            let folder = std::path::absolute(folder).map_err(|error| bad(&error))?;
            let prefix = Path::from_absolute_path(&folder).map_err(|error| bad(&error))?;
            let store = LocalFileSystem::new().with_fsync(true);
            Ok(Self::new(PrefixStore::new(store, prefix), PART, Some(folder)))
        } else if let Some(rest) = url.strip_prefix("s3://") {
            let prefix = rest.split_once('/').map_or("", |(_, prefix)| prefix);
            let prefix = Path::parse(prefix).map_err(|error| bad(&error))?;
            let store = AmazonS3Builder::from_env()
                .with_url(url)
                .build()
                .map_err(|error| bad(&error))?;
            Ok(Self::new(PrefixStore::new(store, prefix), BUCKET_PART, None))
        } else if url == "memory://" {
            Ok(Self::new(InMemory::new(), PART, None))
        } else {
            Err(bad(&"it must begin with file:// or s3://"))
        }
    }

    fn new(store: impl ObjectStore, part: usize, folder: Option<PathBuf>) -> Self {
        Self {
            store: Arc::new(store),
            part,
            folder,
        }
    }

    /// Checks that contents can be stored. A folder that isn't writable is a configuration error; a bucket may be
    /// temporarily unreachable, so there is only a warning.
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
        match tokio::time::timeout(REACH_TIMEOUT, self.store.head(&nothing)).await {
            Ok(Ok(_) | Err(object_store::Error::NotFound { .. })) => {}
            Ok(Err(cause)) => tracing::warn!(%cause, "--blob-url: failed to reach the bucket"),
            Err(_) => tracing::warn!("--blob-url: the bucket does not respond"),
        }
        Ok(())
    }

    /// Returns the maximum memory of one upload, in MiB: the part being filled and those being written.
    pub fn memory_of_upload(&self) -> u32 {
        (self.part * (PARALLEL + 1)).div_ceil(1 << 20) as u32
    }

    /// Returns the free bytes of the disk, for a store in a folder.
    pub fn free_space(&self) -> Option<u64> {
        // The folder may not exist before the first file.
        let there = self
            .folder
            .as_deref()?
            .ancestors()
            .find(|folder| folder.exists())?;
        process::free_space(there)
    }

    /// Stores the contents of a stream, at most `limit` bytes. Holds a few parts in memory, never all.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing of the stream is kept then.
    pub async fn write(
        &self,
        bytes: impl Stream<Item = Result<Bytes, WriteError>> + Unpin,
        limit: u64,
        temporary: Uuid,
    ) -> Result<Blob, WriteError> {
        let mut incoming = Incoming::new(self, temporary);
        match incoming.receive(bytes, limit).await {
            Ok(()) => incoming.keep().await,
            Err(why) => {
                if let Some(parts) = incoming.large {
                    parts.abort().await?;
                }
                Err(why)
            }
        }
    }

    async fn has(&self, sha256: &str) -> Result<bool, object_store::Error> {
        match self.store.head(&address(sha256)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    /// Returns the contents of a file of `size`, or a range of them.
    ///
    /// # Errors
    /// When they are missing or can't be read; later failures are part of the stream.
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
            // Ready at once, so that it is sent with the headers in one write.
            let bytes = found.bytes().await.map_err(Error::internal)?;
            return Ok(futures_util::stream::iter([Ok(bytes)]).boxed());
        }
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }
}

/// Incoming contents: buffered while they are small, then written in parts.
struct Incoming<'a> {
    blobs: &'a Blobs,
    /// Path of the parts until the hash is known.
    place: Path,
    hash: Sha256,
    size: u64,
    small: Vec<u8>,
    large: Option<WriteMultipart>,
}

impl<'a> Incoming<'a> {
    fn new(blobs: &'a Blobs, temporary: Uuid) -> Self {
        Self {
            blobs,
            place: Path::from(format!("incoming/{temporary}")),
            hash: Sha256::new(),
            size: 0,
            small: Vec::new(),
            large: None,
        }
    }

    /// Reads the whole stream.
    async fn receive(
        &mut self,
        mut bytes: impl Stream<Item = Result<Bytes, WriteError>> + Unpin,
        limit: u64,
    ) -> Result<(), WriteError> {
        let mut patience = StallTimeout::new(PATIENCE);
        loop {
            let waiting = Instant::now();
            let next = tokio::time::timeout(patience.left(), bytes.next()).await;
            let next = next.map_err(|_| WriteError::Interrupted("it was too slow".to_owned()))?;
            let Some(piece) = next.transpose()? else {
                return Ok(());
            };
            patience.spend(waiting.elapsed());
            patience.earn(piece.len());
            self.size += piece.len() as u64;
            if self.size > limit {
                return Err(WriteError::TooLarge(limit));
            }
            self.hash.update(&piece);
            self.add(&piece).await?;
        }
    }

    async fn add(&mut self, piece: &[u8]) -> Result<(), WriteError> {
        if let Some(parts) = &mut self.large {
            parts.wait_for_capacity(PARALLEL).await?;
            parts.write(piece);
        } else if self.small.len() + piece.len() <= SMALL {
            self.small.extend_from_slice(piece);
        } else {
            let upload = self.blobs.store.put_multipart(&self.place).await?;
            let mut parts = WriteMultipart::new_with_chunk_size(upload, self.blobs.part);
            // Copied: slices would keep alive the buffers that they were read into.
            parts.write(&std::mem::take(&mut self.small));
            parts.write(piece);
            self.large = Some(parts);
        }
        Ok(())
    }

    /// Moves the contents to the path of their hash, unless it exists already.
    async fn keep(self) -> Result<Blob, WriteError> {
        let hash = self.hash.finalize();
        let blob = Blob {
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            size: self.size,
        };
        let there = self.blobs.has(&blob.sha256).await?;
        let last = address(&blob.sha256);
        match self.large {
            None if there => {}
            None => {
                self.blobs.store.put(&last, self.small.into()).await?;
            }
            Some(parts) if there => parts.abort().await?,
            Some(parts) => {
                parts.finish().await?;
                self.blobs.store.rename(&self.place, &last).await?;
            }
        }
        Ok(blob)
    }
}

/// Distributed over subfolders: file systems become slow with very many entries in one.
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

            // Too large, small and in parts: nothing is kept.
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
