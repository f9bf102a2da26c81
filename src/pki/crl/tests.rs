//! Lists of every kind, good and bad.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SerialNumber, date_time_ymd,
};

use super::*;
use crate::pki::certificate;
use crate::pki::fixtures::{name, sequence, tlv};

/// A CA, as the tests need it.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new(common_name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        Self { params, key }
    }

    fn certificate(&self) -> Certificate {
        let made = self.params.self_signed(&self.key).unwrap();
        certificate::read(made.der()).unwrap()
    }

    /// A list of these serial numbers, each with a reason.
    fn list(&self, revoked: &[(u64, Option<RevocationReason>)]) -> Vec<u8> {
        let revoked_certs = revoked.iter().map(|(serial, reason)| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2026, 11, 1),
            reason_code: *reason,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 11, 20),
            next_update: date_time_ymd(2026, 11, 27),
            crl_number: SerialNumber::from(0x1234_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked_certs.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer = Issuer::from_params(&self.params, &self.key);
        params.signed_by(&issuer).unwrap().der().to_vec()
    }
}

#[test]
fn a_list_is_read_with_number_dates_and_count() {
    let authority = Authority::new("Test CA");
    let list = read(&authority.list(&[(7, None), (0x80, None)])).unwrap();
    assert_eq!(list.issuer, "CN=Test CA");
    assert_eq!(list.number.as_deref(), Some("1234"));
    assert_eq!(list.this_update, "2026-11-20T00:00:00Z".parse().unwrap());
    assert_eq!(
        list.next_update,
        Some("2026-11-27T00:00:00Z".parse().unwrap())
    );
    assert_eq!((list.count(), list.is_partial), (2, false));
    assert!(list.authority_key_id.is_some());
    assert!(list.to_pem().starts_with("-----BEGIN X509 CRL-----"));
}

#[test]
fn of_many_serial_numbers_each_is_found_with_its_reason_and_no_other() {
    let authority = Authority::new("Test CA");
    let revoked: Vec<_> = (0..5_000_u64)
        .map(|number| (number * 77_773 % 5_000_011, None))
        .chain([(9_999_999, Some(RevocationReason::KeyCompromise))])
        .collect();
    let list = read(&authority.list(&revoked)).unwrap();
    assert_eq!(list.count(), revoked.len());
    for (serial, _) in &revoked {
        let found = list.find_serial(&serial.to_be_bytes());
        assert!(found.is_some(), "{serial}");
    }
    let found = list.find_serial(&9_999_999_u64.to_be_bytes()).unwrap();
    assert_eq!(found.reason, Some("keyCompromise"));
    assert_eq!(found.at, Some("2026-11-01T00:00:00Z".parse().unwrap()));
    for absent in [1_u64, 5_000_012, 9_999_998, u64::MAX] {
        let known = revoked.iter().any(|(serial, _)| *serial == absent);
        let found = list.find_serial(&absent.to_be_bytes()).is_some();
        assert_eq!(found, known, "{absent}");
    }
}

#[test]
fn only_its_issuer_has_signed_it() {
    let (authority, other) = (Authority::new("Test CA"), Authority::new("Test CA"));
    let list = read(&authority.list(&[(7, None)])).unwrap();
    assert_eq!(list.is_signed_by(&authority.certificate()), Ok(()));
    let stranger = Authority::new("Another").certificate();
    assert!(matches!(
        list.is_signed_by(&stranger),
        Err(SignatureDoubt::OtherIssuer { .. })
    ));
    // The same name with another key.
    let doubt = list.is_signed_by(&other.certificate()).unwrap_err();
    assert_eq!(doubt, SignatureDoubt::Wrong("Test CA".to_owned()));
    let mut forbidden = authority.certificate();
    forbidden.key_usages = vec!["keyCertSign"];
    let doubt = list.is_signed_by(&forbidden).unwrap_err();
    assert_eq!(doubt, SignatureDoubt::MayNot("Test CA".to_owned()));
    // A number that was taken out shows in the signature.
    let mut changed = list.der.clone();
    let at = memchr::memmem::find(&changed, &[2, 1, 7]).unwrap();
    changed[at + 2] = 8;
    let changed = read(&changed).unwrap();
    assert!(changed.find_serial(&[8]).is_some());
    let doubt = changed.is_signed_by(&authority.certificate()).unwrap_err();
    assert_eq!(doubt, SignatureDoubt::Wrong("Test CA".to_owned()));
}

#[test]
fn an_old_list_without_version_entries_or_next_date_is_one() {
    let algorithm = sequence(&[&[0x06, 3, 0x2a, 3, 4]]);
    let signed = sequence(&[
        &algorithm,
        &name(3, &tlv(0x0c, b"old")),
        &tlv(0x17, b"490101000000Z"),
    ]);
    let der = sequence(&[&signed, &algorithm, &[3, 2, 0, 1]]);
    let list = read(&der).unwrap();
    assert_eq!((list.count(), list.next_update), (0, None));
    assert_eq!(list.signature_algorithm, "1.2.3.4");
    assert_eq!(list.this_update, "2049-01-01T00:00:00Z".parse().unwrap());
    let issuer = certificate::read(&crate::pki::fixtures::self_signed("old", &[])).unwrap();
    let doubt = list.is_signed_by(&issuer).unwrap_err();
    assert_eq!(doubt, SignatureDoubt::Unknown("1.2.3.4".to_owned()));
}

#[test]
fn what_is_cut_off_anywhere_is_no_list() {
    let der = Authority::new("Test CA").list(&[(7, None)]);
    for length in 0..der.len() {
        assert!(read(&der[..length]).is_err(), "{length}");
    }
    let longer = [&der[..], &[0]].concat();
    assert_eq!(
        read(&longer).unwrap_err().to_string(),
        "it cannot be read as a revocation list: its end is missing or broken; download it again"
    );
}
