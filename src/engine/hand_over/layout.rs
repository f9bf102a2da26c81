//! Which files an export is made of, and what goes where: pure, so that every server's way stands in
//! one place.
//!
//! May not: touch files. The lines of configuration follow the servers' own documents: nginx
//! `ngx_http_ssl_module`, Apache `mod_ssl` (2.4.8 and later take the chain from the certificate's
//! file), `HAProxy` `crt`, Caddy `tls`, Java `keytool`.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::engine::command::ExportForm;
use crate::files::NewFile;
use crate::pki::p12::write::{self as p12, Content};
use crate::pki::{CertName, Certificate, PrivateKey};

/// The longest beginning of a file's name: `NAME_MAX` is 255 on every system.
const LONGEST_NAME: usize = 120;

/// What there is to export.
pub(super) struct Material {
    /// What the files are called.
    pub(super) name: String,
    pub(super) names: Vec<String>,
    pub(super) leaf: Option<Certificate>,
    /// The issuer first.
    pub(super) chain: Vec<Certificate>,
    pub(super) key: Option<PrivateKey>,
}

/// A file, and what it is.
pub(super) struct Piece {
    pub(super) file: NewFile,
    pub(super) what: &'static str,
}

/// An export that can be written.
pub(super) struct Laid {
    pub(super) pieces: Vec<Piece>,
    pub(super) says: String,
}

/// Where an export goes: a folder and, where it is one file, the name of that.
pub(super) struct Target {
    folder: PathBuf,
    file: Option<PathBuf>,
}

impl Target {
    /// `to` as it was given; `is_folder` where a folder of that name is there.
    pub(super) fn of(to: &Path, form: ExportForm, is_folder: bool) -> Self {
        let says_folder = to.as_os_str().as_encoded_bytes().ends_with(b"/");
        if form.is_folder() || is_folder || says_folder {
            return Self {
                folder: to.to_owned(),
                file: None,
            };
        }
        Self {
            folder: PathBuf::new(),
            file: Some(to.to_owned()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        let own = self.file.clone();
        own.unwrap_or_else(|| self.folder.join(name))
    }
}

/// The files of an export, in the order in which they are put in place: keys first, so that no
/// server reads a configuration before what it names.
pub(super) fn paths(name: &str, form: ExportForm, target: &Target) -> Vec<(PathBuf, &'static str)> {
    let named: &[(&str, &'static str)] = match form {
        ExportForm::Leaf => &[(".crt", "certificate")],
        ExportForm::Chain => &[(".chain.pem", "chain")],
        ExportForm::Fullchain => &[(".fullchain.pem", "certificate and chain")],
        ExportForm::Key => &[(".key", KEY)],
        ExportForm::Der => &[(".der", "certificate")],
        ExportForm::Pkcs12 | ExportForm::Java => &[(".p12", STORE)],
        ExportForm::Haproxy => &[(".pem", "private key, certificate and chain")],
        ExportForm::Nginx => &[(".key", KEY), FULL, (".nginx.conf", LINES)],
        ExportForm::Apache => &[(".key", KEY), FULL, (".apache.conf", LINES)],
        ExportForm::Caddy => &[(".key", KEY), FULL, (".Caddyfile", LINES)],
    };
    let path = |ending: &str| target.path(&format!("{name}{ending}"));
    named
        .iter()
        .map(|(ending, what)| (path(ending), *what))
        .collect()
}

const KEY: &str = "private key";
const STORE: &str = "private key, certificate and chain";
const LINES: &str = "lines of configuration";
const FULL: (&str, &str) = (".fullchain.pem", "certificate and chain");

/// What a file of this name is called, whatever is in the name: `*.a.example` is `_.a.example`.
pub(super) fn file_name(name: &str) -> String {
    let kept = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() => letter,
        '.' | '-' | '_' => letter,
        _ => '_',
    };
    let name: String = name.chars().take(LONGEST_NAME).map(kept).collect();
    match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => name,
    }
}

/// Lays an export out.
///
/// # Errors
/// What is missing or in the way, in a sentence.
pub(super) fn lay_out(
    material: &Material,
    form: ExportForm,
    target: &Target,
    password: Option<&SecretString>,
) -> Result<Laid, String> {
    let paths = paths(&material.name, form, target);
    let contents = match form {
        ExportForm::Leaf => vec![text(leaf(material)?.to_pem())],
        ExportForm::Chain if material.chain.is_empty() => {
            return Err(
                "no chain is known of this certificate; import it with its chain".to_owned(),
            );
        }
        ExportForm::Chain => vec![text(pem(&material.chain))],
        ExportForm::Fullchain => vec![text(full(material)?)],
        ExportForm::Key => vec![key_pem(material)?],
        ExportForm::Der => vec![Zeroizing::new(leaf(material)?.der.clone())],
        ExportForm::Pkcs12 | ExportForm::Java => vec![pkcs12(material, password)?],
        ExportForm::Haproxy => vec![together(material)?],
        ExportForm::Nginx | ExportForm::Apache | ExportForm::Caddy => {
            let lines = configuration(material, form, &paths)?;
            vec![key_pem(material)?, text(for_server(material)?), text(lines)]
        }
    };
    let says = says(material, form, &paths);
    let pieces = paths.into_iter().zip(contents);
    let piece = |((path, what), bytes)| Piece {
        file: NewFile { path, bytes },
        what,
    };
    Ok(Laid {
        pieces: pieces.map(piece).collect(),
        says,
    })
}

fn text(text: String) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.into_bytes())
}

fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}

fn leaf(material: &Material) -> Result<&Certificate, String> {
    let leaf = material.leaf.as_ref();
    leaf.ok_or_else(|| "there is no certificate yet".to_owned())
}

fn key(material: &Material) -> Result<&PrivateKey, String> {
    let key = material.key.as_ref();
    key.ok_or_else(|| "the private key is not held here".to_owned())
}

fn key_pem(material: &Material) -> Result<Zeroizing<Vec<u8>>, String> {
    let pem = key(material)?.to_pkcs8_pem();
    Ok(Zeroizing::new(pem.expose_secret().as_bytes().to_vec()))
}

fn full(material: &Material) -> Result<String, String> {
    Ok(leaf(material)?.to_pem() + &pem(&material.chain))
}

/// What a server sends: clients have their roots themselves.
pub(super) fn for_server(material: &Material) -> Result<String, String> {
    let above = material.chain.iter().filter(|above| !above.is_self_issued);
    Ok(leaf(material)?.to_pem() + &above.map(Certificate::to_pem).collect::<String>())
}

fn together(material: &Material) -> Result<Zeroizing<Vec<u8>>, String> {
    let key = key_pem(material)?;
    let certificates = for_server(material)?;
    // Of the right size: growing would leave a copy of the key behind.
    let mut all = Zeroizing::new(Vec::with_capacity(key.len() + certificates.len()));
    all.extend_from_slice(certificates.as_bytes());
    all.extend_from_slice(&key);
    Ok(all)
}

fn pkcs12(
    material: &Material,
    password: Option<&SecretString>,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let password = password.filter(|password| !password.expose_secret().is_empty());
    let password = password.ok_or("a password is needed")?;
    let content = Content {
        alias: &alias(material),
        key: key(material)?,
        leaf: leaf(material)?,
        chain: &material.chain,
    };
    p12::write(content, password).map_err(|error| error.to_string())
}

/// Java makes its aliases lower-case.
fn alias(material: &Material) -> String {
    material.name.to_ascii_lowercase()
}

