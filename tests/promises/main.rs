//! The store's promises, each with its test named after it.
//!
//! A name says which promise it shows and how; where the proof is long, it lies in a module of its
//! own. The store's smaller tests, on which these rest, are in `tests/store`; the disk that breaks
//! is theirs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod audit;
#[path = "../store/broken_disk.rs"]
mod broken_disk;
mod canary;
mod crash;
mod damage;
mod flood;
mod full;
mod home;
mod kept;
mod killed;
mod places;
mod processes;
mod programs;
#[path = "../common/pty.rs"]
mod pty;
mod small;
mod stock;
mod traced;
mod vault;
mod versions;
