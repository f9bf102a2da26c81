//! From flags, environment and files to everything that a command needs to begin.
//!
//! Reads the configuration, the accounts and people's own lifecycle tables; opens the engine.
//! May not: write anything. Every command comes through here.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "this is where the program starts: it reads the environment and looks for the files of its configuration"
    )
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

use super::args::Flags;
use super::error::CliError;
use crate::config::{
    AccountFile, CONFIG_VARIABLE, Config, ConfigError, Partial, from_environment, from_home,
    with_built_in,
};
use crate::domain::lifecycle::Lifecycles;
use crate::engine::{AccountSettings, Engine, EngineSettings};
use crate::files;

/// Where everything lies.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The configuration file; it need not exist.
    pub(super) config: PathBuf,
    /// Whether a person named that file; then it has to exist.
    named: bool,
    /// The folder with one file for each account.
    pub(super) accounts: PathBuf,
    /// The folder with people's own lifecycle tables.
    pub(super) lifecycles: PathBuf,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Setup {
    /// The settings, all layers together.
    pub(super) config: Config,
    /// All accounts, by name.
    pub(super) accounts: Vec<AccountFile>,
    /// All lifecycles.
    pub(super) lifecycles: Lifecycles,
    /// What is wrong with people's own lifecycle tables, which are left out then.
    pub(super) skipped: Vec<String>,
    /// Which accounts name tables that are left out, and where.
    pub(super) bereft: Vec<String>,
    /// The folder of the store.
    pub(super) store: PathBuf,
    /// The folder with one file for each account.
    pub(super) accounts_folder: PathBuf,
    /// Whether the store is thrown away afterwards.
    pub(super) passing: bool,
}

impl Places {
    /// Where everything lies: flag, variable, or the platform's folder.
    pub(super) fn find(flags: &Flags) -> Result<Self, CliError> {
        let variable = || std::env::var_os(CONFIG_VARIABLE).filter(|value| !value.is_empty());
        let named = flags
            .config
            .clone()
            .or_else(|| variable().map(PathBuf::from));
        let config = match &named {
            Some(file) => file.clone(),
            None => project()?.config_dir().join("config.toml"),
        };
        let folder = config.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            config,
            named: named.is_some(),
            accounts: folder.join("accounts"),
            lifecycles: folder.join("lifecycles"),
        })
    }

    /// The same where a configuration that was named may be missing: it is about to be put there.
    pub(super) fn even_without_a_file(self) -> Self {
        Self {
            named: false,
            ..self
        }
    }
}

/// The folder of the store under these settings.
pub(super) fn store_folder(config: &Config) -> Result<PathBuf, CliError> {
    match &config.store {
        Some(folder) => Ok(folder.clone()),
        None => Ok(project()?.data_dir().join("store")),
    }
}

impl Setup {
    /// Reads everything. Wrong settings and accounts stop here; a wrong lifecycle table is left
    /// out and told, since entries that follow it stay readable without it, and so do accounts that
    /// name it.
    pub(super) fn read(flags: &Flags, places: &Places) -> Result<Self, CliError> {
        let config = read_config(flags, places)?;
        let Tables {
            lifecycles,
            skipped,
            ..
        } = read_tables(&places.lifecycles)?;
        let mut bereft = Vec::new();
        let accounts = read_accounts(&places.accounts, &lifecycles, &skipped, &mut bereft)
            .map_err(|error| with_skipped(error, &skipped))?;
        let accounts = with_built_in(accounts);
        let store = store_folder(&config)?;
        Ok(Self {
            config,
            accounts,
            lifecycles,
            skipped,
            bereft,
            store,
            accounts_folder: places.accounts.clone(),
            passing: false,
        })
    }

    /// What is wrong with tables and goes on all the same, one sentence each, without a capital.
    pub(super) fn told(&self) -> Vec<String> {
        let tables = self.skipped.iter();
        let tables = tables.map(|problem| format!("this lifecycle table is left out: {problem}"));
        let accounts = self.bereft.iter();
        let accounts = accounts
            .map(|problem| format!("an account does without its lifecycle table: {problem}"));
        tables.chain(accounts).collect()
    }