/// The lines of a server's configuration.
fn configuration(
    material: &Material,
    form: ExportForm,
    paths: &[(PathBuf, &'static str)],
) -> Result<String, String> {
    let at = |index: usize| quotable(paths.get(index).map_or(Path::new(""), |(path, _)| path));
    let (key, full) = (at(0)?, at(1)?);
    let names = server_names(material);
    Ok(match form {
        ExportForm::Nginx => format!(
            "# Belongs into the server block of {names}\nssl_certificate     \"{full}\";\n\
             ssl_certificate_key \"{key}\";\n"
        ),
        ExportForm::Apache => format!(
            "# Belongs into the VirtualHost of {names}\nSSLEngine on\n\
             SSLCertificateFile    \"{full}\"\nSSLCertificateKeyFile \"{key}\"\n"
        ),
        _ => format!("{names} {{\n\ttls \"{full}\" \"{key}\"\n}}\n"),
    })
}

/// The names of the certificate that are names of servers, as each configuration writes them.
fn server_names(material: &Material) -> String {
    let valid = material.names.iter().filter_map(|name| {
        let name: CertName = name.parse().ok()?;
        Some(match name.ip() {
            Some(ip) if ip.is_ipv6() => format!("[{ip}]"),
            _ => name.ascii().to_owned(),
        })
    });
    let names: Vec<String> = valid.collect();
    if names.is_empty() {
        return "localhost".to_owned();
    }
    names.join(", ")
}

/// A path that stands between quotes in each of the configurations and means itself.
fn quotable(path: &Path) -> Result<String, String> {
    let text = path.to_str();
    let odd =
        |letter: char| letter.is_control() || matches!(letter, '"' | '\\' | '$' | '{' | '}' | '`');
    let text = text.filter(|text| !text.contains(odd) && !text.contains('%'));
    text.map(str::to_owned).ok_or_else(|| {
        format!(
            "{} has characters in it that configurations of servers give a meaning of their own; \
             choose another folder",
            path.display()
        )
    })
}

/// What goes where.
fn says(material: &Material, form: ExportForm, paths: &[(PathBuf, &'static str)]) -> String {
    let path = |index: usize| {
        let path = paths.get(index).map(|(path, _)| path.display().to_string());
        path.unwrap_or_default()
    };
    match form {
        ExportForm::Leaf => "It is the certificate alone; most servers want its chain with it \
             (--as fullchain)."
            .to_owned(),
        ExportForm::Chain => {
            "It is what stands above the certificate, the issuer first.".to_owned()
        }
        ExportForm::Fullchain => {
            "Servers that take a certificate and its chain in one file take this one.".to_owned()
        }
        ExportForm::Key => "It is the private key, not encrypted: whoever can read the file can \
             act as your server."
            .to_owned(),
        ExportForm::Der => "It is the certificate alone, in binary form.".to_owned(),
        ExportForm::Pkcs12 => format!(
            "It opens with the password; the key is called {:?} in it.",
            alias(material)
        ),
        ExportForm::Java => format!(
            "Its alias is {:?}: keytool -list -keystore {}. In Spring: server.ssl.key-store-type=PKCS12 \
             and server.ssl.key-alias; in Tomcat: certificateKeystoreFile and certificateKeyAlias.",
            alias(material),
            path(0)
        ),
        ExportForm::Nginx => format!(
            "In the server block: include {}; then nginx -t and nginx -s reload.",
            path(2)
        ),
        ExportForm::Apache => format!(
            "In the VirtualHost: Include {}; then apachectl configtest and apachectl graceful.",
            path(2)
        ),
        ExportForm::Haproxy => format!(
            "In the frontend: bind :443 ssl crt {}; then reload HAProxy.",
            path(0)
        ),
        ExportForm::Caddy => format!(
            "In the Caddyfile: import {}; or take its tls line into the block that is there; then \
             caddy reload.",
            path(2)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        for (name, file) in [
            ("www.example.com", "www.example.com"),
            ("*.example.com", "_.example.com"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("..", "_."),
            ("a\u{1b}[31m\nb", "a__31m_b"),
            ("müller.example", "m_ller.example"),
        ] {
            assert_eq!(file_name(name), file);
        }
        assert_eq!(file_name(&"a".repeat(500)).len(), LONGEST_NAME);
    }

    #[test]
    fn a_folder_that_a_configuration_would_read_otherwise_is_refused() {
        assert!(quotable(Path::new("/etc/ssl/my own")).is_ok());
        for path in [
            "/etc/$host",
            "/etc/\"",
            "/etc/a\nb",
            "/etc/{a}",
            "/etc/%{a}",
        ] {
            assert!(quotable(Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn a_single_file_may_be_named_and_a_folder_too() {
        let at = |to: &str, form, is_folder| {
            let target = Target::of(Path::new(to), form, is_folder);
            paths("a", form, &target)[0].0.clone()
        };
        assert_eq!(
            at("/x/my.crt", ExportForm::Leaf, false),
            Path::new("/x/my.crt")
        );
        assert_eq!(at("/x", ExportForm::Leaf, true), Path::new("/x/a.crt"));
        assert_eq!(at("/x/", ExportForm::Leaf, false), Path::new("/x/a.crt"));
        assert_eq!(at("/x", ExportForm::Nginx, false), Path::new("/x/a.key"));
    }
}
