//! What the system allows this process, and what this process allows others on the machine.

use std::path::Path;

#[cfg(unix)]
use nix::sys::{
    resource::{Resource, getrlimit, setrlimit},
    stat::{Mode, umask},
};

/// Descriptors that are not for connections of clients: databases, what this process asks others.
const RESERVED: u64 = 128;

/// Makes every file and folder that this process makes from now on its owner's alone: the database holds the private
/// keys that sign tokens, exports and rejected rows hold what the company keeps confidential.
pub fn keep_files_private() {
    #[cfg(unix)]
    umask(Mode::from_bits_truncate(0o077));
}

/// Whether other users of the machine can read a file or look into a folder.
pub fn can_be_read_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode());
        let Ok(path) = std::path::absolute(path) else {
            return false;
        };
        let open = mode(&path).is_ok_and(|mode| mode & 0o055 != 0);
        // Behind a folder that nobody else may pass, it does not matter.
        let passable = |folder: &Path| mode(folder).is_ok_and(|mode| mode & 0o011 != 0);
        open && path.ancestors().skip(1).all(passable)
    }
    #[cfg(not(unix))]
    false
}

/// The bytes that are left on the disk of a folder for a process that is not the system's own; `None` when it can't be
/// told.
pub fn free_space(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = nix::sys::statvfs::statvfs(folder).ok()?;
        // Their types differ from system to system.
        #[expect(clippy::useless_conversion, reason = "not everywhere of 64 bits")]
        u64::from(disk.blocks_available()).checked_mul(u64::from(disk.fragment_size()))
    }
    #[cfg(not(unix))]
    None
}

/// Raises the number of files and sockets that this process may have open to the most that the system allows, and
/// answers how many connections of clients that makes.
pub fn connections_allowed() -> u32 {
    #[cfg(unix)]
    {
        let files = match getrlimit(Resource::RLIMIT_NOFILE) {
            Ok((soft, hard)) if soft < hard => match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
                Ok(()) => hard,
                Err(cause) => {
                    tracing::warn!(%cause, "the limit of open files could not be raised");
                    soft
                }
            },
            Ok((soft, _)) => soft,
            Err(cause) => {
                tracing::warn!(%cause, "the limit of open files could not be read");
                1_024
            }
        };
        // Of very few, half.
        // A download has its connection and its file open.
        let connections = (files.saturating_sub(RESERVED) / 2).max(files / 4).max(1);
        u32::try_from(connections).unwrap_or(u32::MAX)
    }
    #[cfg(not(unix))]
    u32::MAX
}
