//! certdeck: a keyboard-first terminal panel for every TLS certificate a person or team has.
//!
//! The map of the house, from the ground up; every arrow points up this list, and a test walks
//! the imports to keep it so.
//!
//! - [`domain`]: entries, lifecycles, the gate, events, the inventory: pure, without I/O.
//! - [`pki`]: X.509: names, keys, CSRs, certificates, chains, the sandbox's CA: pure.
//! - [`store`]: the local store: snapshot, journal, keys, lock.
//! - [`providers`]: the systems that certificates come from; the sandbox is one.
//! - [`engine`]: the one service behind both faces.
//! - [`tui`]: the panel.

#![warn(clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod domain;
pub mod engine;
pub mod pki;
pub mod providers;
pub mod store;
pub mod tui;
