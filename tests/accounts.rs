//! Accounts that are added, checked and removed while certdeck runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use certdeck::config::AccountFile;
use certdeck::domain::entry::{EntryId, Method};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{
    AccountCheck, AccountDraft, AccountRemoved, Command, CsrChoice, Done, OrderForm,
};
use certdeck::engine::{AccountSettings, Engine, EngineError, EngineSettings};
use certdeck::pki::KeyType;
use certdeck::pki::ca::SandboxCa;

/// An engine as the program opens one: with the accounts that lie in the folder.
fn open(folder: &Path) -> Engine {
    Engine::open(settings(folder)).unwrap()
}

fn settings(folder: &Path) -> EngineSettings {
    let store = folder.join("store");
    let usual = EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test");
    let accounts = accounts_folder(folder);
    let mut read = Vec::new();
    for item in fs::read_dir(&accounts).into_iter().flatten() {
        let path = item.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let file = path.display().to_string();
            let account = AccountFile::parse(&name, &file, &text, &["files", "netcup"]).unwrap();
            read.push(AccountSettings::of_file(&account, usual.sandbox));
        }
    }
    EngineSettings {
        accounts: read,
        accounts_folder: Some(accounts),
        home: Some(folder.join("home")),
        ..usual
    }
}

fn accounts_folder(folder: &Path) -> PathBuf {
    folder.join("conf/accounts")
}

fn by_hand(name: &str) -> AccountDraft {
    AccountDraft {
        name: name.to_owned(),
        kind: "by-hand".to_owned(),
        ..AccountDraft::default()
    }
}

fn of_kind(name: &str, kind: &str) -> AccountDraft {
    AccountDraft {
        kind: kind.to_owned(),
        ..by_hand(name)
    }
}

async fn add(engine: &Engine, draft: AccountDraft) -> Result<PathBuf, EngineError> {
    match engine.run(Command::AddAccount(Box::new(draft))).await? {
        Done::AccountAdded(added) => Ok(added.file),
        other => panic!("adding answers AccountAdded, not {other:?}"),
    }
}

async fn remove(engine: &Engine, name: &str) -> Result<AccountRemoved, EngineError> {
    let name = name.to_owned();
    match engine.run(Command::RemoveAccount { name }).await? {
        Done::AccountRemoved(removed) => Ok(removed),
        other => panic!("removing answers AccountRemoved, not {other:?}"),
    }
}

async fn check(engine: &Engine, name: &str) -> AccountCheck {
    let name = name.to_owned();
    match engine.run(Command::CheckAccount { name }).await.unwrap() {
        Done::AccountChecked(check) => check,
        other => panic!("a check answers AccountChecked, not {other:?}"),
    }
}

async fn order(engine: &Engine, account: &str) -> EntryId {
    let form = OrderForm {
        account: account.to_owned(),
        product: "single-dv".to_owned(),
        names: vec!["www.example.com".to_owned()],
        key_type: KeyType::P256,
        csr: CsrChoice::Certdeck,
        method: Method::Dns,
        mailbox: None,
        wishes: certdeck::engine::command::Wishes::default(),
    };
    match engine.run(Command::Order(form)).await.unwrap() {
        Done::Ordered { entry, .. } => entry,
        other => panic!("an order answers Ordered, not {other:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn an_account_is_there_at_once_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let mut draft = by_hand("netcup-main");
    draft.panel = Some("https://www.customercontrolpanel.de".to_owned());
    let file = add(&engine, draft).await.unwrap();
    assert_eq!(
        file,
        accounts_folder(folder.path()).join("netcup-main.toml")
    );
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(engine.account_file("netcup-main"), Some(file));
    assert_eq!(engine.account_file("sandbox"), None);
    let now = engine.inventory();
    let again = open(folder.path()).inventory();
    assert_eq!(now.accounts["netcup-main"], again.accounts["netcup-main"]);
    let panel = again.accounts["netcup-main"].panel.as_deref();
    assert_eq!(panel, Some("https://www.customercontrolpanel.de"));
}

#[tokio::test]
async fn a_sandbox_that_was_added_takes_orders_and_keeps_its_clock_when_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let file = add(&engine, of_kind("shop", "sandbox")).await.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let id = order(&engine, "shop").await;
    assert!(engine.inventory().accounts["shop"].clock.is_some());

    let removed = remove(&engine, "shop").await.unwrap();
    let aside = accounts_folder(folder.path()).join("removed/shop.toml");
    assert_eq!((removed.archived, removed.file.as_ref()), (1, Some(&aside)));
    assert!(!file.exists());
    assert_eq!(fs::read_to_string(&aside).unwrap(), text, "untouched");
    let inventory = engine.inventory();
    assert!(!inventory.accounts.contains_key("shop"));
    let entry = &inventory.get(&id).unwrap();
    assert!(entry.archived);
    assert_eq!(inventory.account_words("shop"), "shop (not configured)");
    let verdict = inventory.verdict("cancel-order", entry, engine.now());
    assert!(!verdict.is_possible());
    let verdict = inventory.verdict("play-event", entry, engine.now());
    let reason = verdict.reason().unwrap().to_string();
    assert!(reason.contains("accounts/removed/shop.toml"), "{reason}");

    // Its file moved back, it is as it was.
    fs::rename(&aside, &file).unwrap();
    let again = open(folder.path());
    again
        .run(Command::Restore { entry: id.clone() })
        .await
        .unwrap();
    let inventory = again.inventory();
    assert!(!inventory.get(&id).unwrap().archived);
    assert!(inventory.accounts["shop"].clock.is_some());
    let event = "invoice-paid".to_owned();
    again.run(Command::Play { entry: id, event }).await.unwrap();
}

#[tokio::test]
async fn nothing_is_written_over_a_file_that_certdeck_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let accounts = accounts_folder(folder.path());
    fs::create_dir_all(&accounts).unwrap();
    fs::write(accounts.join("Shop.toml"), "# mine\n").unwrap();
    for name in ["Shop", "shop"] {
        let error = add(&engine, by_hand(name)).await.unwrap_err().to_string();
        assert!(error.contains("there is a file Shop.toml"), "{error}");
    }
    assert_eq!(
        fs::read_to_string(accounts.join("Shop.toml")).unwrap(),
        "# mine\n"
    );
    assert_eq!(fs::read_dir(&accounts).unwrap().count(), 1);
    assert!(!engine.inventory().accounts.contains_key("shop"));
}

