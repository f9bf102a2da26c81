//! How many certificates lie under a path, without taking any of them.
//!
//! May not: keep what it reads. The engine calls it when an account is checked.

use std::path::{Path, PathBuf};

use super::watch::{self, Filter};
use super::{FileError, looks_like_certificate, read_file, walk};
use crate::pki::bundle::{self, Found};

/// What lies under one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Files whose names fit.
    pub fitting: usize,
    /// Of them, those that hold a certificate.
    pub holding: usize,
    /// The certificates in them.
    pub certificates: usize,
    /// Files and folders that could not be read, and why.
    pub troubles: Vec<(PathBuf, FileError)>,
}

/// Looks at a file, or at a folder and everything below it that the filter lets through.
/// Blocks while it reads.
///
/// # Errors
/// When the path itself cannot be looked at.
pub fn survey(path: &Path, filter: &Filter) -> Result<Survey, FileError> {
    let mut survey = Survey::default();
    let mut refused = None;
    walk::walk(path, &mut |reached| {
        let wanted = watch::is_wanted(path, &reached, filter);
        match reached.outcome {
            Err(error) if reached.named => refused = Some(error),
            Err(error) if wanted => survey.troubles.push((reached.path, error)),
            Ok(_) if wanted => survey.take(reached.path, reached.named),
            _ => {}
        }
    });
    refused.map_or(Ok(survey), Err)
}

impl Survey {
    fn take(&mut self, path: PathBuf, named: bool) {
        self.fitting += 1;
        let bytes = match read_file(&path) {
            Ok(bytes) => bytes,
            // That a key may not be read is as it should be.
            Err(_) if watch::holds_a_key(&path) => return,
            Err(error) => return self.troubles.push((path, error)),
        };
        if !named && !looks_like_certificate(&path, &bytes) {
            return;
        }
        let found = bundle::read(&bytes);
        let is_certificate = |found: &&Found| matches!(found, Found::Certificate(_));
        let certificates = found.iter().filter(is_certificate).count();
        self.certificates += certificates;
        self.holding += usize::from(certificates > 0);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::pki::ca::SandboxCa;

    #[test]
    fn what_fits_is_counted_and_what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let ca = SandboxCa::generate("test", jiff::Timestamp::UNIX_EPOCH).unwrap();
        let pem = ca.root().to_pem();
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in ["a/fullchain.pem", "a/cert.pem", "note.pem"] {
            let text = if name == "note.pem" { "a note" } else { &pem };
            fs::write(folder.path().join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", folder.path().join("a/chain.pem")).unwrap();
        let all = survey(folder.path(), &Filter::default()).unwrap();
        assert_eq!((all.fitting, all.holding, all.certificates), (3, 2, 2));
        assert_eq!(all.troubles.len(), 1);
        let only = |pattern: &str| Filter::new(&[pattern.to_owned()], &[]).unwrap();
        // The link that leads nowhere is nobody's business then.
        let some = survey(folder.path(), &only("fullchain.pem")).unwrap();
        assert_eq!((some.fitting, some.holding, some.troubles.len()), (1, 1, 0));
        let file = survey(&folder.path().join("note.pem"), &only("none")).unwrap();
        assert_eq!((file.fitting, file.certificates), (1, 0));
        assert!(survey(&folder.path().join("gone"), &Filter::default()).is_err());
    }
}
