//! What a person notices of reading: what is found, what is refused with which reason, what is
//! passed over.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// A certificate's PEM frame around something that is none.
const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn read_one(path: &Path) -> Reading {
    read(&[path.to_owned()])
}

/// Each file with its error or the number of things in it.
fn shown(reading: &Reading, root: &Path) -> Vec<String> {
    let line = |file: &Read| {
        let path = file.path.strip_prefix(root).unwrap_or(&file.path).display();
        match &file.found {
            Ok(found) => format!("{path}: {}", found.len()),
            Err(error) => format!("{path}: {error}"),
        }
    };
    reading.read.iter().map(line).collect()
}

#[test]
fn a_file_is_read_into_one_buffer_that_leaves_no_copy_behind() {
    let root = folder();
    let path = root.path().join("privkey.pem");
    fs::write(&path, [b'k'; 5_000]).unwrap();
    let bytes = read_file(&path).unwrap();
    // It never had to grow.
    assert_eq!((bytes.len(), bytes.capacity()), (5_000, 5_001));
}

#[test]
fn folders_are_walked_in_the_order_of_names_and_junk_is_passed_over() {
    let root = folder();
    fs::create_dir(root.path().join("b")).unwrap();
    fs::write(root.path().join("b/two.pem"), BROKEN.repeat(2)).unwrap();
    fs::write(root.path().join("c.crt"), BROKEN).unwrap();
    fs::write(root.path().join("a.txt"), BROKEN).unwrap();
    fs::write(root.path().join("notes.md"), "shopping list").unwrap();
    fs::write(root.path().join("empty"), "").unwrap();
    let reading = read_one(root.path());
    assert_eq!(
        shown(&reading, root.path()),
        ["a.txt: 1", "b/two.pem: 2", "c.crt: 1"]
    );
    assert_eq!(reading.passed_over, 2);
}

#[test]
fn a_file_that_is_named_itself_is_always_reported_on() {
    let root = folder();
    let notes = root.path().join("notes.md");
    fs::write(&notes, "shopping list").unwrap();
    let reading = read_one(&notes);
    assert_eq!(reading.passed_over, 0);
    assert!(
        matches!(
            reading.read[0].found.as_deref(),
            Ok([Found::Unreadable { .. }])
        ),
        "{reading:?}"
    );
}

#[test]
fn a_named_file_with_something_else_says_what_it_holds() {
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let parameters = "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n";
    let root = folder();
    let path = root.path().join("site.pem");
    fs::write(&path, [key, parameters, key].concat()).unwrap();
    assert_eq!(
        shown(&read_one(&path), root.path()),
        [
            "site.pem: it holds no certificate, only a private key and DH PARAMETERS; name the \
             file with the certificate itself"
        ]
    );
    // With a certificate beside it, it is what people call a PEM file of a server.
    fs::write(&path, [key, BROKEN].concat()).unwrap();
    assert_eq!(shown(&read_one(&path), root.path()), ["site.pem: 2"]);
    // Found in a folder, it is nobody's mistake.
    fs::write(&path, key).unwrap();
    let reading = read_one(root.path());
    assert_eq!((reading.read.len(), reading.passed_over), (0, 1));
}

#[test]
fn what_is_not_there_says_so() {
    let root = folder();
    let reading = read_one(&root.path().join("missing.pem"));
    let lines = shown(&reading, root.path());
    assert!(
        lines[0].starts_with("missing.pem: looking at failed: No such file"),
        "{lines:?}"
    );
}

#[test]
fn a_pipe_is_refused_without_waiting_for_it() {
    let root = folder();
    let pipe = root.path().join("pipe.pem");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(
        shown(&read_one(root.path()), root.path()),
        ["pipe.pem: it is a pipe, not a file"]
    );
    // Also by whoever reads one file without a walk before it.
    assert_eq!(read_file(&pipe), Err(FileError::Special { what: "a pipe" }));
}

#[test]
fn devices_and_endless_files_are_refused() {
    assert_eq!(
        read_file(Path::new("/dev/zero")),
        Err(FileError::Special { what: "a device" })
    );
    let root = folder();
    let huge = root.path().join("huge.pem");
    let file = fs::File::create(&huge).unwrap();
    file.set_len(LARGEST + 1).unwrap();
    assert_eq!(read_file(&huge), Err(FileError::TooLarge));
    file.set_len(LARGEST).unwrap();
    assert_eq!(
        read_file(&huge).map(|bytes| bytes.len() as u64),
        Ok(LARGEST)
    );
}

#[test]
fn links_are_followed_and_circles_are_not() {
    let root = folder();
    let inner = root.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("one.pem"), BROKEN).unwrap();
    symlink(inner.join("one.pem"), root.path().join("hash.0")).unwrap();
    symlink(root.path(), inner.join("up")).unwrap();
    symlink(root.path().join("self"), root.path().join("self")).unwrap();
    symlink(&inner, root.path().join("zz-again")).unwrap();
    let lines = shown(&read_one(root.path()), root.path());
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[..2], ["hash.0: 1", "inner/one.pem: 1"]);
    assert!(
        lines[2].starts_with("inner/up: this link leads back"),
        "{lines:?}"
    );
    assert!(lines[3].starts_with("self: looking at failed"), "{lines:?}");
}

#[test]
fn folders_without_an_end_have_one() {
    let root = folder();
    let mut deep = root.path().to_owned();
    for _ in 0..70 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("one.pem"), BROKEN).unwrap();
    let lines = shown(&read_one(root.path()), root.path());
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].ends_with("nested deeper than 64; name a folder further down"),
        "{lines:?}"
    );
}

#[test]
fn text_that_is_none_is_refused() {
    let root = folder();
    let path = root.path().join("a.csr");
    fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(read_text(&path), Err(FileError::NotText));
}

#[test]
fn two_paths_never_have_one_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let text = |bytes: &[u8]| path_text(Path::new(OsStr::from_bytes(bytes)));
    assert_eq!(text("/müll/a.pem".as_bytes()), "/müll/a.pem");
    assert_eq!(text(b"/m\xfcll/a.pem"), "/m\\xfcll/a.pem");
    assert_ne!(text(b"/m\xfcll/a.pem"), text(b"/m\xe4ll/a.pem"));
}
