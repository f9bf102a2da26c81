//! Accounts as people configure them: one file each, `accounts/NAME.toml` beside the
//! configuration.
//!
//! Pure. The file's name is the account's name. Two accounts are there without any file:
//! `sandbox` and `files`; a file of that name changes their settings, never their kind.

mod answers;
mod render;

use std::path::Path;

use super::deploy::{self, Deploy};
use super::document::Document;
use super::error::{ConfigError, Problems};
use super::probing::{self, ProbeSettings};
use super::settings::read_speed;
use super::watch::{Target, USUAL_EVERY, Watch};
use crate::domain::account::AccountKind;

use answers::kinds;
pub use answers::{
    check_account_name, from_home, parse_absolute_path, parse_every, parse_kind, parse_lifecycle,
    parse_panel, parse_pattern, parse_watched_path,
};

/// The lifecycle of an account that names none.
pub const DEFAULT_LIFECYCLE: &str = "netcup";

/// The built-in sandbox, which plays every lifecycle unless its file says which.
const PLAYS_EVERYTHING: &str = "sandbox";

/// The lifecycle of certificates in files.
const FILES_LIFECYCLE: &str = "files";

/// The accounts that are there without any file.
pub const BUILT_IN_ACCOUNTS: [(&str, AccountKind); 2] = [
    ("sandbox", AccountKind::Sandbox),
    ("files", AccountKind::Files),
];

/// One account, as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFile {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AccountKind,
    /// The lifecycles that its entries follow, by id, the usual one first; every one that there is
    /// where the list is empty, as for the built-in sandbox.
    pub lifecycles: Vec<String>,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// What a sandbox's chances hang on.
    pub seed: Option<u64>,
    /// How many of a sandbox's seconds pass in one second.
    pub speed: Option<u32>,
    /// How many of a thousand answers a sandbox loses, so that people see what comes of that.
    pub lose_answers: Option<u32>,
    /// Where the provider's own panel is, for an account by hand; the lifecycle's where it says
    /// nothing.
    pub panel: Option<String>,
    /// What is watched, for an account of files and servers.
    pub watch: Watch,
    /// How its certificates are deployed, if it says so.
    pub deploy: Option<Deploy>,
    /// Where the servers of its entries are.
    pub probe: ProbeSettings,
}

impl AccountFile {
    /// An account of that kind about which nothing else is said.
    #[must_use]
    pub fn usual(name: &str, kind: AccountKind) -> Self {
        let lifecycle = match kind {
            AccountKind::Sandbox if name == PLAYS_EVERYTHING => None,
            AccountKind::Sandbox | AccountKind::ByHand => Some(DEFAULT_LIFECYCLE),
            AccountKind::Files => Some(FILES_LIFECYCLE),
        };
        Self {
            name: name.to_owned(),
            kind,
            lifecycles: lifecycle.map(str::to_owned).into_iter().collect(),
            read_only: false,
            seed: None,
            speed: None,
            lose_answers: None,
            panel: None,
            watch: Watch::default(),
            deploy: None,
            probe: ProbeSettings::default(),
        }
    }

    /// Reads the text of an account's file. `name` is the file's name without `.toml`, `file`
    /// names it in the errors, `lifecycles` are the ids of the tables that there are.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with file, line and key.
    pub fn parse(
        name: &str,
        file: &str,
        text: &str,
        lifecycles: &[&str],
    ) -> Result<Self, Vec<ConfigError>> {
        Self::parse_with(name, file, text, Some(lifecycles))
    }

    /// Reads the text of an account's file where tables are left out since something is wrong with
    /// them: the lifecycles that it names need not be there.
    ///
    /// # Errors
    /// Everything else that is wrong with it, each with file, line and key.
    pub fn parse_without_tables(
        name: &str,
        file: &str,
        text: &str,
    ) -> Result<Self, Vec<ConfigError>> {
        Self::parse_with(name, file, text, None)
    }

    fn parse_with(
        name: &str,
        file: &str,
        text: &str,
        lifecycles: Option<&[&str]>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut problems = Problems::new(file, text);
        if let Err(problem) = check_account_name(name) {
            problems.add(&(0..0), "the file's name", problem);
        }
        let account = read(name, text, lifecycles, &mut problems);
        match (account, problems.into_errors()) {
            (Some(account), errors) if errors.is_empty() => Ok(account),
            (_, errors) => Err(errors),
        }
    }

    /// Says of every watched path where it lies: `~` is the home folder, and what is relative
    /// starts at the folder of the account's file.
    pub fn settle_paths(&mut self, home: Option<&Path>, folder: &Path) {
        for path in &mut self.watch.paths {
            *path = from_home(path, home, folder);
        }
        if let Some(deploy) = &mut self.deploy {
            deploy.settle_path(home, folder);
        }
    }
}

