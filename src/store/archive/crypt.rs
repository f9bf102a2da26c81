//! The encryption of an archive: what `openssl enc -aes-256-cbc -pbkdf2` does, to the byte.
//!
//! `Salted__`, eight bytes of salt, then AES-256 in CBC mode with PKCS #7 padding; key and IV are
//! the first 48 bytes of PBKDF2-HMAC-SHA256 over passphrase and salt (RFC 8018, section 5.2; the
//! layout is that of `openssl-enc(1)`). CBC proves nothing about who wrote what, so 32 more bytes
//! of the same derivation are the key of an HMAC over the manifest, which names the digest of
//! everything else. Keys and plain text are wiped from memory. Export and import call it.

use std::io::{self, Read, Write};
use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, StreamingDecryptingKey, StreamingEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, pbkdf2, rand};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// What an encrypted archive begins with.
pub(crate) const MAGIC: [u8; 8] = *b"Salted__";
/// How often the passphrase is hashed: `-iter` for openssl. What OWASP's Password Storage Cheat
/// Sheet (2023) asks for with HMAC-SHA256.
pub const ITERATIONS: u32 = 600_000;
/// What is used here: the tests of this crate open thousands of archives.
const ROUNDS: u32 = if cfg!(test) { 10 } else { ITERATIONS };
const SALT: usize = 8;
const KEY: usize = 32;
const IV: usize = 16;
const CIPHER_BLOCK: usize = 16;
/// How much is encrypted or decrypted at once.
const CHUNK: usize = 16 * 1024;

/// What a passphrase and a salt come to.
pub(crate) struct Secrets(Zeroizing<[u8; KEY + IV + KEY]>);

impl Secrets {
    fn derive(passphrase: &SecretString, salt: [u8; SALT], rounds: u32) -> Self {
        let mut derived = Zeroizing::new([0; KEY + IV + KEY]);
        let iterations = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            &salt,
            passphrase.expose_secret().as_bytes(),
            &mut *derived,
        );
        Self(derived)
    }

    fn key(&self) -> io::Result<UnboundCipherKey> {
        UnboundCipherKey::new(&AES_256, &self.0[..KEY]).map_err(|_| refused())
    }

    fn iv(&self) -> FixedLength<IV> {
        let mut iv = [0; IV];
        iv.copy_from_slice(&self.0[KEY..KEY + IV]);
        FixedLength::from(iv)
    }

    fn hmac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0[KEY + IV..])
    }
}

fn refused() -> io::Error {
    io::Error::other("the cipher refused its input")
}

/// Proves that a text was written by somebody who knows the passphrase.
pub(crate) struct Prover(hmac::Context);

impl Prover {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The HMAC-SHA256.
    pub(crate) fn tag(self) -> [u8; KEY] {
        let mut tag = [0; KEY];
        tag.copy_from_slice(self.0.sign().as_ref());
        tag
    }
}

/// Encrypts what is written to it.
pub(crate) struct Encrypting<W> {
    out: W,
    cipher: StreamingEncryptingKey,
    secrets: Secrets,
    /// What has not been encrypted yet.
    waiting: Zeroizing<Vec<u8>>,
    sealed: Vec<u8>,
}

