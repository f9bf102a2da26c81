//! Reading whatever people have: compared with what `openssl` says of it, changed at random, cut off,
//! locked, gigantic; what is wrong with it, and what revocation lists say.
//!
//! `openssl` has to be there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod bad_input;
mod findings;
#[path = "../../src/pki/fixtures.rs"]
mod fixtures;
mod keys;
mod lists;
mod locked;
mod mutations;
mod oddities;
mod public;
mod requests;
mod same_as_openssl;
mod stage;

#[path = "../common/mod.rs"]
mod common;
