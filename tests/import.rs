//! Importing what lies on people's disks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certdeck::domain::event::What;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::domain::row::Row;
use certdeck::engine::command::{Command, Done, ImportReport};
use certdeck::engine::{Engine, EngineSettings};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel};

fn open(folder: &Path) -> Engine {
    Engine::open(EngineSettings::usual(
        folder.join("store"),
        Lifecycles::built_in().unwrap(),
        "test",
    ))
    .unwrap()
}

async fn import(engine: &Engine, paths: &[PathBuf]) -> ImportReport {
    match engine
        .run(Command::Import {
            paths: paths.to_vec(),
            hosts: Vec::new(),
            passphrase: None,
            keys: false,
        })
        .await
        .unwrap()
    {
        Done::Imported(report) => *report,
        other => panic!("an import answers Imported, not {other:?}"),
    }
}

fn rows(engine: &Engine) -> Vec<Row> {
    engine.inventory().rows(engine.now()).iter().collect()
}

#[tokio::test]
async fn a_systems_bundle_of_over_a_hundred_roots_goes_in_once() {
    let bundle = PathBuf::from("/etc/ssl/certs/ca-certificates.crt");
    assert!(
        bundle.is_file(),
        "this test needs the package ca-certificates"
    );
    let blocks = std::fs::read_to_string(&bundle)
        .unwrap()
        .matches("BEGIN CERTIFICATE")
        .count();
    assert!(blocks > 100);
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let report = import(&engine, std::slice::from_ref(&bundle)).await;
    assert_eq!(
        report.imported.len() + report.duplicates,
        blocks,
        "{:?}",
        report.unreadable
    );
    assert_eq!(report.unreadable, []);
    let rows = rows(&engine);
    assert!(
        rows.iter().all(|row| row.is_ca && !row.needs_someone()),
        "a CA's own is never urgent"
    );
    let again = import(&engine, &[bundle]).await;
    assert_eq!((again.imported.len(), again.duplicates), (0, blocks));
}