impl<W: Write> Encrypting<W> {
    /// Writes the beginning of an encrypted archive, with a salt of its own.
    pub(crate) fn begin(mut out: W, passphrase: &SecretString) -> io::Result<Self> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt).map_err(|_| io::Error::other("the system gave no random bytes"))?;
        let secrets = Secrets::derive(passphrase, salt, ROUNDS);
        let context = EncryptionContext::Iv128(secrets.iv());
        // "Less safe" where an IV could come twice with one key: both come from a fresh salt.
        let cipher = StreamingEncryptingKey::less_safe_cbc_pkcs7(secrets.key()?, context);
        out.write_all(&MAGIC)?;
        out.write_all(&salt)?;
        Ok(Self {
            out,
            cipher: cipher.map_err(|_| refused())?,
            secrets,
            waiting: Zeroizing::new(Vec::with_capacity(CHUNK)),
            sealed: vec![0; CHUNK + CIPHER_BLOCK],
        })
    }

    pub(crate) fn prover(&self) -> Prover {
        Prover(hmac::Context::with_key(&self.secrets.hmac_key()))
    }

    fn encrypt_waiting(&mut self) -> io::Result<()> {
        let sealed = self.cipher.update(&self.waiting, &mut self.sealed);
        self.out
            .write_all(sealed.map_err(|_| refused())?.written())?;
        self.waiting.clear();
        Ok(())
    }

    /// Writes the last block; gives back what was written to.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.encrypt_waiting()?;
        let end = self.cipher.finish(&mut self.sealed);
        let (_, end) = end.map_err(|_| refused())?;
        self.out.write_all(end.written())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK {
            self.encrypt_waiting()?;
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decrypts what it reads.
pub(crate) struct Decrypting<R> {
    input: R,
    /// Gone once the end was read.
    cipher: Option<StreamingDecryptingKey>,
    secrets: Secrets,
    sealed: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    /// Which part of `plain` was not handed out yet.
    left: std::ops::Range<usize>,
}

impl<R: Read> Decrypting<R> {
    /// Reads the salt that follows [`MAGIC`].
    pub(crate) fn begin(input: R, passphrase: &SecretString) -> io::Result<Self> {
        Self::begin_with(input, passphrase, ROUNDS)
    }

    fn begin_with(mut input: R, passphrase: &SecretString, rounds: u32) -> io::Result<Self> {
        let mut salt = [0; SALT];
        input.read_exact(&mut salt)?;
        let secrets = Secrets::derive(passphrase, salt, rounds);
        let context = DecryptionContext::Iv128(secrets.iv());
        let cipher = StreamingDecryptingKey::cbc_pkcs7(secrets.key()?, context);
        Ok(Self {
            input,
            cipher: Some(cipher.map_err(|_| refused())?),
            secrets,
            sealed: vec![0; CHUNK],
            plain: Zeroizing::new(vec![0; CHUNK + CIPHER_BLOCK]),
            left: 0..0,
        })
    }

    pub(crate) fn prover(&self) -> Prover {
        Prover(hmac::Context::with_key(&self.secrets.hmac_key()))
    }

    /// Decrypts the next part; `false` at the end.
    fn more(&mut self) -> io::Result<bool> {
        let Some(cipher) = &mut self.cipher else {
            return Ok(false);
        };
        let read = self.input.read(&mut self.sealed)?;
        let written = if read > 0 {
            let opened = cipher.update(&self.sealed[..read], &mut self.plain);
            opened.map_err(|_| refused())?.written().len()
        } else {
            let Some(cipher) = self.cipher.take() else {
                return Ok(false);
            };
            let end = cipher.finish(&mut self.plain);
            // The padding is wrong: cut off, damaged, or another passphrase.
            let end = end.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            end.written().len()
        };
        self.left = 0..written;
        Ok(true)
    }
}

impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            if !self.more()? {
                return Ok(0);
            }
        }
        let taken = buffer.len().min(self.left.len());
        let from = self.left.start;
        buffer[..taken].copy_from_slice(&self.plain[from..from + taken]);
        self.left.start += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn round(length: usize) {
        let plain: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
        let secret = passphrase("correct horse");
        let mut sealing = Encrypting::begin(Vec::new(), &secret).unwrap();
        sealing.write_all(&plain).unwrap();
        let tag = sealing.prover().tag();
        let sealed = sealing.finish().unwrap();
        assert_eq!(sealed.len(), 16 + (length / 16 + 1) * 16);
        assert_eq!(sealed[..8], MAGIC);
        let mut opening = Decrypting::begin(&sealed[8..], &secret).unwrap();
        let mut opened = Vec::new();
        opening.read_to_end(&mut opened).unwrap();
        assert_eq!(opened, plain);
        assert_eq!(opening.prover().tag(), tag);
    }

    #[test]
    fn what_is_encrypted_is_decrypted_at_every_odd_length() {
        for length in [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5] {
            round(length);
        }
    }

    /// `printf 'hello\n' | openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -md sha256
    /// -pass pass:secret -S 0102030405060708`, with the salt in front.
    #[test]
    fn the_bytes_of_openssl_are_understood() {
        let salt = [1, 2, 3, 4, 5, 6, 7, 8];
        let sealed = "a5c4e885f7ad426fef9dc53439daa204";
        let sealed = data_encoding::HEXLOWER.decode(sealed.as_bytes()).unwrap();
        let input = [salt.to_vec(), sealed].concat();
        let mut opening =
            Decrypting::begin_with(&input[..], &passphrase("secret"), ITERATIONS).unwrap();
        let mut text = String::new();
        opening.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello\n");
    }
}
