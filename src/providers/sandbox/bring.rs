//! What comes with an event in the sandbox: bills, records to publish, questions, certificates.

use std::fmt;

use jiff::{Span, Timestamp, tz::TimeZone};

use super::super::{Answer, KeptKey, ProviderError, record_of};
use super::{Sandbox, authorizations, chance};
use crate::domain::entry::{CsrBy, Entry, Invoice, Price, Product, Role};
use crate::domain::event::What;
use crate::domain::lifecycle::{Bring, EventRow, Lifecycle};
use crate::domain::time;
use crate::pki::ca::IssueRequest;
use crate::pki::certificate::Certificate;
use crate::pki::names::CertName;
use crate::pki::{KeyType, PrivateKey, ValidationLevel, csr, read_certificate};

/// How long public certificates may live, by the day from which a limit holds: CA/Browser Forum
/// Baseline Requirements 2.2.6, section 6.3.2; one day less than the limit, as they recommend.
const LIFETIMES: [(&str, i64); 4] = [
    ("2029-03-15T00:00:00Z", 46),
    ("2027-03-15T00:00:00Z", 99),
    ("2026-03-15T00:00:00Z", 199),
    ("", 397),
];

/// What a row's things come to: the entry, its table, the event, and when.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) entry: &'a Entry,
    pub(super) lifecycle: &'a Lifecycle,
    /// Nothing for an action or an entry point.
    pub(super) event: Option<&'a EventRow>,
    pub(super) at: Timestamp,
}

impl<'a> Scene<'a> {
    fn says(&self) -> Option<&'a str> {
        self.event.and_then(|event| event.says.as_deref())
    }

    /// What the CA may complain of here.
    pub(super) fn complaints(&self) -> &'a [String] {
        self.event.map_or(&[], |event| &event.errors)
    }
}

impl Sandbox {
    /// Adds to the answer what comes with a row or an entry point.
    pub(super) fn bring(
        &self,
        bring: Bring,
        scene: &Scene<'_>,
        answer: &mut Answer,
    ) -> Result<(), ProviderError> {
        let entry = scene.entry;
        let what = match bring {
            Bring::Invoice => What::InvoiceSent {
                invoice: self.invoice(entry),
            },
            Bring::Receipt => receipt(entry, scene.at),
            Bring::ValidationRecords => What::ValidationAsked {
                records: self.records(scene),
            },
            Bring::RecordsVoid if entry.records.is_empty() => return Ok(()),
            Bring::RecordsVoid => What::ValidationAsked {
                records: scene.ownership_still_asked(),
            },
            Bring::OwnershipRecords => What::ValidationAsked {
                records: self.with_ownership(entry),
            },
            Bring::Question => What::Asked {
                says: scene
                    .says()
                    .unwrap_or("The CA needs more information.")
                    .to_owned(),
            },
            Bring::ValidationErrors => What::ValidationFailed {
                errors: self.complaints(scene),
            },
            Bring::NamesAdded => What::NamesAdded {
                names: entry.names.iter().chain(&entry.adding).cloned().collect(),
            },
            Bring::NamesDropped => What::NamesDropped,
            Bring::DnsPoints => What::DnsSeen { points: true },
            Bring::DnsElsewhere => What::DnsSeen { points: false },
            Bring::Certificate => return self.issue(scene, answer),
            Bring::AuthorizationsPending
            | Bring::AuthorizationsProcessing
            | Bring::AuthorizationsValid
            | Bring::AuthorizationsInvalid
            | Bring::AuthorizationsDeactivated => What::AuthorizationsSeen {
                authorizations: authorizations::all(entry, bring, scene.complaints()),
            },
        };
        answer.happened.push(what);
        Ok(())
    }

    fn invoice(&self, entry: &Entry) -> Invoice {
        let number = chance::number(self.seed, &[entry.id.as_str(), "invoice"]) % 100_000_000;
        let number = format!("SANDBOX-{number:08}");
        let nothing = || Price {
            cents: 0,
            currency: "EUR".to_owned(),
        };
        Invoice {
            // RFC 2606: nothing ever answers below `.invalid`.
            link: Some(format!(
                "https://sandbox.certdeck.invalid/invoices/{number}"
            )),
            amount: entry.product.price.clone().unwrap_or_else(nothing),
            number,
            paid_at: None,
        }
    }

