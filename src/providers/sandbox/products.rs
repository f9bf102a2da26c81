//! What the sandbox sells, read from `assets/sandbox.toml`.
//!
//! A product belongs to a lifecycle; those that belong to none are netcup's, and everybody's whose
//! own table has no products. The engine asks for what an account sells.

use serde::Deserialize;

use crate::domain::entry::{Method, Price, ProductKind};
use crate::providers::Offer;

const EMBEDDED: &str = include_str!("../../../assets/sandbox.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    product: Vec<RawProduct>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawProduct {
    id: String,
    name: String,
    #[serde(default)]
    level: Option<String>,
    kind: ProductKind,
    #[serde(default)]
    cents: u64,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    term_months: Option<u32>,
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
    #[serde(default = "every_method")]
    methods: Vec<Method>,
    #[serde(default)]
    lifetime_days: Option<u32>,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    begins: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
}

fn every_method() -> Vec<Method> {
    Method::ALL.to_vec()
}

/// What a sandbox account sells that plays these lifecycles, in their order. Each product says
/// which lifecycle its orders follow, and no two have the same id.
#[must_use]
pub fn offers(lifecycles: &[String]) -> Vec<Offer> {
    // The tests see to it that the embedded table can be read.
    let all = read().unwrap_or_default();
    let mut offers: Vec<Offer> = Vec::new();
    for lifecycle in lifecycles {
        let own = |product: &&RawProduct| product.lifecycle.as_deref() == Some(lifecycle);
        let has_own = all.iter().any(|product| own(&product));
        let sold = all.iter().filter(|product| match product.lifecycle {
            Some(_) => own(product),
            None => !has_own,
        });
        for product in sold {
            let mut offer = offer(product, lifecycle);
            if offers.iter().any(|known| known.id == offer.id) {
                offer.id = format!("{lifecycle}-{}", offer.id);
            }
            offers.push(offer);
        }
    }
    offers
}

fn offer(product: &RawProduct, lifecycle: &str) -> Offer {
    let product = product.clone();
    Offer {
        id: product.id,
        name: product.name,
        level: product.level,
        kind: product.kind,
        price: Price {
            cents: product.cents,
            currency: product.currency,
        },
        term_months: product.term_months,
        lifecycle: Some(lifecycle.to_owned()),
        brand: product.brand,
        hosted: product.hosted,
        auto_renew: product.auto_renew,
        name_limit: product.name_limit,
        methods: product.methods,
        lifetime_days: product.lifetime_days,
        private: product.private,
        begins: product.begins,
        without: product.without,
    }
}

fn read() -> Result<Vec<RawProduct>, toml::de::Error> {
    let catalogue: Catalogue = toml::from_str(EMBEDDED)?;
    Ok(catalogue.product)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::lifecycle::{Circumstances, Lifecycles};

    fn ids(lifecycles: &[&str]) -> Vec<String> {
        let lifecycles: Vec<String> = lifecycles.iter().map(|&id| id.to_owned()).collect();
        let offers = offers(&lifecycles);
        offers.into_iter().map(|offer| offer.id).collect()
    }

    #[test]
    fn the_embedded_products_are_read_and_their_ids_are_unique() {
        let all = read().unwrap();
        let ids: BTreeSet<_> = all.iter().map(|product| &product.id).collect();
        assert!(all.len() >= 15);
        assert_eq!(ids.len(), all.len());
        for product in &all {
            let is_sold = product.cents > 0;
            let id = &product.id;
            assert_eq!(is_sold, product.currency == "EUR", "{id}: a price or none");
            assert!(
                !is_sold || product.term_months.is_some(),
                "{id}: for how long"
            );
        }
    }

    #[test]
    fn every_lifecycle_that_is_ordered_has_products_that_begin_where_it_begins() {
        let tables = Lifecycles::built_in().unwrap();
        let all = read().unwrap();
        for id in all.iter().filter_map(|product| product.lifecycle.as_ref()) {
            assert!(tables.get(id).is_some(), "there is no table {id}");
        }
        for table in tables.iter().filter(|table| table.id != "files") {
            let sold = offers(std::slice::from_ref(&table.id));
            assert!(!sold.is_empty(), "{}", table.id);
            for offer in sold {
                let states = offer.begins.iter();
                let tracks = offer.without.iter();
                let optional = |track: &String| {
                    let mut known = table.tracks.iter();
                    known.any(|known| known.id == *track && known.optional)
                };
                assert!(states.clone().all(|state| table.state(state).is_some()));
                assert!(tracks.clone().all(optional), "{}", offer.id);
                let around = Circumstances::default();
                let begins = table.beginnings(&offer.begins, &offer.without, around);
                assert_eq!(begins.len() + offer.without.len(), table.tracks.len());
                for state in states {
                    assert!(begins.contains(&state.as_str()), "{}: {state}", offer.id);
                }
            }
        }
    }

    #[test]
    fn a_table_of_ones_own_sells_what_netcup_sells_under_ids_of_its_own() {
        assert_eq!(ids(&["mine"]), ids(&["netcup"]));
        let both = ids(&["netcup", "mine"]);
        assert!(both.contains(&"single-dv".to_owned()), "{both:?}");
        assert!(both.contains(&"mine-single-dv".to_owned()), "{both:?}");
        assert_eq!(both.len(), 2 * ids(&["mine"]).len());
    }
}
