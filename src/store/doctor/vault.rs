//! Looking at keys and certificates: each is what its name says, those that are needed are there,
//! and others are noted.
//!
//! It reads one file at a time on each processor, wipes what it read of keys, and repeats nothing
//! of them. `doctor` calls it after everything that names keys and certificates was read.

use std::collections::{HashMap, HashSet};
use std::thread;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::pki::sealed::{self, SealError};
use crate::pki::{PrivateKey, crl, read_certificate};
use crate::store::disk::{How, Kind as DiskKind};
use crate::store::mend::{CERTS, KEYS, LISTS};

use super::finding::{Finding, Findings, Kind, Level};
use super::ledger::{Fingerprint, Wanted, WantedKey, Whose, fingerprint, hexadecimal};
use super::places::{Places, Survey, unreadable};

/// More threads than this gain nothing: the disk becomes the bottleneck.
const MOST_THREADS: usize = 4;
/// A thread costs as much as looking at about this many files.
const WORTH_A_THREAD: usize = 16;

/// Looks at everything.
pub(super) fn look(places: &Places<'_>, survey: &Survey, wanted: Wanted, findings: &mut Findings) {
    let Wanted {
        certificates,
        mut keys,
        destroyed,
        since,
        malformed,
    } = wanted;
    for (whose, name) in malformed {
        findings.push(no_fingerprint(&whose, &name));
    }
    look_at_certificates(places, survey, certificates, &since, findings);
    findings.extend(each(&survey.lists, |name| judge_list(places, name)));
    findings.extend(each(&survey.keys, |name| judge_key(places, name)));
    for name in &survey.keys {
        let called = name.strip_suffix(".pem").and_then(fingerprint);
        let used = |called: &Fingerprint| keys.remove(called).is_some() || since.contains(called);
        if called.is_some_and(|called| destroyed.contains(&called)) {
            findings.push(key_destroyed(name));
        }
        if !called.as_ref().is_some_and(used) {
            findings.push(key_unused(name));
        }
    }
    let mut missing: Vec<_> = keys.into_iter().filter(|(_, wanted)| wanted.held).collect();
    missing.sort_by_key(|(fingerprint, _)| *fingerprint);
    let missing = missing.iter();
    findings.extend(missing.map(|(fingerprint, wanted)| key_missing(fingerprint, wanted)));
}

fn look_at_certificates(
    places: &Places<'_>,
    survey: &Survey,
    mut wanted: HashMap<Fingerprint, Whose>,
    since: &HashSet<Fingerprint>,
    findings: &mut Findings,
) {
    let names = &survey.certificates;
    findings.extend(each(names, |name| judge_certificate(places, name)));
    for name in names {
        let called = name.strip_suffix(".pem").and_then(fingerprint);
        let used = |called: &Fingerprint| wanted.remove(called).is_some() || since.contains(called);
        if !called.as_ref().is_some_and(used) {
            findings.push(certificate_unused(name));
        }
    }
    let mut missing: Vec<_> = wanted.into_iter().collect();
    missing.sort_by_key(|(fingerprint, _)| *fingerprint);
    let missing = missing.iter();
    findings.extend(missing.map(|(fingerprint, whose)| certificate_missing(fingerprint, whose)));
}

