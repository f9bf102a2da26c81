//! certbot's folder: `live/NAME/fullchain.pem`, a link to the newest file in `archive/NAME`, and a
//! `renewal/NAME.conf` for each (certbot's user guide, "Where are my certificates?").

use std::path::Path;

use super::folder::{Folder, trouble_with};
use super::{Layout, Program};

const FULL_CHAIN: &str = "fullchain.pem";

/// Recognises the folder that holds `live`.
pub(super) fn recognise(folder: &Folder) -> Option<Layout> {
    let is_certbot =
        folder.has_folder("live") && (folder.has_folder("archive") || folder.has_folder("renewal"));
    if !is_certbot {
        return None;
    }
    let mut layout = Layout::new(Program::Certbot, &folder.path, FULL_CHAIN);
    let live = folder.join("live");
    layout.paths = vec![live.clone()];
    let renewed = renewed(folder);
    match Folder::list(&live) {
        Err(error) => layout.cannot(&live, &error),
        Ok(live) => {
            for lineage in live.inner() {
                take(&lineage, &mut layout);
            }
            let names = live.folders.iter().chain(&live.linked);
            let there: Vec<&String> = names.collect();
            for name in renewed.iter().filter(|name| !there.contains(name)) {
                let conf = folder.join("renewal").join(format!("{name}.conf"));
                layout.cannot(
                    &conf,
                    &format!("it is about live/{name}, which is not there"),
                );
            }
        }
    }
    let anything = !(layout.files.is_empty() && layout.unreadable.is_empty());
    anything.then_some(layout)
}

/// The names of the certificates that certbot renews.
fn renewed(folder: &Folder) -> Vec<String> {
    let Ok(renewal) = Folder::list(&folder.join("renewal")) else {
        return Vec::new();
    };
    let names = renewal.files.iter();
    names
        .filter_map(|name| Some(name.strip_suffix(".conf")?.to_owned()))
        .collect()
}

fn take(lineage: &Path, layout: &mut Layout) {
    let inside = match Folder::list(lineage) {
        Ok(inside) => inside,
        Err(error) => return layout.cannot(lineage, &error),
    };
    let full_chain = inside.join(FULL_CHAIN);
    if !inside.has_file(FULL_CHAIN) {
        return layout.cannot(
            &full_chain,
            "it is not there, and certbot keeps one for each name",
        );
    }
    match trouble_with(&full_chain) {
        None => layout.files.push(full_chain),
        Some(error) => {
            let why = format!("the link leads to nothing that can be read: {error}; run certbot");
            layout.cannot(&full_chain, &why);
        }
    }
}
