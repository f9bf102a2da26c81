//! Accounts that another certdeck, or an editor, adds and removes while this one runs.
//!
//! Every file of the folder is read once, when it appears; one that changes counts from the next
//! start. May not: write anything. The pulse calls it, since only a panel lives that long.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::command::{Notice, Tone};
use super::super::error::EngineError;
use super::super::settings::{AccountSettings, EngineSettings};
use super::super::{Inner, hold};
use super::file_name;
use crate::config::{AccountFile, BUILT_IN_ACCOUNTS, ConfigError};
use crate::files;

/// The names of the accounts that have a file, right or wrong.
pub(in super::super) type Filed = BTreeSet<String>;

/// What lies in the folder of the accounts when certdeck begins.
pub(in super::super) fn filed(settings: &EngineSettings) -> Filed {
    let folder = settings.accounts_folder.as_deref();
    folder
        .and_then(|folder| filed_in(folder).ok())
        .unwrap_or_default()
}

/// Hidden files are passed over, as at the start: editors keep their own there.
fn filed_in(folder: &Path) -> Result<Filed, EngineError> {
    let names = files::names_in(folder).map_err(|error| {
        let folder = folder.display();
        EngineError::Failed(format!("looking for accounts in {folder} failed: {error}"))
    })?;
    let names = names.iter().filter_map(|name| name.to_str());
    let accounts = names.filter_map(|name| name.strip_suffix(".toml"));
    Ok(accounts
        .filter(|name| !name.starts_with('.'))
        .map(str::to_owned)
        .collect())
}

impl Inner {
    /// Takes up accounts whose files appeared, and lets go of those whose files are gone.
    pub(in super::super) fn follow_accounts(&self) -> Result<(), EngineError> {
        let Some(folder) = self.settings.accounts_folder.clone() else {
            return Ok(());
        };
        let mut known = hold(&self.filed);
        let now = filed_in(&folder)?;
        if *known == now {
            return Ok(());
        }
        for name in known.difference(&now) {
            self.let_go(name);
        }
        let mut wrong = Vec::new();
        for name in now.difference(&known) {
            match self.read_account(&folder, name) {
                Ok(account) => self.take_up(account),
                Err(errors) => wrong.extend(errors),
            }
        }
        *known = now;
        drop(known);
        self.adopt_clocks();
        self.publish();
        if wrong.is_empty() {
            return Ok(());
        }
        let wrong = wrong.join("; ");
        Err(EngineError::Failed(format!(
            "a new account is left out: {wrong}"
        )))
    }

    fn read_account(&self, folder: &Path, name: &str) -> Result<AccountSettings, Vec<String>> {
        let path = folder.join(file_name(name));
        let text = files::read_text(&path)
            .map_err(|error| vec![format!("{}: {error}", path.display())])?;
        let lifecycles = self
            .lifecycles
            .iter()
            .map(|lifecycle| lifecycle.id.as_str());
        let lifecycles: Vec<&str> = lifecycles.collect();
        let read = AccountFile::parse(name, &path.display().to_string(), &text, &lifecycles);
        let words = |errors: Vec<ConfigError>| -> Vec<String> {
            errors.iter().map(ToString::to_string).collect()
        };
        let mut account = read.map_err(words)?;
        account.settle_paths(self.settings.home.as_deref(), folder);
        Ok(AccountSettings::of_file(&account, self.settings.sandbox))
    }

    fn take_up(&self, account: AccountSettings) {
        let name = account.name.clone();
        self.change_accounts(|accounts| {
            accounts.insert(account.name.clone(), account);
        });
        self.tell_of(format!("The account {name} is here now."));
    }

    fn let_go(&self, name: &str) {
        // What is built in stays, with or without a file.
        let is_built_in = BUILT_IN_ACCOUNTS.iter().any(|(known, _)| *known == name);
        if is_built_in || !self.accounts().contains_key(name) {
            return;
        }
        self.forget_account(name);
        self.forget_looks(name);
        self.tell_of(format!("The account {name} was removed."));
    }

