//! Where other programs keep certificates: found by what lies there, not by a folder's name.
//!
//! May not: write anything, or read a private key. Only files that hold certificates, and those
//! that say whose they are, are opened. The engine calls it; the start of the program asks for the
//! usual places.

mod acme_sh;
mod caddy;
mod certbot;
mod folder;
mod lego;
mod nginx;
mod search;

use std::path::{Path, PathBuf};

use super::{FileError, read_file};
use crate::pki::Certificate;
use crate::pki::bundle::{self, Found};

pub use folder::real_path;
pub use search::{Search, search};

/// A program that keeps certificates on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// certbot, the client of the Electronic Frontier Foundation.
    Certbot,
    /// lego, the client in Go.
    Lego,
    /// acme.sh, the client in shell.
    AcmeSh,
    /// Caddy, a web server that gets its certificates itself.
    Caddy,
    /// nginx, a web server that is told where they are.
    Nginx,
}

impl Program {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Certbot => "certbot",
            Self::Lego => "lego",
            Self::AcmeSh => "acme.sh",
            Self::Caddy => "Caddy",
            Self::Nginx => "nginx",
        }
    }

    /// What an account is called that watches its certificates.
    #[must_use]
    pub fn account_name(self) -> &'static str {
        match self {
            Self::AcmeSh => "acme-sh",
            Self::Caddy => "caddy",
            other => other.name(),
        }
    }
}

/// One place where a program keeps certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The program.
    pub program: Program,
    /// Where it keeps them.
    pub folder: PathBuf,
    /// What has to be watched to see them all: that folder, a part of it, or files.
    pub paths: Vec<PathBuf>,
    /// Patterns of the files with certificates in it; see `config::Watch::include`.
    pub include: Vec<String>,
    /// Patterns of files that are left out.
    pub exclude: Vec<String>,
    /// The files with certificates that are there now.
    pub files: Vec<PathBuf>,
    /// What could not be read or followed, with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Layout {
    /// A place with nothing in it yet, watched as a whole.
    fn new(program: Program, folder: &Path, include: &str) -> Self {
        Self {
            program,
            folder: folder.to_owned(),
            paths: vec![folder.to_owned()],
            include: vec![include.to_owned()],
            exclude: Vec::new(),
            files: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    fn cannot(&mut self, path: &Path, why: &(impl ToString + ?Sized)) {
        let path = path.display().to_string();
        self.unreadable.push((path, why.to_string()));
    }
}

/// The certificate that a file is kept for: the first one in it that is no CA's, else the first.
///
/// # Errors
/// When it cannot be read, or holds none.
pub fn certificate_in(file: &Path) -> Result<Certificate, String> {
    let bytes = read_file(file).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    let mut why = None;
    for found in bundle::read(&bytes) {
        match found {
            Found::Certificate(certificate) => certificates.push(*certificate),
            Found::Unreadable {
                what, why: reason, ..
            } => {
                why.get_or_insert(format!("{what}: {reason}"));
            }
            Found::Csr(_)
            | Found::Crl(_)
            | Found::PrivateKey(_)
            | Found::Locked { .. }
            | Found::Other { .. } => {}
        }
    }
    let own = certificates
        .iter()
        .position(|certificate| !certificate.is_ca);
    if certificates.is_empty() {
        let holds = "nothing that is one".to_owned();
        let missing = || FileError::NoCertificate { holds }.to_string();
        return Err(why.unwrap_or_else(missing));
    }
    Ok(certificates.swap_remove(own.unwrap_or_default()))
}

/// Where programs that keep certificates usually put them, whether or not anything is there:
/// certbot, lego, acme.sh, Caddy and nginx. `home` is the home folder, `data` the folder of a
/// person's data (`$XDG_DATA_HOME` on Linux).
#[must_use]
pub fn usual_places(home: Option<&Path>, data: Option<&Path>) -> Vec<PathBuf> {
    let fixed = [
        "/etc/letsencrypt",
        "/etc/lego",
        "/root/.acme.sh",
        "/var/lib/caddy/.local/share/caddy",
        "/etc/nginx",
        "/usr/local/etc/nginx",
    ];
    let in_home = [".lego", ".acme.sh", ".local/share/caddy"];
    let in_data = ["caddy", "Caddy"];
    let fixed = fixed.iter().map(PathBuf::from);
    let in_home = in_home.iter().filter_map(|name| Some(home?.join(name)));
    let in_data = in_data.iter().filter_map(|name| Some(data?.join(name)));
    let mut places: Vec<PathBuf> = Vec::new();
    for place in fixed.chain(in_home).chain(in_data) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

#[cfg(test)]
mod tests;
