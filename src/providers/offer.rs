//! A product that an account sells.
//!
//! Plain data. Providers make them, forms and commands show them.

use crate::domain::entry::{Price, Product, ProductKind};

/// A product that an account sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id, for commands.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `DV`, `OV` or `EV`.
    pub level: String,
    /// How many and which names it may protect.
    pub kind: ProductKind,
    /// What one term costs.
    pub price: Price,
    /// How long one payment lasts.
    pub term_months: u32,
}

impl Offer {
    /// The product as it is bought.
    #[must_use]
    pub fn to_product(&self) -> Product {
        Product {
            name: self.name.clone(),
            level: Some(self.level.clone()),
            kind: Some(self.kind),
            price: Some(self.price.clone()),
            free: self.price.cents == 0,
            term_months: Some(self.term_months),
            ..Product::default()
        }
    }
}
