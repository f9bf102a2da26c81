//! One look after the other at a folder in which things happen.

use std::fs;
use std::path::Path;

use certdeck::config::Watch;
use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, LinkKind};
use certdeck::domain::event::What;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{AccountDraft, Command};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::{KeyType, PrivateKey};

use super::stage::{Scene, entries, origin, sync, until, watched, why};

#[tokio::test]
async fn what_lies_there_is_taken_in_once_and_then_nothing_is_written() {
    let scene = Scene::new();
    let engine = scene.engine();
    let (leaf, chain) = scene.issue("www.example.com", 10);
    scene.put("live/cert.pem", &leaf);
    scene.put("live/chain.pem", &chain);
    let full = scene.put("live/fullchain.pem", &(leaf.clone() + &chain));
    let key = scene.key.to_pkcs8_pem();
    scene.put(
        "live/privkey.pem",
        secrecy::ExposeSecret::expose_secret(&key),
    );
    scene.put("README", "certificates of the shop");

    let report = sync(&engine).await;
    assert_eq!((report.looked, report.new), (5, 1), "{report:?}");
    assert_eq!(report.trouble, []);
    let [entry] = entries(&engine).try_into().unwrap();
    assert_eq!(entry.name(), "www.example.com");
    assert_eq!(
        Path::new(origin(&entry)),
        full,
        "the file that holds the chain"
    );
    assert_eq!(entry.serving().unwrap().chain.len(), 2);
    assert!(
        !entry.order.key_held,
        "a key that lies beside is nobody's business"
    );
    let kept = fs::read_dir(scene.folder.path().join("store/keys")).unwrap();
    assert_eq!(kept.count(), 0);

    let before = scene.journal();
    let mut shown = engine.watch();
    shown.borrow_and_update();
    for _ in 0..3 {
        let again = sync(&engine).await;
        assert_eq!((again.looked, again.new), (5, 0));
    }
    assert_eq!(scene.journal(), before, "nothing changed, nothing written");
    assert!(!shown.has_changed().unwrap(), "and nothing shown anew");
}

#[tokio::test]
async fn a_renewed_file_is_recognised_and_what_it_held_is_put_away() {
    let scene = Scene::new();
    let engine = scene.engine();
    let (old, _) = scene.issue("www.example.com", 60);
    let (other, _) = scene.issue("mail.example.com", 60);
    scene.put("www.pem", &old);
    scene.put("mail.pem", &other);
    sync(&engine).await;
    let lines = scene.journal().lines().count();
    let mut notices = engine.notices();

    let (new, _) = scene.issue("www.example.com", 1);
    scene.put("www.pem", &new);
    let report = sync(&engine).await;
    assert_eq!((report.new, report.renewed, report.lost), (1, 1, 0));
    let journal = scene.journal();
    let more = journal.lines().count();
    assert_eq!(more, lines + 1, "successor, links and archive are one line");
    let notice = notices.try_recv().unwrap();
    assert!(notice.says.contains("was renewed"), "{notice:?}");

    let www: Vec<_> = entries(&engine)
        .into_iter()
        .filter(|entry| entry.name() == "www.example.com")
        .collect();
    let [old_entry, new_entry] = www.try_into().unwrap();
    assert!(old_entry.archived && !new_entry.archived);
    let ties = |entry: &Entry| {
        let ties = entry.links.iter();
        ties.map(|link| (link.kind, link.entry.clone()))
            .collect::<Vec<_>>()
    };
    let renewed_by = (LinkKind::RenewedBy, new_entry.id.clone());
    let renews = (LinkKind::Renews, old_entry.id.clone());
    assert_eq!(ties(&old_entry), [renewed_by]);
    assert_eq!(ties(&new_entry), [renews]);

    // Whoever goes back to the old one sees it again.
    scene.put("www.pem", &old);
    sync(&engine).await;
    let inventory = engine.inventory();
    assert!(!inventory.get(&old_entry.id).unwrap().archived);
    let gone = inventory.get(&new_entry.id).unwrap();
    assert!(why(&gone).contains("another") || why(&gone).contains("www.example.com"));
}

