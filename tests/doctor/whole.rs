//! Stores as certdeck itself makes them, in every way that there is: nothing may be wrong with one.

use std::path::PathBuf;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CsrBy, Entry, EntryId};
use certdeck::domain::event::{Event, What, apply};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::{AccountSettings, Engine, EngineSettings, demo};
use certdeck::pki::{KeyType, PrivateKey};
use certdeck::store::doctor::{Kind, examine};
use certdeck::store::{OpenOptions, RealDisk, Store, StoreError};
use jiff::Timestamp;

use crate::stage::{Stage, wrong};

fn accounts(watched: PathBuf) -> Vec<AccountSettings> {
    let mut web = AccountSettings::usual("web-server", AccountKind::Files, "files");
    web.watch.paths = vec![watched];
    let hand = AccountSettings::usual(demo::HAND_ACCOUNT, AccountKind::ByHand, "netcup");
    let sandboxes = demo::sandbox_accounts().unwrap().into_iter();
    let sandboxes = sandboxes.map(|(name, lifecycles)| AccountSettings {
        lifecycles,
        ..AccountSettings::usual(&name, AccountKind::Sandbox, "")
    });
    sandboxes.chain([web, hand]).collect()
}

#[tokio::test]
async fn a_store_with_every_state_of_every_lifecycle_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let [files, watched, dir] = ["files", "watched", "store"].map(|name| folder.path().join(name));
    for folder in [&files, &watched] {
        std::fs::create_dir(folder).unwrap();
    }
    let engine = Engine::open(EngineSettings {
        accounts: accounts(watched.clone()),
        ..EngineSettings::usual(dir.clone(), Lifecycles::built_in().unwrap(), "test")
    });
    let engine = engine.unwrap();
    demo::fill(&engine, &files, &watched).await.unwrap();
    engine.close().await.unwrap();
    for compacted in [false, true] {
        if compacted {
            let store = Store::open(&dir, OpenOptions::default()).unwrap();
            store.compact().unwrap();
        }
        let examination = examine(&RealDisk::default(), &dir, Timestamp::now());
        assert_eq!(wrong(&examination), [], "compacted: {compacted}");
        assert!(
            examination.looked.certificates > 50,
            "{:?}",
            examination.looked
        );
        assert!(examination.looked.keys > 5, "{:?}", examination.looked);
        let notes = examination.findings.sorted();
        assert_eq!(notes.len(), 0, "{notes:?}");
    }
}

/// Gives an entry a key that was made here, as a reissue does.
fn give_key(store: &Store, entry: &mut Entry) -> String {
    let key = PrivateKey::generate(KeyType::P256).unwrap();
    let name = key.spki_sha256();
    store.put_key(&key.to_pkcs8_pem(), &name).unwrap();
    let event = Event {
        entry: entry.id.clone(),
        at: entry.changed,
        what: What::CsrReady {
            by: CsrBy::Certdeck,
            csr: String::new(),
            spki_sha256: name.clone(),
            key_held: true,
        },
    };
    apply(entry, &event);
    let put = store.transact(|transaction| {
        transaction.event(event);
        transaction.put_entry(entry.clone());
        Ok::<_, StoreError>(())
    });
    put.unwrap();
    name
}

#[test]
fn a_key_that_was_in_use_before_a_reissue_is_missed_too() {
    let stage = Stage::new();
    let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
    let id = EntryId::new("reissued");
    let mut entry = Entry::new(id, "sandbox", "netcup", "issued", Timestamp::now());
    let first = give_key(&store, &mut entry);
    let second = give_key(&store, &mut entry);
    store.compact().unwrap();
    assert_eq!(wrong(&stage.examine()), []);
    for name in [first, second] {
        let path = stage.path(&format!("keys/{name}.pem"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let found = wrong(&stage.examine());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].kind, Kind::KeyMissing);
        assert_eq!(found[0].entry.as_ref().unwrap().as_str(), "reissued");
        stage.write(&format!("keys/{name}.pem"), bytes);
    }
}
