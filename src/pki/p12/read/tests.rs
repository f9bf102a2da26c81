//! Files that the crate behind the reader writes, and damaged ones; what other programs write is
//! read in `tests/reading`.

use p12_keystore::{
    Certificate as P12Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, PrivateKeyChain,
};

use super::*;
use crate::pki::key::KeyType;

const PASSPHRASE: &str = "correct horse";

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

/// A key with a certificate that was not made for it, and the public key's fingerprint.
fn file(algorithm: EncryptionAlgorithm, rounds: u32) -> (Vec<u8>, String) {
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let pem = key.to_pkcs8_pem();
    let items = crate::pki::pem::scan(pem.expose_secret().as_bytes());
    let [crate::pki::pem::Item::Block(block)] = items.as_slice() else {
        panic!("one block");
    };
    let der = block.decode().unwrap();
    let certificate = crate::pki::fixtures::self_signed("shop", &["shop.example"]);
    let chain = PrivateKeyChain::new(
        "1",
        p12_keystore::PrivateKey::from_der(&der).unwrap(),
        [P12Certificate::from_der(&certificate).unwrap()],
    );
    let mut store = KeyStore::new();
    store.add_entry("shop", KeyStoreEntry::PrivateKeyChain(chain));
    let written = store
        .writer(PASSPHRASE)
        .encryption_algorithm(algorithm)
        .encryption_iterations(rounds)
        .mac_iterations(rounds)
        .write();
    (written.unwrap(), key.spki_sha256())
}

#[test]
fn key_and_certificate_come_out_with_the_right_passphrase_alone() {
    for algorithm in [
        EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
        EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
        EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc,
    ] {
        let (bytes, spki) = file(algorithm, 100);
        assert!(is_p12(&bytes));
        let opened = open(&bytes, &passphrase(PASSPHRASE)).unwrap();
        assert_eq!(opened.certificates[0].display_name(), "shop");
        assert_eq!(opened.keys[0].spki_sha256(), spki);
        assert_eq!(opened.problems, [""; 0]);
        for wrong in ["", "Correct horse"] {
            let error = open(&bytes, &passphrase(wrong)).unwrap_err();
            assert_eq!(error, P12Error::WrongPassphrase, "{wrong:?}");
        }
    }
}

#[test]
fn what_asks_for_years_of_work_is_not_begun() {
    let (bytes, _) = file(EncryptionAlgorithm::PbeWithHmacSha256AndAes256, 1_000);
    assert_eq!(rounds(&bytes).unwrap(), 3_000, "certificates, key and seal");
    // The number of rounds takes three bytes in this file.
    let more = file(EncryptionAlgorithm::PbeWithHmacSha256AndAes256, 0x01_00_00).0;
    let mut harder = more.clone();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&harder[from..], &[2, 3, 1, 0, 0]) {
        harder[from + at + 2] = 0x7f;
        from += at + 1;
    }
    let error = open(&harder, &passphrase(PASSPHRASE)).unwrap_err();
    assert!(
        matches!(error, P12Error::TooMuchWork { rounds } if rounds > MOST_ROUNDS),
        "{error}"
    );
}

#[test]
fn what_is_cut_off_says_so_before_anything_is_tried() {
    let (bytes, _) = file(EncryptionAlgorithm::PbeWithHmacSha256AndAes256, 100);
    for length in [0, 1, 4, 20, bytes.len() / 2, bytes.len() - 1] {
        let error = open(&bytes[..length], &passphrase(PASSPHRASE)).unwrap_err();
        assert!(error.to_string().contains("cut off"), "{length}: {error}");
    }
}

#[test]
fn numbers_are_as_large_as_they_say() {
    for (bytes, value) in [
        (&[0x27, 0x10][..], 10_000),
        (&[0, 0xff], 255),
        (&[0xff], u64::MAX),
        (&[1, 0, 0, 0, 0, 0, 0, 0, 0], u64::MAX),
        (&[], 0),
    ] {
        assert_eq!(number(bytes), value, "{bytes:02x?}");
    }
}
