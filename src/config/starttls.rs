//! What servers speak that begin in the clear and go on in TLS.
//!
//! Pure data. Flags, account files and servers (`smtp://mail.example`) name it; `probe` speaks it.

use std::str::FromStr;

/// What is spoken before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StartTls {
    /// Mail (RFC 3207).
    Smtp,
    /// Mailboxes (RFC 9051, section 6.2.1).
    Imap,
    /// The older way to mailboxes (RFC 2595, section 4).
    Pop3,
    /// `PostgreSQL` (its manual, "SSL Session Encryption").
    Postgres,
    /// Directories (RFC 4511, section 4.14).
    Ldap,
}

impl StartTls {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Smtp,
        Self::Imap,
        Self::Pop3,
        Self::Postgres,
        Self::Ldap,
    ];

    /// The word on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Postgres => "postgres",
            Self::Ldap => "ldap",
        }
    }

    /// What it is called in sentences.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Smtp => "SMTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Postgres => "PostgreSQL",
            Self::Ldap => "LDAP",
        }
    }

    /// The port on which it begins in the clear (IANA's registry).
    #[must_use]
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Imap => 143,
            Self::Pop3 => 110,
            Self::Postgres => 5432,
            Self::Ldap => 389,
        }
    }
}

impl FromStr for StartTls {
    type Err = String;

    /// Reads the word on the command line.
    ///
    /// # Errors
    /// A sentence on what is expected.
    fn from_str(given: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|known| known.id() == given);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::id).join(", ");
            format!("expected one of {known}, found {given:?}")
        })
    }
}
