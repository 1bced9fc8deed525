//! Work that keeps a core busy for more than a few milliseconds, away from the threads that answer requests.
//!
//! A request that is dropped ends between two calls: whoever has a lot to do does it in several.

use std::sync::LazyLock;

use tokio::sync::Semaphore;

use crate::error::Error;

/// Pieces of work at one time: one for each core, so that a burst of them waits here and not for a core.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Does `work` on a thread that may block, as soon as there is a core for it.
///
/// # Errors
/// When it panics.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let permit = PERMITS.acquire().await.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(move || {
        // Held here, because the caller may be dropped while this goes on.
        let _permit = permit;
        work()
    });
    done.await.map_err(Error::internal)
}
