//! The panel without a terminal: whole sessions as lists of keys and answers, and what a person
//! would see of them.

mod driver;
mod fixture;
mod random;
mod screens;
mod stories;
mod sweep;
