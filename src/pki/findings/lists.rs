//! Revocation lists that are here, and how old they are.

use jiff::Timestamp;

use super::{Finding, Kind, Severity};
use crate::pki::belong::date;

/// A revocation list that is kept here and speaks of a certificate, or of one above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHere {
    /// Who issued it.
    pub issuer: String,
    /// When it was made.
    pub made: Timestamp,
    /// When the next one is there at the latest; nothing where it does not say so.
    pub next: Option<Timestamp>,
    /// Where newer ones lie, as the certificate says.
    pub at: Option<String>,
}

/// That a list should have been followed by another one by now.
#[must_use]
pub fn overdue(list: &ListHere, now: Timestamp) -> Option<Finding> {
    let next = list.next.filter(|next| now > *next)?;
    let says = format!(
        "The revocation list of {} that is here is of {}, and the next one was due on {}",
        list.issuer,
        date(list.made),
        date(next)
    );
    let advice = list.at.as_ref().map_or_else(
        || "ask the CA for its newest list and import it".to_owned(),
        |at| format!("import the newest one, from {at}"),
    );
    let finding = Finding::new(Kind::ListOverdue, Severity::Note, says, advice);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_overdue_from_the_moment_that_it_names() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut list = ListHere {
            issuer: "House CA".to_owned(),
            made: at("2026-11-01T00:00:00Z"),
            next: Some(at("2026-11-08T00:00:00Z")),
            at: Some("http://crl.example/house".to_owned()),
        };
        assert_eq!(overdue(&list, at("2026-11-08T00:00:00Z")), None);
        let finding = overdue(&list, at("2026-11-08T00:00:01Z")).unwrap();
        assert!(
            finding.says.contains("was due on 2026-11-08"),
            "{finding:?}"
        );
        assert!(finding.advice.contains("http://crl.example/house"));
        list.next = None;
        assert_eq!(overdue(&list, Timestamp::MAX), None);
    }
}
