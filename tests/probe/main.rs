//! Looking at TLS servers: what each good and each broken one comes to, and hundreds at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "../common/shelf.rs"]
#[expect(dead_code, reason = "its other users need the rest")]
mod shelf;

mod command;
mod identity;
mod looks;
mod peers;
mod probing;
mod servers;
mod stage;
mod starttls;
mod watched;
