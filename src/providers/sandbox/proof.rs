//! What the sandbox's CA wants to see, and what it complains of when it looked in vain.

use super::bring::Scene;
use super::schedule::age_of;
use super::{Sandbox, chance};
use crate::domain::entry::{Entry, Method, ValidationRecord};
use crate::domain::lifecycle::Bring;

/// The label before a custom hostname that proves whose it is: Cloudflare API, custom hostnames,
/// `ownership_verification`.
const OWNERSHIP: &str = "_cf-custom-hostname";

impl Scene<'_> {
    /// The proof of ownership that is waited for: as long as a track stands where an entry begins
    /// that has to bring it.
    pub(super) fn ownership_still_asked(&self) -> Vec<ValidationRecord> {
        let waits = self.lifecycle.entry_points.iter().any(|point| {
            let stands = self.entry.tracks.get(&point.track);
            point.brings.contains(&Bring::OwnershipRecords)
                && stands.is_some_and(|track| track.state.as_str() == point.state)
        });
        let kept = self.entry.records.iter().filter(|_| waits);
        kept.filter(|record| is_ownership(record))
            .cloned()
            .collect()
    }
}

impl Sandbox {
    /// What the CA wants to see for each name, by the procedure that was chosen; proof of
    /// ownership that was asked for stays.
    pub(super) fn records(&self, scene: &Scene<'_>) -> Vec<ValidationRecord> {
        let entry = scene.entry;
        let mut records = scene.ownership_still_asked();
        let mut seen: Vec<&str> = Vec::new();
        for name in entry.names.iter().chain(&entry.adding) {
            // A wildcard is proven by the name below which it stands.
            let bare = name.strip_prefix("*.").unwrap_or(name);
            if !seen.contains(&bare) {
                seen.push(bare);
                records.push(self.record(scene, bare));
            }
        }
        records
    }

    fn record(&self, scene: &Scene<'_>, name: &str) -> ValidationRecord {
        let (entry, named) = (scene.entry, &scene.lifecycle.records);
        let token = self.token(scene, name);
        let name = name.to_owned();
        match entry.order.method.unwrap_or(Method::Dns) {
            Method::Email => ValidationRecord::Email {
                mailbox: entry
                    .order
                    .mailbox
                    .clone()
                    .unwrap_or_else(|| format!("admin@{name}")),
                name,
            },
            Method::Dns => ValidationRecord::Dns {
                record: format!("{}.{name}", named.dns),
                kind: "TXT".to_owned(),
                value: token,
                name,
            },
            Method::File => ValidationRecord::File {
                url: format!("http://{name}{}", named.file),
                content: token,
                name,
            },
        }
    }

    /// What proves a name. A proof that is asked for again is another one, as with every CA: what
    /// was published for the last one does not count any more.
    fn token(&self, scene: &Scene<'_>, name: &str) -> String {
        let entry = scene.entry;
        let asked_before =
            |record: &&ValidationRecord| record.name() == name && !is_ownership(record);
        let before = entry.records.iter().find(asked_before);
        let before = before.map(|record| match record {
            ValidationRecord::Dns { value, .. } => value.clone(),
            ValidationRecord::File { content, .. } => content.clone(),
            ValidationRecord::Email { .. } => age_of(entry, scene.at),
        });
        // It hangs on nothing but the name and the proof before, so that the same story, a demo for
        // example, looks the same each time.
        let mut purpose = vec![entry.id.as_str(), name, "proof"];
        purpose.extend(before.as_deref());
        chance::token(self.seed, &purpose)
    }

    /// The records that were asked for, and those that prove whose the names are.
    pub(super) fn with_ownership(&self, entry: &Entry) -> Vec<ValidationRecord> {
        let mut records: Vec<_> = entry
            .records
            .iter()
            .filter(|r| !is_ownership(r))
            .cloned()
            .collect();
        records.extend(entry.names.iter().map(|name| ValidationRecord::Dns {
            record: format!("{OWNERSHIP}.{name}"),
            kind: "TXT".to_owned(),
            value: chance::token(self.seed, &[entry.id.as_str(), name, "ownership"]),
            name: name.clone(),
        }));
        records
    }

    /// What the CA complains of: one of the table's complaints, about the first name.
    pub(super) fn complaints(&self, scene: &Scene<'_>) -> Vec<String> {
        let all = scene.complaints();
        let Ok(count @ 1..) = u64::try_from(all.len()) else {
            return Vec::new();
        };
        let age = age_of(scene.entry, scene.at);
        let drawn = chance::number(self.seed, &[scene.entry.id.as_str(), &age, "complaint"]);
        let index = usize::try_from(drawn % count).unwrap_or_default();
        vec![all[index].replace("{name}", scene.entry.name())]
    }
}

fn is_ownership(record: &ValidationRecord) -> bool {
    matches!(record, ValidationRecord::Dns { record, .. } if record.starts_with(OWNERSHIP))
}
