//! An account as the text of a new file: every key of its kind, with a comment line.
//!
//! Pure. A key that says nothing but the usual stands there commented out, so that whoever opens
//! the file sees what there is. What is rendered reads back as the same account.

use std::fmt::Write as _;
use std::path::Path;

use super::answers::every_words;
use super::{AccountFile, DEFAULT_LIFECYCLE};
use crate::config::deploy::USUAL_WITHIN;
use crate::domain::account::AccountKind;

impl AccountFile {
    /// The text of a file that says exactly this; [`AccountFile::parse`] reads it back.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = format!(
            "# An account of certdeck, called {name}. `certdeck account check {name}` says whether it\n\
             # can be used, `certdeck account remove {name}` puts it away.\n\n",
            name = self.name
        );
        let kind = quoted(self.kind.id());
        key(
            &mut text,
            "What it is: by-hand, files or sandbox.",
            "kind",
            Some(kind),
            "",
        );
        match self.kind {
            AccountKind::ByHand => self.render_by_hand(&mut text),
            AccountKind::Sandbox => self.render_sandbox(&mut text),
            AccountKind::Files => self.render_watch(&mut text),
        }
        let read_only = self.read_only.then(|| "true".to_owned());
        let says = "Look, but change nothing through it.";
        key(&mut text, says, "read-only", read_only, "false");
        self.render_probe(&mut text);
        self.render_deploy(&mut text);
        text
    }

    fn render_probe(&self, text: &mut String) {
        let port = self.probe.port.map(|port| port.to_string());
        let says = "The port of its entries' servers, to see what they serve.";
        key(text, says, "probe-port", port, "443");
        let wildcard = self.probe.wildcard.as_deref().map(quoted);
        let says = "What to look at in the place of a wildcard's star.";
        key(text, says, "probe-wildcard", wildcard, "\"www\"");
        let starttls = self.probe.starttls.map(|protocol| quoted(protocol.id()));
        let says = "What they speak before TLS: smtp, imap, pop3, postgres or ldap.";
        key(text, says, "probe-starttls", starttls, "\"smtp\"");
    }

    fn render_deploy(&self, text: &mut String) {
        let deploy = self.deploy.as_ref();
        let command = deploy.map(|deploy| list(&deploy.command));
        let says =
            "A program and its arguments that take a certificate further; no shell reads them.";
        key(
            text,
            says,
            "deploy",
            command,
            "[\"systemctl\", \"reload\", \"nginx\"]",
        );
        let to = deploy.and_then(|deploy| deploy.to.as_ref());
        let to = to.map(|to| quoted(&path_text(to)));
        let says = "The folder that it finds the files in; one that passes without it.";
        key(text, says, "deploy-to", to, "\"/etc/ssl/own\"");
        let within = deploy.map(|deploy| deploy.within);
        let within = within.filter(|within| *within != USUAL_WITHIN);
        let within = within.map(|within| quoted(&format!("{}s", within.as_secs())));
        key(
            text,
            "How long it may take.",
            "deploy-within",
            within,
            "\"5m\"",
        );
        let itself = deploy.filter(|deploy| deploy.after_renewal);
        let itself = itself.map(|_| "true".to_owned());
        let says = "Whether it runs by itself when a certificate is issued.";
        key(text, says, "deploy-after-renewal", itself, "false");
    }

    fn render_lifecycle(&self, text: &mut String) {
        let says =
            "The lifecycle that its entries follow, or a list of several, the usual one first.";
        let given = match self.lifecycles.as_slice() {
            [] => None,
            [only] => Some(quoted(only)),
            several => Some(list(several)),
        };
        key(text, says, "lifecycle", given, &quoted(DEFAULT_LIFECYCLE));
    }

    fn render_by_hand(&self, text: &mut String) {
        self.render_lifecycle(text);
        let panel = self.panel.as_deref().map(quoted);
        let says = "The link of the provider's own panel, where it is not the lifecycle's.";
        key(text, says, "panel", panel, "\"https://panel.example\"");
    }

    fn render_sandbox(&self, text: &mut String) {
        self.render_lifecycle(text);
        let chances = self.seed.map(|seed| seed.to_string());
        key(text, "What its chances hang on.", "seed", chances, "1");
        let seconds = self.speed.map(|speed| speed.to_string());
        let says = "How many of its seconds pass in one of yours.";
        key(text, says, "speed", seconds, "60");
        let lost = self.lose_answers.map(|lost| lost.to_string());
        let says = "How many of a thousand answers get lost, to see what comes of that.";
        key(text, says, "lose-answers", lost, "0");
    }

    fn render_watch(&self, text: &mut String) {
        let watch = &self.watch;
        let paths: Vec<String> = watch.paths.iter().map(|path| path_text(path)).collect();
        let hosts: Vec<String> = watch.hosts.iter().map(ToString::to_string).collect();
        let lists = [
            (
                "Files and folders to watch; ~ is your home folder, a relative path starts here.",
                "paths",
                &paths,
                "[\"/etc/ssl/own\"]",
            ),
            (
                "Patterns of the files in folders; every certificate where there is none.",
                "include",
                &watch.include,
                "[\"fullchain.pem\"]",
            ),
            (
                "Patterns of files in folders that are left out.",
                "exclude",
                &watch.exclude,
                "[\"*.old.pem\"]",
            ),
            (
                "Servers to watch: HOST, HOST:PORT, NAME@HOST:PORT to ask for another name, or smtp://HOST.",
                "hosts",
                &hosts,
                "[\"www.example.com\", \"mail.example.com:993\"]",
            ),
        ];
        for (says, name, values, example) in lists {
            let values = (!values.is_empty()).then(|| list(values));
            key(text, says, name, values, example);
        }
        let usual = super::super::watch::USUAL_EVERY;
        let every = (watch.every != usual).then(|| quoted(&every_words(watch.every)));
        let says = "How often servers are looked at, from 10s to 31d; files far more often.";
        key(text, says, "every", every, &quoted(&every_words(usual)));
    }
}

