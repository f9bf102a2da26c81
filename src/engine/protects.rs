//! Which names a product protects, for orders and for actions that change the names.
//!
//! Pure. Called by `engine::order` and `engine::answers`, so that both refuse the same.

use crate::domain::entry::{Product, ProductKind};
use crate::pki::CertName;
use crate::providers::Offer;

/// How many names a multi-domain product protects where nothing says so.
const MOST_NAMES: u32 = 100;

/// What a product protects, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protects<'a> {
    name: &'a str,
    kind: Option<ProductKind>,
    limit: Option<u32>,
}

impl<'a> Protects<'a> {
    /// What is sold.
    pub(super) fn offered(offer: &'a Offer) -> Self {
        Self {
            name: &offer.name,
            kind: Some(offer.kind),
            limit: offer.name_limit,
        }
    }

    /// What was bought.
    pub(super) fn bought(product: &'a Product) -> Self {
        let unnamed = product.name.is_empty();
        Self {
            name: if unnamed {
                "the product"
            } else {
                &product.name
            },
            kind: product.kind,
            limit: product.name_limit,
        }
    }

    /// Why it does not protect these names together; nothing if it does.
    pub(super) fn objection(&self, names: &[CertName]) -> Option<String> {
        match self.kind {
            Some(ProductKind::Single) => self.as_single(names),
            Some(ProductKind::Wildcard) => self.as_wildcard(names),
            Some(ProductKind::MultiDomain) => self.up_to(self.limit.unwrap_or(MOST_NAMES), names),
            None => self.up_to(self.limit?, names),
        }
    }

    fn as_single(&self, names: &[CertName]) -> Option<String> {
        let product = self.name;
        if names.len() > 1 {
            let count = names.len();
            return Some(format!(
                "{product} protects one name, not {count}; choose a multi-domain product"
            ));
        }
        let wildcard = names.iter().find(|name| name.is_wildcard())?.display();
        Some(format!(
            "{product} protects no wildcard like {wildcard}; choose a wildcard product"
        ))
    }

    /// One wildcard, and beside it no more than the name that it stands below.
    fn as_wildcard(&self, names: &[CertName]) -> Option<String> {
        let product = self.name;
        let Some(wildcard) = names.iter().find(|name| name.is_wildcard()) else {
            let name = names.first()?.display();
            return Some(format!("{product} wants a wildcard, for example *.{name}"));
        };
        let below = wildcard.ascii().trim_start_matches("*.");
        let other = names
            .iter()
            .find(|name| *name != wildcard && name.ascii() != below)?;
        Some(format!(
            "{product} protects one wildcard and the name below its *, and so not {} beside {}; \
             choose a multi-domain product",
            other.display(),
            wildcard.display()
        ))
    }

    fn up_to(&self, limit: u32, names: &[CertName]) -> Option<String> {
        let count = names.len();
        let fits = usize::try_from(limit).is_ok_and(|limit| count <= limit);
        let product = self.name;
        (!fits).then(|| format!("{product} protects at most {limit} names, not {count}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: Option<ProductKind>, limit: Option<u32>, names: &str) -> Option<String> {
        let product = Product {
            name: "Basic".to_owned(),
            kind,
            name_limit: limit,
            ..Product::default()
        };
        let names = CertName::parse_list(names).into_iter();
        let names: Vec<_> = names.map(Result::unwrap).collect();
        Protects::bought(&product).objection(&names)
    }

    #[test]
    fn each_kind_protects_what_it_is_called_after() {
        let (single, wildcard) = (Some(ProductKind::Single), Some(ProductKind::Wildcard));
        let multi = Some(ProductKind::MultiDomain);
        for (kind, limit, names, objection) in [
            (single, None, "a.de", None),
            (single, None, "a.de b.de", Some("one name, not 2")),
            (single, None, "*.a.de", Some("no wildcard like *.a.de")),
            (wildcard, None, "*.a.de", None),
            (wildcard, None, "*.a.de a.de", None),
            (wildcard, None, "a.de *.a.de", None),
            (wildcard, None, "a.de", Some("for example *.a.de")),
            (
                wildcard,
                None,
                "*.a.de b.de",
                Some("not b.de beside *.a.de"),
            ),
            (wildcard, None, "*.a.de *.b.de", Some("not *.b.de beside")),
            (multi, Some(2), "a.de *.b.de", None),
            (
                multi,
                Some(2),
                "a.de b.de c.de",
                Some("at most 2 names, not 3"),
            ),
            (multi, None, "a.de b.de c.de", None),
            (None, None, "a.de *.b.de c.de", None),
            (None, Some(1), "a.de b.de", Some("at most 1 names, not 2")),
        ] {
            let said = said(kind, limit, names);
            match objection {
                None => assert_eq!(said, None, "{names}"),
                Some(part) => assert!(
                    said.as_deref().is_some_and(|said| said.contains(part)),
                    "{names}: {said:?}"
                ),
            }
        }
    }

    #[test]
    fn what_has_no_name_is_called_the_product() {
        let product = Product {
            kind: Some(ProductKind::Single),
            ..Product::default()
        };
        let names = ["a.de".parse().unwrap(), "b.de".parse().unwrap()];
        let said = Protects::bought(&product).objection(&names).unwrap();
        assert!(said.starts_with("the product protects one name"), "{said}");
    }
}
