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
    /// The lifecycle that its orders follow, by id; the account's where there is none.
    pub lifecycle: Option<String>,
    /// The brand of the certification authority.
    pub brand: Option<String>,
    /// Whether its owner brings the certificate.
    pub hosted: bool,
    /// Whether the provider renews it by itself.
    pub auto_renew: bool,
    /// How many names it may protect, where that is limited.
    pub name_limit: Option<u32>,
    /// The states in which its orders begin, where that is not the lifecycle's usual.
    pub begins: Vec<String>,
    /// Optional tracks that its orders are without.
    pub without: Vec<String>,
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
            brand: self.brand.clone(),
            hosted: self.hosted,
            auto_renew: self.auto_renew,
            name_limit: self.name_limit,
            ..Product::default()
        }
    }
}
