//! Accounts that come and go while certdeck runs.
//!
//! An account is a file of its own. Adding writes a new one and never changes another; removing
//! archives what the account has and puts its file away, both of which can be undone. May not:
//! rewrite or delete anything that a person wrote. The engine's command loop calls it; the faces
//! ask [`check_draft`].

mod check;
mod draft;
mod follow;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::command::{AccountAdded, AccountDraft, AccountRemoved, Done, Field, FieldError};
use super::error::EngineError;
use super::settings::AccountSettings;
use super::settle::happen;
use super::watching::left_behind;
use super::{Engine, Inner, hold};
use crate::config::{AccountFile, BUILT_IN_ACCOUNTS, nearest};
use crate::domain::account::AccountKind;
use crate::domain::event::What;
use crate::files;
use crate::store::Transaction;

pub use draft::{check_draft, free_name};
pub(super) use follow::{Filed, filed};

/// Where the files of removed accounts lie, beside those that count.
const REMOVED: &str = "removed";

impl Engine {
    /// The file of an account; nothing where it has none.
    #[must_use]
    pub fn account_file(&self, name: &str) -> Option<PathBuf> {
        self.0.account_file(name)
    }
}

impl Inner {
    /// Writes an account's file, and uses it from now on.
    pub(super) fn add_account(&self, draft: &AccountDraft) -> Result<Done, EngineError> {
        self.accounts_may_change("nothing is added")?;
        let folder = self.accounts_folder()?;
        let read = draft::read_draft(draft, &self.picture());
        let mut account = read.map_err(EngineError::Account)?;
        self.store.catch_up()?;
        self.name_is_free(&account)?;
        let file = folder.join(file_name(&account.name));
        let failed = |error: files::FileError| {
            let file = file.display();
            EngineError::Failed(format!(
                "the account {:?} was not added: {file}: {error}",
                account.name
            ))
        };
        // Held until the account counts, so that the pulse does not take it for somebody else's.
        let mut listed = hold(&self.filed);
        files::place_new(&file, account.render().as_bytes()).map_err(failed)?;
        listed.insert(account.name.clone());
        account.settle_paths(self.settings.home.as_deref(), &folder);
        let settings = AccountSettings::of_file(&account, self.settings.sandbox);
        let name = account.name;
        self.change_accounts(|accounts| {
            accounts.insert(name.clone(), settings);
        });
        drop(listed);
        self.adopt_clocks();
        self.publish();
        // Whatever it watches is looked at now, not at the next turn.
        self.woken.notify_one();
        Ok(Done::AccountAdded(AccountAdded { name, file }))
    }

    /// Archives an account's entries, puts its file away, and lets go of it.
    pub(super) fn remove_account(&self, name: &str) -> Result<Done, EngineError> {
        self.accounts_may_change("nothing is removed")?;
        self.removable(name)?;
        let file = self.account_file(name);
        let mut put_away = None;
        let mut listed = hold(&self.filed);
        let archived = self.store.transact(|transaction| {
            transaction.who(&self.who);
            self.write_clock_if_used(transaction, name);
            let archived = self.archive_all(transaction, name);
            // The last step before the journal's line: what fails here changes nothing.
            put_away = file
                .as_deref()
                .map(|file| put_aside(name, file))
                .transpose()?;
            Ok::<_, EngineError>(archived)
        });
        let archived = match archived {
            Ok(archived) => archived,
            Err(error) => {
                if let (Some(aside), Some(file)) = (&put_away, &file) {
                    files::move_back(aside, file).map_err(|back| {
                        EngineError::Failed(format!("{error}; {}: {back}", aside.display()))
                    })?;
                }
                return Err(error);
            }
        };
        listed.remove(name);
        self.forget_account(name);
        drop(listed);
        self.publish();
        self.woken.notify_one();
        Ok(Done::AccountRemoved(AccountRemoved {
            name: name.to_owned(),
            archived,
            file: put_away,
        }))
    }

    fn archive_all(&self, transaction: &mut Transaction, account: &str) -> usize {
        let entries = transaction.entries();
        let shown = entries.of_account(account);
        let shown: Vec<_> = shown.filter(|entry| !entry.archived).collect();
        let now = self.time_of(account);
        for entry in &shown {
            // What was watched comes back by itself when the account does.
            let left = left_behind(entry, now);
            let happened = left.into_iter().chain([What::Archived]);
            happen(transaction, entry.as_ref().clone(), happened, now);
        }
        shown.len()
    }

    /// A sandbox's clock stays in the store, where its entries find it again.
    fn write_clock_if_used(&self, transaction: &mut Transaction, account: &str) {
        if transaction.account(account).is_some() {
            self.write_clock(transaction, account);
        }
    }

    /// The file of an account; nothing where it has none.
    fn account_file(&self, name: &str) -> Option<PathBuf> {
        let folder = self.settings.accounts_folder.as_ref()?;
        let names = files::names_in(folder).ok()?;
        let file = file_name(name);
        names
            .iter()
            .any(|there| *there == *file)
            .then(|| folder.join(file))
    }

