//! An open engine and an output: what headless commands work with.
//!
//! May not: decide anything. The commands call it.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::args::{Flags, UnlockArguments, Verb};
use super::error::CliError;
use super::output::{Output, say};
use super::start::{Places, Setup};
use super::{passphrase, unlock, unsettled};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::is_of_unknown_outcome;
use crate::domain::inventory::{Inventory, Unresolved};
use crate::domain::text::sanitise;
use crate::engine::command::{Command, Done};
use crate::engine::{Engine, EngineError};

/// A command needs the passphrase of the store, and of a key that was brought.
const MOST_LOCKS: usize = 3;

/// What a command works with.
pub(super) struct Session {
    pub(super) engine: Engine,
    pub(super) output: Output,
    /// Where the passphrase of encrypted private keys is read from.
    unlock: UnlockArguments,
    /// What was read there; an open file is read once.
    passphrase: OnceCell<Option<SecretString>>,
}

impl Session {
    /// Reads the configuration and opens the engine.
    pub(super) fn open(flags: &Flags, verb: &Verb) -> Result<Self, CliError> {
        let mut setup = Setup::read(flags, &Places::find(flags)?)?;
        setup.config.keys.encrypt |= verb.encrypts_keys();
        for problem in setup.told() {
            say(&format!("certdeck: {problem}"));
        }
        let engine = setup.open("command")?;
        for problem in engine.warnings() {
            say(&format!("certdeck: {problem}"));
        }
        if let Some(doubt) = engine.clock_doubt() {
            say(&format!("certdeck: {doubt}; {}", doubt.advice()));
        }
        Ok(Self {
            engine,
            output: Output::look(setup.config.ascii),
            unlock: verb.unlock(),
            passphrase: OnceCell::new(),
        })
    }

    /// Settles what an earlier certdeck was asked for and could not finish, for who never opens the
    /// panel. What cannot be settled is told and stops nothing.
    pub(super) async fn settle(&self) {
        let mut notices = self.engine.notices();
        if let Err(error) = self.engine.settle_interrupted().await {
            say(&format!(
                "certdeck: what was interrupted before could not be settled: {error}"
            ));
        }
        while let Ok(notice) = notices.try_recv() {
            let marked = notice.entry.as_ref().filter(|id| {
                let entry = self.engine.inventory().get(id);
                entry.is_some_and(|entry| is_of_unknown_outcome(&entry))
            });
            let commands = marked.map(|id| format!(" ({})", unsettled::commands(id.as_str())));
            let commands = commands.unwrap_or_default();
            say(&format!("certdeck: {}{commands}", sanitise(&notice.says)));
        }
    }

    /// Deploys what was issued by this command, where the account says so. What fails is told, stays
    /// on the entry, and changes nothing about what the command did.
    pub(super) async fn deploy_waiting(&self) {
        let mut notices = self.engine.notices();
        self.engine.deploy_waiting().await;
        while let Ok(notice) = notices.try_recv() {
            say(&format!("certdeck: {}", sanitise(&notice.says)));
        }
    }

    /// Makes a journal short that has grown long, if it was written to since `seq`. What stands in the
    /// way is told and changes nothing about what the command did.
    pub(super) async fn make_journal_short(&self, seq: u64) {
        if self.engine.inventory().seq == seq {
            return;
        }
        if let Err(error) = self.engine.compact_at_the_end().await {
            say(&format!(
                "certdeck: the journal was not made shorter, which changes nothing else: {error}"
            ));
        }
    }

    /// What there is, and the system's time.
    pub(super) fn look(&self) -> (Arc<Inventory>, Timestamp) {
        (self.engine.inventory(), self.engine.now())
    }

    /// The entry that a person means.
    pub(super) fn resolve(&self, given: &str) -> Result<Arc<Entry>, CliError> {
        let (inventory, system) = self.look();
        let found = inventory.resolve(given);
        found.map_err(|unresolved| match unresolved {
            Unresolved::Several { given, candidates } => {
                let several = several(&inventory, system, &candidates);
                CliError::Usage(format!(
                    "{given:?} fits several entries; give one of these ids: {several}"
                ))
            }
            other => crate::engine::EngineError::from(other).into(),
        })
    }

