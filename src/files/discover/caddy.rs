//! Caddy's folder: `certificates/ISSUER/NAME/NAME.crt`, with `NAME.key` and a `NAME.json` that says
//! `sans` beside it.

use std::path::Path;

use serde_json::Value;

use super::super::read_file;
use super::folder::Folder;
use super::{Layout, Program};

/// Recognises the folder of one certificate; the answer is about all certificates beside it, as
/// far as they lie below `root`, where the search began.
pub(super) fn recognise(folder: &Folder, root: &Path) -> Option<Layout> {
    if !is_kept_by_caddy(folder) {
        return None;
    }
    // NAME lies in ISSUER, and that in the folder of them all.
    let all = folder.path.ancestors().take(3);
    let all = all.filter(|path| path.starts_with(root)).last()?;
    let mut layout = Layout::new(Program::Caddy, all, "*.crt");
    let levels = folder.path.strip_prefix(all).ok()?.components().count();
    gather(all, levels, &mut layout);
    Some(layout)
}

/// Takes what lies so many folders further down.
fn gather(path: &Path, levels: usize, layout: &mut Layout) {
    let folder = match Folder::list(path) {
        Ok(folder) => folder,
        Err(error) => return layout.cannot(path, &error),
    };
    if levels > 0 {
        for inner in folder.inner() {
            gather(&inner, levels - 1, layout);
        }
    } else if folder.has_file(&certificate_of(&folder)) {
        layout.files.push(folder.join(&certificate_of(&folder)));
    }
}

fn certificate_of(folder: &Folder) -> String {
    format!("{}.crt", folder.name())
}

fn is_kept_by_caddy(folder: &Folder) -> bool {
    let record = format!("{}.json", folder.name());
    if !folder.has_file(&certificate_of(folder)) || !folder.has_file(&record) {
        return false;
    }
    let record = read_file(&folder.join(&record)).ok();
    let record = record.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    record.is_some_and(|record| record.get("sans").is_some())
}