#[tokio::test]
async fn an_old_certificate_that_still_lies_somewhere_stays_and_is_superseded() {
    let scene = Scene::new();
    let engine = scene.engine();
    // Newest first in the folder: the order of their files says nothing.
    for (file, days_ago) in [("c.pem", 120), ("a.pem", 60), ("b.pem", 1)] {
        scene.put(file, &scene.issue("www.example.com", days_ago).0);
    }
    let rsa = PrivateKey::generate(KeyType::Rsa2048).unwrap();
    scene.put("rsa.pem", &scene.issue_for(&rsa, "www.example.com", 30).0);
    let report = sync(&engine).await;
    assert_eq!((report.new, report.renewed), (4, 0), "none of them is news");
    let [oldest, older, with_rsa, newest] = entries(&engine).try_into().unwrap();
    let next = |entry: &Entry| entry.successors().cloned().collect::<Vec<_>>();
    assert_eq!(next(&oldest), std::slice::from_ref(&older.id));
    assert_eq!(next(&older), std::slice::from_ref(&newest.id));
    assert_eq!(next(&newest), []);
    assert_eq!(with_rsa.links, [], "another kind of key renews nothing");
    let rows = engine.inventory().rows(engine.now());
    let of = |entry: &Entry| rows.iter().find(|row| row.id == entry.id).unwrap();
    assert!(of(&oldest).superseded && of(&older).superseded);
    assert!(!of(&newest).superseded && !of(&with_rsa).superseded);
    assert!(rows.iter().all(|row| !row.archived));
}

#[tokio::test]
async fn renamed_deleted_and_brought_back() {
    let scene = Scene::new();
    let engine = scene.engine();
    let (leaf, _) = scene.issue("www.example.com", 10);
    let first = scene.put("a.pem", &leaf);
    sync(&engine).await;
    let [entry] = entries(&engine).try_into().unwrap();
    let id = entry.id.clone();

    let second = scene.root().join("elsewhere.pem");
    fs::rename(&first, &second).unwrap();
    let report = sync(&engine).await;
    assert_eq!((report.new, report.moved, report.lost), (0, 1, 0));
    let [entry] = entries(&engine).try_into().unwrap();
    assert_eq!((&entry.id, Path::new(origin(&entry))), (&id, &*second));

    let looked = watched(&engine).looked.unwrap();
    fs::remove_file(&second).unwrap();
    let report = sync(&engine).await;
    assert_eq!(report.lost, 1);
    let [entry] = entries(&engine).try_into().unwrap();
    assert!(why(&entry).contains("not there any more"), "{entry:?}");
    let trouble = entry.trouble.as_ref().unwrap();
    assert!(trouble.last_good >= looked && trouble.last_good <= trouble.since);
    assert_eq!(entry.name(), "www.example.com", "the last good state stays");
    assert!(entry.serving().is_some() && !entry.archived);
    let before = scene.journal();
    assert_eq!(sync(&engine).await.lost, 0, "told once");
    assert_eq!(scene.journal(), before);

    scene.put("elsewhere.pem", &leaf);
    assert_eq!(sync(&engine).await.found_again, 1);
    let [entry] = entries(&engine).try_into().unwrap();
    assert_eq!((&entry.id, &entry.trouble), (&id, &None));
}

