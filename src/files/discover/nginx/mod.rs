//! What an `nginx.conf` serves: the files of `ssl_certificate`, also in what it includes.
//!
//! Relative names start at the folder of `nginx.conf`, as nginx reads them (its documentation of
//! `include` and `ssl_certificate`). May not: read what `ssl_certificate_key` names.

mod parse;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::read_file;
use super::folder::{Folder, real_path, trouble_with};
use super::{Layout, Program};
use parse::{Directive, directives};

const CONF: &str = "nginx.conf";
/// How many files a configuration may be made of.
const MOST_FILES: usize = 5_000;
/// How deep files may include one another; real ones do so three or four times.
const DEEPEST: usize = 32;

/// Recognises the folder with `nginx.conf`, if anything in it is about certificates.
pub(super) fn recognise(folder: &Folder) -> Option<Layout> {
    if !folder.has_file(CONF) {
        return None;
    }
    let mut reader = Reader {
        layout: Layout {
            paths: Vec::new(),
            include: Vec::new(),
            ..Layout::new(Program::Nginx, &folder.path, "")
        },
        read: BTreeSet::new(),
        named: BTreeSet::new(),
        depth: 0,
    };
    reader.read(&folder.join(CONF));
    let mut layout = reader.layout;
    layout.paths.clone_from(&layout.files);
    let anything = !(layout.files.is_empty() && layout.unreadable.is_empty());
    anything.then_some(layout)
}

struct Reader {
    layout: Layout,
    /// Configuration files that were read.
    read: BTreeSet<PathBuf>,
    /// Certificates that were named.
    named: BTreeSet<PathBuf>,
    /// How many files include the one that is being read.
    depth: usize,
}

impl Reader {
    fn read(&mut self, file: &Path) {
        // Files that include one another end here, too.
        if self.read.len() >= MOST_FILES || !self.read.insert(real_path(file)) {
            return;
        }
        let bytes = match read_file(file) {
            Ok(bytes) => bytes,
            Err(error) => return self.layout.cannot(file, &error),
        };
        for directive in directives(&String::from_utf8_lossy(&bytes)) {
            match directive.name.as_str() {
                "include" => self.include(&directive, file),
                "ssl_certificate" => self.certificate(&directive, file),
                _ => {}
            }
        }
    }

    fn include(&mut self, directive: &Directive, file: &Path) {
        if self.depth >= DEEPEST {
            let why = format!(
                "files include one another more than {DEEPEST} deep here; what comes below is not \
                 followed"
            );
            return self.cannot_at(directive, file, &why);
        }
        self.depth += 1;
        self.follow(directive, file);
        self.depth -= 1;
    }

    fn follow(&mut self, directive: &Directive, file: &Path) {
        let path = self.layout.folder.join(&directive.value);
        let is_pattern = directive.value.contains(['*', '?', '[']);
        if !is_pattern {
            return match trouble_with(&path) {
                None => self.read(&path),
                Some(error) => {
                    let why = format!("it includes {}: {error}", path.display());
                    self.cannot_at(directive, file, &why);
                }
            };
        }
        let found = glob::glob(&path.to_string_lossy()).map(|found| found.flatten().collect());
        let found: Vec<PathBuf> = found.unwrap_or_default();
        for path in found {
            self.read(&path);
        }
    }

    fn certificate(&mut self, directive: &Directive, file: &Path) {
        let value = &directive.value;
        if value.contains('$') {
            let why = format!(
                "{value:?} holds a variable, which only nginx can follow; watch the folder with \
                 these files yourself"
            );
            return self.cannot_at(directive, file, &why);
        }
        if value.starts_with("data:") {
            let why = "the certificate stands in the configuration itself and is not followed";
            return self.cannot_at(directive, file, why);
        }
        let path = self.layout.folder.join(value);
        if self.named.insert(path.clone()) {
            match trouble_with(&path) {
                None => self.layout.files.push(path),
                Some(error) => {
                    let why = format!("it names {}: {error}", path.display());
                    self.cannot_at(directive, file, &why);
                }
            }
        }
    }

    fn cannot_at(&mut self, directive: &Directive, file: &Path, why: &str) {
        let place = format!("{}:{}", file.display(), directive.line);
        self.layout.unreadable.push((place, why.to_owned()));
    }
}