    /// The names of all accounts, and of the files beside them that are none for this certdeck.
    pub(super) fn taken_names(&self) -> Vec<String> {
        let mut taken: Vec<String> = self.accounts().keys().cloned().collect();
        let folder = self.settings.accounts_folder.as_deref();
        let files = folder.and_then(|folder| files::names_in(folder).ok());
        let names = files.iter().flatten().filter_map(|name| name.to_str());
        taken.extend(names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())));
        taken
    }

    /// What only the disk knows: a file of that name, or entries of an account that was removed
    /// and was something else.
    fn name_is_free(&self, account: &AccountFile) -> Result<(), EngineError> {
        let name = &account.name;
        let taken = self.taken_names();
        let taken = taken.iter().find(|taken| taken.eq_ignore_ascii_case(name));
        if let Some(taken) = taken {
            return Err(taken_by(format!(
                "there is a file {} in the folder of the accounts already; start certdeck anew to \
                 use it, or choose another name",
                file_name(taken)
            )));
        }
        let loaded = self.store.snapshot();
        let record = loaded.accounts.get(name);
        let was_sandbox = record.is_some_and(|record| record.ca.is_some());
        let left = loaded.entries.of_account(name).next();
        let other_kind = was_sandbox != (account.kind == AccountKind::Sandbox);
        let other =
            left.is_some_and(|entry| other_kind || !account.lifecycles.contains(&entry.lifecycle));
        // Its entries would come back as something that they never were.
        if other || (was_sandbox && other_kind) {
            return Err(taken_by(format!(
                "an account that was removed was called {name:?} and was of another kind; its \
                 entries are still here. Choose another name"
            )));
        }
        Ok(())
    }

    fn removable(&self, name: &str) -> Result<(), EngineError> {
        let accounts = self.accounts();
        if !accounts.contains_key(name) {
            return Err(self.no_such_account(name));
        }
        why_it_stays(name).map_or(Ok(()), |why| Err(EngineError::Usage(why)))
    }

    /// That no account is called so, and which one may be meant.
    pub(super) fn no_such_account(&self, name: &str) -> EngineError {
        let accounts = self.accounts();
        let known = || accounts.keys().map(String::as_str);
        let meant = nearest(name, known()).map(|meant| format!(" Did you mean {meant:?}?"));
        EngineError::Usage(format!(
            "no account is called {name:?}.{} The accounts are {}",
            meant.unwrap_or_default(),
            known().collect::<Vec<_>>().join(", ")
        ))
    }

    fn accounts_may_change(&self, so: &str) -> Result<(), EngineError> {
        if self.settings.read_only {
            return Err(EngineError::Usage(format!(
                "certdeck was started to look and change nothing (--read-only, or read-only in \
                 the configuration), so {so}"
            )));
        }
        Ok(())
    }

    fn accounts_folder(&self) -> Result<PathBuf, EngineError> {
        self.settings.accounts_folder.clone().ok_or_else(|| {
            EngineError::Usage(
                "there is no folder for the files of accounts here, so none can be added"
                    .to_owned(),
            )
        })
    }

    /// Lets go of an account in memory; what the store has of it stays.
    fn forget_account(&self, name: &str) {
        self.change_accounts(|accounts| {
            accounts.remove(name);
        });
        hold(&self.clocks).remove(name);
        hold(&self.sandboxes).remove(name);
    }

    fn change_accounts(&self, change: impl FnOnce(&mut BTreeMap<String, AccountSettings>)) {
        let mut held = hold(&self.accounts);
        let mut accounts = held.as_ref().clone();
        change(&mut accounts);
        *held = Arc::new(accounts);
    }
}

fn put_aside(name: &str, file: &std::path::Path) -> Result<PathBuf, EngineError> {
    let folder = file.parent().unwrap_or(file).join(REMOVED);
    files::move_aside(file, &folder).map_err(|error| {
        EngineError::Failed(format!(
            "the account {name:?} was not removed: moving {} to {} failed: {error}",
            file.display(),
            folder.display()
        ))
    })
}

fn taken_by(says: String) -> EngineError {
    let field = Field::Account;
    EngineError::Account(vec![FieldError { field, says }])
}

fn file_name(account: &str) -> String {
    format!("{account}.toml")
}

/// Why an account cannot be removed, and what to do instead; nothing where it can be. The panel
/// says it rather than asking a question whose answer it would refuse.
#[must_use]
pub fn why_it_stays(name: &str) -> Option<String> {
    let is_built_in = BUILT_IN_ACCOUNTS.iter().any(|(known, _)| *known == name);
    is_built_in.then(|| {
        format!(
            "the account {name:?} is built in and always there; archive its entries to have them \
             out of the list, or take its own file {} away to have the usual settings",
            file_name(name)
        )
    })
}
