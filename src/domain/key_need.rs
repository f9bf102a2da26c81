//! Whether a private key is still needed, and what breaks without it.
//!
//! Pure. The gate asks before a key is destroyed, the engine for every other entry with the same key,
//! and both faces say what breaks before somebody types the name.

use jiff::Timestamp;

use super::entry::{CertificateRecord, Entry};
use super::gate::open_request;
use super::lifecycle::{Lifecycle, Phase, standing};
use super::time;

/// Why an entry still needs the private key of this public key (SHA-256, lower-case hexadecimal; any
/// key where that is not known); nothing where it is over, and where nothing can come of it any more.
/// `now` is the account's time.
#[must_use]
pub fn still_needed(
    entry: &Entry,
    spki: Option<&str>,
    lifecycle: &Lifecycle,
    now: Timestamp,
) -> Option<String> {
    if let Some(open) = open_request(entry, Some(lifecycle)) {
        return Some(open);
    }
    let stands = standing(entry, lifecycle, now);
    let phase = stands.phase(lifecycle);
    if entry.gone.is_some() || phase == Some(Phase::Ended) {
        return None;
    }
    if let Some(valid) = valid(entry, spki, now).next() {
        let until = time::date(valid.not_after);
        return Some(format!(
            "its certificate needs it and is valid until {until}; wait until then, or revoke it"
        ));
    }
    let label = stands.label(lifecycle);
    (phase != Some(Phase::Failed)).then(|| {
        format!("it is {label}, and a certificate that comes of it or serves would need it")
    })
}

/// The certificates of an entry that have not ended and need this key.
fn valid<'a>(
    entry: &'a Entry,
    spki: Option<&'a str>,
    now: Timestamp,
) -> impl Iterator<Item = &'a CertificateRecord> {
    let revoked = |known: &CertificateRecord| {
        let mut revocations = entry.revocations.iter();
        revocations.any(|revocation| revocation.sha256 == known.sha256)
    };
    let all = entry.certificates.iter();
    let is_meant =
        move |known: &CertificateRecord| spki.is_none_or(|spki| known.spki_sha256 == spki);
    all.filter(move |known| is_meant(known) && known.not_after > now && !revoked(known))
}

/// What breaks when the private key of an entry is destroyed, in sentences. `now` is the account's
/// time.
#[must_use]
pub fn what_breaks(entry: &Entry, now: Timestamp) -> String {
    let spki = entry.order.spki_sha256.as_deref();
    let mut says =
        "The file of the private key is deleted from this machine. Neither certdeck nor \
                    a provider can bring it back."
            .to_owned();
    for known in valid(entry, spki, now) {
        let (serial, until) = (&known.serial, time::date(known.not_after));
        says = format!(
            "{says} The certificate with the serial number {serial}, valid until {until}, can be \
             set up on no other server any more; a server that has the key goes on."
        );
    }
    format!(
        "{says} Certificate, CSR and history stay. Backups, archives and exported files keep their \
         copies of the key, and the disk may, for a while."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{EntryId, OpenRequest, Revocation, Role};
    use crate::domain::lifecycle::Lifecycles;

    const SPKI: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A certificate that ends at second 1,000.
    fn record() -> CertificateRecord {
        CertificateRecord {
            sha256: "ab".repeat(32),
            chain: Vec::new(),
            role: Role::Serving,
            subject: "CN=a.example".to_owned(),
            issuer: "CN=issuer".to_owned(),
            serial: "0A:0B".to_owned(),
            not_before: at(1),
            not_after: at(1_000),
            key: "P-256".to_owned(),
            spki_sha256: SPKI.to_owned(),
            is_ca: false,
        }
    }

    fn entry(state: &str, certificate: Option<CertificateRecord>) -> Entry {
        let mut entry = Entry::new(EntryId::new("a1"), "shop", "netcup", state, at(1));
        entry.order.spki_sha256 = Some(SPKI.to_owned());
        entry.order.key_held = true;
        entry.certificates.extend(certificate);
        entry
    }

    fn says(entry: &Entry, now: i64) -> Option<String> {
        let all = Lifecycles::built_in().unwrap();
        still_needed(entry, Some(SPKI), all.get("netcup").unwrap(), at(now))
    }

    #[test]
    fn what_serves_or_may_still_come_needs_its_key_and_what_is_over_does_not() {
        let serves = says(&entry("issued", Some(record())), 500).unwrap();
        assert!(serves.contains("valid until 1970-01-01"), "{serves}");
        let ordered = says(&entry("outstanding-invoice", None), 500).unwrap();
        assert!(ordered.contains("Outstanding invoice"), "{ordered}");
        assert_eq!(
            says(&entry("issued", Some(record())), 2_000),
            None,
            "expired"
        );
        let mut asked = entry("issued", Some(record()));
        asked.request = Some(OpenRequest {
            action: "renew".to_owned(),
            since: at(400),
            unknown_outcome: false,
            accepted: false,
        });
        assert!(says(&asked, 2_000).unwrap().contains("under way"));
        let mut gone = entry("issued", Some(record()));
        gone.gone = Some(at(400));
        assert_eq!(says(&gone, 500), None);
        let strange = entry("no-such-state", None);
        assert!(
            says(&strange, 2_000).is_some(),
            "nobody knows what it needs"
        );
    }

    #[test]
    fn a_certificate_that_was_revoked_needs_no_key_and_one_with_another_key_never_did() {
        let mut failed = entry("expired", Some(record()));
        assert!(says(&failed, 500).is_some());
        failed.revocations.push(Revocation {
            sha256: record().sha256,
            at: None,
            reason: None,
            list: at(400),
        });
        assert_eq!(says(&failed, 500), None);
        let other = CertificateRecord {
            spki_sha256: "cd".repeat(32),
            ..record()
        };
        assert_eq!(says(&entry("expired", Some(other)), 500), None);
    }

    #[test]
    fn what_breaks_is_named() {
        let told = what_breaks(&entry("issued", Some(record())), at(500));
        assert!(
            told.contains("0A:0B") && told.contains("1970-01-01"),
            "{told}"
        );
        let told = what_breaks(&entry("issued", Some(record())), at(2_000));
        assert!(
            !told.contains("0A:0B") && told.contains("Backups"),
            "{told}"
        );
    }
}