/// What `judge` finds in each of many files, on several processors where that is worth it.
fn each(names: &[String], judge: impl Fn(&str) -> Vec<Finding> + Sync) -> Vec<Finding> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = processors
        .min(MOST_THREADS)
        .min(names.len() / WORTH_A_THREAD)
        .max(1);
    let share = names.len().div_ceil(threads).max(1);
    let judge = &judge;
    let read =
        |share: &[String]| -> Vec<Finding> { share.iter().flat_map(|name| judge(name)).collect() };
    thread::scope(|scope| {
        let read = &read;
        let parts: Vec<_> = names
            .chunks(share)
            .map(|share| scope.spawn(move || read(share)))
            .collect();
        let mut found = Vec::new();
        for part in parts {
            match part.join() {
                Ok(part) => found.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    })
}

/// The text of a file that is looked at, or nothing; what is wrong with it otherwise is found.
fn text(places: &Places<'_>, file: &str, findings: &mut Findings) -> Option<Zeroizing<String>> {
    places.check(file, DiskKind::File, findings)?;
    let path = places.dir.join(file);
    let opened = places.disk.open(&path, How::Read);
    let read = opened.and_then(|mut opened| opened.read_from(0));
    match read.map(Zeroizing::new) {
        // What is no text is nothing that can be understood, either.
        Ok(bytes) => Some(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) => {
            findings.push(unreadable(file, "reading it", &error));
            None
        }
    }
}

fn judge_certificate(places: &Places<'_>, name: &str) -> Vec<Finding> {
    let (file, mut findings) = (format!("{CERTS}/{name}"), Findings::default());
    if let Some(text) = text(places, &file, &mut findings) {
        let wrong = match read_certificate(&text) {
            Err(why) => Some(format!("it cannot be read as a certificate: {why}")),
            Ok(certificate) if !is_called(name, &certificate.sha256) => Some(format!(
                "it holds another certificate than its name says: {}",
                certificate.sha256
            )),
            Ok(_) => None,
        };
        findings.extend(wrong.map(|says| {
            Finding::new(Level::Broken, Kind::CertificateWrong, &file, says).advice(
                "put it back from a backup, or move it away and import the certificate again",
            )
        }));
    }
    findings.into_list()
}

fn judge_list(places: &Places<'_>, name: &str) -> Vec<Finding> {
    let (file, mut findings) = (format!("{LISTS}/{name}"), Findings::default());
    if let Some(text) = text(places, &file, &mut findings) {
        let wrong = match crl::read_pem(&text) {
            None => Some("it cannot be read as a revocation list".to_owned()),
            Some(list) if !is_called(name, &list.kept_as()) => Some(format!(
                "it holds the list of another issuer than its name says: {}",
                list.issuer
            )),
            Some(_) => None,
        };
        findings.extend(wrong.map(|says| {
            Finding::new(Level::Broken, Kind::ListWrong, &file, says)
                .advice("move it away and import the issuer's newest list")
        }));
    }
    findings.into_list()
}

fn judge_key(places: &Places<'_>, name: &str) -> Vec<Finding> {
    let (file, mut findings) = (format!("{KEYS}/{name}"), Findings::default());
    let Some(text) = text(places, &file, &mut findings) else {
        return findings.into_list();
    };
    let pem = SecretString::from(text.as_str());
    if sealed::is_sealed(&text) {
        findings.push(judge_sealed(&file, &pem));
        return findings.into_list();
    }
    let read = PrivateKey::from_pem(&pem);
    let wrong = match read {
        Ok(key) if !is_called(name, &key.spki_sha256()) => {
            Some("it holds another key than its name says".to_owned())
        }
        Ok(_) if !text.contains("-----BEGIN PRIVATE KEY-----") => {
            Some("it is a key in another form than PKCS#8".to_owned())
        }
        Ok(_) => None,
        Err(error) => Some(format!("it cannot be read as a private key: {error}")),
    };
    findings.extend(wrong.map(|says| {
        Finding::new(Level::Broken, Kind::KeyWrong, &file, says)
            .advice("put it back from a backup; certdeck never overwrites it")
    }));
    findings.into_list()
}

/// What can be said of an encrypted key without its passphrase: its form, and by its name whose it
/// is.
fn judge_sealed(file: &str, pem: &SecretString) -> Finding {
    match sealed::inspect(pem) {
        Err(error @ (SealError::Damaged { .. } | SealError::Missing)) => {
            let says = format!("it cannot be read as an encrypted private key: {error}");
            Finding::new(Level::Broken, Kind::KeyWrong, file, says)
                .advice("put it back from a backup; certdeck never overwrites it")
        }
        Err(error) => Finding::new(Level::Note, Kind::KeyEncrypted, file, error.to_string()),
        Ok(()) => {
            let says = "it is locked: encrypted, and whole as far as that can be seen without its \
                passphrase";
            Finding::new(Level::Note, Kind::KeyEncrypted, file, says)
                .advice("`openssl pkey -check -noout -in FILE` asks for it and says the rest")
        }
    }
}

fn is_called(name: &str, sha256: &str) -> bool {
    name.strip_suffix(".pem") == Some(sha256)
}

fn of(finding: Finding, whose: &Whose) -> Finding {
    match whose {
        Whose::Entry(entry) => finding.entry(entry),
        Whose::Account(_) => finding,
    }
}

fn words(whose: &Whose) -> String {
    match whose {
        Whose::Entry(entry) => format!("entry {entry}"),
        Whose::Account(account) => format!("the certification authority of account {account}"),
    }
}

fn certificate_missing(fingerprint: &Fingerprint, whose: &Whose) -> Finding {
    let file = format!("{CERTS}/{}.pem", hexadecimal(fingerprint));
    let says = format!(
        "{} names this certificate, and it is not here",
        words(whose)
    );
    let finding = Finding::new(Level::Broken, Kind::CertificateMissing, &file, says);
    of(finding, whose).advice(match whose {
        Whose::Entry(_) => "put it back from a backup, or import the certificate again",
        Whose::Account(_) => "put it back from a backup",
    })
}

fn certificate_unused(name: &str) -> Finding {
    let says = "no entry names this certificate, and certdeck keeps it all the same";
    Finding::new(
        Level::Note,
        Kind::CertificateUnused,
        &format!("{CERTS}/{name}"),
        says,
    )
}

fn key_missing(fingerprint: &Fingerprint, wanted: &WantedKey) -> Finding {
    let file = format!("{KEYS}/{}.pem", hexadecimal(fingerprint));
    let whose = words(&wanted.whose);
    let says = format!("the private key of {whose} is held here, it says, and it is not here");
    let finding = Finding::new(Level::Broken, Kind::KeyMissing, &file, says);
    of(finding, &wanted.whose).advice(
        "put it back from a backup; without it the certificate cannot serve, and has to be reissued \
         with another key",
    )
}

fn key_destroyed(name: &str) -> Finding {
    let says = "a person destroyed this private key, and its file is still there: certdeck was stopped \
        in between, or could not remove it";
    let file = format!("{KEYS}/{name}");
    Finding::new(Level::Look, Kind::KeyUnused, &file, says)
        .advice("remove the file, if the key was really to be destroyed")
}

fn key_unused(name: &str) -> Finding {
    let says = "no entry uses this private key, and certdeck keeps it all the same: an order that was \
        never placed may have left it";
    Finding::new(
        Level::Note,
        Kind::KeyUnused,
        &format!("{KEYS}/{name}"),
        says,
    )
}

fn no_fingerprint(whose: &Whose, name: &str) -> Finding {
    let says = format!(
        "{} names a key or certificate {name:?}, and that is no fingerprint",
        words(whose)
    );
    let finding = Finding::new(Level::Broken, Kind::CertificateMissing, "", says);
    of(finding, whose).advice("put the store back from a backup; certdeck wrote no such name")
}
