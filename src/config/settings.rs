//! The settings and their layers.
//!
//! Pure. `Partial` is one layer, where everything may be missing; [`Config`] is all of them laid
//! on one another.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::document::Document;
use super::error::{ConfigError, Problems};

/// The fastest sandbox: a year in each second.
const FASTEST: u64 = 31_536_000;

/// How many servers a probing talks to at once where nothing else is said: few enough for any
/// router and any limit of open files, also with as many slow ones beside them.
pub const PROBE_PARALLEL: usize = 64;
/// The most that it can be told.
const MOST_PARALLEL: u64 = 512;

/// Everything that can be set, as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Config {
    /// Where the store lies; the platform's data folder where there is none.
    pub store: Option<PathBuf>,
    /// The colours of the panel.
    pub theme: ThemeName,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether the panel listens to the mouse.
    pub mouse: bool,
    /// Whether the terminal's bell rings with news.
    pub bell: bool,
    /// A program and its arguments that is started with each piece of news; the news is its last
    /// argument. None where it is empty.
    pub notice_command: Vec<String>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// How long to wait for another certdeck that is writing.
    pub lock_timeout: Duration,
    /// How many servers a probing talks to at once.
    pub probe_parallel: usize,
    /// What holds for sandbox accounts whose own file does not say otherwise.
    pub sandbox: SandboxDefaults,
    /// What happens to private keys.
    pub keys: KeySettings,
}

/// What happens to private keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySettings {
    /// Whether keys that come into the store are encrypted with a passphrase.
    pub encrypt: bool,
    /// After how long a key that was copied is taken off the clipboard.
    pub clear_clipboard: Duration,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            encrypt: false,
            clear_clipboard: Duration::from_secs(30),
        }
    }
}

/// What holds for sandbox accounts whose own file does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxDefaults {
    /// How many sandbox seconds pass in one second.
    pub speed: u32,
    /// What its chances hang on; drawn once for each account where there is none.
    pub seed: Option<u64>,
}

/// The colours of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// Whatever suits the terminal.
    #[default]
    Auto,
    /// For dark terminals.
    Dark,
    /// For light terminals.
    Light,
    /// Without colours.
    Mono,
}

impl ThemeName {
    /// Every theme.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Dark, Self::Light, Self::Mono];

    /// The name in files and on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }
}

impl fmt::Display for ThemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for ThemeName {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|theme| theme.id() == given)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::id).join(", ");
                format!("expected one of {known}, found {given:?}")
            })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            store: None,
            theme: ThemeName::Auto,
            ascii: false,
            mouse: true,
            bell: true,
            notice_command: Vec::new(),
            read_only: false,
            lock_timeout: Duration::from_secs(10),
            probe_parallel: PROBE_PARALLEL,
            sandbox: SandboxDefaults {
                speed: 60,
                seed: None,
            },
            keys: KeySettings::default(),
        }
    }
}

/// One layer of settings, where everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    /// See [`Config::store`].
    pub store: Option<PathBuf>,
    /// See [`Config::theme`].
    pub theme: Option<ThemeName>,
    /// See [`Config::ascii`].
    pub ascii: Option<bool>,
    /// See [`Config::mouse`].
    pub mouse: Option<bool>,
    /// See [`Config::bell`].
    pub bell: Option<bool>,
    /// See [`Config::notice_command`].
    pub notice_command: Option<Vec<String>>,
    /// See [`Config::read_only`].
    pub read_only: Option<bool>,
    /// See [`Config::lock_timeout`].
    pub lock_timeout: Option<Duration>,
    /// See [`Config::probe_parallel`].
    pub probe_parallel: Option<usize>,
    /// See [`SandboxDefaults::speed`].
    pub sandbox_speed: Option<u32>,
    /// See [`SandboxDefaults::seed`].
    pub sandbox_seed: Option<u64>,
    /// See [`KeySettings::encrypt`].
    pub encrypt_keys: Option<bool>,
    /// See [`KeySettings::clear_clipboard`].
    pub clear_clipboard: Option<Duration>,
}

impl Config {
    /// The keys of the file, in the order of the example.
    pub const KEYS: [&'static str; 11] = [
        "store",
        "theme",
        "ascii",
        "mouse",
        "bell",
        "notice-command",
        "read-only",
        "lock-timeout",
        "keys",
        "probe",
        "sandbox",
    ];

