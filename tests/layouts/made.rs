//! Certificates for layouts that the test makes itself.

use std::fs;
use std::path::Path;

use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel};
use jiff::{SignedDuration, Timestamp};

pub(crate) struct Made(SandboxCa);

impl Made {
    pub(crate) fn new() -> Self {
        Self(SandboxCa::generate("test", Timestamp::now()).unwrap())
    }

    /// A new certificate for a name, with its chain.
    pub(crate) fn chain(&self, name: &str) -> String {
        let now = Timestamp::now();
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let mut serial = [1; 16];
        serial[8..].copy_from_slice(&now.as_nanosecond().to_be_bytes()[8..]);
        let request = IssueRequest {
            names: vec![name.parse().unwrap()],
            not_before: now - SignedDuration::from_hours(24),
            not_after: now + SignedDuration::from_hours(24 * 80),
            serial,
            level: ValidationLevel::Dv,
            organization: None,
        };
        let issued = self.0.issue(&key.spki_der(), &request).unwrap();
        issued.leaf_pem + &issued.chain_pem.concat()
    }

    pub(crate) fn issuer(&self) -> String {
        self.0.root().to_pem()
    }
}

pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn link(path: &Path, to: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, path).unwrap();
}
