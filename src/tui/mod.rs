//! The panel: everything a person at a terminal sees and touches.
//!
//! It talks to the engine only; never to a provider or to the store. The modules here are the
//! floor the screens stand on: the terminal itself, the signals that reach it, what keys mean,
//! and what things look like.

pub mod keymap;
pub mod place;
pub mod signals;
pub mod symbols;
pub mod terminal;
pub mod theme;
pub mod ui_action;
