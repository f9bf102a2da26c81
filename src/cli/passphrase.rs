//! Passphrases and passwords: from a file, from standard input or another open file, or asked for
//! at the terminal without showing it.
//!
//! May not: take one from the arguments or the environment, show one, or leave the terminal
//! without its echo. Archives, private keys and exports are protected with them.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "an open file that the shell hands over is read bit by bit, and no further"
    )
)]

use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use secrecy::SecretString;
use zeroize::{Zeroize as _, Zeroizing};

use super::args::{PassphraseArguments, Source};
use super::ask::is_someone_there;
use super::error::CliError;
use super::output::say;
use crate::engine::keyring::LONGEST_PASSPHRASE as LONGEST;
use crate::files;

/// A shorter one is guessed sooner or later, however often it is hashed.
const SHORT: usize = 12;
/// How the passphrase of an archive, or of a file of others, is given where nobody can be asked.
const HOW_FILE: &str = "--passphrase-file FILE or --passphrase-stdin";

/// A passphrase to encrypt with; asked for twice.
pub(super) fn to_encrypt(given: &PassphraseArguments) -> Result<SecretString, CliError> {
    let text = match given_text(given)? {
        Some(text) => text,
        None => asked_twice("Passphrase for the archive: ", HOW_FILE)?,
    };
    warn_of_short(&text);
    Ok(SecretString::from(text.as_str()))
}

fn warn_of_short(text: &str) {
    if text.chars().count() < SHORT {
        say(&format!(
            "certdeck: this passphrase has fewer than {SHORT} characters; who gets hold of the \
             file can try out many"
        ));
    }
}

/// What is given in a file or an open one, if anything is.
pub(super) fn given(from: Source<'_>) -> Result<Option<SecretString>, CliError> {
    let text = match (from.file, from.descriptor) {
        (Some(file), _) => {
            warn_of_loose(file);
            from_file(file)?
        }
        (None, Some(number)) => from_descriptor(number)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(SecretString::from(text.as_str())))
}

/// Asks for one that is known already; `how` says how to give it where nobody can be asked.
pub(super) fn ask_for(question: &str, how: &str) -> Result<SecretString, CliError> {
    Ok(SecretString::from(asked(question, how)?.as_str()))
}

/// Asks for a new one, twice.
pub(super) fn ask_for_new(question: &str, how: &str) -> Result<SecretString, CliError> {
    let text = asked_twice(question, how)?;
    warn_of_short(&text);
    Ok(SecretString::from(text.as_str()))
}

/// Says that others can read a file with a passphrase in it.
fn warn_of_loose(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).map(|about| about.permissions().mode());
    // What is no file of its own, as in `<(pass show certdeck)`, has no mode that says anything.
    let is_file = std::fs::metadata(file).is_ok_and(|about| about.is_file());
    if is_file && mode.is_ok_and(|mode| mode & 0o077 != 0) {
        let file = file.display();
        say(&format!(
            "certdeck: others on this machine can read {file}, and a passphrase is in it; \
             chmod 600 {file}"
        ));
    }
}

/// The first line of a file that the shell has opened, up to the end of the line.
fn from_descriptor(number: u32) -> Result<Zeroizing<String>, CliError> {
    let failed = |error: &io::Error| {
        CliError::Usage(format!(
            "cannot read the passphrase from file descriptor {number}: {error}; open it in the \
             shell, as in: certdeck … --passphrase-fd 3 3<FILE"
        ))
    };
    let opened = match number {
        0 => return checked(&line_of(&io::stdin())?),
        number => std::fs::File::open(format!("/dev/fd/{number}")),
    };
    checked(&line_of(&opened.map_err(|error| failed(&error))?)?)
}

/// A passphrase to decrypt with.
pub(super) fn to_decrypt(
    given: &PassphraseArguments,
    stdin_is_taken: bool,
) -> Result<SecretString, CliError> {
    let text = match given_text(given)? {
        Some(text) => text,
        None if stdin_is_taken => {
            return Err(CliError::Usage(
                "this archive is encrypted, and standard input is the archive itself, so nobody can \
                 be asked for the passphrase; add --passphrase-file FILE"
                    .to_owned(),
            ));
        }
        None => asked("Passphrase of the archive: ", HOW_FILE)?,
    };
    Ok(SecretString::from(text.as_str()))
}

/// A passphrase to open a file with that others made: only what was given, or what a person types
/// who is asked this question. Nothing where nobody is there.
pub(super) fn to_open(
    given: &PassphraseArguments,
    question: Option<&str>,
) -> Result<Option<SecretString>, CliError> {
    let text = match (given_text(given)?, question) {
        (None, Some(question)) if is_someone_there() => Some(asked(question, HOW_FILE)?),
        (text, _) => text,
    };
    Ok(text.map(|text| SecretString::from(text.as_str())))
}

/// Whether one is given without asking.
pub(super) fn is_given(given: &PassphraseArguments) -> bool {
    given.passphrase_file.is_some() || given.passphrase_stdin
}

