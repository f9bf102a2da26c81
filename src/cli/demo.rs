//! `certdeck demo`: the panel on a throw-away store that the sandbox fills and moves.
//!
//! The store lies in a private folder that goes away with the demo, also when a signal ends it.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the throw-away folder is made and cleared away here"
    )
)]

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::{DemoArguments, Flags};
use super::error::CliError;
use super::exit::Exit;
use super::panel::{self, OpenPanel, Opening};
use super::start::{Places, Setup};
use crate::config::{AccountFile, with_built_in};
use crate::domain::account::AccountKind;
use crate::engine::command::{ClockChange, Command};
use crate::engine::{Engine, demo};

/// The folder of the certificates that the demo watches.
const WATCHED: &str = "watched";
/// So many folders of other demos may be in the way.
const ATTEMPTS: u32 = 1_000;

/// Fills a store in a throw-away folder and opens the panel on it. Whoever has the folder clears it
/// away once nothing is under way any more.
pub(super) async fn run(
    flags: &Flags,
    arguments: &DemoArguments,
    folder: &Throwaway,
    open: OpenPanel,
) -> Result<(), CliError> {
    let setup = setup(flags, arguments, folder)?;
    let engine = setup.open("panel")?;
    prepare(&engine, arguments, folder).await?;
    let opening = Opening {
        config: setup.config,
        demo: true,
        told: setup.skipped,
    };
    panel::open(open, engine, opening).await
}

/// The settings that people have, on the throw-away store, with the built-in accounts alone.
fn setup(flags: &Flags, arguments: &DemoArguments, folder: &Throwaway) -> Result<Setup, CliError> {
    let mut setup = Setup::read(flags, &Places::find(flags)?)?;
    setup.store = folder.path.join("store");
    setup.passing = true;
    // An account that is added here goes away with the demo.
    setup.accounts_folder = folder.path.join("accounts");
    setup.accounts = accounts(&folder.path.join(WATCHED));
    // What people forbid for their own certificates does not hold for throw-away ones, and no
    // program of theirs is to hear of them.
    setup.config.read_only = flags.read_only;
    setup.config.notice_command.clear();
    for account in &mut setup.accounts {
        tune(account, arguments);
    }
    Ok(setup)
}

/// The built-in accounts, one that is kept by hand, and one that watches a folder.
fn accounts(watched: &Path) -> Vec<AccountFile> {
    let mut web = AccountFile::usual("web-server", AccountKind::Files);
    web.watch.paths = vec![watched.to_owned()];
    let hand = AccountFile::usual(demo::HAND_ACCOUNT, AccountKind::ByHand);
    let sandboxes = demo::sandbox_accounts().into_iter().flatten();
    let sandboxes = sandboxes.map(|(name, lifecycles)| AccountFile {
        lifecycles,
        ..AccountFile::usual(&name, AccountKind::Sandbox)
    });
    with_built_in(sandboxes.chain([web, hand]).collect())
}

fn tune(account: &mut AccountFile, arguments: &DemoArguments) {
    account.seed = Some(arguments.seed);
    account.speed = arguments.speed.or(account.speed).or(Some(demo::SPEED));
}

/// Fills the store. A signal ends it here, so that the folder is cleared away; once the panel is
/// open, the panel hears signals.
async fn prepare(
    engine: &Engine,
    arguments: &DemoArguments,
    folder: &Throwaway,
) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let (files, watched) = (folder.make("files")?, folder.make(WATCHED)?);
    tokio::select! {
        filled = demo::fill(engine, &files, &watched) => filled?,
        exit = signals.any() => return Err(exit),
    }
    if arguments.paused {
        let (account, change) = (None, ClockChange::Pause);
        engine.run(Command::Clock { account, change }).await?;
    }
    Ok(())
}

/// The signals that ask a program to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self, CliError> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                CliError::Failed(format!("listening for signals failed: {error}; try again"))
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn any(&mut self) -> CliError {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
        CliError::Told(Exit::Failed)
    }
}

/// A private folder that goes away with this value.
#[must_use]
pub(super) struct Throwaway {
    path: PathBuf,
}

impl Throwaway {
    /// A new folder where temporary files belong.
    pub(super) fn make_one() -> Result<Self, CliError> {
        Self::new(&std::env::temp_dir())
    }

    /// A new folder in `parent` that only its owner can look into. Creating fails where anything
    /// stands in the way, a link included, so nobody can put one there beforehand.
    fn new(parent: &Path) -> Result<Self, CliError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        for attempt in 0..ATTEMPTS {
            let name = format!("certdeck-demo-{}-{attempt}", std::process::id());
            let path = parent.join(name);
            match builder.create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(no_folder(parent, &error.to_string())),
            }
        }
        Err(no_folder(parent, "too many folders of that name are there"))
    }

    /// A folder in it.
    fn make(&self, name: &str) -> Result<PathBuf, CliError> {
        let path = self.path.join(name);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        let made = builder.create(&path);
        made.map_err(|error| no_folder(&self.path, &error.to_string()))?;
        Ok(path)
    }
}

fn no_folder(parent: &Path, why: &str) -> CliError {
    let parent = parent.display();
    CliError::Failed(format!(
        "making a folder for the demo in {parent} failed: {why}; set TMPDIR to another folder"
    ))
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // What cannot be removed lies in the folder for temporary files, which is cleaned anyway.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_folder_is_private_goes_away_and_avoids_what_is_in_its_way() {
        let parent = tempfile::tempdir().unwrap();
        let first = format!("certdeck-demo-{}-0", std::process::id());
        symlink("/nowhere", parent.path().join(first)).unwrap();
        let folder = Throwaway::new(parent.path()).unwrap();
        let path = folder.path.clone();
        assert!(path.ends_with(format!("certdeck-demo-{}-1", std::process::id())));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::write(path.join("file"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_parent_that_is_not_there_is_named() {
        let Err(error) = Throwaway::new(Path::new("/no/such")) else {
            panic!("made a folder in /no/such");
        };
        assert!(error.to_string().contains("in /no/such failed"), "{error}");
    }
}
