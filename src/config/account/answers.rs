//! What the answers about an account may be, one at a time.
//!
//! Pure. The reader of account files asks here, and so does the engine's check of a form: a file
//! and a form can never disagree on what is right.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;

use super::super::nearest::nearest;
use super::super::settings::parse_span;
use crate::domain::account::AccountKind;

/// Names are typed in commands and stand in rows.
const LONGEST_NAME: usize = 64;
/// Looking at a server more often would be a burden for it, and certificates change slowly.
const SHORTEST_EVERY: Duration = Duration::from_secs(10);
/// Whoever looks more seldom does not watch.
const LONGEST_EVERY: Duration = Duration::from_secs(31 * 24 * 3600);

/// Whether a name may be an account's.
///
/// # Errors
/// What is expected instead.
pub fn check_account_name(name: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if begins_well && name.chars().all(plain) && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no name for an account; use letters, digits, hyphens, dots and underscores, \
         a letter or digit first, at most {LONGEST_NAME} altogether"
    ))
}

/// A kind of account by its id.
///
/// # Errors
/// The kinds that there are, and which one may be meant.
pub fn parse_kind(given: &str) -> Result<AccountKind, String> {
    let kind = AccountKind::ALL.into_iter().find(|kind| kind.id() == given);
    kind.ok_or_else(|| {
        let meant = nearest(given, AccountKind::ALL.map(AccountKind::id))
            .map(|meant| format!(" Did you mean {meant:?}?"));
        let known = kinds();
        meant.map_or_else(
            || format!("there is no kind {given:?}; expected one of {known}"),
            |meant| format!("there is no kind {given:?}.{meant} The kinds are {known}"),
        )
    })
}

/// A lifecycle that is known, by its id.
///
/// # Errors
/// The lifecycles that there are, and which one may be meant.
pub fn parse_lifecycle(given: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&given) {
        return Ok(given.to_owned());
    }
    Err(format!(
        "no lifecycle is called {given:?}. {}Known are {}",
        did_you_mean(given, known.iter().copied()),
        known.join(", ")
    ))
}

/// The link of a provider's panel.
///
/// # Errors
/// What is expected instead.
pub fn parse_panel(given: &str) -> Result<String, String> {
    let rest = given.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_graphic() || letter.is_alphanumeric();
    if !host.is_empty() && !host.starts_with(':') && given.chars().all(plain) {
        return Ok(given.to_owned());
    }
    Err(format!(
        "{given:?} is no link; expected one that begins with https://"
    ))
}

/// A file or folder to watch, as written.
///
/// # Errors
/// What is expected instead.
pub fn parse_watched_path(given: &str) -> Result<PathBuf, String> {
    if given.is_empty() || given.contains('\0') {
        return Err(format!(
            "{given:?} is no path; expected the path of a file or folder"
        ));
    }
    Ok(PathBuf::from(given))
}

/// A file or folder to watch that means the same wherever certdeck runs.
///
/// # Errors
/// What is expected instead.
pub fn parse_absolute_path(given: &str) -> Result<PathBuf, String> {
    let path = parse_watched_path(given)?;
    if path.is_absolute() || path.starts_with("~") {
        return Ok(path);
    }
    Err(format!(
        "{given:?} starts nowhere; expected a path that begins with / or ~/"
    ))
}

/// A pattern of files, as `glob` writes them.
///
/// # Errors
/// What is wrong with it.
pub fn parse_pattern(given: &str) -> Result<String, String> {
    let refused = |why: String| {
        format!(
            "{given:?} is no pattern: {why}; expected one like \"*.pem\" or \"live/*/cert.pem\""
        )
    };
    if given.is_empty() {
        return Err(refused("it is empty and would fit nothing".to_owned()));
    }
    match glob::Pattern::new(given) {
        Ok(_) => Ok(given.to_owned()),
        Err(error) => Err(refused(format!(
            "{} at letter {}",
            error.msg,
            error.pos + 1
        ))),
    }
}

/// How often servers are looked at.
///
/// # Errors
/// What is expected instead.
pub fn parse_every(given: &str) -> Result<Duration, String> {
    let every = Duration::try_from(parse_span(given)?).unwrap_or_default();
    if (SHORTEST_EVERY..=LONGEST_EVERY).contains(&every) {
        return Ok(every);
    }
    Err(format!(
        "{given:?} is too {}; expected a time span from \"10s\" to \"31d\"",
        if every < SHORTEST_EVERY {
            "short"
        } else {
            "long"
        }
    ))
}

/// A span as [`parse_every`] reads it.
#[must_use]
pub(super) fn every_words(every: Duration) -> String {
    let span = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
    format!("{span:#}")
}

/// A path as the file in `folder` means it: `~` is the home folder, and what is relative starts at
/// the folder.
#[must_use]
pub fn from_home(path: &Path, home: Option<&Path>, folder: &Path) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => folder.join(path),
    }
}

/// The kinds, for sentences.
pub(super) fn kinds() -> String {
    AccountKind::ALL
        .map(|kind| format!("{:?}", kind.id()))
        .join(", ")
}

fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, known)
        .map(|meant| format!("Did you mean {meant:?}? "))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_commands_and_file_names_can_bear() {
        let long = "a".repeat(65);
        for (name, fine) in [
            ("netcup-main", true),
            ("7", true),
            ("acme.sh_2", true),
            ("", false),
            (".hidden", false),
            ("-x", false),
            ("a/b", false),
            ("a b", false),
            ("ü", false),
            ("..", false),
            (long.as_str(), false),
        ] {
            assert_eq!(check_account_name(name).is_ok(), fine, "{name:?}");
        }
    }

    #[test]
    fn links_of_panels_are_https() {
        for (given, fine) in [
            ("https://www.customercontrolpanel.de", true),
            ("https://panel.example:8443/a?b=c", true),
            ("http://panel.example", false),
            ("https://", false),
            ("https:///x", false),
            ("panel.example", false),
            ("https://a b", false),
            ("https://a\u{202e}b", false),
        ] {
            assert_eq!(parse_panel(given).is_ok(), fine, "{given:?}");
        }
    }

    #[test]
    fn spans_between_ten_seconds_and_a_month_are_kept_and_shown_as_they_are_read() {
        for (given, shown) in [
            ("10s", "10s"),
            ("300s", "5m"),
            ("90m", "1h 30m"),
            ("31d", "744h"),
        ] {
            let every = parse_every(given).unwrap();
            assert_eq!(every_words(every), shown);
            assert_eq!(parse_every(shown), Ok(every));
        }
        let cases = [
            ("9s", "too short"),
            ("-5m", "too short"),
            ("32d", "too long"),
            ("often", "no time span"),
        ];
        for (given, expected) in cases {
            let error = parse_every(given).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn patterns_and_paths_say_what_is_wrong() {
        assert_eq!(parse_pattern("*.pem").as_deref(), Ok("*.pem"));
        for given in ["", "a***b", "[a"] {
            assert!(parse_pattern(given).unwrap_err().contains("no pattern"));
        }
        for (given, fine) in [
            ("/etc", true),
            ("~/certs", true),
            ("~", true),
            ("certs", false),
        ] {
            assert_eq!(parse_absolute_path(given).is_ok(), fine, "{given:?}");
        }
    }
}
