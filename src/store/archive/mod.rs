//! Archives: a whole store in one file, to back it up or move it, readable without certdeck.
//!
//! It reads a store without its lock and makes one only where none is. It decides nothing about
//! entries, asks nobody and opens no file of a person: the archive comes and goes through `Read`
//! and `Write`. The engine calls it.
//!
//! # The format, version 1
//! A POSIX tar (ustar) with these members, in this order:
//! ```text
//! MANIFEST.json     see below
//! MANIFEST.sha256   the SHA-256 of MANIFEST.json, as `sha256sum` writes it
//! MANIFEST.hmac     only if encrypted: the HMAC-SHA256 of MANIFEST.json, in hexadecimal
//! README.txt        how to read all this with tar, openssl, jq (assets/archive-readme.txt)
//! store/…           inventory.jsonl, journal.jsonl, lock, history/, keys/, certs/, damaged/
//! config/…          config.toml, accounts/*.toml, accounts/removed/*.toml, lifecycles/*.toml
//! ```
//! Unpacked by any tar, `store/` is a store. Its files are those of the exported one byte by byte
//! as of one transaction (see the module `store` for their format); the journal ends with its last
//! intact line. What belongs to nothing (files that a crash left half-written) is left out.
//!
//! `MANIFEST.json` is one JSON document:
//! ```text
//! {"format":"certdeck-archive","version":1,"certdeck":"0.1.0","made_at":"2026-11-22T10:00:00Z",
//!  "seq":42,"encrypted":true,"without_keys":false,"counts":{"entries":…,"keys":…,…},"members":[
//! {"path":"README.txt","bytes":3221,"sha256":"…"},
//! …
//! ]}
//! ```
//! Its first line ends after `"members":[` in every version to come, so that an older certdeck can
//! say that a newer one wrote it. Every member after the manifest's own three stands in it, in the
//! order of the tar. Each header of the tar has mode 0600 (folders 0700), no owner and the time
//! `made_at`; the tar ends with two zero blocks, and nothing follows.
//!
//! # Encryption
//! `Salted__`, 8 bytes of salt, and the tar under AES-256-CBC: exactly what
//! ```text
//! openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -md sha256 -in FILE -out store.tar
//! ```
//! decrypts, today and years later. CBC hides, and proves nothing. An attacker who can change the
//! file and does not know the passphrase can garble blocks of 16 bytes and flip chosen bits in the
//! block behind each; openssl and tar do not notice. certdeck does: the manifest has to match its
//! HMAC, whose key is bytes 48 to 79 of the same PBKDF2 (the first 48 are key and IV), and
//! everything else has to match the manifest, headers and padding of the tar included. An
//! attacker can still take the file away, cut it, or put an older archive under the same passphrase
//! in its place; and what is not encrypted anybody can write anew, digests and all.

mod crypt;
mod cut;
mod error;
mod export;
mod import;
mod manifest;
mod path;
mod tally;
mod tar;
#[cfg(test)]
mod tests;
mod unpack;

pub use crypt::ITERATIONS;
pub use error::ArchiveError;
pub use export::{ConfigFile, ExportPlan, Exported, export, keys_in};
pub(crate) use import::cut_off;
pub use import::{Imported, check_place, import};
pub use manifest::{ARCHIVE_VERSION, ArchiveHead, Counts};
pub use unpack::OpenArchive;
