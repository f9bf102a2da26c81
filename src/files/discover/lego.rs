//! lego's folder: `NAME.crt` with the whole chain, `NAME.issuer.crt` and `NAME.key` beside it, and
//! a `NAME.json` that names the domain (version 4) or the domains (version 5).

use std::path::Path;

use serde_json::Value;

use super::super::read_file;
use super::folder::Folder;
use super::{Layout, Program};

/// Recognises the folder in which the certificates lie.
pub(super) fn recognise(folder: &Folder) -> Option<Layout> {
    let records: Vec<&str> = folder
        .files
        .iter()
        .filter_map(|name| name.strip_suffix(".json"))
        .filter(|name| is_record(&folder.join(&format!("{name}.json"))))
        .collect();
    let certificate = |name: &str| format!("{name}.crt");
    if !records
        .iter()
        .any(|name| folder.has_file(&certificate(name)))
    {
        return None;
    }
    let mut layout = Layout::new(Program::Lego, &folder.path, "*.crt");
    layout.exclude = vec!["*.issuer.crt".to_owned()];
    for name in records {
        let file = certificate(name);
        if !folder.has_file(&file) {
            layout.cannot(
                &folder.join(&file),
                &format!("it is not there, though {name}.json is"),
            );
        }
    }
    let certificates = folder
        .files
        .iter()
        .filter_map(|name| name.strip_suffix(".crt"))
        .filter(|name| !name.ends_with(".issuer"));
    layout.files = certificates
        .map(|name| folder.join(&certificate(name)))
        .collect();
    Some(layout)
}

/// Whether a file is what lego writes down about a certificate. Caddy's says `sans` instead.
fn is_record(file: &Path) -> bool {
    let record = read_file(file).ok();
    let record = record.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let has = |key: &str| {
        record
            .as_ref()
            .is_some_and(|record| record.get(key).is_some())
    };
    (has("domain") || has("domains")) && !has("sans")
}
