//! The words of tables, for people: what a guard asks for, when something happens, what comes with
//! it.
//!
//! Pure text. `certdeck lifecycle` and the panel's Lifecycle tab say them.

use super::{Ask, Bring, Condition, Days, Guard, Phase, Setting, Via};
use crate::domain::entry::{CsrBy, ProductKind};

impl Guard {
    /// The name by which tables call it.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoSuccessorUnderWay => "no-successor-under-way",
            Self::NoOpenRequest => "no-open-request",
            Self::WithinDaysOfExpiry(_) => "within-days-of-expiry",
            Self::NotWithinDaysOfExpiry(_) => "not-within-days-of-expiry",
            Self::WithinDaysOfIssue(_) => "within-days-of-issue",
            Self::NotWithinDaysOfIssue(_) => "not-within-days-of-issue",
            Self::WithinDaysOfPayment(_) => "within-days-of-payment",
            Self::NeverIssued => "never-issued",
            Self::Free => "free",
            Self::Paid => "paid",
            Self::Hosted => "hosted",
            Self::NotHosted => "not-hosted",
            Self::Kind(ProductKind::Single) => "single-domain",
            Self::Kind(ProductKind::Wildcard) => "wildcard",
            Self::Kind(ProductKind::MultiDomain) => "multi-domain",
            Self::NotKind(_) => "not-multi-domain",
            Self::QuotaLeft => "quota-left",
            Self::AutoRenewOff => "auto-renew-off",
            Self::CsrBy(_) => "csr-by",
            Self::KeyHeld => "key-held",
            Self::AutoRenewOn => "auto-renew-on",
            Self::PrivacyAuthorised => "privacy-authorised",
            Self::SingleYear => "single-year",
            Self::NamesLeft => "names-left",
        }
    }

    /// Its number of days, where it has one.
    #[must_use]
    pub fn days(&self) -> Option<&Days> {
        match self {
            Self::WithinDaysOfExpiry(days)
            | Self::NotWithinDaysOfExpiry(days)
            | Self::WithinDaysOfIssue(days)
            | Self::NotWithinDaysOfIssue(days)
            | Self::WithinDaysOfPayment(days) => Some(days),
            _ => None,
        }
    }

    /// Its `value`, where it has one.
    #[must_use]
    pub fn value(&self) -> Option<&'static str> {
        match self {
            Self::CsrBy(CsrBy::Provider) => Some("provider"),
            Self::CsrBy(CsrBy::Certdeck) => Some("certdeck"),
            Self::CsrBy(CsrBy::You) => Some("you"),
            _ => None,
        }
    }

    /// What it asks for, as the end of "possible if …".
    #[must_use]
    pub fn words(&self) -> String {
        let counted = self.days().map(days_words);
        match (self, counted) {
            (Self::WithinDaysOfExpiry(_), Some(days)) => format!("within {days} of expiry"),
            (Self::NotWithinDaysOfExpiry(_), Some(days)) => {
                format!("not in the last {days} before expiry")
            }
            (Self::WithinDaysOfIssue(_), Some(days)) => format!("within {days} of issue"),
            (Self::NotWithinDaysOfIssue(_), Some(days)) => {
                format!("not in the first {days} after issue")
            }
            (Self::WithinDaysOfPayment(_), Some(days)) => format!("within {days} of payment"),
            _ => self.plain_words().to_owned(),
        }
    }

    /// The words of those that count no days.
    fn plain_words(&self) -> &'static str {
        match self {
            Self::NoSuccessorUnderWay => "no successor is under way",
            Self::NoOpenRequest => "no other request is open",
            Self::NeverIssued => "nothing was issued yet",
            Self::Free => "the product is free",
            Self::Paid => "the product is paid for",
            Self::Hosted => "the certificate is hosted",
            Self::NotHosted => "the certificate is not hosted",
            Self::Kind(ProductKind::Single) => "the product is for a single domain",
            Self::Kind(ProductKind::Wildcard) => "the product is a wildcard",
            Self::Kind(ProductKind::MultiDomain) => "the product is multi-domain",
            Self::NotKind(ProductKind::Single) => "the product is not for a single domain",
            Self::NotKind(ProductKind::Wildcard) => "the product is no wildcard",
            Self::NotKind(ProductKind::MultiDomain) => "the product is not multi-domain",
            Self::QuotaLeft => "the account has quota left",
            Self::AutoRenewOff => "the provider does not renew it by itself",
            Self::CsrBy(CsrBy::Provider) => "the provider generated the CSR",
            Self::CsrBy(CsrBy::Certdeck) => "certdeck generated the CSR",
            Self::CsrBy(CsrBy::You) => "you brought the CSR",
            Self::KeyHeld => "the private key is held here",
            Self::AutoRenewOn => "the provider renews it by itself",
            Self::PrivacyAuthorised => "the privacy authorization was not cancelled",
            Self::SingleYear => "it was bought for a year at most, or nothing was issued yet",
            Self::NamesLeft => "the product has room for another name",
            Self::WithinDaysOfExpiry(_)
            | Self::NotWithinDaysOfExpiry(_)
            | Self::WithinDaysOfIssue(_)
            | Self::NotWithinDaysOfIssue(_)
            | Self::WithinDaysOfPayment(_) => "",
        }
    }
}

