//! The command line. Everything is in the library: see `handover --help`.

use std::process::ExitCode;

use clap::Parser;
use handover::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    handover::cli::run(Cli::parse()).await
}