    /// The same for the panel, which tells it in sentences.
    pub(super) fn told_at_once(&self) -> Vec<String> {
        let capital = |told: String| match told.split_at_checked(1) {
            Some((first, rest)) => first.to_uppercase() + rest,
            None => told,
        };
        self.told().into_iter().map(capital).collect()
    }

    /// Opens the engine; `who` acts, for the history.
    pub(super) fn open(&self, who: &str) -> Result<Engine, CliError> {
        Ok(Engine::open(self.settings(who))?)
    }

    /// The same for the panel, which need not wait until all of a long list is read.
    pub(super) fn open_in_stages(&self, who: &str) -> Result<Engine, CliError> {
        Ok(Engine::open_in_stages(self.settings(who))?)
    }

    /// Everything that an engine needs to know.
    pub(super) fn settings(&self, who: &str) -> EngineSettings {
        EngineSettings {
            read_only: self.config.read_only,
            lock_timeout: self.config.lock_timeout,
            probe_parallel: self.config.probe_parallel,
            accounts: self
                .accounts
                .iter()
                .map(|account| AccountSettings::of_file(account, self.config.sandbox))
                .collect(),
            accounts_folder: Some(self.accounts_folder.clone()),
            home: home(),
            usual_places: usual_places(),
            sandbox: self.config.sandbox,
            notice_command: self.config.notice_command.clone(),
            encrypt_keys: self.config.keys.encrypt,
            passing: self.passing,
            ..EngineSettings::usual(self.store.clone(), self.lifecycles.clone(), who)
        }
    }
}

fn project() -> Result<ProjectDirs, CliError> {
    ProjectDirs::from("", "", "certdeck").ok_or_else(|| {
        CliError::Failed(
            "finding your home folder failed; set HOME, or name --config FILE and --store DIR"
                .to_owned(),
        )
    })
}

/// The layer of the environment.
pub(super) fn environment() -> Result<Partial, Vec<ConfigError>> {
    from_environment(|name| std::env::var_os(name))
}

/// The settings, all layers together.
pub(super) fn read_config(flags: &Flags, places: &Places) -> Result<Config, CliError> {
    let environment = environment().map_err(CliError::Config)?;
    let file = match read_optional(&places.config, places.named)? {
        Some(text) => Partial::parse(&places.config.display().to_string(), &text),
        None => Ok(Partial::default()),
    };
    let mut file = file.map_err(CliError::Config)?;
    let folder = places.config.parent().unwrap_or(Path::new(""));
    file.store = file
        .store
        .map(|store| from_home(&store, home().as_deref(), folder));
    Ok(Config::merge(&flags.layer(), &environment, &file))
}

/// The home folder, where there is one.
fn home() -> Option<PathBuf> {
    BaseDirs::new().map(|base| base.home_dir().to_owned())
}

/// Where other programs keep certificates on this system.
fn usual_places() -> Vec<PathBuf> {
    let base = BaseDirs::new();
    let home = base.as_ref().map(BaseDirs::home_dir);
    let data = base.as_ref().map(BaseDirs::data_dir);
    files::discover::usual_places(home, data)
}

/// A file's text; nothing where there is none and none has to be.
fn read_optional(path: &Path, required: bool) -> Result<Option<String>, CliError> {
    if !required && !path.exists() {
        return Ok(None);
    }
    read_text(path).map(Some)
}

fn read_text(path: &Path) -> Result<String, CliError> {
    files::read_text(path)
        .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))
}

/// Lifecycle tables, and where those lie that somebody wrote.
pub(super) struct Tables {
    /// All lifecycles.
    pub(super) lifecycles: Lifecycles,
    /// The files of people's own tables, by id.
    pub(super) files: BTreeMap<String, PathBuf>,
    /// What is wrong with people's own tables, which are left out then.
    pub(super) skipped: Vec<String>,
}

/// Reads the built-in lifecycle tables and those in the folder of people's own.
pub(super) fn read_tables(folder: &Path) -> Result<Tables, CliError> {
    let mut lifecycles = Lifecycles::on_demand();
    let (mut files, mut skipped) = (BTreeMap::new(), Vec::new());
    for path in tables_in(folder)? {
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) => {
                skipped.push(error.to_string());
                continue;
            }
        };
        let known: BTreeSet<String> = lifecycles.ids().map(str::to_owned).collect();
        if let Err(errors) = lifecycles.add(&path.display().to_string(), &text) {
            skipped.extend(errors.iter().map(ToString::to_string));
            continue;
        }
        let added = lifecycles.ids().find(|id| !known.contains(*id));
        files.extend(added.map(|id| (id.to_owned(), path)));
    }
    Ok(Tables {
        lifecycles,
        files,
        skipped,
    })
}

