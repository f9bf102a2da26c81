//! certdeck.

pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod files;
pub mod pki;
