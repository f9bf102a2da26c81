//! What comes of a download: nothing new, for what a provider hands out is kept here as soon as it
//! is there; so it is said where that is.
//!
//! Pure. Called when an action is settled; the words are certdeck's, not the provider's.

use crate::domain::entry::{CsrBy, Entry};

/// The action that downloads.
pub(super) const DOWNLOAD: &str = "download";

/// Where the certificate of an entry is, and its private key.
pub(super) fn says(entry: &Entry) -> String {
    let id = &entry.id;
    if entry.serving().is_none() {
        return "The provider let it be downloaded, but no certificate of it is kept here; import \
                the file, or look at it in the provider's own panel."
            .to_owned();
    }
    let key = match (entry.order.key_held, entry.order.csr_by) {
        (true, _) => format!("its private key is here, too: `certdeck reveal-key {id}`"),
        (false, Some(CsrBy::You)) => {
            "its private key is where you generated the CSR, and nowhere else".to_owned()
        }
        (false, _) => "its private key is not here".to_owned(),
    };
    format!(
        "The certificate and its chain are kept here, in the tab CSR / Certificate; `certdeck show \
         {id} --pem` prints them; {key}."
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::{CertificateRecord, EntryId, Role};

    fn entry() -> Entry {
        let id = EntryId::new("a1");
        let mut entry = Entry::new(id, "huawei", "huawei-ssl", "issued", Timestamp::UNIX_EPOCH);
        entry.certificates.push(CertificateRecord {
            sha256: "aa".to_owned(),
            chain: Vec::new(),
            role: Role::Serving,
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::MAX,
            key: String::new(),
            spki_sha256: String::new(),
            is_ca: false,
        });
        entry
    }

    #[test]
    fn it_is_said_where_the_certificate_and_the_key_are() {
        let mut held = entry();
        held.order.key_held = true;
        let told = says(&held);
        assert!(told.contains("`certdeck show a1 --pem`"), "{told}");
        assert!(told.contains("`certdeck reveal-key a1`"), "{told}");
        held.order.key_held = false;
        held.order.csr_by = Some(CsrBy::You);
        assert!(says(&held).contains("where you generated the CSR"));
    }

    #[test]
    fn without_a_certificate_nothing_is_claimed() {
        let mut bare = entry();
        bare.certificates.clear();
        assert!(says(&bare).contains("no certificate of it is kept here"));
    }
}