    fn tell_of(&self, says: String) {
        self.tell(Notice {
            entry: None,
            tone: Tone::Plain,
            says,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::super::Engine;
    use super::super::super::command::Command;
    use super::*;
    use crate::domain::lifecycle::Lifecycles;
    use crate::pki::ca::SandboxCa;

    fn engine(folder: &Path) -> Engine {
        let accounts = folder.join("accounts");
        fs::create_dir_all(&accounts).unwrap();
        let lifecycles = Lifecycles::built_in().unwrap();
        Engine::open(EngineSettings {
            accounts_folder: Some(accounts),
            ..EngineSettings::usual(folder.join("store"), lifecycles, "test")
        })
        .unwrap()
    }

    fn names(engine: &Engine) -> Vec<String> {
        engine.inventory().accounts.keys().cloned().collect()
    }

    #[test]
    fn an_account_that_another_certdeck_adds_or_removes_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let inner = &engine.0;
        let mut notices = engine.notices();
        let file = |name: &str| -> PathBuf { folder.path().join("accounts").join(name) };
        fs::write(file("shop.toml"), "kind = \"files\"\npaths = [\"certs\"]\n").unwrap();
        fs::write(file(".shop.toml.1.new"), "half wri").unwrap();
        inner.follow_accounts().unwrap();
        assert_eq!(names(&engine), ["files", "sandbox", "shop"]);
        let watched = inner.accounts()["shop"].watch.paths.clone();
        assert_eq!(watched, [file("certs")]);
        assert!(
            notices
                .try_recv()
                .unwrap()
                .says
                .contains("shop is here now")
        );
        inner.follow_accounts().unwrap();
        assert!(notices.try_recv().is_err(), "told once");
        fs::remove_file(file("shop.toml")).unwrap();
        inner.follow_accounts().unwrap();
        assert_eq!(names(&engine), ["files", "sandbox"]);
    }

    #[test]
    fn a_wrong_file_is_told_once_and_keeps_nobody_else_out() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let put = |name: &str, text: &str| {
            fs::write(folder.path().join("accounts").join(name), text).unwrap();
        };
        put("bad.toml", "kind = \"cloud\"\n");
        put("good.toml", "kind = \"by-hand\"\n");
        let told = engine.0.follow_accounts().unwrap_err().to_string();
        assert!(told.contains("bad.toml:1: kind"), "{told}");
        engine.0.follow_accounts().unwrap();
        assert_eq!(names(&engine), ["files", "good", "sandbox"]);
    }

    #[tokio::test]
    async fn what_was_archived_with_an_account_comes_back_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let (panel, other) = (engine(folder.path()), engine(folder.path()));
        let ca = SandboxCa::generate("test", jiff::Timestamp::UNIX_EPOCH).unwrap();
        let certificate = folder.path().join("a.pem");
        fs::write(&certificate, ca.root().to_pem()).unwrap();
        let accounts = folder.path().join("accounts");
        let text = format!("kind = \"files\"\npaths = [{certificate:?}]\n");
        fs::write(accounts.join("shop.toml"), text).unwrap();
        for engine in [&panel, &other] {
            engine.0.follow_accounts().unwrap();
        }
        let look = || panel.run(Command::Sync { account: None });
        let archived = || {
            let inventory = panel.inventory();
            let entries = inventory.entries.iter();
            entries.map(|entry| entry.archived).collect::<Vec<_>>()
        };
        look().await.unwrap();
        assert_eq!(archived(), [false]);
        other.0.remove_account("shop").unwrap();
        panel.0.pulse().unwrap();
        assert_eq!(archived(), [true]);
        let aside = accounts.join("removed/shop.toml");
        fs::rename(aside, accounts.join("shop.toml")).unwrap();
        panel.0.pulse().unwrap();
        look().await.unwrap();
        assert_eq!(archived(), [false]);
    }

    #[test]
    fn ones_own_adding_and_removing_is_no_news() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let mut notices = engine.notices();
        let draft = crate::engine::command::AccountDraft {
            name: "main".to_owned(),
            kind: "by-hand".to_owned(),
            ..crate::engine::command::AccountDraft::default()
        };
        engine.0.add_account(&draft).unwrap();
        engine.0.follow_accounts().unwrap();
        assert_eq!(names(&engine), ["files", "main", "sandbox"]);
        engine.0.remove_account("main").unwrap();
        engine.0.follow_accounts().unwrap();
        assert_eq!(names(&engine), ["files", "sandbox"]);
        assert!(notices.try_recv().is_err());
    }
}
