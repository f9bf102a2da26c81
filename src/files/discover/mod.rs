//! Where other programs keep certificates: found by what lies there, not by a folder's name.
//!
//! May not: write anything, or read a private key. The engine calls it; the start of the program
//! asks for the usual places.

use std::path::{Path, PathBuf};

/// Where programs that keep certificates usually put them, whether or not anything is there:
/// certbot, lego, acme.sh, Caddy and nginx. `home` is the home folder, `data` the folder of a
/// person's data (`$XDG_DATA_HOME` on Linux).
#[must_use]
pub fn usual_places(home: Option<&Path>, data: Option<&Path>) -> Vec<PathBuf> {
    let fixed = [
        "/etc/letsencrypt",
        "/etc/lego",
        "/root/.acme.sh",
        "/var/lib/caddy/.local/share/caddy",
        "/etc/nginx",
        "/usr/local/etc/nginx",
    ];
    let in_home = [".lego", ".acme.sh", ".local/share/caddy"];
    let in_data = ["caddy", "Caddy"];
    let fixed = fixed.iter().map(PathBuf::from);
    let in_home = in_home.iter().filter_map(|name| Some(home?.join(name)));
    let in_data = in_data.iter().filter_map(|name| Some(data?.join(name)));
    let mut places: Vec<PathBuf> = Vec::new();
    for place in fixed.chain(in_home).chain(in_data) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}
