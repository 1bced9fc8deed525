//! Resource limits of this process, and the permissions of its files.

use std::path::Path;

#[cfg(unix)]
use nix::sys::{
    resource::{Resource, getrlimit, setrlimit},
    stat::{Mode, umask},
};

/// File descriptors reserved for databases and outgoing requests.
const RESERVED: u64 = 128;

/// Sets the umask so that files and folders made from now on are private to their owner: the database holds the keys
/// that sign tokens; exports and rejected rows hold confidential data.
pub fn keep_files_private() {
    #[cfg(unix)]
    umask(Mode::from_bits_truncate(0o077));
}

/// Returns whether other users of the machine can read a file or list a folder.
pub fn is_readable_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode());
        let Ok(path) = std::path::absolute(path) else {
            return false;
        };
        let open = mode(&path).is_ok_and(|mode| mode & 0o055 != 0);
        // Irrelevant below a folder that others can't traverse.
        let passable = |folder: &Path| mode(folder).is_ok_and(|mode| mode & 0o011 != 0);
        open && path.ancestors().skip(1).all(passable)
    }
    #[cfg(not(unix))]
    false
}

/// Returns the bytes available to an unprivileged process on the disk of a folder; `None` if unknown.
pub fn free_space(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = nix::sys::statvfs::statvfs(folder).ok()?;
        // These types differ between systems.
        #[expect(clippy::useless_conversion, reason = "not 64 bits wide on every platform")]
        u64::from(disk.blocks_available()).checked_mul(u64::from(disk.fragment_size()))
    }
    #[cfg(not(unix))]
    None
}

/// Raises the limit of open files to the hard limit, and returns the number of client connections that it allows.
pub fn connections_allowed() -> u32 {
    #[cfg(unix)]
    {
        let files = match getrlimit(Resource::RLIMIT_NOFILE) {
            Ok((soft, hard)) if soft < hard => match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
                Ok(()) => hard,
                Err(cause) => {
                    tracing::warn!(%cause, "failed to raise the limit of open files");
                    soft
                }
            },
            Ok((soft, _)) => soft,
            Err(cause) => {
                tracing::warn!(%cause, "failed to read the limit of open files");
                1_024
            }
        };
        // Half of the free descriptors, because a download needs its connection and its file; at least a quarter of all.
        let connections = (files.saturating_sub(RESERVED) / 2).max(files / 4).max(1);
        u32::try_from(connections).unwrap_or(u32::MAX)
    }
    #[cfg(not(unix))]
    u32::MAX
}