#[tokio::test]
async fn a_folder_mixed_with_junk_gives_what_is_in_it_and_names_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let heap = folder.path().join("heap");
    std::fs::create_dir_all(heap.join("deep/er")).unwrap();
    let now = engine.now();
    let ca = SandboxCa::generate("test", now).unwrap();
    let issue = |name: &str, from: i64, to: i64| {
        let day = |days: i64| now + jiff::SignedDuration::from_hours(24 * days);
        let request = IssueRequest {
            names: vec![name.parse().unwrap()],
            not_before: day(from),
            not_after: day(to),
            serial: [u8::try_from(name.len()).unwrap(); 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        ca.issue(&key.spki_der(), &request).unwrap()
    };
    let put = |name: &str, bytes: &[u8]| std::fs::write(heap.join(name), bytes).unwrap();
    let valid = issue("valid.example.com", -10, 80);
    let full_chain = valid.leaf_pem.clone() + &valid.chain_pem.concat();
    put("fullchain.pem", full_chain.as_bytes());
    put("copy-of-leaf.pem", valid.leaf_pem.as_bytes());
    put(
        "deep/er/due.pem",
        issue("due.example.com", -80, 10).leaf_pem.as_bytes(),
    );
    put(
        "expired.crt",
        issue("expired.example.com", -90, -1).leaf_pem.as_bytes(),
    );
    put(
        "future.pem",
        issue("future.example.com", 5, 95).leaf_pem.as_bytes(),
    );
    put("half.pem", &valid.leaf_pem.as_bytes()[..200]);
    put("README.md", b"# nothing to see");
    put("picture.png", &[0x89, b'P', b'N', b'G', 0, 1, 2, 3]);
    put("noise.crt", &[7; 400]);
    std::os::unix::fs::symlink(&heap, heap.join("deep/loop")).unwrap();

    let report = import(&engine, std::slice::from_ref(&heap)).await;
    assert_eq!(report.imported.len(), 4, "{report:?}");
    assert_eq!((report.duplicates, report.chained), (1, 2));
    let mut unreadable: Vec<_> = report
        .unreadable
        .iter()
        .map(|(path, _)| path.rsplit('/').next().unwrap())
        .collect();
    unreadable.sort_unstable();
    assert_eq!(
        unreadable,
        ["half.pem", "loop", "noise.crt"],
        "{:?}",
        report.unreadable
    );
    assert!(report.passed_over >= 2, "{report:?}");

    let states: BTreeMap<String, String> = rows(&engine)
        .into_iter()
        .map(|row| (row.name, row.state))
        .collect();
    let expected = [
        ("due.example.com", "Due"),
        ("expired.example.com", "Expired"),
        ("future.example.com", "Not yet valid"),
        ("half.pem", "Unreadable"),
        ("noise.crt", "Unreadable"),
        ("valid.example.com", "Valid"),
    ];
    let expected = expected.map(|(name, state)| (name.to_owned(), state.to_owned()));
    assert_eq!(states, BTreeMap::from(expected));

    // Mended, the file's own entry becomes readable; nothing is doubled.
    put(
        "half.pem",
        issue("mended.example.com", -1, 80).leaf_pem.as_bytes(),
    );
    let again = import(&engine, &[heap]).await;
    assert_eq!(again.imported.len(), 1, "{again:?}");
    let rows = rows(&engine);
    assert_eq!(rows.len(), 6);
    assert!(
        rows.iter()
            .any(|row| row.name == "mended.example.com" && row.state == "Valid")
    );
    assert!(!rows.iter().any(|row| row.name == "half.pem"));
}

#[tokio::test]
async fn a_broken_file_that_becomes_a_copy_of_another_is_put_away_and_comes_back_with_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let now = engine.now();
    let ca = SandboxCa::generate("test", now).unwrap();
    let issue = |serial: u8| {
        let request = IssueRequest {
            names: vec!["www.example.com".parse().unwrap()],
            not_before: now,
            not_after: now + jiff::SignedDuration::from_hours(24),
            serial: [serial; 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        ca.issue(&key.spki_der(), &request).unwrap().leaf_pem
    };
    let (first, second) = (folder.path().join("a.pem"), folder.path().join("b.pem"));
    let paths = [first.clone(), second.clone()];
    let known = issue(1);
    std::fs::write(&first, &known).unwrap();
    std::fs::write(&second, &known[..200]).unwrap();
    import(&engine, &paths).await;
    let broken = rows(&engine)
        .into_iter()
        .find(|row| row.state == "Unreadable")
        .unwrap();

    std::fs::write(&second, &known).unwrap();
    assert_eq!(import(&engine, &paths).await.duplicates, 2);
    assert!(
        engine.inventory().get(&broken.id).unwrap().archived,
        "no file is unreadable any more"
    );

    std::fs::write(&second, issue(2)).unwrap();
    let report = import(&engine, &paths).await;
    assert_eq!(report.imported.len(), 1);
    assert_eq!(report.imported[0].0, broken.id);
    assert!(!engine.inventory().get(&broken.id).unwrap().archived);
    let history = engine.history(Some(broken.id)).await.unwrap();
    assert!(
        history.iter().any(
            |line| matches!(&line.event.what, What::Moved { to, .. } if to.as_str() == "valid")
        ),
        "the history tells how it came to be readable"
    );
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let report = import(&engine, &[folder.path().join("nothing.pem")]).await;
    assert_eq!(report.unreadable.len(), 1);
    assert!(
        report.unreadable[0].1.contains("No such file"),
        "{:?}",
        report.unreadable
    );
    assert!(
        engine
            .run(Command::Import {
                paths: Vec::new(),
                hosts: Vec::new(),
                passphrase: None,
                keys: false,
            })
            .await
            .is_err()
    );
}

/// So many files with a certificate each, made quickly: a real one, with another serial number
/// written over its own each time.
fn lay_out(heap: &Path, files: usize, now: jiff::Timestamp) {
    const SERIAL: [u8; 16] = *b"0123456789abcdef";
    let ca = SandboxCa::generate("test", now).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let request = IssueRequest {
        names: vec!["www.example.com".parse().unwrap()],
        not_before: now,
        not_after: now + jiff::SignedDuration::from_hours(24 * 90),
        serial: SERIAL,
        level: ValidationLevel::Dv,
        organization: None,
    };
    let issued = ca.issue(&key.spki_der(), &request).unwrap();
    let mut der = certdeck::pki::read_certificate(&issued.leaf_pem)
        .unwrap()
        .der;
    let at = der
        .windows(16)
        .position(|bytes| bytes[1..] == SERIAL[1..])
        .unwrap();
    for folder in 0..100 {
        std::fs::create_dir_all(heap.join(folder.to_string())).unwrap();
    }
    for number in 0..files {
        der[at + 8..at + 16].copy_from_slice(&number.to_be_bytes());
        let file = heap.join(format!("{}/{number}.cer", number % 100));
        std::fs::write(file, &der).unwrap();
    }
}

#[tokio::test]
async fn ten_thousand_files_go_in_and_a_second_import_knows_them_all() {
    const FILES: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    // Making so many files takes longer than importing them; memory is quicker.
    let lies = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let lies = lies.unwrap();
    let heap = lies.path().join("heap");
    let engine = open(folder.path());
    lay_out(&heap, FILES, engine.now());

    let mut progress = engine.progress();
    let told = tokio::spawn(async move {
        let mut told: Vec<(usize, Option<usize>)> = Vec::new();
        while progress.changed().await.is_ok() {
            let step = progress.borrow_and_update().clone();
            match step {
                Some(step) => told.push((step.done, step.total)),
                None => break,
            }
        }
        told
    });
    let began = std::time::Instant::now();
    let report = import(&engine, std::slice::from_ref(&heap)).await;
    let took = began.elapsed();
    assert_eq!(report.imported.len(), FILES);
    assert_eq!((report.duplicates, report.unreadable.len()), (0, 0));
    assert_eq!(rows(&engine).len(), FILES);
    let certificates = std::fs::read_dir(folder.path().join("store/certs")).unwrap();
    assert_eq!(certificates.count(), FILES, "and no leftovers beside them");
    let told = told.await.unwrap();
    assert!(told.len() > 3, "{told:?}");
    assert!(told.is_sorted(), "it only grows: {told:?}");
    assert!(told.iter().all(|(_, total)| *total == Some(FILES)));
    let journal = std::fs::read_to_string(folder.path().join("store/journal.jsonl")).unwrap();
    assert!(journal.lines().count() < 50, "many in one line");

    let began = std::time::Instant::now();
    let again = import(&engine, &[heap]).await;
    let took_again = began.elapsed();
    assert_eq!((again.imported.len(), again.duplicates), (0, FILES));
    println!("{FILES} files: {took:?}, again {took_again:?}");
}

#[tokio::test]
async fn old_and_new_imported_together_are_linked() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let now = engine.now();
    let ca = SandboxCa::generate("test", now).unwrap();
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let mut paths = Vec::new();
    for days_ago in [1_u8, 80] {
        let ago = jiff::SignedDuration::from_hours(24 * i64::from(days_ago));
        let request = IssueRequest {
            names: vec!["www.example.com".parse().unwrap()],
            not_before: now - ago,
            not_after: now - ago + jiff::SignedDuration::from_hours(24 * 90),
            serial: [days_ago; 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let issued = ca.issue(&key.spki_der(), &request).unwrap();
        let path = folder.path().join(format!("{days_ago}.pem"));
        std::fs::write(&path, issued.leaf_pem).unwrap();
        paths.push(path);
    }
    assert_eq!(import(&engine, &paths).await.imported.len(), 2);
    let rows = rows(&engine);
    let superseded: Vec<_> = rows.iter().filter(|row| row.superseded).collect();
    let [old] = superseded.try_into().unwrap();
    assert_eq!(old.state, "Due");
    assert!(!old.archived, "it still lies there");
}
