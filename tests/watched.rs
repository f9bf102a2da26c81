//! Watched folders: files that are renewed, half-written, renamed, deleted, damaged, taken away
//! and brought back, as somebody sees it in the list.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use certdeck::config::Watch;
use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, LinkKind};
use certdeck::domain::event::What;
use certdeck::domain::inventory::Watched;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Command, Done, SyncReport};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to watch, a store, and a CA whose certificates lie there.
struct Scene {
    folder: TempDir,
    ca: SandboxCa,
    key: PrivateKey,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let now = certdeck::engine::system_clock()();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        Self {
            folder,
            ca: SandboxCa::generate("test", now).unwrap(),
            key: PrivateKey::generate(KeyType::P256).unwrap(),
            now,
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("certs")
    }

    fn watch(&self) -> Watch {
        Watch {
            paths: vec![self.root()],
            ..Watch::default()
        }
    }

    fn engine(&self) -> Engine {
        self.engine_for(self.watch(), false)
    }

    fn engine_for(&self, watch: Watch, read_only: bool) -> Engine {
        let account = AccountSettings {
            watch,
            read_only,
            ..AccountSettings::usual("certs", AccountKind::Files, "files")
        };
        let store = self.folder.path().join("store");
        Engine::open(EngineSettings {
            accounts: vec![account],
            ..EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test")
        })
        .unwrap()
    }

    /// A certificate, leaf and chain, that began so many days ago.
    fn issue(&self, name: &str, days_ago: i64) -> (String, String) {
        self.issue_for(&self.key, name, days_ago)
    }

