//! The rules that public CAs are bound by; they say nothing about anybody else's certificates.
//!
//! Source: CA/Browser Forum, Baseline Requirements for TLS server certificates, 6.3.2 (lifetime, by
//! the ballots `SC31` and `SC081v3`) and 7.1.2.7 (profile of subscriber certificates).

use jiff::Timestamp;

use super::{Finding, Kind, Severity};
use crate::pki::belong::date;
use crate::pki::certificate::Certificate;
use crate::pki::describe::AltName;

/// Section 6.3.2: a day is 86,400 seconds, and any part of one more is one more day.
const DAY: i64 = 86_400;

/// From when on (00:00 UTC) a certificate may live so many days at most, the newest rule first.
/// Earlier ones are over by years.
const LONGEST: [(i64, i64); 4] = [
    // 2029-03-15
    (1_868_227_200, 47),
    // 2027-03-15
    (1_805_068_800, 100),
    // 2026-03-15
    (1_773_532_800, 200),
    // 2020-09-01
    (1_598_918_400, 398),
];

/// What a certificate below a public root breaks.
pub(super) fn rules(certificate: &Certificate) -> Vec<Finding> {
    let usages = &certificate.extended_key_usages;
    let serves = usages.iter().any(|usage| usage == "serverAuth");
    let mut findings = Vec::new();
    if !serves {
        let says = "It does not say that it is for servers (extended key usage serverAuth)";
        let advice = "use it for what it says, and get another one for a server";
        let kind = Kind::MissingServerAuth;
        findings.push(Finding::new(kind, Severity::Warning, says, advice));
    }
    // What says that it is for something else is bound by other rules.
    if serves || usages.is_empty() {
        findings.extend(lifetime(certificate));
        findings.extend(alternative_names(certificate));
    }
    if certificate.authority_key_id.is_none() {
        let says = "It does not say which key of its issuer signed it (authority key identifier)";
        let advice = "ask the CA for a new one: public CAs have to write that down";
        let kind = Kind::MissingAuthorityKeyId;
        findings.push(Finding::new(kind, Severity::Warning, says, advice));
    }
    findings
}

fn alternative_names(certificate: &Certificate) -> Option<Finding> {
    let protects = |name: &AltName| matches!(name, AltName::Dns(_) | AltName::Ip(_));
    if certificate.names.iter().any(protects) {
        return None;
    }
    let says = "It has no alternative name, and clients look at no other";
    let advice = "get one that lists its names as alternative names";
    let finding = Finding::new(Kind::MissingSan, Severity::Fault, says, advice);
    Some(finding)
}

fn lifetime(certificate: &Certificate) -> Option<Finding> {
    let most = longest(certificate.not_before)?;
    let days = days(certificate);
    if days <= most {
        return None;
    }
    let says = format!(
        "It lives {days} days; issued on {}, it may live {most} at most",
        date(certificate.not_before)
    );
    let advice = "ask the CA for another one: browsers refuse those that live longer";
    let finding = Finding::new(Kind::LifetimeTooLong, Severity::Fault, says, advice);
    Some(finding)
}

/// How many days a certificate may live that was issued at this moment.
fn longest(issued: Timestamp) -> Option<i64> {
    let issued = issued.as_second();
    let rule = LONGEST.iter().find(|(from, _)| issued >= *from);
    rule.map(|(_, days)| *days)
}

/// How many days it lives, as section 6.3.2 counts: both ends belong to it (RFC 5280 section
/// 4.1.2.5), and a day that has begun is a day.
fn days(certificate: &Certificate) -> i64 {
    let (from, to) = (
        certificate.not_before.as_second(),
        certificate.not_after.as_second(),
    );
    let seconds = to.saturating_sub(from).saturating_add(1);
    seconds.div_euclid(DAY) + i64::from(seconds.rem_euclid(DAY) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read;
    use crate::pki::fixtures::Parts;

    fn living(from: &str, seconds: i64) -> Certificate {
        let mut certificate = read(&Parts::default().der()).unwrap();
        certificate.not_before = from.parse().unwrap();
        certificate.not_after = certificate.not_before + jiff::SignedDuration::from_secs(seconds);
        certificate
    }

    #[test]
    fn each_rule_holds_from_its_first_second_and_to_its_last() {
        for (from, days) in [
            ("2020-09-01T00:00:00Z", 398),
            ("2026-03-14T23:59:59Z", 398),
            ("2026-03-15T00:00:00Z", 200),
            ("2027-03-14T23:59:59Z", 200),
            ("2027-03-15T00:00:00Z", 100),
            ("2029-03-14T23:59:59Z", 100),
            ("2029-03-15T00:00:00Z", 47),
        ] {
            // The last second belongs to it, so that one less than so many days is all of them.
            let fits = living(from, days * DAY - 1);
            assert_eq!(lifetime(&fits), None, "{from}");
            let finding = lifetime(&living(from, days * DAY)).expect(from);
            assert_eq!(
                finding.says,
                format!(
                    "It lives {} days; issued on {}, it may live {days} at most",
                    days + 1,
                    &from[..10]
                )
            );
        }
    }

    #[test]
    fn what_is_older_than_the_rules_is_left_alone() {
        assert_eq!(lifetime(&living("2020-08-31T23:59:59Z", 900 * DAY)), None);
    }

    #[test]
    fn one_that_ends_before_it_begins_lives_no_day() {
        let mut certificate = living("2026-11-22T00:00:00Z", 0);
        assert_eq!(days(&certificate), 1);
        certificate.not_after = Timestamp::MIN;
        certificate.not_before = Timestamp::MAX;
        assert!(days(&certificate) < 0);
    }
}
