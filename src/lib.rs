//! certdeck.

pub mod domain;
pub mod engine;
pub mod pki;
pub mod tui;
