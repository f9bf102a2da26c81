//! The order form and the dialogs, used as a person uses them: keys in, outcome out, and the
//! screen as it is drawn.

mod desk;
mod dialogs;
mod fixtures;
mod form;
mod random;
mod sizes;