/// An account whose lifecycle seems not to exist is no help where the table is there and wrong: what
/// is wrong with it is told first.
fn with_skipped(error: CliError, skipped: &[String]) -> CliError {
    if skipped.is_empty() {
        return error;
    }
    let mut told = skipped.to_vec();
    told.push(error.to_string());
    CliError::Usage(told.join("\n"))
}

/// Reads the accounts. Where tables are left out, one that names a table that is not there is kept,
/// and `bereft` says so: what it has stays readable, and nothing can be done with it meanwhile.
fn read_accounts(
    folder: &Path,
    lifecycles: &Lifecycles,
    skipped: &[String],
    bereft: &mut Vec<String>,
) -> Result<Vec<AccountFile>, CliError> {
    let known: Vec<&str> = lifecycles.ids().collect();
    let home = home();
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let mut accounts = Vec::new();
    let mut errors: Vec<ConfigError> = Vec::new();
    for path in tables_in(folder)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let (text, file) = (read_text(&path)?, path.display().to_string());
        let read = AccountFile::parse(&name, &file, &text, &known).or_else(|wrong| {
            let without = AccountFile::parse_without_tables(&name, &file, &text);
            let without = without.ok().filter(|_| !skipped.is_empty());
            let account = without.ok_or_else(|| wrong.clone())?;
            bereft.extend(wrong.iter().map(ToString::to_string));
            Ok(account)
        });
        match read {
            Ok(mut account) => {
                account.settle_paths(home.as_deref(), &absolute);
                accounts.push(account);
            }
            Err(wrong) => errors.extend::<Vec<ConfigError>>(wrong),
        }
    }
    if errors.is_empty() {
        Ok(accounts)
    } else {
        Err(CliError::Config(errors))
    }
}

