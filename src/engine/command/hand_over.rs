//! Handing over: files for servers, and the account's own command that takes them further.
//!
//! Plain data.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::domain::entry::EntryId;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// The certificate, PEM.
    Leaf,
    /// What stands above it, PEM.
    Chain,
    /// Certificate and chain, PEM.
    Fullchain,
    /// The private key, PKCS#8 PEM.
    Key,
    /// The certificate, DER.
    Der,
    /// Key, certificate and chain in one PKCS#12 with a password.
    Pkcs12,
    /// For nginx: full chain, key and the lines of its configuration.
    Nginx,
    /// For Apache httpd: full chain, key and the lines of its configuration.
    Apache,
    /// For `HAProxy`: everything in one PEM.
    Haproxy,
    /// For Caddy: full chain, key and the lines of its configuration.
    Caddy,
    /// For Java: a PKCS#12 keystore with an alias.
    Java,
}

impl ExportForm {
    /// All of them, as menus list them.
    pub const ALL: [Self; 11] = [
        Self::Nginx,
        Self::Apache,
        Self::Haproxy,
        Self::Caddy,
        Self::Java,
        Self::Fullchain,
        Self::Leaf,
        Self::Chain,
        Self::Key,
        Self::Pkcs12,
        Self::Der,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Chain => "chain",
            Self::Fullchain => "fullchain",
            Self::Key => "key",
            Self::Der => "der",
            Self::Pkcs12 => "pkcs12",
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Haproxy => "haproxy",
            Self::Caddy => "caddy",
            Self::Java => "java",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Leaf => "Certificate",
            Self::Chain => "Chain",
            Self::Fullchain => "Certificate and chain",
            Self::Key => "Private key",
            Self::Der => "Certificate, DER",
            Self::Pkcs12 => "PKCS#12",
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Haproxy => "HAProxy",
            Self::Caddy => "Caddy",
            Self::Java => "Java keystore",
        }
    }

    /// What it comes to, in a few words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Leaf | Self::Chain | Self::Fullchain => "one PEM file",
            Self::Key => "one PEM file, not encrypted",
            Self::Der => "one binary file",
            Self::Pkcs12 => "key and certificates in one file with a password",
            Self::Nginx | Self::Apache | Self::Caddy => "full chain, key, lines of configuration",
            Self::Haproxy => "one PEM file with the key in it",
            Self::Java => "PKCS#12 keystore with an alias and a password",
        }
    }

    /// Whether it holds the private key.
    #[must_use]
    pub fn has_key(self) -> bool {
        !matches!(self, Self::Leaf | Self::Chain | Self::Fullchain | Self::Der)
    }

    /// Whether it holds the certificate.
    #[must_use]
    pub fn has_certificate(self) -> bool {
        self != Self::Key
    }

    /// Whether it is protected with a password.
    #[must_use]
    pub fn wants_password(self) -> bool {
        matches!(self, Self::Pkcs12 | Self::Java)
    }

    /// Whether it is several files in a folder.
    #[must_use]
    pub fn is_folder(self) -> bool {
        matches!(self, Self::Nginx | Self::Apache | Self::Caddy)
    }
}

/// An export as a person wants it.
#[derive(Clone, Debug)]
pub struct Export {
    /// The entry.
    pub entry: EntryId,
    /// What.
    pub form: ExportForm,
    /// Where: a folder, or for a single file also its name. `~/` is the home folder.
    pub to: PathBuf,
    /// Whether files that are there may be written over.
    pub overwrite: bool,
    /// The password, where the form wants one.
    pub password: Option<SecretString>,
    /// Whether the account's deploy command is to run when the files are there: without one, nothing
    /// is written.
    pub deploy: bool,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The files, each with what it is.
    pub files: Vec<(PathBuf, &'static str)>,
    /// What goes where now, in sentences.
    pub says: String,
    /// The entry, where its deploy command is to run now with these files.
    pub deploy: Option<EntryId>,
}

/// How a deploy command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// The entry.
    pub entry: EntryId,
    /// Why it failed; nothing where it did not.
    pub failure: Option<String>,
    /// The end of what it said, bounded, without private keys; raw otherwise.
    pub output: String,
}
