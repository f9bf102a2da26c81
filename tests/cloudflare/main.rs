//! Cloudflare's page about certificate statuses, sentence by sentence: each test is named after
//! what it says, and plays it through the engine with the sandbox, as both faces do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod actions;
mod client;
mod custom;
mod edge;
mod hostname;
mod replacement;
mod stage;
mod staging;
mod wire;