/// The TOML files of a folder in the order of their names; none where there is no folder. Hidden
/// ones are passed over: editors keep their locks and copies in them, and a lock of Emacs is a link
/// that leads nowhere.
fn tables_in(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let listed = std::fs::read_dir(folder).and_then(|items| {
        let paths = items.map(|item| item.map(|item| item.path()));
        paths.collect::<Result<Vec<_>, _>>()
    });
    let mut paths = listed.map_err(|error| {
        let folder = folder.display();
        CliError::Failed(format!(
            "listing {folder} failed: {error}; check that you may read it"
        ))
    })?;
    let hidden = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(b".")
    };
    paths.retain(|path| path.extension() == Some(OsStr::new("toml")) && !hidden(path));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn setup(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Setup, CliError>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (flags, places) = place(folder.path());
        let setup = Setup::read(&flags, &places);
        (folder, setup)
    }

    fn place(folder: &Path) -> (Flags, Places) {
        let flags = Flags {
            config: Some(folder.join("config.toml")),
            ..Flags::default()
        };
        let places = Places::find(&flags).unwrap();
        (flags, places)
    }

    #[test]
    fn a_store_in_the_file_starts_at_the_file() {
        let (folder, setup) = setup(&[("config.toml", "store = \"certs\"\n")]);
        assert_eq!(setup.unwrap().store, folder.path().join("certs"));
    }

    #[test]
    fn accounts_lie_beside_the_file_and_errors_of_all_are_told() {
        let (_folder, fine) = setup(&[
            ("config.toml", "[sandbox]\nspeed = 3600\n"),
            ("accounts/shop.toml", "kind = \"sandbox\"\nseed = 4\n"),
            ("accounts/notes.txt", "not an account"),
        ]);
        let fine = fine.unwrap();
        let names: Vec<_> = fine
            .accounts
            .iter()
            .map(|account| account.name.as_str())
            .collect();
        assert_eq!(names, ["files", "sandbox", "shop"]);
        let shop = AccountSettings::of_file(&fine.accounts[2], fine.config.sandbox);
        assert_eq!((shop.seed, shop.speed), (Some(4), Some(3600)));

        let (folder, wrong) = setup(&[
            ("config.toml", ""),
            ("accounts/a.toml", "kind = \"cloud\"\n"),
            ("accounts/b.toml", "\nkind = 3\n"),
        ]);
        let told = wrong.unwrap_err().to_string();
        let accounts = folder.path().join("accounts");
        assert!(
            told.contains(&format!("{}:1: kind", accounts.join("a.toml").display())),
            "{told}"
        );
        assert!(
            told.contains(&format!("{}:2: kind", accounts.join("b.toml").display())),
            "{told}"
        );
    }

    #[test]
    fn a_wrong_lifecycle_table_is_left_out_and_told() {
        let (_folder, setup) = setup(&[
            ("config.toml", ""),
            ("lifecycles/mine.toml", "id = \"mine\"\n"),
        ]);
        let setup = setup.unwrap();
        assert!(setup.lifecycles.get("netcup").is_some());
        assert!(setup.lifecycles.get("mine").is_none());
        assert!(
            setup.skipped[0].contains("lifecycles/mine.toml:"),
            "{:?}",
            setup.skipped
        );
    }

    #[test]
    fn an_account_whose_table_is_left_out_is_kept_and_told() {
        let files = |lifecycle: &'static str| {
            [
                ("config.toml", ""),
                ("lifecycles/mine.toml", lifecycle),
                (
                    "accounts/shop.toml",
                    "kind = \"sandbox\"\nlifecycle = \"mine\"\n",
                ),
            ]
        };
        let (_folder, read) = setup(&files("id = \"mine\"\n"));
        let read = read.unwrap();
        let shop = read.accounts.iter().find(|account| account.name == "shop");
        assert_eq!(shop.unwrap().lifecycles, ["mine"]);
        let told = read.told();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains("lifecycles/mine.toml:1: title"),
            "{told:?}"
        );
        assert!(
            told[1].contains("accounts/shop.toml:2: lifecycle"),
            "{told:?}"
        );
    }

    #[test]
    fn an_account_without_its_table_stops_where_no_table_is_wrong() {
        let account = "kind = \"sandbox\"\nlifecycle = \"mine\"\n";
        let (_folder, read) = setup(&[("config.toml", ""), ("accounts/shop.toml", account)]);
        let told = read.unwrap_err().to_string();
        assert!(told.contains("accounts/shop.toml:2: lifecycle"), "{told}");
    }

    #[test]
    fn whatever_else_is_wrong_with_an_account_stops_and_tells_of_the_table() {
        let (_folder, read) = setup(&[
            ("config.toml", ""),
            ("lifecycles/mine.toml", "id = \"mine\"\n"),
            (
                "accounts/shop.toml",
                "kind = \"sandbox\"\nlifecycle = \"mine\"\nspeed = \"much\"\n",
            ),
        ]);
        let told = read.unwrap_err().to_string();
        let (table, account) = told.split_once('\n').unwrap();
        assert!(table.contains("lifecycles/mine.toml:1: title"), "{told}");
        assert!(
            account.contains("accounts/shop.toml:2: lifecycle"),
            "{told}"
        );
        assert!(account.contains("accounts/shop.toml:3: speed"), "{told}");
    }

    #[test]
    fn hidden_files_beside_accounts_and_lifecycles_are_passed_over() {
        let (folder, _) = setup(&[
            ("config.toml", ""),
            ("accounts/.shop.toml", "half wri"),
            ("lifecycles/.mine.toml", "half wri"),
        ]);
        let lock = folder.path().join("accounts/.#shop.toml");
        std::os::unix::fs::symlink("someone@somewhere.1234:56", lock).unwrap();
        let (flags, places) = place(folder.path());
        let setup = Setup::read(&flags, &places).unwrap();
        assert_eq!(setup.skipped, Vec::<String>::new());
        assert_eq!(setup.accounts.len(), 2, "{:?}", setup.accounts);
    }

    #[test]
    fn a_file_that_was_named_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags {
            config: Some(folder.path().join("missing.toml")),
            ..Flags::default()
        };
        let places = Places::find(&flags).unwrap();
        let error = Setup::read(&flags, &places).unwrap_err().to_string();
        assert!(error.contains("missing.toml: opening failed"), "{error}");
    }
}
