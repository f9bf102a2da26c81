//! certdeck: a keyboard-first terminal panel for every TLS certificate a person or team has.
//!
//! The map of the house, from the ground up; every arrow points up this list, and a test walks
//! the imports to keep it so.
//!
//! - [`domain`]: entries, lifecycles, the gate, events, the inventory: pure, without I/O.
//! - [`pki`]: X.509: names, keys, CSRs, certificates, chains, the sandbox's CA: pure.
//! - [`config`]: the settings, layered: plain data.
//! - [`files`]: reading people's files.
//! - [`probe`]: looks at TLS servers.
//! - [`store`]: the local store: snapshot, journal, keys, lock.
//! - [`providers`]: the systems that certificates come from; the sandbox is one.
//! - [`engine`]: the one service behind both faces.
//! - [`cli`]: the headless commands.
//! - [`tui`]: the panel.
//! - [`mod@panel`]: the door from the command line to the panel.

// The bans of clippy.toml hold for the program; unit tests may touch files and clocks.
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod files;
pub mod panel;
pub mod pki;
pub mod probe;
pub mod providers;
pub mod store;
pub mod tui;
