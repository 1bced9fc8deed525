//! Uploads and downloads that end when the caller loses access.
//!
//! A transfer may last long after its request was authorized. So access is checked again while the bytes flow: a
//! download is aborted (so no reader takes a part for the whole), an upload is cut short.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use crate::domain::auth::authenticate::RECHECK_INTERVAL;
use crate::domain::drive::blobs::WriteError;
use crate::error::Error;
use crate::http::headers::text;

/// Maximum duration of a download. It bounds how long a slow reader holds a connection.
const LONGEST: Duration = Duration::from_secs(6 * 3_600);
/// Size of a chunk of a body that is in memory, in bytes.
const PIECE: usize = 64 * 1024;

/// Whether the client has this version already (RFC 9110, section 13.1.2).
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = text(headers, header::IF_NONE_MATCH);
    let plain = |one: &str| one.trim().trim_start_matches("W/") == tag;
    tags.is_some_and(|tags| tags.trim() == "*" || tags.split(',').any(plain))
}

/// The body of a download that is cut off when `allowed` fails, or after six hours. Access has just been checked by the
/// caller of this function.
pub fn download<C, F>(
    bytes: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    allowed: C,
) -> Body
where
    C: Fn() -> F + Send + 'static,
    F: Future<Output = Result<(), Error>> + Send,
{
    Body::from_stream(guarded(bytes, allowed, LONGEST))
}

fn guarded<C, F>(
    bytes: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    allowed: C,
    longest: Duration,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static
where
    C: Fn() -> F + Send + 'static,
    F: Future<Output = Result<(), Error>> + Send,
{
    let began = Instant::now();
    let state = (Box::pin(bytes), allowed, began);
    stream::try_unfold(state, move |(mut bytes, allowed, mut checked)| async move {
        let Some(piece) = bytes.try_next().await? else {
            return Ok(None);
        };
        // Right before the bytes are sent: they may have waited long for the client to read the previous ones.
        if checked.elapsed() >= RECHECK_INTERVAL {
            if began.elapsed() > longest {
                return Err(io::Error::other("the download takes too long"));
            }
            allowed().await.map_err(io::Error::other)?;
            checked = Instant::now();
        }
        Ok(Some((piece, (bytes, allowed, checked))))
    })
}

/// Like [`download`], for a body that is in memory.
pub fn download_whole<C, F>(bytes: Bytes, allowed: C) -> Body
where
    C: Fn() -> F + Send + 'static,
    F: Future<Output = Result<(), Error>> + Send,
{
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    let pieces = (0..bytes.len()).step_by(PIECE);
    let pieces: Vec<_> = pieces
        .map(|at| Ok(bytes.slice(at..bytes.len().min(at + PIECE))))
        .collect();
    download(stream::iter(pieces), allowed)
}

/// The bytes of an upload, which end with an error as soon as `allowed` fails, even if none arrive.
pub fn upload<C, F>(
    bytes: impl Stream<Item = Result<Bytes, WriteError>> + Unpin,
    allowed: C,
) -> impl Stream<Item = Result<Bytes, WriteError>> + Unpin
where
    C: Fn() -> F,
    F: Future<Output = Result<(), Error>>,
{
    let refused = Box::pin(until_refused(allowed));
    Box::pin(stream::unfold(Some((bytes, refused)), |state| async {
        let (mut bytes, mut refused) = state?;
        tokio::select! {
            biased;
            Err(error) = &mut refused => Some((Err(WriteError::Interrupted(error.to_string())), None)),
            piece = bytes.next() => Some((piece?, Some((bytes, refused)))),
        }
    }))
}

async fn until_refused<C, F>(allowed: C) -> Result<Infallible, Error>
where
    C: Fn() -> F,
    F: Future<Output = Result<(), Error>>,
{
    loop {
        tokio::time::sleep(RECHECK_INTERVAL).await;
        allowed().await?;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use http_body_util::BodyExt;

    use super::*;

    async fn check(allowed: Arc<AtomicBool>) -> Result<(), Error> {
        if allowed.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(Error::Unauthenticated)
        }
    }

    /// One chunk every 100 ms, without end.
    fn slowly() -> impl Stream<Item = Result<Bytes, io::Error>> + Unpin + Send + 'static {
        let tick = || tokio::time::sleep(Duration::from_millis(100));
        Box::pin(stream::repeat(()).then(move |()| async move {
            tick().await;
            Ok(Bytes::from_static(b"x"))
        }))
    }

    #[tokio::test]
    async fn a_download_breaks_off_within_a_second() {
        let allowed = Arc::new(AtomicBool::new(true));
        let also = Arc::clone(&allowed);
        let mut body = download(slowly(), move || check(Arc::clone(&also)));
        for _ in 0..8 {
            assert!(body.frame().await.unwrap().is_ok());
        }
        allowed.store(false, Ordering::SeqCst);
        let since = Instant::now();
        let mut more = 0;
        while body.frame().await.unwrap().is_ok() {
            more += 1;
        }
        assert!(more < 10 && since.elapsed() < Duration::from_secs(1), "{more}");
        assert!(body.frame().await.is_none());
    }

    /// No byte is sent after a pause in which access was lost.
    #[tokio::test]
    async fn a_reader_who_pauses_gets_nothing_afterwards() {
        let allowed = Arc::new(AtomicBool::new(true));
        let also = Arc::clone(&allowed);
        let whole = Bytes::from(vec![1; 10 * PIECE]);
        let mut body = download_whole(whole, move || check(Arc::clone(&also)));
        assert!(body.frame().await.unwrap().is_ok());
        allowed.store(false, Ordering::SeqCst);
        tokio::time::sleep(RECHECK_INTERVAL).await;
        assert!(body.frame().await.unwrap().is_err());
    }

    #[tokio::test]
    async fn no_download_lasts_for_ever() {
        let longest = Duration::from_millis(900);
        let mut bytes = Box::pin(guarded(slowly(), || async { Ok(()) }, longest));
        let since = Instant::now();
        while bytes.next().await.unwrap().is_ok() {}
        assert!(since.elapsed() > longest && since.elapsed() < longest + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn an_upload_ends_even_while_nothing_comes() {
        let nothing = stream::pending::<Result<Bytes, WriteError>>();
        let mut bytes = upload(nothing, || async { Err(Error::Unauthenticated) });
        let since = Instant::now();
        assert!(bytes.next().await.unwrap().is_err());
        assert!(since.elapsed() < Duration::from_secs(1));
        assert!(bytes.next().await.is_none());

        let some = stream::iter([Ok(Bytes::from_static(b"x"))]);
        let mut bytes = upload(some, || async { Ok(()) });
        assert_eq!(bytes.next().await.unwrap().unwrap(), "x");
        assert!(bytes.next().await.is_none());
    }
}
