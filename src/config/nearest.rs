//! "Did you mean …?" under the name by which configuration and commands know it.
//!
//! Pure. The rule itself is the domain's, whose filter language asks it as well.

pub use crate::domain::nearest::nearest;
