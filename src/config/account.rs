//! Accounts as people configure them: one file each, `accounts/NAME.toml` beside the
//! configuration.
//!
//! Pure. The file's name is the account's name. Two accounts are there without any file:
//! `sandbox` and `files`; a file of that name changes their settings, never their kind.

use super::document::Document;
use super::error::{ConfigError, Problems};
use super::nearest::nearest;
use super::settings::read_speed;
use super::watch::Watch;
use crate::domain::account::AccountKind;

/// The lifecycle of a sandbox account that names none.
const DEFAULT_LIFECYCLE: &str = "netcup";

/// The lifecycle of certificates in files.
const FILES_LIFECYCLE: &str = "files";

/// The accounts that are there without any file.
pub const BUILT_IN_ACCOUNTS: [(&str, AccountKind); 2] = [
    ("sandbox", AccountKind::Sandbox),
    ("files", AccountKind::Files),
];

/// The kinds that a file can name.
const KINDS: [AccountKind; 3] = AccountKind::ALL;

/// One account, as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFile {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AccountKind,
    /// The lifecycle that its entries follow, by id.
    pub lifecycle: String,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// What a sandbox's chances hang on.
    pub seed: Option<u64>,
    /// How many of a sandbox's seconds pass in one second.
    pub speed: Option<u32>,
    /// Where the provider's own panel is, for an account by hand; the lifecycle's where it says
    /// nothing.
    pub panel: Option<String>,
    /// What is watched, for an account of files and servers.
    pub watch: Watch,
}

impl AccountFile {
    fn new(name: &str, kind: AccountKind) -> Self {
        let lifecycle = match kind {
            AccountKind::Sandbox | AccountKind::ByHand => DEFAULT_LIFECYCLE,
            AccountKind::Files => FILES_LIFECYCLE,
        };
        Self {
            name: name.to_owned(),
            kind,
            lifecycle: lifecycle.to_owned(),
            read_only: false,
            seed: None,
            speed: None,
            panel: None,
            watch: Watch::default(),
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
        let mut problems = Problems::new(file, text);
        check_name(name, &mut problems);
        let account = read(name, text, lifecycles, &mut problems);
        match (account, problems.into_errors()) {
            (Some(account), errors) if errors.is_empty() => Ok(account),
            (_, errors) => Err(errors),
        }
    }
}

/// All accounts: those with a file, and the built-in ones that have none, by name.
#[must_use]
pub fn with_built_in(mut accounts: Vec<AccountFile>) -> Vec<AccountFile> {
    for (name, kind) in BUILT_IN_ACCOUNTS {
        if !accounts.iter().any(|account| account.name == name) {
            accounts.push(AccountFile::new(name, kind));
        }
    }
    accounts.sort_by(|left, right| left.name.cmp(&right.name));
    accounts
}

fn read(
    name: &str,
    text: &str,
    lifecycles: &[&str],
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
    let mut account = AccountFile::new(name, kind);
    account.read_only = document.switch("read-only", problems).unwrap_or_default();
    match kind {
        AccountKind::Sandbox => {
            let known = |given: &str| parse_lifecycle(given, lifecycles);
            let lifecycle = document.parsed(
                "lifecycle",
                "the id of a lifecycle in quotes",
                known,
                problems,
            );
            account.lifecycle = lifecycle.unwrap_or(account.lifecycle);
            account.seed = document.number("seed", 0..=u64::MAX, problems);
            account.speed = read_speed(&mut document, problems);
            document.finish(
                &["kind", "lifecycle", "seed", "speed", "read-only"],
                problems,
            );
        }
        AccountKind::ByHand => {
            let known = |given: &str| parse_lifecycle(given, lifecycles);
            let lifecycle = document.parsed(
                "lifecycle",
                "the id of a lifecycle in quotes",
                known,
                problems,
            );
            account.lifecycle = lifecycle.unwrap_or(account.lifecycle);
            document.finish(&["kind", "lifecycle", "panel", "read-only"], problems);
        }
        AccountKind::Files => document.finish(&["kind", "read-only"], problems),
    }
    Some(account)
}

fn parse_kind(given: &str) -> Result<AccountKind, String> {
    let kind = KINDS.into_iter().find(|kind| kind.id() == given);
    kind.ok_or_else(|| format!("there is no kind {given:?}; expected one of {}", kinds()))
}

fn parse_lifecycle(given: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&given) {
        return Ok(given.to_owned());
    }
    let meant = nearest(given, known.iter().copied())
        .map(|meant| format!("Did you mean {meant:?}? "))
        .unwrap_or_default();
    Err(format!(
        "no lifecycle is called {given:?}. {meant}Known are {}",
        known.join(", ")
    ))
}

fn kinds() -> String {
    KINDS.map(|kind| format!("{:?}", kind.id())).join(", ")
}

/// Names appear in commands and rows: letters, digits, hyphens, dots and underscores.
fn check_name(name: &str, problems: &mut Problems<'_>) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(fits) {
        let problem = format!(
            "{name:?} is no name for an account; use letters, digits, hyphens, dots and underscores"
        );
        problems.add(&(0..0), "the file's name", problem);
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
                    account.lifecycle.as_str(),
                    account.read_only,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("files", "files", true), ("sandbox", "netcup", false)]
        );
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
                "accounts/a.toml:2: seed: there is no such key. The keys here are kind, read-only",
            ),
            (
                "files",
                "kind = \"sandbox\"\n",
                "accounts/files.toml:1: kind: \"files\" is built in and of the kind \"files\"; give the file another name",
            ),
            (
                "my shop",
                "kind = \"files\"\n",
                "accounts/my shop.toml:1: the file's name: \"my shop\" is no name for an account; use letters, digits, hyphens, dots and underscores",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(errors(name, text), [expected]);
        }
    }
}
