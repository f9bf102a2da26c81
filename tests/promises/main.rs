//! The store's promises, each with its test named after it.
//!
//! A name says which promise it shows and how; where the proof is long, it lies in a module of its
//! own. The store's smaller tests, on which these rest, are in `tests/store`; the disk that breaks
//! is theirs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod audit;
#[path = "../store/broken_disk.rs"]
mod broken_disk;
mod crash;
mod damage;
mod full;
mod home;
mod killed;
mod processes;
mod stock;
mod traced;
mod vault;
