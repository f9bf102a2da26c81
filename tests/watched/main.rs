//! Watched folders: files that are renewed, half-written, renamed, deleted, damaged, taken away
//! and brought back, as somebody sees it in the list.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod files;
mod live;
mod property;
mod stage;