    fn issue_for(&self, key: &PrivateKey, name: &str, days_ago: i64) -> (String, String) {
        let day = |days: i64| self.now + SignedDuration::from_hours(24 * days);
        let request = IssueRequest {
            names: vec![name.parse().unwrap()],
            not_before: day(-days_ago),
            not_after: day(90 - days_ago),
            serial: [u8::try_from(days_ago + 1).unwrap(); 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let issued = self.ca.issue(&key.spki_der(), &request).unwrap();
        (issued.leaf_pem, issued.chain_pem.concat())
    }

    /// Writes a file as if it had been written a minute ago, so that it is no half-written one.
    fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.put_now(name, content);
        let file = fs::File::options().write(true).open(&path).unwrap();
        let ago = SystemTime::now() - Duration::from_secs(60);
        file.set_modified(ago).unwrap();
        path
    }

    fn put_now(&self, name: &str, content: &str) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn journal(&self) -> String {
        fs::read_to_string(self.folder.path().join("store/journal.jsonl")).unwrap()
    }
}

async fn sync(engine: &Engine) -> SyncReport {
    let command = Command::Sync { account: None };
    match engine.run(command).await.unwrap() {
        Done::Synced(reports) => reports.into_iter().next().unwrap(),
        other => panic!("a sync answers Synced, not {other:?}"),
    }
}

/// All entries of the account, the one with the oldest certificate first.
fn entries(engine: &Engine) -> Vec<Arc<Entry>> {
    let inventory = engine.inventory();
    let ours = inventory.entries.values();
    let mut ours: Vec<_> = ours
        .filter(|entry| entry.account == "certs")
        .cloned()
        .collect();
    ours.sort_by_key(|entry| entry.serving().map(|held| held.not_before));
    ours
}

fn watched(engine: &Engine) -> Watched {
    let inventory = engine.inventory();
    inventory.accounts["certs"].watched.clone().unwrap()
}

fn origin(entry: &Entry) -> &str {
    entry.origin.as_deref().unwrap()
}

fn why(entry: &Entry) -> &str {
    &entry.trouble.as_ref().unwrap().why
}

/// Waits until something is so.
async fn until(engine: &Engine, what: &str, is_so: impl Fn(&Engine) -> bool) {
    let mut changes = engine.watch();
    let wait = async {
        while !is_so(engine) {
            changes.changed().await.unwrap();
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    assert!(waited.is_ok(), "{what}: {:#?}", entries(engine));
}

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
    assert!(why(gone).contains("another") || why(gone).contains("www.example.com"));
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
    assert_eq!(next(&oldest), [older.id.clone()]);
    assert_eq!(next(&older), [newest.id.clone()]);
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
        let open = rows.into_iter().filter(|row| !row.archived);
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
async fn two_panels_and_a_command_on_one_folder_make_no_doubles() {
    const FILES: i64 = 40;
    let scene = Scene::new();
    let engines = [scene.engine(), scene.engine()];
    let live = engines.clone().map(|engine| {
        tokio::spawn(async move {
            engine.live().await;
        })
    });
    for days_ago in 0..FILES {
        let name = format!("n{days_ago}.example");
        scene.put(&format!("{name}.pem"), &scene.issue(&name, days_ago).0);
    }
    let third = scene.engine();
    sync(&third).await;
    let all = usize::try_from(FILES).unwrap();
    assert_eq!(entries(&third).len(), all);
    for engine in &engines {
        until(engine, "both panels show all", |engine| {
            entries(engine).len() == all
        })
        .await;
    }
    // One more while all of them look.
    scene.put("late.pem", &scene.issue("late.example", 1).0);
    for engine in &engines {
        until(engine, "the late one", |engine| entries(engine).len() > all).await;
        assert_eq!(entries(engine).len(), all + 1);
    }
    live.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn while_the_panel_is_open_it_shows_what_happens_in_the_folder() {
    let scene = Scene::new();
    let engine = scene.engine();
    let live = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.live().await })
    };
    let (old, _) = scene.issue("www.example.com", 60);
    let path = scene.put("www.pem", &old);
    until(&engine, "a new file", |engine| entries(engine).len() == 1).await;
    let id = entries(&engine)[0].id.clone();

    // Replaced as careful programs do it.
    let (new, _) = scene.issue("www.example.com", 1);
    let temporary = scene.put_now("www.pem.new", &new[..100]);
    fs::write(&temporary, &new).unwrap();
    fs::rename(&temporary, &path).unwrap();
    until(&engine, "renewed", |engine| {
        let inventory = engine.inventory();
        inventory.get(&id).is_some_and(|entry| entry.archived)
    })
    .await;
    assert_eq!(entries(&engine).len(), 2);

    fs::remove_file(&path).unwrap();
    until(&engine, "deleted", |engine| {
        entries(engine)
            .iter()
            .any(|entry| !entry.archived && entry.trouble.is_some())
    })
    .await;
    scene.put("www.pem", &new);
    until(&engine, "brought back", |engine| {
        entries(engine)
            .iter()
            .any(|entry| !entry.archived && entry.trouble.is_none())
    })
    .await;
    live.abort();
}

/// As somebody who is not root, for whom permissions count.
#[test]
fn a_folder_without_permission_is_said_and_its_certificates_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let home = scene.folder.path();
    scene.put("open.pem", &scene.issue("open.example", 1).0);
    scene.put("closed/a.pem", &scene.issue("closed.example", 2).0);
    let accounts = home.join("config/certdeck/accounts");
    fs::create_dir_all(&accounts).unwrap();
    let account = format!("kind = \"files\"\npaths = [{:?}]\n", scene.root());
    fs::write(accounts.join("certs.toml"), account).unwrap();
    let program = home.join("certdeck");
    fs::copy(env!("CARGO_BIN_EXE_certdeck"), &program).unwrap();
    let is_root = fs::metadata("/proc/self")
        .is_ok_and(|facts| std::os::unix::fs::MetadataExt::uid(&facts) == 0);
    if is_root {
        let given = Program::new("chown")
            .args(["-R", "65534:65534"])
            .arg(home)
            .status();
        assert!(given.unwrap().success());
    }
    let run = |arguments: &[&str]| {
        let mut command = if is_root {
            let mut command = Program::new("setpriv");
            let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
            command.args(nobody).arg(&program);
            command
        } else {
            Program::new(&program)
        };
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    };
    let mode = |mode: u32| {
        let closed = scene.root().join("closed");
        fs::set_permissions(closed, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 new"), "{said}");

    mode(0);
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(6), "some could be read: {said}");
    assert!(
        said.contains("closed: listing failed: Permission denied"),
        "{said}"
    );
    assert!(said.contains("that you may read it"), "{said}");
    assert!(said.contains("1 lost"), "{said}");
    let (_, list) = run(&["list"]);
    assert!(list.contains("closed.example"), "{list}");

    mode(0o755);
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 found again"), "{said}");

    fs::rename(scene.root(), home.join("away")).unwrap();
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(1), "nothing could be read: {said}");
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
    };
    engine.run(command).await.unwrap();
    fs::remove_file(elsewhere).unwrap();
    scene.put("b.pem", &scene.issue("b.example", 1).0);
    let report = sync(&engine).await;
    assert_eq!((report.new, report.lost), (1, 0));
}

/// What can happen to a file in a watched folder.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// This certificate is written into this file.
    Write(usize, usize),
    /// Both certificates are.
    WriteBoth(usize, usize, usize),
    /// The file is renamed to that one.
    Rename(usize, usize),
    Delete(usize),
    /// Half of this certificate is written into it.
    Damage(usize, usize),
    /// The whole folder goes away, or comes back.
    TakeAway,
    BringBack,
    /// certdeck is closed and opened again.
    Restart,
}

fn deed() -> impl proptest::strategy::Strategy<Value = Deed> {
    use proptest::prelude::*;
    let (file, leaf) = (0..4_usize, 0..6_usize);
    prop_oneof![
        4 => (file.clone(), leaf.clone()).prop_map(|(file, leaf)| Deed::Write(file, leaf)),
        1 => (file.clone(), leaf.clone(), leaf.clone())
            .prop_map(|(file, one, two)| Deed::WriteBoth(file, one, two)),
        2 => (file.clone(), file.clone()).prop_map(|(from, to)| Deed::Rename(from, to)),
        2 => file.clone().prop_map(Deed::Delete),
        1 => (file, leaf).prop_map(|(file, leaf)| Deed::Damage(file, leaf)),
        1 => Just(Deed::TakeAway),
        2 => Just(Deed::BringBack),
        1 => Just(Deed::Restart),
    ]
}

