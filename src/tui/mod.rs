//! The panel: everything a person at a terminal sees and touches.
//!
//! It talks to the engine only; never to a provider or to the store. Keys become actions
//! (`keymap`), everything that happens becomes a message (`message`), `update` turns messages into
//! a changed model and effects, `view` draws the model, and `runtime` alone does anything.

pub mod actions_menu;
pub mod bulk_menu;
pub mod dialog;
pub mod form;
pub mod keymap;
pub mod layout;
pub mod look;
pub mod message;
pub mod model;
pub mod overlay;
pub mod place;
pub mod runtime;
pub mod signals;
pub mod symbols;
pub mod terminal;
pub mod theme;
pub mod ui_action;
pub mod update;
pub mod view;
