//! Certificates and keys that test servers show, good ones and odd ones.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A chain of certificates and the key of the first one.
#[derive(Clone, Debug)]
pub(crate) struct Identity(Arc<CertifiedKey>);

/// One key serves all: what is looked at are the certificates.
fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate().unwrap())
}

fn provider() -> Arc<CryptoProvider> {
    static MADE: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(MADE.get_or_init(|| Arc::new(aws_lc_rs::default_provider())))
}

fn params(names: &[&str], from: i64, to: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names.clone()).unwrap();
    let name = names.first().cloned().unwrap_or_default();
    params.distinguished_name.push(DnType::CommonName, name);
    let day = |days: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        let date = at.to_zoned(jiff::tz::TimeZone::UTC);
        rcgen::date_time_ymd(
            i32::from(date.year()),
            u8::try_from(date.month()).unwrap(),
            u8::try_from(date.day()).unwrap(),
        )
    };
    params.not_before = day(from);
    params.not_after = day(to);
    params
}

fn authority(number: usize) -> CertificateParams {
    let mut params = params(&[], -1000, 1000);
    let name = format!("authority {number}");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Identity {
    /// Signed by itself, valid from so many days ahead until so many (negative ones are past).
    pub(crate) fn self_signed(names: &[&str], from: i64, to: i64) -> Self {
        let made = params(names, from, to).self_signed(key()).unwrap();
        Self::showing(vec![made.der().clone()])
    }

    /// The same, but it says that it is a CA, as those do that are made by hand.
    pub(crate) fn by_hand(name: &str, from: i64, to: i64) -> Self {
        let mut params = params(&[name], from, to);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let made = params.self_signed(key()).unwrap();
        Self::showing(vec![made.der().clone()])
    }

    /// A good one: forty days old, fifty to go.
    pub(crate) fn good(name: &str) -> Self {
        Self::self_signed(&[name], -40, 50)
    }

    /// With so many certificates altogether, each signed by the next.
    pub(crate) fn chain(name: &str, length: usize) -> Self {
        let mut chain = Vec::new();
        let mut below = params(&[name], -10, 80);
        for number in 1..length {
            let above = authority(number);
            let issuer = Issuer::from_params(&above, key());
            chain.push(below.signed_by(key(), &issuer).unwrap().der().clone());
            below = above;
        }
        chain.push(below.self_signed(key()).unwrap().der().clone());
        Self::showing(chain)
    }

    /// Whatever bytes, shown as if they were certificates.
    pub(crate) fn showing(chain: Vec<CertificateDer<'static>>) -> Self {
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key().serialize_der()));
        let signing = aws_lc_rs::sign::any_supported_type(&der).unwrap();
        Self(Arc::new(CertifiedKey::new(chain, signing)))
    }

    /// The certificates.
    pub(crate) fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.0.cert.clone()
    }

    /// The certificates as DER.
    pub(crate) fn ders(&self) -> Vec<Vec<u8>> {
        self.0.cert.iter().map(|shown| shown.to_vec()).collect()
    }

    /// How a server is set up that shows it.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config_of(rustls::ALL_VERSIONS)
    }

    pub(crate) fn config_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(self.clone())));
        Arc::new(config)
    }

    /// The same, and a certificate is wanted in return.
    pub(crate) fn config_for_known_clients(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        let root = authority(0).self_signed(key()).unwrap();
        roots.add(root.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_cert_resolver(Arc::new(Always(self.clone())));
        Arc::new(config)
    }
}

/// How a server is set up that shows what it is asked for by name, and nothing without one.
pub(crate) fn config_by_name(identities: &[(&str, &Identity)]) -> Arc<ServerConfig> {
    let by_name = identities
        .iter()
        .map(|(name, identity)| ((*name).to_owned(), (*identity).clone()));
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName(by_name.collect())));
    Arc::new(config)
}

#[derive(Debug)]
struct Always(Identity);

impl ResolvesServerCert for Always {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.0))
    }
}

#[derive(Debug)]
struct ByName(BTreeMap<String, Identity>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let identity = self.0.get(hello.server_name()?)?;
        Some(Arc::clone(&identity.0))
    }
}