#[tokio::test]
async fn a_file_that_is_damaged_keeps_its_last_good_state_and_says_why() {
    let scene = Scene::new();
    let engine = scene.engine();
    let (leaf, _) = scene.issue("www.example.com", 10);
    scene.put("a.pem", &leaf);
    let never = scene.put("never.pem", &leaf[..200]);
    let report = sync(&engine).await;
    assert_eq!(report.trouble.len(), 1, "{report:?}");
    let states = |engine: &Engine| -> Vec<String> {
        let rows = engine.inventory().rows(engine.now());
        let open = rows.iter().filter(|row| !row.archived);
        let mut states: Vec<_> = open
            .map(|row| format!("{} {}", row.name, row.state))
            .collect();
        states.sort();
        states
    };
    assert_eq!(
        states(&engine),
        ["never.pem Unreadable", "www.example.com Valid"]
    );

    scene.put(
        "a.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let report = sync(&engine).await;
    assert_eq!((report.lost, report.trouble.len()), (1, 2), "{report:?}");
    assert_eq!(
        states(&engine),
        ["never.pem Unreadable", "www.example.com Valid"]
    );
    let www = entries(&engine)
        .into_iter()
        .find(|entry| entry.name() == "www.example.com")
        .unwrap();
    assert!(why(&www).contains("line 1"), "{www:?}");

    // A folder in a file's place, as an unlucky mount makes it.
    fs::remove_file(scene.root().join("a.pem")).unwrap();
    fs::create_dir(scene.root().join("a.pem")).unwrap();
    sync(&engine).await;
    fs::remove_dir(scene.root().join("a.pem")).unwrap();
    scene.put("a.pem", &leaf);
    fs::remove_file(never).unwrap();
    let report = sync(&engine).await;
    assert_eq!((report.found_again, &*report.trouble), (1, &[][..]));
    assert_eq!(states(&engine), ["www.example.com Valid"]);
    assert_eq!(watched(&engine).trouble, []);
}

#[tokio::test]
async fn nothing_is_said_of_a_file_that_is_being_written() {
    let scene = Scene::new();
    let engine = scene.engine();
    let (leaf, chain) = scene.issue("www.example.com", 10);
    let whole = leaf + &chain;
    scene.put_now("a.pem", &whole[..300]);
    scene.put_now("b.pem", "");
    let finish = async {
        until(&engine, "the first look", |engine| {
            watched(engine).looked.is_some()
        })
        .await;
        scene.put_now("a.pem", &whole);
        scene.put_now("b.pem", &whole);
    };
    let (report, ()) = tokio::join!(sync(&engine), finish);
    assert_eq!((report.new, &*report.trouble), (1, &[][..]));
    let [entry] = entries(&engine).try_into().unwrap();
    assert_eq!(entry.serving().unwrap().chain.len(), 2);
    let history = engine.history(None).await.unwrap();
    let lost = |what: &What| matches!(what, What::Lost { .. });
    assert!(!history.iter().any(|line| lost(&line.event.what)));
}

#[tokio::test]
async fn a_disk_that_goes_away_is_one_trouble_and_comes_back() {
    let scene = Scene::new();
    let engine = scene.engine();
    for (name, days_ago) in [("a.example", 1), ("b.example", 2), ("c.example", 3)] {
        scene.put(&format!("{name}/cert.pem"), &scene.issue(name, days_ago).0);
    }
    std::os::unix::fs::symlink(scene.root(), scene.root().join("a.example/loop")).unwrap();
    let report = sync(&engine).await;
    assert_eq!(report.new, 3);
    let [(place, why_not)] = report.trouble.clone().try_into().unwrap();
    assert!(place.ends_with("a.example/loop"), "{place}");
    assert!(why_not.contains("leads back"), "{why_not}");
    let ids: Vec<_> = entries(&engine)
        .iter()
        .map(|entry| entry.id.clone())
        .collect();

    let away = scene.folder.path().join("away");
    fs::rename(scene.root(), &away).unwrap();
    let mut notices = engine.notices();
    let report = sync(&engine).await;
    assert_eq!((report.lost, report.looked), (3, 1));
    let [(place, reason)] = watched(&engine).trouble.try_into().unwrap();
    assert_eq!(Path::new(&place), scene.root());
    assert!(reason.contains("No such file"), "{reason}");
    for entry in entries(&engine) {
        let said = why(&entry);
        assert!(
            said.contains("certs") && said.contains("No such file"),
            "{said}"
        );
        assert!(!entry.archived);
    }
    assert!(notices.try_recv().is_ok());

    // certdeck is closed meanwhile, and opened again before the disk is back.
    drop(engine);
    let engine = scene.engine();
    let before = scene.journal();
    sync(&engine).await;
    assert_eq!(scene.journal(), before, "what is known is not said again");
    fs::rename(&away, scene.root()).unwrap();
    assert_eq!(sync(&engine).await.found_again, 3);
    let back = entries(&engine);
    assert!(back.iter().all(|entry| entry.trouble.is_none()));
    let back: Vec<_> = back.iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(back, ids);
}

#[tokio::test]
async fn after_a_restart_what_changed_meanwhile_is_seen() {
    let scene = Scene::new();
    let looked = {
        let engine = scene.engine();
        scene.put("a.pem", &scene.issue("a.example", 60).0);
        scene.put("b.pem", &scene.issue("b.example", 60).0);
        sync(&engine).await;
        watched(&engine).looked.unwrap()
    };
    scene.put("a.pem", &scene.issue("a.example", 1).0);
    fs::remove_file(scene.root().join("b.pem")).unwrap();
    let engine = scene.engine();
    assert_eq!(
        watched(&engine).looked,
        Some(looked),
        "an earlier look is remembered"
    );
    let report = sync(&engine).await;
    assert_eq!((report.new, report.renewed, report.lost), (1, 1, 1));
    let lost = entries(&engine)
        .into_iter()
        .find(|entry| entry.name() == "b.example")
        .unwrap();
    assert_eq!(lost.trouble.as_ref().unwrap().last_good, looked);
}

#[tokio::test]
async fn patterns_choose_the_files_of_a_folder() {
    let scene = Scene::new();
    let engine = scene.engine_for(
        Watch {
            include: vec!["*/fullchain.pem".to_owned(), "*.crt".to_owned()],
            exclude: vec!["old-*".to_owned()],
            ..scene.watch()
        },
        false,
    );
    for (at, file) in [
        "shop/fullchain.pem",
        "shop/cert.pem",
        "deep/er/fullchain.pem",
        "a.crt",
        "old-a.crt",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("{}.example", file.replace(['/', '.'], "-"));
        let days_ago = i64::try_from(at).unwrap();
        scene.put(file, &scene.issue(&name, days_ago).0);
    }
    sync(&engine).await;
    let mut origins: Vec<String> = entries(&engine)
        .iter()
        .map(|entry| {
            let below = Path::new(origin(entry)).strip_prefix(scene.root());
            below.unwrap().display().to_string()
        })
        .collect();
    origins.sort();
    assert_eq!(origins, ["a.crt", "shop/fullchain.pem"]);
}

#[tokio::test]
async fn who_may_only_read_sees_the_trouble_and_writes_nothing() {
    let scene = Scene::new();
    scene.put("a.pem", &scene.issue("a.example", 1).0);
    scene.put("broken.crt", "nothing");
    let engine = scene.engine_for(scene.watch(), true);
    let before = scene.journal();
    let report = sync(&engine).await;
    assert_eq!((report.new, report.trouble.len()), (0, 1));
    assert_eq!(watched(&engine).trouble.len(), 1);
    assert_eq!(entries(&engine).len(), 0);
    assert_eq!(scene.journal(), before);
}

#[tokio::test]
async fn what_was_imported_from_elsewhere_is_not_lost_by_watching() {
    let scene = Scene::new();
    let settings = AccountSettings {
        watch: scene.watch(),
        ..AccountSettings::usual("files", AccountKind::Files, "files")
    };
    let engine = Engine::open(EngineSettings {
        accounts: vec![settings],
        ..EngineSettings::usual(
            scene.folder.path().join("store"),
            Lifecycles::built_in().unwrap(),
            "test",
        )
    })
    .unwrap();
    let elsewhere = scene.folder.path().join("elsewhere.pem");
    fs::write(&elsewhere, scene.issue("a.example", 1).0).unwrap();
    let command = Command::Import {
        paths: vec![elsewhere.clone()],
        hosts: Vec::new(),
        passphrase: None,
        keys: false,
    };
    engine.run(command).await.unwrap();
    fs::remove_file(elsewhere).unwrap();
    scene.put("b.pem", &scene.issue("b.example", 1).0);
    let report = sync(&engine).await;
    assert_eq!((report.new, report.lost), (1, 0));
}

#[tokio::test]
async fn an_account_that_is_removed_and_added_again_shows_what_it_showed() {
    let scene = Scene::new();
    let engine = scene.engine_with_accounts();
    let draft = AccountDraft {
        name: "certs".to_owned(),
        kind: "files".to_owned(),
        paths: vec![scene.root().display().to_string()],
        ..AccountDraft::default()
    };
    let add = || engine.run(Command::AddAccount(Box::new(draft.clone())));
    add().await.unwrap();
    scene.put("a.pem", &scene.issue("a.example", 1).0);
    scene.put("b.pem", &scene.issue("b.example", 2).0);
    sync(&engine).await;
    let put_away = entries(&engine)[0].id.clone();
    let archive = Command::Archive {
        entry: put_away.clone(),
    };
    engine.run(archive).await.unwrap();
    let name = "certs".to_owned();
    engine.run(Command::RemoveAccount { name }).await.unwrap();
    assert!(entries(&engine).iter().all(|entry| entry.archived));

    add().await.unwrap();
    let report = sync(&engine).await;
    assert_eq!((report.new, report.found_again), (0, 1));
    for entry in entries(&engine) {
        let is_away = entry.id == put_away;
        assert_eq!((entry.archived, &entry.trouble), (is_away, &None));
    }
}