    /// The keys under `[keys]`.
    pub const KEY_KEYS: [&'static str; 2] = ["encrypt", "clear-clipboard"];

    /// The keys under `[probe]`.
    pub const PROBE_KEYS: [&'static str; 1] = ["parallel"];

    /// The keys under `[sandbox]`.
    pub const SANDBOX_KEYS: [&'static str; 2] = ["speed", "seed"];

    /// Lays the layers on one another: what the flags say counts before the environment, that
    /// before the file, that before the defaults.
    ///
    /// Only "read-only" cannot be taken back: whichever layer says it, it holds.
    #[must_use]
    pub fn merge(flags: &Partial, environment: &Partial, file: &Partial) -> Self {
        let layers = [flags, environment, file];
        let defaults = Self::default();
        Self {
            store: first(layers, |layer| layer.store.clone()),
            theme: first(layers, |layer| layer.theme).unwrap_or(defaults.theme),
            ascii: first(layers, |layer| layer.ascii).unwrap_or(defaults.ascii),
            mouse: first(layers, |layer| layer.mouse).unwrap_or(defaults.mouse),
            bell: first(layers, |layer| layer.bell).unwrap_or(defaults.bell),
            notice_command: first(layers, |layer| layer.notice_command.clone())
                .unwrap_or(defaults.notice_command),
            read_only: layers.iter().any(|layer| layer.read_only == Some(true)),
            lock_timeout: first(layers, |layer| layer.lock_timeout)
                .unwrap_or(defaults.lock_timeout),
            probe_parallel: first(layers, |layer| layer.probe_parallel)
                .unwrap_or(defaults.probe_parallel),
            sandbox: SandboxDefaults {
                speed: first(layers, |layer| layer.sandbox_speed).unwrap_or(defaults.sandbox.speed),
                seed: first(layers, |layer| layer.sandbox_seed),
            },
            keys: KeySettings {
                encrypt: first(layers, |layer| layer.encrypt_keys).unwrap_or(defaults.keys.encrypt),
                clear_clipboard: first(layers, |layer| layer.clear_clipboard)
                    .unwrap_or(defaults.keys.clear_clipboard),
            },
        }
    }
}

fn first<T>(layers: [&Partial; 3], pick: impl Fn(&Partial) -> Option<T>) -> Option<T> {
    layers.into_iter().find_map(pick)
}

impl Partial {
    /// Reads the text of a configuration file; `file` names it in the errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with file, line and key.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<ConfigError>> {
        let mut problems = Problems::new(file, text);
        let partial = Self::read(text, &mut problems);
        match problems.into_errors() {
            errors if errors.is_empty() => Ok(partial),
            errors => Err(errors),
        }
    }

    fn read(text: &str, problems: &mut Problems<'_>) -> Self {
        let mut document = Document::parse(text, problems);
        let mut partial = Self {
            store: document.parsed("store", "a path in quotes", parse_path, problems),
            theme: document.parsed(
                "theme",
                "the name of a theme in quotes",
                str::parse,
                problems,
            ),
            ascii: document.switch("ascii", problems),
            mouse: document.switch("mouse", problems),
            bell: document.switch("bell", problems),
            notice_command: document.texts("notice-command", problems),
            read_only: document.switch("read-only", problems),
            lock_timeout: document.parsed(
                "lock-timeout",
                "a time span in quotes, like \"10s\"",
                parse_timeout,
                problems,
            ),
            ..Self::default()
        };
        if let Some(mut keys) = document.section("keys", "keys.", problems) {
            partial.encrypt_keys = keys.switch("encrypt", problems);
            let span = "a time span in quotes, like \"30s\"";
            partial.clear_clipboard = keys.parsed("clear-clipboard", span, parse_timeout, problems);
            keys.finish(&Config::KEY_KEYS, problems);
        }
        if let Some(mut probe) = document.section("probe", "probe.", problems) {
            let parallel = probe.number("parallel", 1..=MOST_PARALLEL, problems);
            partial.probe_parallel = parallel.and_then(|number| usize::try_from(number).ok());
            probe.finish(&Config::PROBE_KEYS, problems);
        }
        if let Some(mut sandbox) = document.section("sandbox", "sandbox.", problems) {
            partial.sandbox_speed = read_speed(&mut sandbox, problems);
            partial.sandbox_seed = sandbox.number("seed", 0..=u64::MAX, problems);
            sandbox.finish(&Self::sandbox_keys(), problems);
        }
        document.finish(&Config::KEYS, problems);
        partial
    }

    fn sandbox_keys() -> [&'static str; 2] {
        Config::SANDBOX_KEYS
    }
}

/// The key `speed`, of the settings or of an account.
pub(super) fn read_speed(document: &mut Document<'_>, problems: &mut Problems<'_>) -> Option<u32> {
    let speed = document.number("speed", 1..=FASTEST, problems)?;
    u32::try_from(speed).ok()
}

fn parse_path(given: &str) -> Result<PathBuf, String> {
    if given.is_empty() {
        return Err("expected the path of a folder, found nothing".to_owned());
    }
    Ok(PathBuf::from(given))
}

/// How long to wait: a span that is not negative.
pub(super) fn parse_timeout(given: &str) -> Result<Duration, String> {
    let span = parse_span(given)?;
    Duration::try_from(span)
        .map_err(|_| format!("{given:?} lies in the past; expected a time span like \"10s\""))
}

/// Reads a time span as people write it: `90s`, `10m`, `26h`, `3d`, `2w`. A day has 24 hours.
///
/// # Errors
/// What is expected instead, where it is none.
pub fn parse_span(given: &str) -> Result<SignedDuration, String> {
    let days = SpanRelativeTo::days_are_24_hours();
    let span = given
        .parse::<Span>()
        .and_then(|span| span.to_duration(days));
    span.map_err(|_| {
        format!("{given:?} is no time span; expected one like \"90s\", \"10m\", \"26h\" or \"3d\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = Partial::parse("config.toml", text).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_nearer_layer_counts() {
        let file = Partial::parse(
            "config.toml",
            "theme = \"light\"\nascii = true\nlock-timeout = \"1m\"\n[sandbox]\nspeed = 3600\n",
        )
        .unwrap();
        let environment = Partial {
            theme: Some(ThemeName::Mono),
            ..Partial::default()
        };
        let flags = Partial {
            ascii: Some(false),
            ..Partial::default()
        };
        let config = Config::merge(&flags, &environment, &file);
        assert_eq!(config.theme, ThemeName::Mono);
        assert!(!config.ascii);
        assert_eq!(config.lock_timeout, Duration::from_secs(60));
        assert_eq!(config.sandbox.speed, 3600);
        assert!(config.mouse, "a default");
    }

    #[test]
    fn read_only_holds_whoever_says_it() {
        let yes = Partial {
            read_only: Some(true),
            ..Partial::default()
        };
        let no = Partial {
            read_only: Some(false),
            ..Partial::default()
        };
        assert!(Config::merge(&no, &no, &yes).read_only);
        assert!(!Config::merge(&no, &no, &no).read_only);
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_its_line() {
        let text = "# mine\nthem = \"dark\"\nascii = 1\n\n[sandbox]\nspeed = 0\nsede = 1\n";
        assert_eq!(
            errors(text),
            [
                "config.toml:2: them: there is no such key. Did you mean \"theme\"? The keys here \
                 are store, theme, ascii, mouse, bell, notice-command, read-only, lock-timeout, \
                 keys, probe, sandbox",
                "config.toml:3: ascii: expected true or false, found the number 1",
                "config.toml:6: sandbox.speed: expected a whole number from 1 to 31536000, found \
                 the number 0",
                "config.toml:7: sandbox.sede: there is no such key. Did you mean \"seed\"? The \
                 keys here are speed, seed",
            ]
        );
    }

    #[test]
    fn values_that_mean_nothing_say_what_is_expected() {
        let cases = [
            (
                "theme = \"drak\"",
                "config.toml:1: theme: expected one of auto, dark, light, mono, found \"drak\"",
            ),
            (
                "\nlock-timeout = \"soon\"",
                "config.toml:2: lock-timeout: \"soon\" is no time span; expected one like \"90s\", \"10m\", \"26h\" or \"3d\"",
            ),
            (
                "lock-timeout = \"-3s\"",
                "config.toml:1: lock-timeout: \"-3s\" lies in the past; expected a time span like \"10s\"",
            ),
            (
                "notice-command = [\"say\", 1]",
                "config.toml:1: notice-command: expected a list of texts, [\"like\", \"this\"], found the number 1",
            ),
            (
                "sandbox = 3",
                "config.toml:1: sandbox: expected a table, [sandbox] on a line of its own, found the number 3",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(errors(text), [expected]);
        }
        let broken = errors("theme = \"dark\"\nbell = yes\n");
        assert!(
            broken[0].starts_with("config.toml:2: bell: this is no valid TOML: "),
            "{broken:?}"
        );
    }

    #[test]
    fn the_example_names_every_key_and_its_defaults_are_the_defaults() {
        let written = super::super::EXAMPLE;
        assert_eq!(
            Partial::parse("config.example.toml", written),
            Ok(Partial::default())
        );
        // With the comment signs taken away it is a complete configuration.
        let taken: String = written
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => "\n".to_owned(),
            })
            .collect();
        let table: toml::Table = taken.parse().unwrap();
        for key in Config::KEYS {
            assert!(table.contains_key(key), "{key} is missing");
        }
        for key in Config::KEY_KEYS {
            let keys = table["keys"].as_table().unwrap();
            assert!(keys.contains_key(key), "{key} is missing");
        }
        for key in Config::PROBE_KEYS {
            let probe = table["probe"].as_table().unwrap();
            assert!(probe.contains_key(key), "{key} is missing");
        }
        for key in Config::SANDBOX_KEYS {
            assert!(
                table["sandbox"].as_table().unwrap().contains_key(key),
                "{key} is missing"
            );
        }
        let file = Partial::parse("config.example.toml", &taken).unwrap();
        let config = Config::merge(&Partial::default(), &Partial::default(), &file);
        let defaults = Config::default();
        let shown = Config {
            store: None,
            notice_command: Vec::new(),
            sandbox: SandboxDefaults {
                seed: None,
                ..config.sandbox
            },
            ..config
        };
        assert_eq!(shown, defaults);
    }
}
