//! Copies that nobody needs: the first page and what is packed beside the snapshot, and what an import
//! that was cut off left beside the store.
//!
//! It reads and judges. Nothing is lost with any of it, and none of it is ever removed here. `doctor`
//! calls it last.

use std::path::Path;

use crate::store::archive::cut_off;
use crate::store::disk::Disk;
use crate::store::first_page::{FIRST_PAGE, Fit, fit, is_wanted};
use crate::store::packed::{self, PACKED};

use super::finding::{Finding, Findings, Kind, Level};

/// What `--fix` does about a copy that is not of use.
const ANEW: &str = "writes it anew; nothing is lost with it either way";

/// Says what the first page is worth, where it is there.
pub(super) fn say_first_page(disk: &dyn Disk, dir: &Path, findings: &mut Findings) {
    let says = match fit(disk, dir) {
        None | Some(Fit::Current) => return,
        Some(Fit::Older { page, store }) => format!(
            "it shows the list as it was after transaction {page}, and the store is at {store}: the \
             next start shows nothing of the list before all of it is read"
        ),
        Some(Fit::Foreign) => {
            "it is of another store, and is not shown: somebody put it here".to_owned()
        }
        Some(Fit::Damaged) => {
            "it cannot be read, and is not shown; it is a copy of what the snapshot holds"
                .to_owned()
        }
    };
    let finding = Finding::new(Level::Note, Kind::FirstPage, FIRST_PAGE, says);
    findings.push(if is_wanted(disk, dir) {
        finding.fixable(ANEW)
    } else {
        finding.advice("leave it: the store is so short that all of it is read at once")
    });
}

/// Says what is packed of the snapshot is worth, where it is there.
pub(super) fn say_packed(disk: &dyn Disk, dir: &Path, findings: &mut Findings) {
    let says = match packed::fit(disk, dir) {
        None | Some(packed::Fit::Current) => return,
        Some(packed::Fit::Other) => {
            "it is of another snapshot, and is not read: the next start takes every line of this one \
             apart, which takes longer"
        }
        Some(packed::Fit::Unreadable) => {
            "it is damaged, or another certdeck packed it, and it is not read; it is a copy of what \
             the snapshot holds"
        }
    };
    let finding = Finding::new(Level::Note, Kind::Packed, PACKED, says);
    findings.push(if is_wanted(disk, dir) {
        finding.fixable(ANEW)
    } else {
        finding.advice("leave it: the store is so short that all of it is read at once")
    });
}

/// Says which folders imports left beside the store.
pub(super) fn say_cut_off(disk: &dyn Disk, dir: &Path, findings: &mut Findings) {
    for (folder, process) in cut_off(disk, dir) {
        let shown = folder.display().to_string();
        let running = process.is_some_and(|process| disk.is_running(process));
        findings.push(if running {
            let says = "an archive is being imported there just now, it seems";
            Finding::new(Level::Note, Kind::Leftover, &shown, says)
                .advice("wait until that is done")
        } else {
            let says = "an import that was cut off left this folder, with copies of private keys; \
                nothing needs it";
            Finding::new(Level::Look, Kind::Leftover, &shown, says).advice(
                "delete this folder yourself once the store is there: see that no import is under \
                 way on another machine; certdeck leaves it alone",
            )
        });
    }
}