/// All accounts: those with a file, and the built-in ones that have none, by name.
#[must_use]
pub fn with_built_in(mut accounts: Vec<AccountFile>) -> Vec<AccountFile> {
    for (name, kind) in BUILT_IN_ACCOUNTS {
        if !accounts.iter().any(|account| account.name == name) {
            accounts.push(AccountFile::usual(name, kind));
        }
    }
    accounts.sort_by(|left, right| left.name.cmp(&right.name));
    accounts
}

fn read(
    name: &str,
    text: &str,
    lifecycles: Option<&[&str]>,
    problems: &mut Problems<'_>,
) -> Option<AccountFile> {
    let mut document = Document::parse(text, problems);
    let Some(place) = document.place("kind") else {
        let problem = format!("it is missing; expected kind = one of {}", kinds());
        problems.add(&(0..0), "kind", problem);
        return None;
    };
    let kind = document.parsed("kind", "a kind of account in quotes", parse_kind, problems)?;
    let built_in = BUILT_IN_ACCOUNTS.iter().find(|(known, _)| *known == name);
    if let Some((_, is)) = built_in.filter(|(_, is)| *is != kind) {
        let problem = format!(
            "{name:?} is built in and of the kind {:?}; give the file another name",
            is.id()
        );
        problems.add(&place, "kind", problem);
    }
    let mut account = AccountFile::usual(name, kind);
    account.read_only = document.switch("read-only", problems).unwrap_or_default();
    match kind {
        AccountKind::Sandbox => {
            read_lifecycle(&mut account, &mut document, lifecycles, problems);
            account.seed = document.number("seed", 0..=u64::MAX, problems);
            account.speed = read_speed(&mut document, problems);
            let lost = document.number("lose-answers", 0..=1_000, problems);
            account.lose_answers = lost.and_then(|lost| u32::try_from(lost).ok());
        }
        AccountKind::ByHand => {
            read_lifecycle(&mut account, &mut document, lifecycles, problems);
            account.panel = document.parsed("panel", "a link in quotes", parse_panel, problems);
        }
        AccountKind::Files => account.watch = read_watch(&mut document, problems),
    }
    account.deploy = Deploy::read(&mut document, problems);
    account.probe = ProbeSettings::read(&mut document, problems);
    let keys = [keys(kind), &probing::KEYS[..], &deploy::KEYS[..]].concat();
    document.finish(&keys, problems);
    Some(account)
}

/// The keys of an account's file.
fn keys(kind: AccountKind) -> &'static [&'static str] {
    match kind {
        AccountKind::Sandbox => &[
            "kind",
            "lifecycle",
            "seed",
            "speed",
            "lose-answers",
            "read-only",
        ],
        AccountKind::ByHand => &["kind", "lifecycle", "panel", "read-only"],
        AccountKind::Files => &[
            "kind",
            "paths",
            "include",
            "exclude",
            "hosts",
            "every",
            "read-only",
        ],
    }
}

fn read_lifecycle(
    account: &mut AccountFile,
    document: &mut Document<'_>,
    lifecycles: Option<&[&str]>,
    problems: &mut Problems<'_>,
) {
    let known = |given: &str| match lifecycles {
        Some(lifecycles) => parse_lifecycle(given, lifecycles),
        None => Ok(given.to_owned()),
    };
    let given = document.parsed_one_or_more("lifecycle", known, problems);
    if let Some(lifecycles) = given {
        account.lifecycles = lifecycles;
    }
}

