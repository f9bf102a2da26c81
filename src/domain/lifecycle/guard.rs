//! Guards: what must hold besides the state, each with its own reason.
//!
//! Pure. `load` makes them from the table, the gate asks them. The list is closed: a table that
//! needs another guard needs code.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::raw::RawGuard;
use crate::domain::account::AccountKind;
use crate::domain::entry::{CsrBy, Entry, ProductKind};
use crate::domain::gate::Context;
use crate::domain::time;

/// One condition of an action besides its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// No successor was made yet that is on its way or serves.
    NoSuccessorUnderWay,
    /// No other request is open.
    NoOpenRequest,
    /// At most so many days before the certificate ends.
    WithinDaysOfExpiry(Days),
    /// More than so many days before the certificate ends.
    NotWithinDaysOfExpiry(Days),
    /// At most so many days after the certificate began.
    WithinDaysOfIssue(Days),
    /// More than so many days after the certificate began.
    NotWithinDaysOfIssue(Days),
    /// At most so many days after the invoice was paid.
    WithinDaysOfPayment(Days),
    /// No certificate came of it yet.
    NeverIssued,
    /// It costs nothing.
    Free,
    /// It costs something.
    Paid,
    /// Its owner brought it.
    Hosted,
    /// The provider issued it.
    NotHosted,
    /// It may protect these kinds of names.
    Kind(ProductKind),
    /// It does not protect several names.
    NotKind(ProductKind),
    /// The account may still order.
    QuotaLeft,
    /// The provider does not renew it by itself.
    AutoRenewOff,
    /// The provider renews it by itself.
    AutoRenewOn,
    /// The provider may use the applicant's data.
    PrivacyAuthorised,
    /// It was bought for a year at most, or nothing was issued yet.
    SingleYear,
    /// It may protect another name.
    NamesLeft,
    /// This one generated the CSR.
    CsrBy(CsrBy),
    /// The private key lies in this store.
    KeyHeld,
}

/// A number of days, which may depend on the brand of the CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    usual: i64,
    by_brand: BTreeMap<String, i64>,
}

impl Days {
    /// The number for every brand that is not named.
    #[must_use]
    pub fn usual(&self) -> i64 {
        self.usual
    }

    /// The brands for which it is another one.
    #[must_use]
    pub fn by_brand(&self) -> &BTreeMap<String, i64> {
        &self.by_brand
    }

    fn of(&self, entry: &Entry) -> i64 {
        let brand = entry.product.brand.as_deref();
        brand
            .and_then(|brand| self.by_brand.get(brand))
            .copied()
            .unwrap_or(self.usual)
    }
}

/// The names of all guards, for the error about an unknown one.
const NAMES: &[&str] = &[
    "no-successor-under-way",
    "no-open-request",
    "within-days-of-expiry",
    "not-within-days-of-expiry",
    "within-days-of-issue",
    "not-within-days-of-issue",
    "within-days-of-payment",
    "never-issued",
    "free",
    "paid",
    "hosted",
    "not-hosted",
    "single-domain",
    "wildcard",
    "multi-domain",
    "not-multi-domain",
    "quota-left",
    "auto-renew-off",
    "auto-renew-on",
    "privacy-authorised",
    "single-year",
    "names-left",
    "csr-by",
    "key-held",
];

