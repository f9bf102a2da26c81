//! What the sandbox sells, read from `assets/sandbox.toml`.

use serde::Deserialize;

use crate::domain::entry::{Price, ProductKind};
use crate::providers::Offer;

const EMBEDDED: &str = include_str!("../../../assets/sandbox.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    product: Vec<RawProduct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawProduct {
    id: String,
    name: String,
    level: String,
    kind: ProductKind,
    cents: u64,
    currency: String,
    term_months: u32,
    #[serde(default)]
    lifecycle: Option<String>,
    #[serde(default)]
    brand: Option<String>,
    #[serde(default)]
    hosted: bool,
    #[serde(default)]
    auto_renew: bool,
    #[serde(default)]
    name_limit: Option<u32>,
    #[serde(default)]
    begins: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
}

/// What every sandbox account sells.
#[must_use]
pub fn offers() -> Vec<Offer> {
    // The tests see to it that the embedded table can be read.
    read().unwrap_or_default()
}

fn read() -> Result<Vec<Offer>, toml::de::Error> {
    let catalogue: Catalogue = toml::from_str(EMBEDDED)?;
    let offers = catalogue.product.into_iter().map(|product| Offer {
        id: product.id,
        name: product.name,
        level: product.level,
        kind: product.kind,
        price: Price {
            cents: product.cents,
            currency: product.currency,
        },
        term_months: product.term_months,
        lifecycle: product.lifecycle,
        brand: product.brand,
        hosted: product.hosted,
        auto_renew: product.auto_renew,
        name_limit: product.name_limit,
        begins: product.begins,
        without: product.without,
    });
    Ok(offers.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_embedded_products_are_read_and_their_ids_are_unique() {
        let offers = read().unwrap();
        let ids: BTreeSet<_> = offers.iter().map(|offer| &offer.id).collect();
        assert!(offers.len() >= 3);
        assert_eq!(ids.len(), offers.len());
        assert!(
            offers
                .iter()
                .all(|offer| offer.price.cents > 0 && offer.term_months > 0)
        );
    }
}
