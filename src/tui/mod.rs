//! The panel: everything a person at a terminal sees and touches.
//!
//! It talks to the engine only; never to a provider or to the store. The modules here are the
//! floor the screens stand on: the terminal itself, the signals that reach it, what keys mean,
//! and what things look like.

pub mod dialog;
pub mod form;
pub mod keymap;
pub mod look;
pub mod overlay;
pub mod place;
pub mod signals;
pub mod symbols;
pub mod terminal;
pub mod theme;
pub mod ui_action;
