//! What a watched account looks at: files, folders with patterns, and servers.
//!
//! Plain data and its texts; reads no file and opens no connection. Account files, forms and flags
//! are parsed with it; the engine and `probe` use it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::StartTls;

/// The port of a server that is named without one: HTTPS (RFC 9110, section 4.2.2).
pub const USUAL_PORT: u16 = 443;
/// How often servers are looked at where nothing else is said.
pub const USUAL_EVERY: Duration = Duration::from_secs(300);

/// What a watched account looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Files and folders, absolute; folders with everything below them.
    pub paths: Vec<PathBuf>,
    /// Patterns (`*`, `?`, `[…]`) that the name of a file in a folder must fit, any of them; every
    /// file that looks like a certificate where there are none. A pattern with a slash is compared
    /// with the path below the folder.
    pub include: Vec<String>,
    /// Patterns that keep a file in a folder out.
    pub exclude: Vec<String>,
    /// Servers.
    pub hosts: Vec<Target>,
    /// How often servers are looked at; files are looked at far more often.
    pub every: Duration,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            hosts: Vec::new(),
            every: USUAL_EVERY,
        }
    }
}

impl Watch {
    /// Whether there is anything to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.hosts.is_empty()
    }
}

/// A TLS server, and the name that it is asked for.
///
/// As text: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, or `NAME@HOST:PORT` where another name than the
/// host's own is asked for (server name indication, RFC 6066, section 3). With `smtp://`, `imap://`,
/// `pop3://`, `postgres://` or `ldap://` before it, it begins in the clear and goes on in TLS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// A name or an IP address (IPv6 without brackets), in small letters; IDN as punycode.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The name to ask for, if it is not the host's own.
    pub name: Option<String>,
    /// What it begins with in the clear, if it does not speak TLS from the first byte.
    pub starttls: Option<StartTls>,
}

impl Target {
    /// Reads one as a person writes it; without a port in it, it has this one, or else the one that
    /// is usual for what it speaks.
    ///
    /// # Errors
    /// A sentence on what is wrong and what is expected.
    pub fn parse_with(given: &str, port: Option<u16>) -> Result<Self, String> {
        let given = given.trim();
        let (starttls, server) = begins_in_the_clear(given);
        let usual = starttls.map_or(USUAL_PORT, StartTls::usual_port);
        let usual_port = port.unwrap_or(usual);
        if let Some(host) = host_of_link(server) {
            return Err(format!(
                "{given:?} is a link; give the server alone, with its port where that is not \
                 {usual_port}: {host}"
            ));
        }
        let (name, place) = match server.split_once('@') {
            Some((name, place)) => (Some(host_of(name, given)?), place),
            None => (None, server),
        };
        let (host, port) = split_port(place, usual_port, given)?;
        Ok(Self {
            host: host_of(host, given)?,
            port,
            name,
            starttls,
        })
    }

    /// The name that the server is asked for; nothing where it is an IP address, which RFC 6066
    /// does not allow there.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        let name = self.name.as_deref().unwrap_or(&self.host);
        name.parse::<std::net::IpAddr>().is_err().then_some(name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(protocol) = self.starttls {
            write!(f, "{}://", protocol.id())?;
        }
        if let Some(name) = &self.name {
            write!(f, "{name}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads one as a person writes it.
    ///
    /// # Errors
    /// A sentence on what is wrong and what is expected.
    fn from_str(given: &str) -> Result<Self, String> {
        Self::parse_with(given, None)
    }
}

/// What is spoken before TLS, and the server behind that.
fn begins_in_the_clear(given: &str) -> (Option<StartTls>, &str) {
    let parts = given.split_once("://");
    let known = parts.and_then(|(scheme, server)| {
        let protocol = scheme.to_ascii_lowercase().parse().ok()?;
        Some((Some(protocol), server.strip_suffix('/').unwrap_or(server)))
    });
    known.unwrap_or((None, given))
}

/// The server that a link names, as `www.example.com:8443` in `https://www.example.com:8443/a`.
fn host_of_link(given: &str) -> Option<&str> {
    let (_, rest) = given.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

fn split_port<'a>(place: &'a str, usual_port: u16, given: &str) -> Result<(&'a str, u16), String> {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(|| expected(given))?;
        (host, rest.strip_prefix(':'))
    } else if place.matches(':').count() > 1 {
        // An IPv6 address without brackets has no room for a port.
        (place, None)
    } else {
        match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    let Some(port) = port else {
        return Ok((host, usual_port));
    };
    match port.parse() {
        Ok(port) if port > 0 => Ok((host, port)),
        _ => Err(format!(
            "{port:?} in {given:?} is no port; ports are numbers from 1 to 65535"
        )),
    }
}

/// A host as it is looked up: an address, or a name in small letters and as punycode.
fn host_of(host: &str, given: &str) -> Result<String, String> {
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return Ok(address.to_string());
    }
    let ascii = idna::domain_to_ascii(host).unwrap_or_default();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if ascii.is_empty() || !ascii.chars().all(fits) {
        return Err(expected(given));
    }
    Ok(ascii)
}

fn expected(given: &str) -> String {
    format!("{given:?} is no server; expected HOST, HOST:PORT or NAME@HOST:PORT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_people_write_them() {
        let cases = [
            ("example.com", "example.com:443"),
            ("Bücher.example:8443", "xn--bcher-kva.example:8443"),
            ("192.0.2.7:993", "192.0.2.7:993"),
            ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
            ("2001:db8::1", "[2001:db8::1]:443"),
            ("shop.example@10.0.0.1:8443", "shop.example@10.0.0.1:8443"),
            ("smtp://mail.example", "smtp://mail.example:25"),
            ("IMAP://Mail.example:1143/", "imap://mail.example:1143"),
            ("ldap://[2001:db8::1]", "ldap://[2001:db8::1]:389"),
            (
                "pop3://a.example@192.0.2.7",
                "pop3://a.example@192.0.2.7:110",
            ),
            ("postgres://db.example", "postgres://db.example:5432"),
        ];
        for (given, shown) in cases {
            let target: Target = given.parse().unwrap();
            assert_eq!(target.to_string(), shown);
            assert_eq!(shown.parse::<Target>().unwrap(), target);
        }
    }

    #[test]
    fn a_link_is_answered_with_the_server_in_it() {
        for (given, host) in [
            ("https://a.example", ": a.example"),
            ("https://a.example:8443/shop?x", ": a.example:8443"),
        ] {
            let error = given.parse::<Target>().unwrap_err();
            assert!(error.contains("is a link"), "{error}");
            assert!(error.ends_with(host), "{error}");
        }
    }

    #[test]
    fn what_is_no_server_says_what_is_expected() {
        for given in [
            "",
            "a b",
            "a.example:0",
            "a.example:70000",
            "[::1",
            "@a",
            "smtp://",
            "smtp://a.example:0",
            "postgres://user:secret@a.example/shop",
        ] {
            let error = given.parse::<Target>().unwrap_err();
            assert!(
                error.contains("expected") || error.contains("is no port"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_address_is_not_asked_for_by_name() {
        let asked = |given: &str| {
            let target: Target = given.parse().unwrap();
            target.server_name().map(str::to_owned)
        };
        assert_eq!(asked("192.0.2.7"), None);
        assert_eq!(asked("a.example@192.0.2.7").as_deref(), Some("a.example"));
        assert_eq!(asked("a.example").as_deref(), Some("a.example"));
    }
}