    /// The entries that a person means, each once, in their order. One that means nothing stops
    /// the command before anything is done.
    pub(super) fn resolve_all(&self, given: &[String]) -> Result<Vec<Arc<Entry>>, CliError> {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for given in given {
            let entry = self.resolve(given)?;
            if entries.iter().all(|known| known.id != entry.id) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Carries out a command; where private keys are locked, first gets their passphrase.
    pub(super) async fn run(&self, command: Command) -> Result<Done, CliError> {
        let mut asked = 0;
        loop {
            match self.engine.run(command.clone()).await {
                Err(EngineError::Locked(lock)) if asked < MOST_LOCKS => {
                    asked += 1;
                    unlock::unlock(&self.engine, self.given_passphrase()?, lock).await?;
                }
                other => return Ok(other?),
            }
        }
    }

    fn given_passphrase(&self) -> Result<Option<SecretString>, CliError> {
        if let Some(given) = self.passphrase.get() {
            return Ok(given.clone());
        }
        let given = passphrase::given(self.unlock.source())?;
        Ok(self.passphrase.get_or_init(|| given).clone())
    }

    /// Whether an account is played by the sandbox.
    pub(super) fn is_sandbox(inventory: &Inventory, account: &str) -> bool {
        use crate::domain::account::AccountKind;
        let account = inventory.accounts.get(account);
        account.is_some_and(|account| account.kind == AccountKind::Sandbox)
    }
}

/// Entries that are called alike, with what tells them apart.
fn several(inventory: &Inventory, system: Timestamp, ids: &[EntryId]) -> String {
    const SHOWN: usize = 8;
    let entries = ids.iter().filter_map(|id| inventory.get(id));
    let words = entries.take(SHOWN).map(|entry| {
        let row = inventory.row(&entry, system);
        let (name, account) = (sanitise(entry.name()), sanitise(&row.account_words));
        format!("{} ({name}, {account}, {})", entry.id, sanitise(&row.state))
    });
    let mut words: Vec<String> = words.collect();
    if ids.len() > SHOWN {
        words.push("…".to_owned());
    }
    words.join(", ")
}

/// An entry as sentences name it.
pub(super) fn entry_words(name: &str, id: &EntryId) -> String {
    if name == id.as_str() {
        id.to_string()
    } else {
        format!("{} ({id})", sanitise(name))
    }
}

/// An answer that does not belong to the command; only a bug gives one.
pub(super) fn unexpected(done: &Done) -> CliError {
    CliError::Failed(format!(
        "the engine gave another answer than was asked for ({done:?}); please report this"
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::domain::entry::Method;
    use crate::domain::lifecycle::Lifecycles;
    use crate::engine::command::{CsrChoice, OrderForm};
    use crate::engine::{EngineSettings, system_clock};
    use crate::pki::KeyType;

    fn session(store: &Path, seconds_ago: i64) -> Session {
        let now = system_clock();
        let ago = jiff::SignedDuration::from_secs(seconds_ago);
        let engine = Engine::open(EngineSettings {
            clock: Arc::new(move || now() - ago),
            ..EngineSettings::usual(store.to_owned(), Lifecycles::built_in().unwrap(), "test")
        });
        Session {
            engine: engine.unwrap(),
            output: Output::look(true),
            unlock: UnlockArguments::default(),
            passphrase: OnceCell::new(),
        }
    }

    async fn order(session: &Session) -> EntryId {
        let form = OrderForm {
            account: "sandbox".to_owned(),
            product: "single-dv".to_owned(),
            names: vec!["shop.example.com".to_owned()],
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method: Method::Dns,
            mailbox: None,
            wishes: crate::engine::command::Wishes::default(),
        };
        match session.run(Command::Order(form)).await.unwrap() {
            Done::Ordered { entry, .. } => entry,
            other => panic!("an order answers Ordered, not {other:?}"),
        }
    }

    /// Leaves of the journal what had been written when the order was on its way.
    fn as_if_killed_meanwhile(journal: &Path) {
        let text = fs::read_to_string(journal).unwrap();
        let asked = text
            .lines()
            .position(|line| line.contains("\"kind\":\"requested\""));
        let kept: Vec<&str> = text.lines().take(asked.unwrap() + 1).collect();
        assert!(kept.len() < text.lines().count(), "nothing came after it");
        fs::write(journal, kept.join("\n") + "\n").unwrap();
    }

    #[tokio::test]
    async fn an_order_that_was_interrupted_waits_for_a_person_without_the_panel() {
        let folder = tempfile::tempdir().unwrap();
        let killed = session(folder.path(), 3600);
        let id = order(&killed).await;
        drop(killed);
        as_if_killed_meanwhile(&folder.path().join("journal.jsonl"));

        let next = session(folder.path(), 0);
        assert!(next.resolve(id.as_str()).unwrap().request.is_some());
        next.settle().await;
        let marked = next.resolve(id.as_str()).unwrap();
        assert!(marked.request.as_ref().unwrap().unknown_outcome);
        assert_eq!(marked.product.invoice, None, "nothing was ordered again");

        let entry = id.clone();
        next.run(Command::SendAgain { entry }).await.unwrap();
        let settled = next.resolve(id.as_str()).unwrap();
        assert_eq!(settled.request, None);
        assert!(settled.product.invoice.is_some(), "{settled:?}");
    }
}