    fn issue(&self, scene: &Scene<'_>, answer: &mut Answer) -> Result<(), ProviderError> {
        let Scene { entry, at, .. } = *scene;
        let Some(request) = &entry.order.csr else {
            return Err(refused(
                "the order has no CSR, so there is no key to certify",
            ));
        };
        let request = csr::read(request.as_bytes()).map_err(refused)?;
        let since = entry
            .main()
            .map(|track| track.since.to_string())
            .unwrap_or_default();
        let mut serial = [0; 16];
        let drawn = chance::bytes(self.seed, &[entry.id.as_str(), &since, "serial"]);
        serial.copy_from_slice(&drawn[..16]);
        let level = match entry.product.level.as_deref() {
            Some("OV") => ValidationLevel::Ov,
            Some("EV") => ValidationLevel::Ev,
            _ => ValidationLevel::Dv,
        };
        let organization = (level != ValidationLevel::Dv)
            .then(|| "certdeck sandbox customer (not real)".to_owned());
        let not_after = time::later(at, time::days(lifetime(at, &entry.product)));
        let wanted = IssueRequest {
            names: names(entry)?,
            not_before: at,
            not_after,
            serial,
            level,
            organization,
        };
        let issued = self.ca.issue(&request.spki_der, &wanted).map_err(refused)?;
        let leaf = read_pem(&issued.leaf_pem)?;
        let mut chain = Vec::new();
        for pem in &issued.chain_pem {
            chain.push(read_pem(pem)?.sha256);
        }
        answer.happened.push(What::Issued {
            certificate: record_of(&leaf, chain, Role::Serving),
        });
        // The certificate proves nothing about whose the name is.
        let records = scene.ownership_still_asked();
        let asked = (!records.is_empty()).then_some(What::ValidationAsked { records });
        answer.happened.extend(asked);
        answer.certificates.push(issued.leaf_pem);
        answer.certificates.extend(issued.chain_pem);
        Ok(())
    }
}

/// Where the provider generates the CSR, it does so at once, and the key comes with it.
pub(super) fn make_csr(entry: &Entry, answer: &mut Answer) -> Result<(), ProviderError> {
    if entry.order.csr_by != Some(CsrBy::Provider) || entry.order.csr.is_some() {
        return Ok(());
    }
    let kind = entry
        .order
        .key_type
        .as_deref()
        .and_then(|name| name.parse().ok());
    let key = PrivateKey::generate(kind.unwrap_or(KeyType::Rsa2048)).map_err(refused)?;
    let csr = csr::make(&key, &names(entry)?).map_err(refused)?;
    let spki_sha256 = key.spki_sha256();
    answer.keys.push(KeptKey {
        pem: key.to_pkcs8_pem(),
        spki_sha256: spki_sha256.clone(),
    });
    answer.happened.push(What::CsrReady {
        by: CsrBy::Provider,
        csr,
        spki_sha256,
        key_held: true,
    });
    Ok(())
}

fn receipt(entry: &Entry, at: Timestamp) -> What {
    let months = entry.product.term_months.unwrap_or(12);
    let paid_until = at
        .to_zoned(TimeZone::UTC)
        .checked_add(Span::new().months(i32::try_from(months).unwrap_or(12)))
        .ok()
        .map(|zoned| zoned.timestamp());
    let number = entry
        .product
        .invoice
        .as_ref()
        .map(|invoice| invoice.number.clone());
    What::InvoicePaid {
        number: number.unwrap_or_default(),
        paid_until,
    }
}

/// How many days a certificate of a product lives that is issued at `at`: what the product says,
/// and never longer than the rules for public ones allow.
fn lifetime(at: Timestamp, product: &Product) -> i64 {
    let wanted = product.lifetime_days.map(i64::from);
    if let Some(wanted) = wanted.filter(|_| product.private) {
        return wanted;
    }
    let holds = |from: &str| from.parse().is_ok_and(|from: Timestamp| at >= from);
    let allowed = LIFETIMES
        .iter()
        .find(|(from, _)| from.is_empty() || holds(from))
        .map_or(397, |(_, days)| *days);
    wanted.map_or(allowed, |wanted| wanted.min(allowed))
}

fn names(entry: &Entry) -> Result<Vec<CertName>, ProviderError> {
    entry
        .names
        .iter()
        .map(|name| CertName::parse(name).map_err(refused))
        .collect()
}

fn read_pem(pem: &str) -> Result<Certificate, ProviderError> {
    read_certificate(pem).map_err(refused)
}

fn refused(why: impl fmt::Display) -> ProviderError {
    ProviderError::Refused {
        says: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_live_as_long_as_the_rules_of_their_day_allow() {
        let cases = [
            ("2025-01-01T00:00:00Z", 397),
            ("2026-03-14T23:59:59Z", 397),
            ("2026-03-15T00:00:00Z", 199),
            ("2026-11-22T00:00:00Z", 199),
            ("2027-03-15T00:00:00Z", 99),
            ("2029-03-15T00:00:00Z", 46),
            ("2035-01-01T00:00:00Z", 46),
        ];
        for (at, days) in cases {
            let product = Product::default();
            assert_eq!(lifetime(at.parse().unwrap(), &product), days, "{at}");
        }
    }

    #[test]
    fn a_product_shortens_a_public_certificate_and_says_how_long_a_private_one_lives() {
        let product = |days, private| Product {
            lifetime_days: Some(days),
            private,
            ..Product::default()
        };
        for (at, days, private, lives) in [
            ("2026-11-22T00:00:00Z", 90, false, 90),
            ("2026-11-22T00:00:00Z", 365, false, 199),
            ("2029-11-22T00:00:00Z", 90, false, 46),
            ("2026-11-22T00:00:00Z", 3650, true, 3650),
        ] {
            let product = product(days, private);
            assert_eq!(
                lifetime(at.parse().unwrap(), &product),
                lives,
                "{at} {days}"
            );
        }
    }
}