impl Guard {
    /// Reads a guard, or says what is wrong with it.
    pub(super) fn parse(raw: &RawGuard) -> Result<Self, String> {
        let guard = match raw.is.as_str() {
            "within-days-of-expiry" => Self::WithinDaysOfExpiry(days(raw)?),
            "not-within-days-of-expiry" => Self::NotWithinDaysOfExpiry(days(raw)?),
            "within-days-of-issue" => Self::WithinDaysOfIssue(days(raw)?),
            "not-within-days-of-issue" => Self::NotWithinDaysOfIssue(days(raw)?),
            "within-days-of-payment" => Self::WithinDaysOfPayment(days(raw)?),
            "csr-by" => Self::CsrBy(csr_by(raw)?),
            plain => {
                let guard = Self::plain(plain).ok_or_else(|| unknown(plain))?;
                return bare(raw).map(|()| guard);
            }
        };
        let takes_days = !matches!(guard, Self::CsrBy(_));
        match takes_days {
            true if raw.value.is_some() => Err(format!("{:?} takes no `value`", raw.is)),
            false if raw.days.is_some() || !raw.by_brand.is_empty() => {
                Err(format!("{:?} takes no `days`", raw.is))
            }
            _ => Ok(guard),
        }
    }

    fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "no-successor-under-way" => Self::NoSuccessorUnderWay,
            "no-open-request" => Self::NoOpenRequest,
            "never-issued" => Self::NeverIssued,
            "free" => Self::Free,
            "paid" => Self::Paid,
            "hosted" => Self::Hosted,
            "not-hosted" => Self::NotHosted,
            "single-domain" => Self::Kind(ProductKind::Single),
            "wildcard" => Self::Kind(ProductKind::Wildcard),
            "multi-domain" => Self::Kind(ProductKind::MultiDomain),
            "not-multi-domain" => Self::NotKind(ProductKind::MultiDomain),
            "quota-left" => Self::QuotaLeft,
            "auto-renew-off" => Self::AutoRenewOff,
            "auto-renew-on" => Self::AutoRenewOn,
            "privacy-authorised" => Self::PrivacyAuthorised,
            "single-year" => Self::SingleYear,
            "names-left" => Self::NamesLeft,
            "key-held" => Self::KeyHeld,
            _ => return None,
        })
    }

    /// Why the guard does not let this entry through; nothing if it does.
    #[must_use]
    pub fn objection(&self, entry: &Entry, context: &Context<'_>) -> Option<String> {
        if self.is_unknown_by_hand(entry, context) {
            return None;
        }
        match self {
            Self::NoSuccessorUnderWay => context
                .successor
                .as_ref()
                .map(|successor| format!("a successor is there already: {successor}")),
            Self::NoOpenRequest => super::super::gate::open_request(entry, None),
            Self::WithinDaysOfExpiry(days) => within_expiry(days.of(entry), entry, context),
            Self::NotWithinDaysOfExpiry(days) => not_within_expiry(days.of(entry), entry, context),
            Self::WithinDaysOfIssue(days) => within_issue(days.of(entry), entry, context),
            Self::NotWithinDaysOfIssue(days) => not_within_issue(days.of(entry), entry, context),
            Self::WithinDaysOfPayment(days) => within_payment(days.of(entry), entry, context),
            Self::QuotaLeft => quota(context),
            _ => self.objection_to_product(entry).map(str::to_owned),
        }
    }

    /// By hand nobody writes down every detail of a product, and whoever did something in the
    /// provider's own panel was let through there: what is not known is no reason against it.
    fn is_unknown_by_hand(&self, entry: &Entry, context: &Context<'_>) -> bool {
        let product = &entry.product;
        let is_unknown = match self {
            Self::Kind(_) | Self::NotKind(_) => product.kind.is_none(),
            Self::Free => !product.free,
            Self::Hosted => !product.hosted,
            Self::AutoRenewOn => !product.auto_renew,
            Self::CsrBy(_) => entry.order.csr_by.is_none(),
            Self::WithinDaysOfPayment(_) => paid_at(entry).is_none(),
            Self::QuotaLeft => context.account.quota_left.is_none(),
            _ => false,
        };
        is_unknown && context.account.kind == AccountKind::ByHand
    }

    /// The guards that look at the entry alone.
    fn objection_to_product(&self, entry: &Entry) -> Option<&'static str> {
        let product = &entry.product;
        let (holds, reason) = match self {
            Self::NeverIssued => (
                entry.certificates.is_empty(),
                "only before the first certificate was issued",
            ),
            Self::Free => (product.free, "only for free products"),
            Self::Paid => (!product.free, "not for free products"),
            Self::Hosted => (product.hosted, "only for a hosted certificate"),
            Self::NotHosted => (!product.hosted, "not for a hosted certificate"),
            Self::Kind(kind) => (product.kind == Some(*kind), only_for(*kind)),
            Self::NotKind(kind) => (product.kind != Some(*kind), not_for(*kind)),
            Self::AutoRenewOff => (
                !product.auto_renew,
                "the provider renews it by itself; switch that off first",
            ),
            Self::AutoRenewOn => (
                product.auto_renew,
                "the provider does not renew it by itself; there is nothing to switch off",
            ),
            Self::PrivacyAuthorised => (
                !product.privacy_cancelled,
                "the privacy authorization was cancelled, and that cannot be undone",
            ),
            Self::SingleYear => (
                entry.certificates.is_empty() || product.term_months.is_none_or(|n| n <= 12),
                "not for products of several years once a certificate was issued",
            ),
            Self::NamesLeft => (
                product
                    .name_limit
                    .is_none_or(|limit| holds_fewer(entry, limit)),
                "the product has no room for another name",
            ),
            Self::CsrBy(by) => (entry.order.csr_by == Some(*by), only_if_csr_by(*by)),
            Self::KeyHeld => (entry.order.key_held, "the private key is not held here"),
            _ => return None,
        };
        (!holds).then_some(reason)
    }
}

