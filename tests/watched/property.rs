//! Whatever happens to the files, in any order: the list agrees with the folder, and nothing that
//! was seen is forgotten.

use std::fs;

use certdeck::domain::entry::LinkKind;
use certdeck::engine::Engine;

use super::stage::{Scene, entries, origin, sync, watched};

/// What can happen to a file in a watched folder.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// This certificate is written into this file.
    Write(usize, usize),
    /// Both certificates are.
    WriteBoth(usize, usize, usize),
    /// The file is renamed to that one.
    Rename(usize, usize),
    Delete(usize),
    /// Half of this certificate is written into it.
    Damage(usize, usize),
    /// The whole folder goes away, or comes back.
    TakeAway,
    BringBack,
    /// certdeck is closed and opened again.
    Restart,
}

fn deed() -> impl proptest::strategy::Strategy<Value = Deed> {
    use proptest::prelude::*;
    let (file, leaf) = (0..4_usize, 0..6_usize);
    prop_oneof![
        4 => (file.clone(), leaf.clone()).prop_map(|(file, leaf)| Deed::Write(file, leaf)),
        1 => (file.clone(), leaf.clone(), leaf.clone())
            .prop_map(|(file, one, two)| Deed::WriteBoth(file, one, two)),
        2 => (file.clone(), file.clone()).prop_map(|(from, to)| Deed::Rename(from, to)),
        2 => file.clone().prop_map(Deed::Delete),
        1 => (file, leaf).prop_map(|(file, leaf)| Deed::Damage(file, leaf)),
        1 => Just(Deed::TakeAway),
        2 => Just(Deed::BringBack),
        1 => Just(Deed::Restart),
    ]
}

impl Scene {
    /// Does it, as far as it can be done now.
    fn carry_out(&self, deed: Deed, leaves: &[String]) {
        let file = |number: usize| format!("{number}.pem");
        let path = |number: usize| self.root().join(file(number));
        let away = self.folder.path().join("away");
        let is_here = self.root().exists();
        match deed {
            Deed::Write(number, leaf) if is_here => {
                self.put(&file(number), &leaves[leaf]);
            }
            Deed::WriteBoth(number, one, two) if is_here => {
                self.put(&file(number), &(leaves[one].clone() + &leaves[two]));
            }
            Deed::Damage(number, leaf) if is_here => {
                self.put(&file(number), &leaves[leaf][..300]);
            }
            Deed::Rename(from, to) => {
                let _ = fs::rename(path(from), path(to));
            }
            Deed::Delete(number) => {
                let _ = fs::remove_file(path(number));
            }
            Deed::TakeAway if is_here => fs::rename(self.root(), away).unwrap(),
            Deed::BringBack if !is_here => fs::rename(away, self.root()).unwrap(),
            _ => {}
        }
    }

    /// What lies in the folder now: the fingerprints by file; nothing while it is away.
    fn lies(&self) -> Vec<(String, Vec<String>)> {
        let Ok(files) = fs::read_dir(self.root()) else {
            return Vec::new();
        };
        let read = |file: fs::DirEntry| {
            let bytes = fs::read(file.path()).unwrap();
            let found = certdeck::pki::bundle::read(&bytes).into_iter();
            let sha256 = found.filter_map(|found| match found {
                certdeck::pki::bundle::Found::Certificate(held) => Some(held.sha256),
                _ => None,
            });
            (file.path().display().to_string(), sha256.collect())
        };
        files.map(|file| read(file.unwrap())).collect()
    }
}

/// Whatever happens, the list says what lies there, and nothing that was seen is ever forgotten.
fn agrees(scene: &Scene, engine: &Engine, seen: &mut std::collections::BTreeSet<String>) {
    let lies = scene.lies();
    seen.extend(lies.iter().flat_map(|(_, held)| held.iter().cloned()));
    let entries = entries(engine);
    for sha256 in &*seen {
        let holders = entries.iter().filter(|entry| {
            let held = entry.serving();
            held.is_some_and(|held| held.sha256 == *sha256)
        });
        let [entry] = holders.collect::<Vec<_>>().try_into().unwrap();
        let places = lies.iter().filter(|(_, held)| held.contains(sha256));
        let places: Vec<&str> = places.map(|(place, _)| place.as_str()).collect();
        if places.is_empty() {
            assert!(entry.trouble.is_some(), "it lies nowhere: {entry:?}");
        } else {
            assert!(places.contains(&origin(entry)), "{places:?}: {entry:?}");
            assert_eq!(
                (entry.archived, &entry.trouble),
                (false, &None),
                "{entry:?}"
            );
        }
        // Put away is only what something else stands in for.
        assert!(!entry.archived || entry.successors().next().is_some());
    }
    let unreadable = lies.iter().filter(|(_, held)| held.is_empty()).count();
    let shown = watched(engine).trouble.len();
    let away = usize::from(!scene.root().exists());
    assert_eq!(shown, unreadable + away);
    for entry in &entries {
        let twice = |kind| {
            let ties = entry.links.iter().filter(|link| link.kind == kind);
            let all: Vec<_> = ties.map(|link| &link.entry).collect();
            all.len() != all.iter().collect::<std::collections::BTreeSet<_>>().len()
        };
        assert!(!twice(LinkKind::Renews) && !twice(LinkKind::RenewedBy));
    }
    let kept = fs::read_dir(scene.folder.path().join("store/certs")).unwrap();
    assert_eq!(kept.count(), seen.len(), "every certificate is kept");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..Default::default()
    })]
    #[test]
    fn whatever_happens_to_the_files_the_list_agrees_and_nothing_is_forgotten(
        deeds in proptest::collection::vec(deed(), 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::new();
            let leaves: Vec<String> = [("a", 80), ("a", 40), ("a", 1), ("b", 60), ("b", 2), ("c", 3)]
                .map(|(name, days_ago)| scene.issue(&format!("{name}.example"), days_ago).0)
                .into();
            let mut engine = scene.engine();
            let mut seen = std::collections::BTreeSet::new();
            for deed in deeds {
                scene.carry_out(deed, &leaves);
                if matches!(deed, Deed::Restart) {
                    engine = scene.engine();
                }
                sync(&engine).await;
                agrees(&scene, &engine, &mut seen);
                let before = scene.journal();
                sync(&engine).await;
                let after = scene.journal();
                let news: Vec<_> = after.lines().skip(before.lines().count()).collect();
                assert!(news.is_empty(), "nothing changed since: {news:?}");
            }
        });
    }
}
