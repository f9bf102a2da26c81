//! The store's promises, each with its test named after it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[path = "../store/broken_disk.rs"]
#[expect(dead_code, reason = "only a part of the disk's tricks is needed here")]
mod broken_disk;
mod clock;
mod fake;
mod once;
mod panel;
#[path = "../common/pty.rs"]
mod pty;