fn holds_fewer(entry: &Entry, limit: u32) -> bool {
    let held = entry.names.len() + entry.adding.len();
    u32::try_from(held).is_ok_and(|held| held < limit)
}

fn days(raw: &RawGuard) -> Result<Days, String> {
    let usual = raw
        .days
        .ok_or_else(|| format!("{:?} needs `days = N`", raw.is))?;
    let numbers = raw.by_brand.values().chain([&usual]);
    for number in numbers {
        if !(1..=3650).contains(number) {
            return Err(format!("{:?} takes 1 to 3650 days, not {number}", raw.is));
        }
    }
    Ok(Days {
        usual,
        by_brand: raw.by_brand.clone(),
    })
}

fn csr_by(raw: &RawGuard) -> Result<CsrBy, String> {
    match raw.value.as_deref() {
        Some("provider") => Ok(CsrBy::Provider),
        Some("certdeck") => Ok(CsrBy::Certdeck),
        Some("you") => Ok(CsrBy::You),
        _ => Err("\"csr-by\" needs `value = \"provider\"`, \"certdeck\" or \"you\"".to_owned()),
    }
}

fn bare(raw: &RawGuard) -> Result<(), String> {
    let is_bare = raw.days.is_none() && raw.by_brand.is_empty() && raw.value.is_none();
    if is_bare {
        Ok(())
    } else {
        Err(format!("{:?} takes no parameters", raw.is))
    }
}

fn unknown(name: &str) -> String {
    format!(
        "no guard is called {name:?}; expected one of {}",
        NAMES.join(", ")
    )
}

const NOTHING_ISSUED: &str = "no certificate has been issued yet";

fn within_expiry(days: i64, entry: &Entry, context: &Context<'_>) -> Option<String> {
    let Some(certificate) = entry.serving() else {
        return Some(NOTHING_ISSUED.to_owned());
    };
    let from = time::earlier(certificate.not_after, time::days(days));
    (context.now < from).then(|| {
        format!(
            "possible within {days} days of expiry: from {}",
            time::date(from)
        )
    })
}

fn not_within_expiry(days: i64, entry: &Entry, context: &Context<'_>) -> Option<String> {
    let Some(certificate) = entry.serving() else {
        return Some(NOTHING_ISSUED.to_owned());
    };
    let until = time::earlier(certificate.not_after, time::days(days));
    (context.now >= until).then(|| {
        format!(
            "not possible in the last {days} days before expiry: since {}",
            time::date(until)
        )
    })
}

