//! Files of certificates by the ten thousand: one that is real, with another serial number in each.
//!
//! Their signatures are wrong, which nobody checks who keeps files; everything else can be read.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use certdeck::domain::entry::Entry;
use data_encoding::{BASE64, HEXLOWER};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _, SerialNumber};

/// The serial number of the one that is copied, to be found in it.
const SERIAL: [u8; 16] = *b"a-serial-number!";

/// Makes certificates and puts their files into a store.
pub(crate) struct Maker {
    certs: PathBuf,
    der: Vec<u8>,
    /// Where the serial number begins.
    at: usize,
    spki: String,
    chain: String,
}

impl Maker {
    /// For the store in `folder`, which is made; with the one key, and the one certificate that
    /// stands for everybody's chain.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let (certs, keys) = (folder.join("certs"), folder.join("keys"));
        for folder in [&certs, &keys] {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(0o700).create(folder)?;
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let names = vec!["www.north-bakery.example".to_owned()];
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.serial_number = Some(SerialNumber::from_slice(&SERIAL));
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        let der = certificate.der().to_vec();
        let mut windows = der.windows(SERIAL.len());
        let at = windows.position(|window| window == SERIAL);
        let spki = sha256(&key.subject_public_key_info());
        write(
            &keys.join(format!("{spki}.pem")),
            key.serialize_pem().as_bytes(),
        )?;
        let mut maker = Self {
            certs,
            at: at.ok_or_else(|| io::Error::other("no serial number"))?,
            der,
            spki,
            chain: String::new(),
        };
        maker.chain = maker.keep(u64::MAX)?;
        Ok(maker)
    }

    /// Gives an entry real certificates in the place of its own.
    pub(crate) fn give(&self, entry: &mut Entry) -> io::Result<()> {
        for record in &mut entry.certificates {
            let serial = u64::from_str_radix(&record.serial[16..], 16);
            record.sha256 = self.keep(serial.map_err(io::Error::other)?)?;
            record.chain = vec![self.chain.clone()];
            record.spki_sha256.clone_from(&self.spki);
        }
        Ok(())
    }

    /// Writes so many files of certificates, and nothing else.
    pub(crate) fn fill(&self, count: u64) -> io::Result<()> {
        (0..count).try_for_each(|serial| self.keep(serial).map(drop))
    }

    fn keep(&self, serial: u64) -> io::Result<String> {
        let mut der = self.der.clone();
        der[self.at + 8..self.at + 16].copy_from_slice(&serial.to_be_bytes());
        let name = sha256(&der);
        let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
        let coded = BASE64.encode(&der);
        for line in coded.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
        write(&self.certs.join(format!("{name}.pem")), text.as_bytes())?;
        Ok(name)
    }
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Ok(mut file) => file.write_all(bytes),
        // Two entries may have one certificate.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
