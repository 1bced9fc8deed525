//! What the machine gives: cores, permits, time and file descriptors.

pub mod compute;
pub mod concurrency;
pub mod patience;
pub mod process;