fn within_issue(days: i64, entry: &Entry, context: &Context<'_>) -> Option<String> {
    let Some(certificate) = entry.serving() else {
        return Some(NOTHING_ISSUED.to_owned());
    };
    let until = time::later(certificate.not_before, time::days(days));
    (context.now > until).then(|| {
        format!(
            "possible within {days} days of issue: it ended on {}",
            time::date(until)
        )
    })
}

fn not_within_issue(days: i64, entry: &Entry, context: &Context<'_>) -> Option<String> {
    let Some(certificate) = entry.serving() else {
        return Some(NOTHING_ISSUED.to_owned());
    };
    let from = time::later(certificate.not_before, time::days(days));
    (context.now < from).then(|| {
        format!(
            "possible {days} days after issue: from {}",
            time::date(from)
        )
    })
}

fn paid_at(entry: &Entry) -> Option<Timestamp> {
    entry.product.invoice.as_ref()?.paid_at
}

fn within_payment(days: i64, entry: &Entry, context: &Context<'_>) -> Option<String> {
    let Some(paid) = paid_at(entry) else {
        return Some("the invoice has not been paid yet".to_owned());
    };
    let until = time::later(paid, time::days(days));
    (context.now > until).then(|| {
        format!(
            "possible within {days} days of payment: it ended on {}",
            time::date(until)
        )
    })
}

fn quota(context: &Context<'_>) -> Option<String> {
    match context.account.quota_left {
        Some(0) => Some("the account's quota is used up".to_owned()),
        Some(_) => None,
        None => Some("the account's quota is not known yet; refresh first".to_owned()),
    }
}

fn only_for(kind: ProductKind) -> &'static str {
    match kind {
        ProductKind::Single => "only for single-domain products",
        ProductKind::Wildcard => "only for wildcard products",
        ProductKind::MultiDomain => "only for multi-domain products",
    }
}

fn not_for(kind: ProductKind) -> &'static str {
    match kind {
        ProductKind::Single => "not for single-domain products",
        ProductKind::Wildcard => "not for wildcard products",
        ProductKind::MultiDomain => "not for multi-domain products",
    }
}

fn only_if_csr_by(by: CsrBy) -> &'static str {
    match by {
        CsrBy::Provider => "only where the provider generated the CSR",
        CsrBy::Certdeck => "only where certdeck generated the CSR",
        CsrBy::You => "only where you brought the CSR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(is: &str) -> RawGuard {
        RawGuard {
            is: is.to_owned(),
            ..RawGuard::default()
        }
    }

    #[test]
    fn every_name_is_read_and_no_other() {
        for name in NAMES {
            let mut guard = raw(name);
            if name.contains("days") {
                guard.days = Some(30);
            }
            if *name == "csr-by" {
                guard.value = Some("you".to_owned());
            }
            assert!(Guard::parse(&guard).is_ok(), "{name}");
        }
        assert!(
            Guard::parse(&raw("moon-is-full"))
                .unwrap_err()
                .contains("never-issued")
        );
    }

    #[test]
    fn wrong_parameters_are_named() {
        assert!(
            Guard::parse(&raw("within-days-of-expiry"))
                .unwrap_err()
                .contains("days = N")
        );
        let zero = RawGuard {
            days: Some(0),
            ..raw("within-days-of-issue")
        };
        assert!(Guard::parse(&zero).unwrap_err().contains("1 to 3650"));
        let stray = RawGuard {
            days: Some(3),
            ..raw("free")
        };
        assert!(Guard::parse(&stray).unwrap_err().contains("no parameters"));
        let who = RawGuard {
            value: Some("santa".to_owned()),
            ..raw("csr-by")
        };
        assert!(Guard::parse(&who).unwrap_err().contains("certdeck"));
    }
}