/// `30 days (Slow: 90)`.
fn days_words(days: &Days) -> String {
    let unit = if days.usual() == 1 { "day" } else { "days" };
    let brands = days.by_brand().iter();
    let brands: Vec<String> = brands.map(|(brand, n)| format!("{brand}: {n}")).collect();
    if brands.is_empty() {
        format!("{} {unit}", days.usual())
    } else {
        format!("{} {unit} ({})", days.usual(), brands.join(", "))
    }
}

impl Condition {
    /// When it holds, as the end of "happens …".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ZoneActive => "once the zone is active",
            Self::ZoneNotActive => "while the zone is not active",
            Self::SuccessorLive => "once the successor serves",
            Self::NotBefore => "before the certificate's validity begins",
            Self::NotAfter => "when the certificate's validity ends",
            Self::RenewalWindow => "when the renewal window opens",
            Self::CertificateDue => "once the certificate is due for renewal",
            Self::NamesAdded => "where the names that were asked for are in the certificate",
            Self::NamesUnchanged => "where the certificate's names are what they were",
            Self::DnsElsewhere => "while the name's DNS points elsewhere",
            Self::LevelDv => "where the CA verifies the names alone (DV)",
            Self::LevelOvEv => "where the CA verifies the organization too (OV, EV)",
        }
    }
}

impl Bring {
    /// What comes with it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Invoice => "an invoice",
            Self::Receipt => "the receipt",
            Self::ValidationRecords => "what to publish for the validation",
            Self::RecordsVoid => "an end to what was to be published",
            Self::Question => "a question to answer",
            Self::Certificate => "the certificate",
            Self::ValidationErrors => "what the CA complains of",
            Self::OwnershipRecords => "what proves whose the name is",
            Self::NamesAdded => "the names that were asked for",
            Self::NamesDropped => "an end to the names that were asked for",
            Self::DnsPoints => "that the name's DNS points to the target",
            Self::DnsElsewhere => "that the name's DNS points elsewhere",
            Self::AuthorizationsPending => "authorizations that wait for proof",
            Self::AuthorizationsProcessing => "authorizations that the CA looks at",
            Self::AuthorizationsValid => "authorizations that hold",
            Self::AuthorizationsInvalid => "an authorization that failed",
            Self::AuthorizationsDeactivated => "authorizations that were given up",
        }
    }
}

impl Ask {
    /// What a person has to say.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reason => "a reason",
            Self::Names => "the names",
            Self::NewNames => "names to add",
            Self::Method => "the validation method",
        }
    }
}

impl Setting {
    /// What changes beside the state.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AutoRenewOn => "the provider renews it by itself from now on",
            Self::AutoRenewOff => "the provider does not renew it by itself any more",
            Self::PrivacyCancelled => "the provider may not use the applicant's data any more",
            Self::ZoneActive => "the account's zone is looked at again",
        }
    }
}

impl Via {
    /// What a live account can do.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Api => "the provider's API",
            Self::Dashboard => "the provider's own panel only",
            Self::None => "nothing: only the sandbox plays it",
        }
    }
}

impl Phase {
    /// The phase in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ActionNeeded => "action needed",
            Self::InProgress => "in progress",
            Self::Live => "live",
            Self::WindingDown => "winding down",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::lifecycle::Lifecycle;

    #[test]
    fn every_guard_of_the_fixture_says_what_it_asks_for() {
        let text = include_str!("../../../tests/fixtures/every_feature.toml");
        let table = Lifecycle::parse("every_feature.toml", text).unwrap();
        let guards = table.actions.iter().flat_map(|row| &row.guards);
        let said: Vec<String> = guards.map(super::Guard::words).collect();
        assert!(said.len() > 10);
        assert!(said.iter().all(|words| !words.is_empty()), "{said:?}");
        assert!(said.contains(&"within 30 days (Slow: 90) of expiry".to_owned()));
        assert!(said.contains(&"not in the first 1 day after issue".to_owned()));
    }
}