fn given_text(given: &PassphraseArguments) -> Result<Option<Zeroizing<String>>, CliError> {
    if let Some(file) = &given.passphrase_file {
        return from_file(file).map(Some);
    }
    if given.passphrase_stdin {
        return checked(&line_of(&io::stdin())?).map(Some);
    }
    Ok(None)
}

fn from_file(file: &Path) -> Result<Zeroizing<String>, CliError> {
    let bytes = files::read_file(file).map_err(|error| {
        CliError::Usage(format!(
            "cannot read the passphrase from {}: {error}",
            file.display()
        ))
    })?;
    let line = bytes.split(|byte| *byte == b'\n').next();
    checked(line.unwrap_or_default())
}

/// The first line of an open file; nothing that follows it is read.
fn line_of(file: &impl AsFd) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let mut line = room();
    while let Some(byte) = next_byte(file)? {
        if byte == b'\n' || line.len() > LONGEST {
            break;
        }
        line.push(byte);
    }
    Ok(line)
}

/// Room for one that does not have to grow, which would leave parts of it behind.
fn room() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(LONGEST + 2))
}

fn next_byte(file: &impl AsFd) -> Result<Option<u8>, CliError> {
    let mut byte = [0];
    loop {
        // Not through the standard library's buffer, where it would stay.
        match rustix::io::read(file, &mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                return Err(CliError::Failed(format!(
                    "reading the passphrase failed: {error}; give it with --passphrase-file FILE"
                )));
            }
        }
    }
    let [read] = byte;
    byte.zeroize();
    Ok(Some(read))
}

/// A passphrase that openssl understands as the same one.
fn checked(bytes: &[u8]) -> Result<Zeroizing<String>, CliError> {
    let wrong = |what: &str| CliError::Usage(format!("the passphrase {what}; nothing was done"));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(wrong("is no text in UTF-8"));
    };
    if text.is_empty() {
        return Err(wrong("is empty"));
    }
    if text.len() > LONGEST {
        return Err(wrong(&format!("is longer than {LONGEST} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(
            "has a control character in it, perhaps the line ending of another system",
        ));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn asked_twice(question: &str, how: &str) -> Result<Zeroizing<String>, CliError> {
    let first = asked(question, how)?;
    let again = asked("The same once more: ", how)?;
    if *first == *again {
        return Ok(first);
    }
    Err(CliError::Failed(
        "the two passphrases differ; nothing was done".to_owned(),
    ))
}

fn asked(question: &str, how: &str) -> Result<Zeroizing<String>, CliError> {
    if !is_someone_there() {
        return Err(CliError::Usage(format!(
            "a passphrase is needed, and nobody can be asked here; add {how}"
        )));
    }
    let failed = |error: io::Error| {
        CliError::Failed(format!(
            "asking at the terminal failed: {error}; give it with {how}"
        ))
    };
    let silence = Silence::begin().map_err(failed)?;
    let mut err = io::stderr().lock();
    write!(err, "{question}")
        .and_then(|()| err.flush())
        .map_err(failed)?;
    let typed = typed();
    drop(silence);
    writeln!(err).map_err(failed)?;
    drop(err);
    checked(&typed?)
}

/// What a person types, up to Enter.
fn typed() -> Result<Zeroizing<Vec<u8>>, CliError> {
    let mut line = room();
    loop {
        match next_byte(&io::stdin())? {
            Some(b'\r' | b'\n') => return Ok(line),
            // Backspace takes a whole character, which may have several bytes.
            Some(0x08 | 0x7f) => while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // Ctrl-U.
            Some(0x15) => line.zeroize(),
            // Ctrl-C, Ctrl-D, the end of the input.
            Some(0x03 | 0x04) | None => {
                return Err(CliError::Failed("nothing was done".to_owned()));
            }
            Some(byte) if line.len() <= LONGEST => line.push(byte),
            Some(_) => {}
        }
    }
}

/// A terminal that shows nothing of what is typed, until this is dropped. It makes no signals of
/// keys either: certdeck itself ends at Ctrl-C, and so the terminal is as it was by then.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &silent)?;
        Ok(Self { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nobody could be told.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_a_line_that_openssl_reads_alike() {
        for (given, fine) in [
            ("correct horse", true),
            ("zwölf Bäume", true),
            ("", false),
            ("with\rreturn", false),
            ("with\ttab", false),
        ] {
            assert_eq!(checked(given.as_bytes()).is_ok(), fine, "{given:?}");
        }
        assert!(checked(&[b'x'; LONGEST]).is_ok());
        assert!(checked(&[b'x'; LONGEST + 1]).is_err());
        assert!(checked(b"\xff\xfe").is_err());
    }

    #[test]
    fn the_first_line_of_a_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        std::fs::write(&file, "first line\nsecond\n").unwrap();
        assert_eq!(*from_file(&file).unwrap(), "first line");
        let error = from_file(&folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains("none"), "{error}");
    }
}
