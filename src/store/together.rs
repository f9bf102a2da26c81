//! Bringing many files to the disk at once, where the system has a call for that.
//!
//! A sync of each file costs the disk a flush each; Linux can bring all of a file system to the disk
//! with one (`syncfs`). That is as good as single syncs only where
//! - the kernel tells of what could not be written: since 5.8, see syncfs(2), for everything since the
//!   folder was opened, so that it is opened before anything is written;
//! - the file system lies on a disk of this machine: others, such as those of FUSE, need not hear of it.
//!
//! Everywhere else there is none, and each file is synced. `disk` calls it.

use std::io;
use std::path::Path;

use super::disk::SyncTogether;

/// Where the system can do it for what is written below `folder` from now on.
#[cfg(target_os = "linux")]
pub(super) fn begin(folder: &Path) -> io::Result<Option<SyncTogether>> {
    use rustix::fs::{Mode, OFlags, fstatfs, open, syncfs};

    if !tells_of_errors(rustix::system::uname().release().to_bytes()) {
        return Ok(None);
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = open(folder, flags, Mode::empty())?;
    let kind = u32::try_from(fstatfs(&opened)?.f_type).unwrap_or_default();
    if !ON_DISKS_OF_THIS_MACHINE.contains(&kind) {
        return Ok(None);
    }
    Ok(Some(Box::new(move || Ok(syncfs(&opened)?))))
}

/// Elsewhere nothing is known of such a call.
#[cfg(not(target_os = "linux"))]
pub(super) fn begin(_folder: &Path) -> io::Result<Option<SyncTogether>> {
    Ok(None)
}

/// The numbers of ext2 to ext4, XFS, Btrfs, F2FS and tmpfs, from linux/magic.h.
#[cfg(target_os = "linux")]
const ON_DISKS_OF_THIS_MACHINE: [u32; 5] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994];

/// The first kernel whose `syncfs` tells that something could not be written.
#[cfg(target_os = "linux")]
const TELLS_OF_ERRORS: (u32, u32) = (5, 8);

/// Whether a kernel of this release (`6.1.0-18-amd64`) is new enough.
#[cfg(target_os = "linux")]
fn tells_of_errors(release: &[u8]) -> bool {
    let text = String::from_utf8_lossy(release);
    let mut numbers = text
        .split(|sign: char| !sign.is_ascii_digit())
        .map_while(|number| number.parse::<u32>().ok());
    let version = numbers.next().zip(numbers.next());
    version.is_some_and(|version| version >= TELLS_OF_ERRORS)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_kernel_that_tells_of_errors_is_asked() {
        for new in ["5.8", "5.8.0-1-amd64", "5.10.0", "6.1.0-18-amd64", "10.0"] {
            assert!(tells_of_errors(new.as_bytes()), "{new}");
        }
        for old in ["5.7.19", "4.19.0", "3.10", "5", "", "new", "5.x"] {
            assert!(!tells_of_errors(old.as_bytes()), "{old}");
        }
    }
}
