//! A product that an account sells.
//!
//! Plain data. Providers make them, forms and commands show them.

use crate::domain::entry::{Method, Price, Product, ProductKind};

/// A product that an account sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id, for commands; unique in its account.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `DV`, `OV` or `EV`; nothing where nobody is verified.
    pub level: Option<String>,
    /// How many and which names it may protect.
    pub kind: ProductKind,
    /// What one term costs.
    pub price: Price,
    /// How long one payment lasts; nothing where nothing is paid for.
    pub term_months: Option<u32>,
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
    /// How the control of its names can be verified; nothing where it is not.
    pub methods: Vec<Method>,
    /// How many days a certificate lives at most, where that is less than the rules for public ones
    /// allow, or where they do not hold.
    pub lifetime_days: Option<u32>,
    /// Whether a CA that no browser trusts issues it, so that the rules for public certificates do
    /// not hold.
    pub private: bool,
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
            level: self.level.clone(),
            kind: Some(self.kind),
            price: (self.price.cents > 0).then(|| self.price.clone()),
            free: self.price.cents == 0,
            term_months: self.term_months,
            brand: self.brand.clone(),
            hosted: self.hosted,
            auto_renew: self.auto_renew,
            name_limit: self.name_limit,
            lifetime_days: self.lifetime_days,
            private: self.private,
            ..Product::default()
        }
    }

    /// What it costs, and for how long: `19.00 EUR for 12 months`, `free`.
    #[must_use]
    pub fn price_words(&self) -> String {
        let price = match self.price.cents {
            0 => "free".to_owned(),
            _ => self.price.to_string(),
        };
        match self.term_months {
            Some(months) => format!("{price} for {}", months_words(months)),
            None => price,
        }
    }

    /// What it is called, with its level and brand where the name does not say them.
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = self.name.clone();
        for more in [&self.brand, &self.level].into_iter().flatten() {
            if !title.split_whitespace().any(|word| word == more) {
                title = format!("{title}, {more}");
            }
        }
        title
    }
}

fn months_words(months: u32) -> String {
    match months {
        1 => "1 month".to_owned(),
        several => format!("{several} months"),
    }
}
