//! Resources of the machine: cores, permits, time and file descriptors.

pub mod compute;
pub mod concurrency;
pub mod process;
pub mod slow_peer;
