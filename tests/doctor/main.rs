//! `doctor` as people and monitoring meet it: whole stores are quiet, every planted fault is found
//! with its place and what to do, `--fix` mends without losing a byte, and nothing else writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod beside;
mod faults;
mod fixing;
mod meanwhile;
mod numbers;
mod promise_11;
mod prune;
mod stage;
mod stories;
mod whole;
