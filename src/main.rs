//! The command line. Everything is in the library: see `handover --help`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use handover::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Grace period for blocking threads, such as file reads, when the process exits.
const LEFTOVERS: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("handover: {cause}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(handover::cli::run(cli));
    runtime.shutdown_timeout(LEFTOVERS);
    code
}
