//! Certificates of every kind that occurs: made by `openssl`, and by hand where that refuses.

use crate::fixtures::{Parts, extension, name, sequence, tlv};
use crate::stage::Stage;

/// All of them, by their file's name, as PEM or DER.
pub(crate) fn all(stage: &Stage) -> Vec<(String, Vec<u8>)> {
    let mut all = by_openssl(stage);
    let by_hand = by_hand().into_iter();
    all.extend(by_hand.map(|(name, der)| (format!("{name}.der"), der)));
    all
}

/// Keys of every kind, usages, names, dates and signatures.
fn by_openssl(stage: &Stage) -> Vec<(String, Vec<u8>)> {
    let rsa = "rsa -pkeyopt rsa_keygen_bits:";
    let keys = [
        ("rsa-512", format!("{rsa}512")),
        ("rsa-1024", format!("{rsa}1024")),
        ("rsa-2048", format!("{rsa}2048")),
        (
            "rsa-pss",
            "rsa-pss -pkeyopt rsa_keygen_bits:2048".to_owned(),
        ),
        ("p-256", "ec -pkeyopt ec_paramgen_curve:P-256".to_owned()),
        ("p-384", "ec -pkeyopt ec_paramgen_curve:P-384".to_owned()),
        ("p-521", "ec -pkeyopt ec_paramgen_curve:P-521".to_owned()),
        ("p-192", "ec -pkeyopt ec_paramgen_curve:P-192".to_owned()),
        (
            "secp256k1",
            "ec -pkeyopt ec_paramgen_curve:secp256k1".to_owned(),
        ),
        (
            "brainpool",
            "ec -pkeyopt ec_paramgen_curve:brainpoolP384r1".to_owned(),
        ),
        ("ed25519", "ed25519".to_owned()),
        ("ed448", "ed448".to_owned()),
    ];
    let mut made = Vec::new();
    for (kind, how) in keys {
        stage.openssl(&format!("genpkey -algorithm {how} -out {kind}.key"));
        // The smallest RSA key has no room for a longer digest.
        let digest = if kind == "rsa-512" { "-md5" } else { "-sha256" };
        stage.openssl(&format!(
            "req -new -x509 -key {kind}.key -subj /C=DE/O=Example/CN={kind} -days 90 {digest} \
             -addext subjectAltName=DNS:{kind}.example,IP:192.0.2.1,IP:2001:db8::1,email:a@b.example,URI:https://x.example/ \
             -out {kind}.pem"
        ));
        made.push((format!("{kind}.pem"), stage.read(&format!("{kind}.pem"))));
    }
    made.extend(of_every_manner(stage));
    made
}

fn of_every_manner(stage: &Stage) -> Vec<(String, Vec<u8>)> {
    let mut made = Vec::new();
    for (name, how) in [
        ("serial-negative", "-set_serial -5"),
        (
            "serial-long",
            "-set_serial 0x7fffffffffffffffffffffffffffffffffffffff",
        ),
        ("serial-zero", "-set_serial 0"),
        ("after-2050", "-days 20000"),
        ("sha1", "-sha1"),
        ("sha512", "-sha512"),
        ("md5", "-md5"),
        ("ca", "-addext basicConstraints=critical,CA:TRUE,pathlen:3"),
        (
            "server",
            "-addext extendedKeyUsage=serverAuth,clientAuth,1.2.3.4.5",
        ),
        (
            "usages",
            "-addext keyUsage=digitalSignature,keyEncipherment,keyCertSign,cRLSign",
        ),
        (
            "policies",
            "-addext certificatePolicies=2.23.140.1.2.1,1.2.3.4",
        ),
        (
            "places",
            "-addext authorityInfoAccess=OCSP;URI:http://o.example,caIssuers;URI:http://i.example/i.cer -addext crlDistributionPoints=URI:http://c.example/c.crl",
        ),
        ("unknown-extension", "-addext 1.2.3.4.5.6=critical,DER:0500"),
        (
            "subject-long",
            "-subj /C=DE/ST=Bayern/L=Ort/O=A+OU=B/OU=C/CN=d/emailAddress=e@f.example",
        ),
        ("subject-odd", "-subj /O=Comma\\,Plus\\+/CN=#hash"),
    ] {
        let subject = if how.contains("-subj") {
            ""
        } else {
            "-subj /CN=odd"
        };
        stage.openssl(&format!(
            "req -new -x509 -newkey rsa:2048 -nodes -keyout odd.key {subject} {how} -out odd.pem"
        ));
        made.push((format!("{name}.pem"), stage.read("odd.pem")));
    }
    // Without extensions, it is one of version 1.
    stage.openssl("req -new -newkey rsa:2048 -nodes -keyout v1.key -subj /CN=v1 -out v1.csr");
    stage.openssl("x509 -req -in v1.csr -signkey v1.key -days 10 -out v1.pem");
    made.push(("v1.pem".to_owned(), stage.read("v1.pem")));
    made
}

