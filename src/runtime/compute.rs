//! Runs CPU-bound work of more than a few milliseconds off the threads that serve requests.
//!
//! A dropped request ends only between two calls, so long work should be split into several.

use std::sync::LazyLock;

use tokio::sync::Semaphore;

use crate::error::Error;

/// Concurrent jobs: one per core, so that a burst queues here and not for a core.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Runs `work` on a blocking thread as soon as a core is free.
///
/// # Errors
/// When it panics.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let permit = PERMITS.acquire().await.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(move || {
        // Held in the closure: the caller may be dropped while the work runs.
        let _permit = permit;
        work()
    });
    done.await.map_err(Error::internal)
}
