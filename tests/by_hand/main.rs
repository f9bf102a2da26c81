//! Accounts by hand, through the engine: a person tells certdeck what the provider's panel shows,
//! and nothing ever claims that the provider said it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod client;
mod deletion;
mod desk;
mod hostname;
mod order;
mod random;
mod refused;
mod story;
mod tracks;
mod withdrawal;