/// What no tool would make, with a signature of nonsense.
pub(crate) fn by_hand() -> Vec<(&'static str, Vec<u8>)> {
    let with = |change: fn(&mut Parts)| {
        let mut parts = Parts::default();
        change(&mut parts);
        parts.der()
    };
    vec![
        ("plain", with(|_| {})),
        (
            "last-of-2049",
            with(|parts| parts.not_after = tlv(0x17, b"491231235959Z")),
        ),
        (
            "first-of-2050",
            with(|parts| parts.not_after = tlv(0x18, b"20500101000000Z")),
        ),
        (
            "never-ends",
            with(|parts| parts.not_after = tlv(0x18, b"99991231235959Z")),
        ),
        (
            "long-ago",
            with(|parts| parts.not_before = tlv(0x17, b"500101000000Z")),
        ),
        (
            "serial-of-20-bytes",
            with(|parts| parts.serial = tlv(2, &[0x7f; 20])),
        ),
        (
            "serial-negative-by-hand",
            with(|parts| parts.serial = tlv(2, &[0xff, 0x01])),
        ),
        (
            "unknown-key",
            with(|parts| parts.spki = sequence(&[&unknown(), &[3, 3, 0, 1, 2]])),
        ),
        (
            "unknown-signature",
            with(|parts| parts.algorithm = unknown()),
        ),
        ("huge-rsa", with(|parts| parts.spki = huge_rsa())),
        (
            "bmp-string",
            with(|parts| parts.subject = name(3, &tlv(0x1e, &[0, 0x42, 0x20, 0xac]))),
        ),
        (
            "latin-1",
            with(|parts| parts.subject = name(3, &tlv(0x14, b"caf\xe9"))),
        ),
        ("empty-subject", with(|parts| parts.subject = sequence(&[]))),
        (
            "control-characters",
            with(|parts| parts.subject = name(3, &tlv(0x0c, b"a\x1b[31mb"))),
        ),
        (
            "no-utf-8",
            with(|parts| parts.subject = name(3, &tlv(0x0c, b"caf\xe9"))),
        ),
        (
            "names-of-every-kind",
            with(|parts| {
                let names = sequence(&[
                    &tlv(0x82, b"a.example"),
                    &tlv(0x87, &[192, 0, 2, 1]),
                    &tlv(0x81, b"a@b.example"),
                    &tlv(0x86, b"https://x.example"),
                    &tlv(0x88, &[0x2a, 3, 4]),
                ]);
                parts.extensions = extension(0x11, &names);
            }),
        ),
        (
            "doubled-extension",
            with(|parts| {
                let constraints = extension(0x13, &sequence(&[]));
                parts.extensions = [constraints.clone(), constraints].concat();
            }),
        ),
    ]
}

/// An algorithm that nobody knows.
fn unknown() -> Vec<u8> {
    sequence(&[&[0x06, 3, 0x2a, 3, 4]])
}

/// An RSA key of 16,384 bits; making a real one takes minutes.
fn huge_rsa() -> Vec<u8> {
    let modulus = [&[0, 0x80][..], &[0x55; 2_046], &[0x01]].concat();
    let key = sequence(&[&tlv(2, &modulus), &tlv(2, &[1, 0, 1])]);
    let algorithm = sequence(&[
        &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1],
        &[5, 0],
    ]);
    sequence(&[&algorithm, &tlv(3, &[&[0][..], &key].concat())])
}
