//! Archives that are whole, cut, flipped, forged, strange; and the stores that come of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use jiff::Timestamp;
use secrecy::SecretString;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::crypt::Encrypting;
use super::manifest::{self, Member, finished};
use super::path::MemberPath;
use super::tar::{TarWriter, header};
use super::*;
use crate::domain::entry::{Entry, EntryId};
use crate::store::compact::COMPACTING;
use crate::store::{Disk, OpenOptions, RealDisk, Store, StoreError};

fn disk() -> Arc<dyn Disk> {
    Arc::new(RealDisk { passing: true })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn put(store: &Store, id: &str) {
    let entry = Entry::new(EntryId::new(id), "sandbox", "netcup", "issued", at(7));
    store
        .transact(|tx| {
            tx.put_entry(entry);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

/// A store with something in each of its folders.
fn furnish(dir: &Path) -> Store {
    let options = OpenOptions {
        passing: true,
        ..OpenOptions::default()
    };
    let store = Store::open(dir, options).unwrap();
    put(&store, "one");
    let key = SecretString::from("a private key\n");
    store.put_key(&key, &"1".repeat(64)).unwrap();
    store
        .put_certificate("a certificate\n", &"2".repeat(64))
        .unwrap();
    store.compact().unwrap();
    put(&store, "two");
    fs::create_dir(dir.join("damaged")).unwrap();
    fs::write(dir.join("damaged/journal.jsonl-9-00000000"), b"\0\xff\0").unwrap();
    store
}

fn plan(passphrase: Option<&str>) -> ExportPlan {
    ExportPlan {
        made_at: at(1_795_000_000),
        passphrase: passphrase.map(SecretString::from),
        without_keys: false,
        config: vec![ConfigFile {
            path: "accounts/shop.toml".to_owned(),
            bytes: Zeroizing::new(b"kind = \"sandbox\"\n".to_vec()),
        }],
    }
}

fn exported(dir: &Path, passphrase: Option<&str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    export(&disk(), dir, &plan(passphrase), &mut bytes).unwrap();
    bytes
}

fn imported(dir: &Path, bytes: &[u8], passphrase: Option<&str>) -> Result<Imported, ArchiveError> {
    let passphrase = passphrase.map(SecretString::from);
    let options = OpenOptions::default();
    let archive = OpenArchive::begin(bytes)?;
    import(&disk(), dir, archive, passphrase.as_ref(), &options)
}

/// Every file below a folder, with its mode and content; without the lock of swaps, which holds
/// nothing and is made where one is wanted.
fn everything(dir: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(folder) = waiting.pop() {
        for item in fs::read_dir(&folder).unwrap() {
            let path = item.unwrap().path();
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
            let below = path.strip_prefix(dir).unwrap().to_owned();
            if path.is_dir() {
                assert_eq!(mode, 0o700, "{}", path.display());
                waiting.push(path);
            } else if below != Path::new(COMPACTING) {
                found.insert(below, (mode, fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// A furnished store, and a place for another.
fn two_places() -> (TempDir, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let (from, to) = (home.path().join("from"), home.path().join("there/to"));
    furnish(&from);
    // So that it has the mode that a store gives.
    fs::set_permissions(from.join("damaged"), fs::Permissions::from_mode(0o700)).unwrap();
    let aside = from.join("damaged/journal.jsonl-9-00000000");
    fs::set_permissions(aside, fs::Permissions::from_mode(0o600)).unwrap();
    (home, from, to)
}

#[test]
fn what_is_exported_comes_back_byte_by_byte_with_or_without_a_passphrase() {
    for passphrase in [None, Some("correct horse battery")] {
        let (_home, from, to) = two_places();
        let bytes = exported(&from, passphrase);
        let imported = imported(&to, &bytes, passphrase).unwrap();
        assert_eq!(everything(&from), everything(&to));
        assert!(everything(&to).values().all(|(mode, _)| *mode == 0o600));
        assert_eq!((imported.entries, imported.head.seq), (2, 2));
        assert_eq!(imported.head.counts.entries, 2);
        assert_eq!(imported.head.encrypted, passphrase.is_some());
        assert!(imported.warnings.is_empty() && imported.leftovers.is_empty());
        assert_eq!(imported.config[0].path, "accounts/shop.toml");
        assert_eq!(*imported.config[0].bytes, b"kind = \"sandbox\"\n");
        assert_eq!(fs::read_dir(to.parent().unwrap()).unwrap().count(), 1);

        let options = OpenOptions::default();
        let [old, new] = [&from, &to].map(|dir| Store::open(dir, options.clone()).unwrap());
        assert_eq!(old.snapshot().seq, new.snapshot().seq);
        assert_eq!(old.history_all(100).unwrap(), new.history_all(100).unwrap());
        put(&new, "three");
        assert_eq!(new.snapshot().seq, 3);
    }
}

#[test]
fn the_same_store_gives_the_same_archive_and_without_keys_it_has_none() {
    let (_home, from, to) = two_places();
    assert_eq!(exported(&from, None), exported(&from, None));
    let mut bytes = Vec::new();
    let without = ExportPlan {
        without_keys: true,
        ..plan(None)
    };
    let report = export(&disk(), &from, &without, &mut bytes).unwrap();
    assert!(report.head.without_keys);
    assert_eq!(report.head.counts.keys, 0);
    let key = b"a private key";
    assert!(!bytes.windows(key.len()).any(|window| window == key));
    assert!(imported(&to, &bytes, None).unwrap().head.without_keys);
    assert_eq!(fs::read_dir(to.join("keys")).unwrap().count(), 0);
}

/// Tries an archive that is not as it was written; nothing may come of it.
fn assert_refused(to: &Path, bytes: &[u8], passphrase: Option<&str>, what: &str) -> String {
    let refused = imported(to, bytes, passphrase);
    let parent = to.parent().unwrap();
    let left: Vec<_> = fs::read_dir(parent).map_or(Vec::new(), Iterator::collect);
    assert!(left.is_empty(), "{what}: {left:?} is left");
    match refused {
        Ok(_) => panic!("{what}: imported"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_nothing_is_left_of_the_attempt() {
    for passphrase in [None, Some("correct horse battery")] {
        let (_home, from, to) = two_places();
        let whole = exported(&from, passphrase);
        // Headers and padding byte by byte are in the tests of `tar`.
        for at in (0..whole.len()).step_by(if passphrase.is_some() { 17 } else { 11 }) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            let what = format!("byte {at} of {}", whole.len());
            assert_refused(&to, &flipped, passphrase, &what);
        }
        imported(&to, &whole, passphrase).unwrap();
    }
}

#[test]
fn one_that_is_cut_anywhere_is_refused() {
    for passphrase in [None, Some("correct horse battery")] {
        let (_home, from, to) = two_places();
        let whole = exported(&from, passphrase);
        for cut in (0..whole.len()).step_by(7) {
            let what = format!("cut at {cut} of {}", whole.len());
            let says = assert_refused(&to, &whole[..cut], passphrase, &what);
            assert!(says.contains("nothing was imported"), "{what}: {says}");
        }
        let longer = [whole, b"\n".to_vec()].concat();
        assert_refused(&to, &longer, passphrase, "one byte more");
    }
}

#[test]
fn passphrases_are_told_apart() {
    let (_home, from, to) = two_places();
    let sealed = exported(&from, Some("right"));
    let open = exported(&from, None);
    let tried = [
        (&sealed, Some("wrong"), "the passphrase does not open"),
        (&sealed, None, "no passphrase was given"),
        (&open, Some("right"), "this archive is not encrypted"),
    ];
    for (bytes, passphrase, expected) in tried {
        let says = assert_refused(&to, bytes, passphrase, expected);
        assert!(says.contains(expected), "{says}");
        assert!(!says.contains("wrong") && !says.contains("right"), "{says}");
    }
    for other in [&b"PK\x03\x04 something else"[..], &[0; 2000]] {
        let says = assert_refused(&to, other, None, "no archive");
        assert!(
            says.contains("no archive of certdeck") || says.contains("cut off"),
            "{says}"
        );
    }
}

/// An archive made by somebody else, with these members.
fn made_by_others(members: &[(&str, &[u8])], passphrase: Option<&str>, tag: bool) -> Vec<u8> {
    let head = ArchiveHead::new(at(9), 0, passphrase.is_some(), Counts::default());
    // Their paths may be such that no certdeck would write them.
    let lines = members.iter().map(|(path, bytes)| {
        let sha256 =
            data_encoding::HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref());
        serde_json::json!({"path": path, "bytes": bytes.len(), "sha256": sha256}).to_string()
    });
    let head_line = serde_json::to_string(&head).unwrap();
    let lines: Vec<_> = lines.collect();
    let manifest = format!(
        "{},\"members\":[\n{}\n]}}\n",
        &head_line[..head_line.len() - 1],
        lines.join(",\n")
    );
    let write = |tar: &mut TarWriter<&mut dyn Write>, path: &str, bytes: &[u8]| {
        tar.member(path, bytes.len() as u64, |out| {
            out.write_all(bytes).unwrap();
            Ok(bytes.len() as u64)
        })
        .unwrap();
    };
    let all = |out: &mut dyn Write, hmac: Option<String>| {
        let mut tar = TarWriter::new(out, 9);
        write(&mut tar, "MANIFEST.json", manifest.as_bytes());
        let mut sum = digest::Context::new(&digest::SHA256);
        sum.update(manifest.as_bytes());
        let sum = manifest::sum_line(&finished(sum));
        write(&mut tar, "MANIFEST.sha256", sum.as_bytes());
        if let Some(hmac) = hmac {
            write(&mut tar, "MANIFEST.hmac", hmac.as_bytes());
        }
        for (path, bytes) in members {
            write(&mut tar, path, bytes);
        }
        tar.finish().unwrap();
    };
    let mut bytes = Vec::new();
    match passphrase {
        None => all(&mut bytes, None),
        Some(passphrase) => {
            let mut sealing =
                Encrypting::begin(&mut bytes, &SecretString::from(passphrase)).unwrap();
            let mut prover = sealing.prover();
            prover.update(if tag { manifest.as_bytes() } else { b"else" });
            all(&mut sealing, Some(manifest::hmac_line(&prover.tag())));
            sealing.finish().unwrap();
        }
    }
    bytes
}

#[test]
fn one_that_others_made_is_taken_if_it_is_right() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    for passphrase in [None, Some("open")] {
        let fine = made_by_others(&[("README.txt", b"hello")], passphrase, true);
        imported(&to, &fine, passphrase).unwrap();
        fs::remove_dir_all(to.parent().unwrap()).unwrap();
    }
}

#[test]
fn a_manifest_without_the_right_hmac_is_forged() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    let forged = made_by_others(&[("README.txt", b"hello")], Some("open"), false);
    let says = assert_refused(&to, &forged, Some("open"), "forged");
    assert!(says.contains("does not know its passphrase"), "{says}");
}

#[test]
fn paths_that_lead_elsewhere_are_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    for path in [
        "../evil",
        "/tmp/evil",
        "store/../../evil",
        "store/keys/../../evil.pem",
        "store/history/..",
        "config/../evil.toml",
        "config/accounts/../../../evil.toml",
        "store/elsewhere/file",
    ] {
        let bytes = made_by_others(&[(path, b"evil")], None, true);
        let says = assert_refused(&to, &bytes, None, path);
        assert!(says.contains("no store of certdeck has"), "{path}: {says}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "{path}");
    }
    let twice: [(&str, &[u8]); 2] = [("store/lock", b"1"), ("store/lock", b"2")];
    let says = assert_refused(&to, &made_by_others(&twice, None, true), None, "twice");
    assert!(says.contains("damaged"), "{says}");
}

#[test]
fn links_devices_and_other_headers_are_damage() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    let whole = made_by_others(&[("store/lock", b"")], None, true);
    let plain = header("store/lock", 0, 9).unwrap();
    let place = whole
        .windows(512)
        .position(|window| window == plain)
        .unwrap();
    for kind in *b"1234567xgLK\0" {
        let mut changed = plain;
        changed[156] = kind;
        changed[157..160].copy_from_slice(b"/tm");
        changed[148..156].copy_from_slice(b"        ");
        let sum: u32 = changed.iter().map(|byte| u32::from(*byte)).sum();
        changed[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut bytes = whole.clone();
        bytes[place..place + 512].copy_from_slice(&changed);
        let says = assert_refused(&to, &bytes, None, "a header of another kind");
        assert!(says.contains("damaged, at store/lock"), "{says}");
    }
}

#[test]
fn sizes_are_bounded_by_the_manifest_and_what_is_held_in_memory_by_more() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    let large = vec![b'#'; 5 * 1024 * 1024];
    let bytes = made_by_others(&[("config/config.toml", &large)], None, true);
    assert_refused(&to, &bytes, None, "a configuration of 5 MiB");
    // A manifest that says more than there is.
    let whole = made_by_others(&[("README.txt", b"hello")], None, true);
    let text = String::from_utf8_lossy(&whole).replace("\"bytes\":5,", "\"bytes\":9,");
    assert_refused(&to, text.as_bytes(), None, "another length");
}

#[test]
fn a_newer_archive_and_a_newer_store_in_it_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("beside/to");
    let newer = serde_json::json!({"format": "certdeck-inventory", "version": 99, "generation": 1,
        "through_seq": 0, "count": 0});
    let line = crate::store::line::seal(&newer).unwrap();
    let bytes = made_by_others(&[("store/inventory.jsonl", &line)], None, true);
    let says = assert_refused(&to, &bytes, None, "a newer store");
    assert!(says.contains("format version 99"), "{says}");
}

#[test]
fn only_nothing_and_an_empty_store_are_replaced() {
    let (home, from, to) = two_places();
    let bytes = exported(&from, None);
    let open = |dir: &Path| Store::open(dir, OpenOptions::default()).unwrap();
    // An empty folder, and a store in which nothing happened.
    fs::create_dir_all(&to).unwrap();
    fs::set_permissions(&to, fs::Permissions::from_mode(0o700)).unwrap();
    imported(&to, &bytes, None).unwrap();
    let empty = home.path().join("empty");
    drop(open(&empty));
    imported(&empty, &bytes, None).unwrap();
    assert_eq!(everything(&empty), everything(&from));
    // Everything else.
    let with_key = home.path().join("with-key");
    open(&with_key)
        .put_key(&SecretString::from("mine"), &"3".repeat(64))
        .unwrap();
    let other = home.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("letter.txt"), "mine").unwrap();
    for (dir, holds) in [
        (&from, "has 2 entries"),
        (&with_key, "has files in keys"),
        (&other, "holds letter.txt"),
    ] {
        let before = everything(dir);
        let says = imported(dir, &bytes, None).unwrap_err().to_string();
        assert!(says.contains(holds) && says.contains("--store"), "{says}");
        assert_eq!(everything(dir), before);
    }
    let link = home.path().join("link");
    std::os::unix::fs::symlink(&other, &link).unwrap();
    let says = imported(&link, &bytes, None).unwrap_err().to_string();
    assert!(says.contains("symbolic link"), "{says}");
    let hidden = fs::read_dir(home.path()).unwrap().filter(|item| {
        let name = item.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with('.')
    });
    assert_eq!(hidden.count(), 0);
}

#[test]
fn what_was_left_by_an_import_that_was_cut_off_is_named() {
    let (_home, from, to) = two_places();
    let left = to.parent().unwrap().join(".to.importing-1-1");
    fs::create_dir_all(&left).unwrap();
    let imported = imported(&to, &exported(&from, None), None).unwrap();
    assert_eq!(imported.leftovers, [left]);
}

#[test]
fn a_damaged_store_is_exported_as_it_is() {
    let (_home, from, to) = two_places();
    let snapshot = from.join("inventory.jsonl");
    let mut bytes = fs::read(&snapshot).unwrap();
    let middle = bytes.len() / 2 + 20;
    bytes[middle] ^= 1;
    fs::write(&snapshot, &bytes).unwrap();
    // And a line that is being written.
    let journal = from.join("journal.jsonl");
    let mut open = fs::OpenOptions::new().append(true).open(&journal).unwrap();
    open.write_all(b"{\"seq\":3,\"at\"").unwrap();
    let archive = exported(&from, None);
    let imported = imported(&to, &archive, None).unwrap();
    assert_eq!(imported.head.counts.damaged_lines, 1);
    assert!(!imported.warnings.is_empty());
    assert_eq!(fs::read(to.join("inventory.jsonl")).unwrap(), bytes);
    let kept = fs::read(to.join("journal.jsonl")).unwrap();
    assert_eq!(fs::read(&journal).unwrap()[..kept.len()], kept);
    assert!(kept.ends_with(b"\"}\n"));
}

#[test]
fn files_that_a_crash_left_stay_out_and_are_counted() {
    let (_home, from, _to) = two_places();
    fs::write(from.join(format!("keys/{}.1-1.new", "1".repeat(64))), "ha").unwrap();
    fs::write(from.join("certs/notes.txt"), "mine").unwrap();
    let mut bytes = Vec::new();
    let report = export(&disk(), &from, &plan(None), &mut bytes).unwrap();
    assert_eq!(report.left_out, 2);
    assert_eq!(report.head.counts.keys, 1);
}

#[test]
fn what_is_no_store_is_not_exported() {
    let home = tempfile::tempdir().unwrap();
    let missing = home.path().join("missing");
    let error = export(&disk(), &missing, &plan(None), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("no store"), "{error}");
    assert!(!missing.exists());
}

#[test]
fn the_manifests_members_are_in_the_order_of_the_tar() {
    let (_home, from, _to) = two_places();
    let bytes = exported(&from, None);
    let text = String::from_utf8_lossy(&bytes);
    let (manifest, rest) = text.split_once("]}\n").unwrap();
    let paths: Vec<_> = manifest
        .split("\"path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(paths.len(), 9, "{paths:?}");
    let places: Vec<_> = paths.iter().map(|path| rest.find(path).unwrap()).collect();
    assert!(places.is_sorted(), "{paths:?}");
    let member = Member {
        path: MemberPath::parse(paths[0]).unwrap(),
        bytes: 0,
        sha256: [0; 32],
    };
    assert_eq!(member.path, MemberPath::Readme);
}
