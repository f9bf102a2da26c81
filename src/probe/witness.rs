//! Keeps what a server shows in the handshake, and lets everything through.
//!
//! This is the one place where certificates are accepted without a check, and it is on purpose: a
//! look is there to say which certificate is shown, above all where it is a wrong one. May not: be
//! used for a connection over which anything is sent or believed. `handshake` uses it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::OFFERED;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Who looks on at one handshake.
#[derive(Debug, Default)]
pub(super) struct Witness {
    shown: Mutex<Option<Vec<Vec<u8>>>>,
}

impl Witness {
    /// What was shown so far, the server's own first.
    pub(super) fn shown(&self) -> Option<Vec<Vec<u8>>> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.clone()
    }

    /// Whether anything was shown yet.
    pub(super) fn has_seen(&self) -> bool {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.is_some()
    }

    /// Settings for one handshake at which this witness looks on: TLS 1.2 and 1.3 with everything
    /// that can be spoken, and no session that is taken up again, since no certificate is shown
    /// in one. Where `offers`, application protocols are offered.
    ///
    /// # Errors
    /// Where the cryptography could not be set up.
    pub(super) fn config(self: Arc<Self>, offers: bool) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(cryptography())
            .with_protocol_versions(rustls::ALL_VERSIONS)?
            .dangerous()
            .with_custom_certificate_verifier(self)
            .with_no_client_auth();
        if offers {
            config.alpn_protocols = OFFERED.map(|offered| offered.as_bytes().to_vec()).into();
        }
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

/// Made once; said explicitly, so that no other library's choice for the process matters.
fn cryptography() -> Arc<CryptoProvider> {
    static MADE: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        Arc::new(CryptoProvider {
            cipher_suites: aws_lc_rs::ALL_CIPHER_SUITES.to_vec(),
            kx_groups: aws_lc_rs::ALL_KX_GROUPS.to_vec(),
            ..aws_lc_rs::default_provider()
        })
    });
    Arc::clone(made)
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let chain = chain.map(|shown| shown.to_vec()).collect();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// All there are, so that a server with an odd key finds one that fits: none is checked.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}