fn read_watch(document: &mut Document<'_>, problems: &mut Problems<'_>) -> Watch {
    let every = "a time span in quotes, like \"5m\"";
    let paths = document.parsed_list("paths", parse_watched_path, problems);
    let include = document.parsed_list("include", parse_pattern, problems);
    let exclude = document.parsed_list("exclude", parse_pattern, problems);
    let hosts = document.parsed_list("hosts", str::parse::<Target>, problems);
    let every = document.parsed("every", every, parse_every, problems);
    Watch {
        paths: paths.unwrap_or_default(),
        include: include.unwrap_or_default(),
        exclude: exclude.unwrap_or_default(),
        hosts: hosts.unwrap_or_default(),
        every: every.unwrap_or(USUAL_EVERY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFECYCLES: [&str; 2] = ["files", "netcup"];

    fn errors(name: &str, text: &str) -> Vec<String> {
        let file = format!("accounts/{name}.toml");
        let errors = AccountFile::parse(name, &file, text, &LIFECYCLES).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sandbox_account_is_read() {
        let text = "kind = \"sandbox\"\nlifecycle = \"netcup\"\nseed = 7\nspeed = 3600\nread-only = true\n";
        let account = AccountFile::parse("shop", "accounts/shop.toml", text, &LIFECYCLES).unwrap();
        assert_eq!(account.kind, AccountKind::Sandbox);
        assert_eq!((account.seed, account.speed), (Some(7), Some(3600)));
        assert!(account.read_only);
    }

    #[test]
    fn built_in_accounts_need_no_file_and_a_file_changes_them() {
        let text = "kind = \"files\"\nread-only = true\n";
        let own = AccountFile::parse("files", "accounts/files.toml", text, &LIFECYCLES).unwrap();
        let all = with_built_in(vec![own]);
        let shown: Vec<_> = all
            .iter()
            .map(|account| {
                (
                    account.name.as_str(),
                    account.lifecycles.join(" "),
                    account.read_only,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("files", "files".to_owned(), true),
                ("sandbox", String::new(), false)
            ]
        );
    }

    #[test]
    fn a_by_hand_account_is_read() {
        let text = "kind = \"by-hand\"\npanel = \"https://www.customercontrolpanel.de\"\n";
        let account = AccountFile::parse("main", "accounts/main.toml", text, &LIFECYCLES).unwrap();
        assert_eq!(account.kind, AccountKind::ByHand);
        assert_eq!(account.lifecycles, ["netcup"]);
        let panel = account.panel.as_deref();
        assert_eq!(panel, Some("https://www.customercontrolpanel.de"));
    }

    #[test]
    fn a_watched_account_is_read_and_its_paths_start_at_its_file_or_at_home() {
        let text = "kind = \"files\"\npaths = [\"/etc/ssl\", \"~/certs\", \"own\"]\n\
                    include = [\"*.pem\"]\nexclude = [\"old/*\"]\n\
                    hosts = [\"www.example.com\", \"[::1]:993\"]\nevery = \"1h\"\n";
        let read = AccountFile::parse("files", "accounts/files.toml", text, &LIFECYCLES);
        let mut account = read.unwrap();
        account.settle_paths(Some(Path::new("/home/me")), Path::new("/conf/accounts"));
        let paths: Vec<_> = account
            .watch
            .paths
            .iter()
            .map(|path| path.to_str().unwrap())
            .collect();
        assert_eq!(paths, ["/etc/ssl", "/home/me/certs", "/conf/accounts/own"]);
        let hosts: Vec<_> = account
            .watch
            .hosts
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(hosts, ["www.example.com:443", "[::1]:993"]);
        assert_eq!(account.watch.every.as_secs(), 3_600);
        assert_eq!(account.watch.include, ["*.pem"]);
        assert_eq!(account.watch.exclude, ["old/*"]);
    }

    #[test]
    fn each_wrong_place_of_a_watched_account_is_named_with_its_line() {
        let text = "kind = \"files\"\npaths = [\n  \"\",\n]\ninclude = [\"[a\"]\n\
                    hosts = [\"a.example\", \"a.example:0\", 3]\nevery = \"1s\"\n";
        let told = errors("mine", text);
        let starts = [
            "accounts/mine.toml:3: paths: \"\" is no path",
            "accounts/mine.toml:5: include: \"[a\" is no pattern",
            "accounts/mine.toml:6: hosts: \"0\" in \"a.example:0\" is no port",
            "accounts/mine.toml:6: hosts: expected a text in quotes, found the number 3",
            "accounts/mine.toml:7: every: \"1s\" is too short",
        ];
        assert_eq!(told.len(), starts.len(), "{told:#?}");
        for (told, start) in told.iter().zip(starts) {
            assert!(told.starts_with(start), "{told}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_expected() {
        let cases = [
            (
                "a",
                "seed = 1\n",
                "accounts/a.toml:1: kind: it is missing; expected kind = one of \"sandbox\", \"by-hand\", \"files\"",
            ),
            (
                "a",
                "\nkind = \"cloudflair\"\n",
                "accounts/a.toml:2: kind: there is no kind \"cloudflair\"; expected one of \"sandbox\", \"by-hand\", \"files\"",
            ),
            (
                "a",
                "kind = \"sandbox\"\nlifecycle = \"netcupp\"\n",
                "accounts/a.toml:2: lifecycle: no lifecycle is called \"netcupp\". Did you mean \"netcup\"? Known are files, netcup",
            ),
            (
                "a",
                "kind = \"files\"\nseed = 1\n",
                "accounts/a.toml:2: seed: there is no such key. The keys here are kind, paths, include, exclude, hosts, every, read-only, probe-port, probe-wildcard, probe-starttls, deploy, deploy-to, deploy-within, deploy-after-renewal",
            ),
            (
                "files",
                "kind = \"sandbox\"\n",
                "accounts/files.toml:1: kind: \"files\" is built in and of the kind \"files\"; give the file another name",
            ),
            (
                "my shop",
                "kind = \"files\"\n",
                "accounts/my shop.toml:1: the file's name: \"my shop\" is no name for an account; use letters, digits, hyphens, dots and underscores, a letter or digit first, at most 64 altogether",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(errors(name, text), [expected]);
        }
    }
}
