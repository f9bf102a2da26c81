//! Looking at TLS servers: what each good and each broken one comes to, and two hundred at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod identity;
mod looks;
mod peers;
mod servers;
mod stage;
mod watched;
