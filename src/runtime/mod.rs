//! Resources of the machine: cores, permits, time and file descriptors; and the metrics of the process.

pub mod compute;
pub mod concurrency;
pub mod metrics;
pub mod process;
pub mod slow_peer;
