//! Private keys at rest, exports and deploy commands, by the real program: what others read of them,
//! and what stands in their way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod deploying;
mod home;
mod keys;
mod requests;
mod room;
mod stories;