#[tokio::test]
async fn removing_twice_finds_a_free_name_and_touches_nothing_that_lies_there() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let mut asides = Vec::new();
    for panel in ["https://one.example", "https://two.example"] {
        let mut draft = by_hand("main");
        draft.panel = Some(panel.to_owned());
        add(&engine, draft).await.unwrap();
        asides.push((remove(&engine, "main").await.unwrap().file.unwrap(), panel));
    }
    assert_ne!(asides[0].0, asides[1].0);
    for (file, panel) in asides {
        assert!(fs::read_to_string(file).unwrap().contains(panel));
    }
}

#[tokio::test]
async fn a_name_whose_entries_were_something_else_is_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    add(&engine, of_kind("shop", "sandbox")).await.unwrap();
    order(&engine, "shop").await;
    remove(&engine, "shop").await.unwrap();
    // What the sandbox played must never look as if netcup had done it.
    let error = add(&engine, by_hand("shop")).await.unwrap_err().to_string();
    assert!(error.contains("was of another kind"), "{error}");
    add(&engine, of_kind("shop", "sandbox")).await.unwrap();
}

#[tokio::test]
async fn what_is_built_in_cannot_be_removed_and_what_is_unknown_is_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    for (name, expected) in [
        ("sandbox", "built in"),
        ("snadbox", "Did you mean \"sandbox\"?"),
    ] {
        let error = remove(&engine, name).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_moved_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let file = add(&engine, of_kind("shop", "sandbox")).await.unwrap();
    let id = order(&engine, "shop").await;
    fs::write(accounts_folder(folder.path()).join("removed"), "in the way").unwrap();
    let error = remove(&engine, "shop").await.unwrap_err().to_string();
    assert!(error.contains("was not removed"), "{error}");
    assert!(file.exists());
    let inventory = engine.inventory();
    assert!(inventory.accounts.contains_key("shop"));
    assert!(!inventory.get(&id).unwrap().archived);
    assert!(!open(folder.path()).inventory().get(&id).unwrap().archived);
}

#[tokio::test]
async fn an_engine_that_only_looks_adds_and_removes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    add(&open(folder.path()), by_hand("main")).await.unwrap();
    let engine = Engine::open(EngineSettings {
        read_only: true,
        ..settings(folder.path())
    })
    .unwrap();
    for outcome in [
        add(&engine, by_hand("other")).await.map(drop),
        remove(&engine, "main").await.map(drop),
    ] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("change nothing"), "{error}");
    }
    assert_eq!(
        fs::read_dir(accounts_folder(folder.path()))
            .unwrap()
            .count(),
        1
    );
}

#[tokio::test]
async fn a_check_looks_at_everything_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let certs = folder.path().join("home/certs");
    fs::create_dir_all(&certs).unwrap();
    let ca = SandboxCa::generate("test", engine.now()).unwrap();
    fs::write(certs.join("one.pem"), ca.root().to_pem()).unwrap();
    fs::write(certs.join("other.crt"), ca.root().to_pem()).unwrap();
    std::os::unix::fs::symlink("nowhere", certs.join("broken.pem")).unwrap();
    let mut draft = of_kind("mine", "files");
    draft.paths = vec!["~/certs".to_owned(), "/not/there".to_owned()];
    draft.include = vec!["*.pem".to_owned()];
    add(&engine, draft).await.unwrap();
    let before = engine.inventory().seq;
    let found = check(&engine, "mine").await.findings;
    let said = |what: &Path| {
        let what = what.display().to_string();
        let found = found.iter().find(|(place, _)| *place == what);
        found
            .unwrap_or_else(|| panic!("{what}: {found:?}"))
            .1
            .clone()
    };
    assert_eq!(
        said(&certs),
        Ok("1 fitting file, 1 with 1 certificate".to_owned())
    );
    for wrong in [Path::new("/not/there"), &certs.join("broken.pem")] {
        assert!(said(wrong).unwrap_err().contains("No such file"));
    }
    assert_eq!(engine.inventory().seq, before);

    let sandbox = check(&engine, "sandbox").await.findings;
    assert!(
        sandbox.iter().all(|(_, found)| found.is_ok()),
        "{sandbox:?}"
    );
    add(&engine, by_hand("main")).await.unwrap();
    let main = check(&engine, "main").await.findings;
    let panel = main.iter().find(|(what, _)| what == "panel").unwrap();
    let link = "https://www.customercontrolpanel.de".to_owned();
    assert_eq!(
        panel.1,
        Ok(link),
        "the lifecycle's own where the account says nothing"
    );
    assert!(
        engine
            .run(Command::CheckAccount {
                name: "nobody".to_owned()
            })
            .await
            .is_err()
    );
}
