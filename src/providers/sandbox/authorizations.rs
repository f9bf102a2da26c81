//! The authorizations inside an ACME order, as the sandbox plays them.
//!
//! Source: RFC 8555, section 7.1.6 (status changes of authorizations and challenges).

use crate::domain::entry::{Authorization, Entry, Method};
use crate::domain::lifecycle::Bring;

/// One authorization for each name, as it stands after `bring`; where one failed, it is the first
/// name's, for the first of these reasons.
pub(super) fn all(entry: &Entry, bring: Bring, errors: &[String]) -> Vec<Authorization> {
    let mut authorizations = Vec::new();
    for (index, name) in entry.names.iter().enumerate() {
        let failed = bring == Bring::AuthorizationsInvalid && index == 0;
        let (status, challenge_status) = statuses(bring, failed);
        let error = errors.first().filter(|_| failed);
        authorizations.push(Authorization {
            name: name.strip_prefix("*.").unwrap_or(name).to_owned(),
            status: status.to_owned(),
            challenge: challenge(name, entry.order.method).to_owned(),
            challenge_status: challenge_status.to_owned(),
            error: error.map(|error| error.replace("{name}", name)),
        });
    }
    authorizations
}

fn statuses(bring: Bring, failed: bool) -> (&'static str, &'static str) {
    match bring {
        Bring::AuthorizationsProcessing => ("pending", "processing"),
        Bring::AuthorizationsValid => ("valid", "valid"),
        Bring::AuthorizationsInvalid if failed => ("invalid", "invalid"),
        Bring::AuthorizationsDeactivated => ("deactivated", "pending"),
        _ => ("pending", "pending"),
    }
}

/// A wildcard is proven in the DNS: RFC 8555 leaves it to the CA, and public CAs offer nothing else.
fn challenge(name: &str, method: Option<Method>) -> &'static str {
    match method {
        Some(Method::File) if !name.starts_with("*.") => "http-01",
        _ => "dns-01",
    }
}