impl Scene {
    /// Does it, as far as it can be done now.
    fn carry_out(&self, deed: Deed, leaves: &[String]) {
        let file = |number: usize| format!("{number}.pem");
        let path = |number: usize| self.root().join(file(number));
        let away = self.folder.path().join("away");
        let is_here = self.root().exists();
        match deed {
            Deed::Write(number, leaf) if is_here => {
                self.put(&file(number), &leaves[leaf]);
            }
            Deed::WriteBoth(number, one, two) if is_here => {
                self.put(&file(number), &(leaves[one].clone() + &leaves[two]));
            }
            Deed::Damage(number, leaf) if is_here => {
                self.put(&file(number), &leaves[leaf][..300]);
            }
            Deed::Rename(from, to) => {
                let _ = fs::rename(path(from), path(to));
            }
            Deed::Delete(number) => {
                let _ = fs::remove_file(path(number));
            }
            Deed::TakeAway if is_here => fs::rename(self.root(), away).unwrap(),
            Deed::BringBack if !is_here => fs::rename(away, self.root()).unwrap(),
            _ => {}
        }
    }

    /// What lies in the folder now: the fingerprints by file; nothing while it is away.
    fn lies(&self) -> Vec<(String, Vec<String>)> {
        let Ok(files) = fs::read_dir(self.root()) else {
            return Vec::new();
        };
        let read = |file: fs::DirEntry| {
            let bytes = fs::read(file.path()).unwrap();
            let found = certdeck::pki::bundle::read(&bytes).into_iter();
            let sha256 = found.filter_map(|found| match found {
                certdeck::pki::bundle::Found::Certificate(held) => Some(held.sha256),
                _ => None,
            });
            (file.path().display().to_string(), sha256.collect())
        };
        files.map(|file| read(file.unwrap())).collect()
    }
}

/// Whatever happens, the list says what lies there, and nothing that was seen is ever forgotten.
fn agrees(scene: &Scene, engine: &Engine, seen: &mut std::collections::BTreeSet<String>) {
    let lies = scene.lies();
    seen.extend(lies.iter().flat_map(|(_, held)| held.iter().cloned()));
    let entries = entries(engine);
    for sha256 in &*seen {
        let holders = entries.iter().filter(|entry| {
            let held = entry.serving();
            held.is_some_and(|held| held.sha256 == *sha256)
        });
        let [entry] = holders.collect::<Vec<_>>().try_into().unwrap();
        let places = lies.iter().filter(|(_, held)| held.contains(sha256));
        let places: Vec<&str> = places.map(|(place, _)| place.as_str()).collect();
        if places.is_empty() {
            assert!(entry.trouble.is_some(), "it lies nowhere: {entry:?}");
        } else {
            assert!(places.contains(&origin(entry)), "{places:?}: {entry:?}");
            assert_eq!(
                (entry.archived, &entry.trouble),
                (false, &None),
                "{entry:?}"
            );
        }
        // Put away is only what something else stands in for.
        assert!(!entry.archived || entry.successors().next().is_some());
    }
    let unreadable = lies.iter().filter(|(_, held)| held.is_empty()).count();
    let shown = watched(engine).trouble.len();
    let away = usize::from(!scene.root().exists());
    assert_eq!(shown, unreadable + away);
    for entry in &entries {
        let twice = |kind| {
            let ties = entry.links.iter().filter(|link| link.kind == kind);
            let all: Vec<_> = ties.map(|link| &link.entry).collect();
            all.len() != all.iter().collect::<std::collections::BTreeSet<_>>().len()
        };
        assert!(!twice(LinkKind::Renews) && !twice(LinkKind::RenewedBy));
    }
    let kept = fs::read_dir(scene.folder.path().join("store/certs")).unwrap();
    assert_eq!(kept.count(), seen.len(), "every certificate is kept");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..Default::default()
    })]
    #[test]
    fn whatever_happens_to_the_files_the_list_agrees_and_nothing_is_forgotten(
        deeds in proptest::collection::vec(deed(), 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::new();
            let leaves: Vec<String> = [("a", 80), ("a", 40), ("a", 1), ("b", 60), ("b", 2), ("c", 3)]
                .map(|(name, days_ago)| scene.issue(&format!("{name}.example"), days_ago).0)
                .into();
            let mut engine = scene.engine();
            let mut seen = std::collections::BTreeSet::new();
            for deed in deeds {
                scene.carry_out(deed, &leaves);
                if matches!(deed, Deed::Restart) {
                    engine = scene.engine();
                }
                sync(&engine).await;
                agrees(&scene, &engine, &mut seen);
                let before = scene.journal();
                sync(&engine).await;
                let after = scene.journal();
                let news: Vec<_> = after.lines().skip(before.lines().count()).collect();
                assert!(news.is_empty(), "nothing changed since: {news:?}");
            }
        });
    }
}
