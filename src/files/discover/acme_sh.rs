//! acme.sh's folder: `NAME/` or, for keys on elliptic curves, `NAME_ecc/`, with a `NAME.conf` that
//! sets `Le_Domain`, and `fullchain.cer`.

use std::path::Path;

use super::super::read_file;
use super::folder::Folder;
use super::{Layout, Program};

const FULL_CHAIN: &str = "fullchain.cer";

/// Recognises the folder of one certificate; the answer is about all beside it, as far as they lie
/// below `root`, where the search began.
pub(super) fn recognise(folder: &Folder, root: &Path) -> Option<Layout> {
    if !is_kept_by_acme_sh(folder) {
        return None;
    }
    let all = folder.path.parent();
    let all = all.filter(|path| path.starts_with(root));
    let mut layout = Layout::new(Program::AcmeSh, all.unwrap_or(&folder.path), FULL_CHAIN);
    match all.map(Folder::list) {
        None => take(folder, &mut layout),
        Some(Err(error)) => layout.cannot(&folder.path, &error),
        Some(Ok(all)) => {
            for path in all.inner() {
                match Folder::list(&path) {
                    Ok(one) if is_kept_by_acme_sh(&one) => take(&one, &mut layout),
                    Ok(_) => {}
                    Err(error) => layout.cannot(&path, &error),
                }
            }
        }
    }
    Some(layout)
}

fn take(folder: &Folder, layout: &mut Layout) {
    let file = folder.join(FULL_CHAIN);
    if folder.has_file(FULL_CHAIN) {
        layout.files.push(file);
    } else {
        layout.cannot(
            &file,
            "it is not there: nothing was issued yet, or issuing failed",
        );
    }
}

fn is_kept_by_acme_sh(folder: &Folder) -> bool {
    let name = folder.name();
    let name = name.strip_suffix("_ecc").unwrap_or(name);
    let conf = format!("{name}.conf");
    if !folder.has_file(&conf) {
        return false;
    }
    let sets_domain = |text: String| text.lines().any(|line| line.starts_with("Le_Domain="));
    let bytes = read_file(&folder.join(&conf));
    bytes.is_ok_and(|bytes| sets_domain(String::from_utf8_lossy(&bytes).into_owned()))
}