/// One key with its comment; commented out, with what could stand there, where it has no value.
fn key(text: &mut String, says: &str, name: &str, value: Option<String>, otherwise: &str) {
    let _ = match value {
        Some(value) => writeln!(text, "# {says}\n{name} = {value}"),
        None => writeln!(text, "# {says}\n#{name} = {otherwise}"),
    };
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A text as TOML, on one line whatever is in it (TOML 1.0, "String": basic strings).
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// One value on the key's own line, several below each other.
fn list(values: &[String]) -> String {
    match values {
        [only] => format!("[{}]", quoted(only)),
        several => {
            let lines: Vec<String> = several
                .iter()
                .map(|value| format!("  {},\n", quoted(value)))
                .collect();
            format!("[\n{}]", lines.concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::super::watch::{Target, Watch};
    use super::*;
    use crate::config::{ProbeSettings, StartTls};

    const LIFECYCLES: [&str; 2] = ["files", "netcup"];

    fn read_back(account: &AccountFile) -> AccountFile {
        let file = format!("accounts/{}.toml", account.name);
        let text = account.render();
        AccountFile::parse(&account.name, &file, &text, &LIFECYCLES)
            .unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
    }

    #[test]
    fn a_new_file_explains_itself() {
        let mut account = AccountFile::usual("netcup-main", AccountKind::ByHand);
        account.panel = Some("https://www.customercontrolpanel.de".to_owned());
        insta::assert_snapshot!(account.render(), @r##"
        # An account of certdeck, called netcup-main. `certdeck account check netcup-main` says whether it
        # can be used, `certdeck account remove netcup-main` puts it away.

        # What it is: by-hand, files or sandbox.
        kind = "by-hand"
        # The lifecycle that its entries follow, or a list of several, the usual one first.
        lifecycle = "netcup"
        # The link of the provider's own panel, where it is not the lifecycle's.
        panel = "https://www.customercontrolpanel.de"
        # Look, but change nothing through it.
        #read-only = false
        # The port of its entries' servers, to see what they serve.
        #probe-port = 443
        # What to look at in the place of a wildcard's star.
        #probe-wildcard = "www"
        # What they speak before TLS: smtp, imap, pop3, postgres or ldap.
        #probe-starttls = "smtp"
        # A program and its arguments that take a certificate further; no shell reads them.
        #deploy = ["systemctl", "reload", "nginx"]
        # The folder that it finds the files in; one that passes without it.
        #deploy-to = "/etc/ssl/own"
        # How long it may take.
        #deploy-within = "5m"
        # Whether it runs by itself when a certificate is issued.
        #deploy-after-renewal = false
        "##);
        let mut account = AccountFile::usual("mine", AccountKind::Files);
        account.watch.paths = vec![PathBuf::from("~/certs"), PathBuf::from("/etc/ssl/own")];
        account.watch.include = vec!["fullchain.pem".to_owned()];
        insta::assert_snapshot!(account.render(), @r##"
        # An account of certdeck, called mine. `certdeck account check mine` says whether it
        # can be used, `certdeck account remove mine` puts it away.

        # What it is: by-hand, files or sandbox.
        kind = "files"
        # Files and folders to watch; ~ is your home folder, a relative path starts here.
        paths = [
          "~/certs",
          "/etc/ssl/own",
        ]
        # Patterns of the files in folders; every certificate where there is none.
        include = ["fullchain.pem"]
        # Patterns of files in folders that are left out.
        #exclude = ["*.old.pem"]
        # Servers to watch: HOST, HOST:PORT, NAME@HOST:PORT to ask for another name, or smtp://HOST.
        #hosts = ["www.example.com", "mail.example.com:993"]
        # How often servers are looked at, from 10s to 31d; files far more often.
        #every = "5m"
        # Look, but change nothing through it.
        #read-only = false
        # The port of its entries' servers, to see what they serve.
        #probe-port = 443
        # What to look at in the place of a wildcard's star.
        #probe-wildcard = "www"
        # What they speak before TLS: smtp, imap, pop3, postgres or ldap.
        #probe-starttls = "smtp"
        # A program and its arguments that take a certificate further; no shell reads them.
        #deploy = ["systemctl", "reload", "nginx"]
        # The folder that it finds the files in; one that passes without it.
        #deploy-to = "/etc/ssl/own"
        # How long it may take.
        #deploy-within = "5m"
        # Whether it runs by itself when a certificate is issued.
        #deploy-after-renewal = false
        "##);
    }

    #[test]
    fn what_is_commented_out_is_right_as_it_stands() {
        for kind in AccountKind::ALL {
            let account = AccountFile::usual("mine", kind);
            let text: String = account
                .render()
                .lines()
                .map(|line| match line.strip_prefix('#') {
                    Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                    _ => format!("{line}\n"),
                })
                .collect();
            let read = AccountFile::parse("mine", "accounts/mine.toml", &text, &LIFECYCLES);
            assert!(read.is_ok(), "{read:?}\n{text}");
        }
    }

    fn any_watch() -> impl Strategy<Value = Watch> {
        let texts = || prop::collection::vec("[^\0*?\\[\\]]{1,20}", 0..4);
        let hosts = prop::collection::vec(("[a-z]{1,9}", 1..u16::MAX), 0..3);
        (texts(), texts(), texts(), hosts, 10_000..9_000_000_u64).prop_map(
            |(paths, include, exclude, hosts, every)| Watch {
                paths: paths.into_iter().map(PathBuf::from).collect(),
                include,
                exclude,
                hosts: hosts
                    .into_iter()
                    .map(|(host, port)| Target {
                        host,
                        port,
                        name: None,
                        starttls: None,
                    })
                    .collect(),
                every: Duration::from_millis(every),
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_is_rendered_reads_back_the_same(
            watch in any_watch(),
            kind in prop::sample::select(AccountKind::ALL.to_vec()),
            read_only: bool,
            seed: Option<u64>,
            speed in prop::option::of(1..31_536_000_u32),
            both: bool,
            panel in prop::option::of("https://[a-z]{1,9}/[!-~]{0,20}"),
        ) {
            let mut account = AccountFile::usual("mine", kind);
            account.read_only = read_only;
            account.probe = ProbeSettings {
                port: speed.map(|speed| 1 + u16::try_from(speed % 60_000).unwrap()),
                wildcard: both.then(|| "www".to_owned()),
                starttls: read_only.then_some(StartTls::Imap),
            };
            if both && kind != AccountKind::Files {
                account.lifecycles.push("files".to_owned());
            }
            match kind {
                AccountKind::Files => account.watch = watch,
                AccountKind::ByHand => account.panel = panel,
                AccountKind::Sandbox => {
                    // TOML's numbers go as far as 64 bits with a sign.
                    account.seed = seed.map(|seed| seed >> 1);
                    account.speed = speed;
                    account.lose_answers = speed.map(|speed| speed % 1_001);
                }
            }
            prop_assert_eq!(read_back(&account), account);
        }
    }
}
