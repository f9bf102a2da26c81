//! What never asks a provider: handing out a key, notes, putting away and taking back.

use super::Inner;
use super::command::Done;
use super::error::EngineError;
use super::settle::happen;
use crate::domain::action;
use crate::domain::entry::EntryId;
use crate::domain::event::What;
use crate::domain::gate::Reason;
use crate::pki::PrivateKey;

/// The action by which a key is shown or copied.
const REVEAL_KEY: &str = "reveal-key";
/// A note is one line; a longer text belongs elsewhere.
const LONGEST_NOTE: usize = 1_000;

impl Inner {
    /// Hands out the private key; that somebody asked is written down first.
    pub(super) fn hand_out_key(&self, id: &EntryId, what: What) -> Result<Done, EngineError> {
        self.may_write_down(id, REVEAL_KEY)?;
        // Whether it can be handed out at all is known before it is written down that it was.
        let entry = self.store.transact(|transaction| {
            let decision = self.decide(transaction, id, REVEAL_KEY)?;
            Ok::<_, EngineError>(decision.entry)
        })?;
        let key = self.read_key(id, entry.order.spki_sha256.as_deref())?;
        let spki = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let decision = self.decide(transaction, id, REVEAL_KEY)?;
            let entry = decision.entry.as_ref().clone();
            let spki = entry.order.spki_sha256.clone();
            let now = self.time_of(&entry.account);
            happen(transaction, entry, [what], now);
            Ok::<_, EngineError>(spki)
        })?;
        self.publish();
        if spki != entry.order.spki_sha256 {
            let says = format!("{} got another key meanwhile; look again", entry.name());
            return Err(EngineError::Failed(says));
        }
        Ok(Done::Key(key.to_pkcs8_pem()))
    }

    /// The key, if it is there and is the one that its name says.
    pub(super) fn read_key(
        &self,
        id: &EntryId,
        spki: Option<&str>,
    ) -> Result<PrivateKey, EngineError> {
        let spki = spki.unwrap_or_default();
        let place = self.store.dir().join("keys").join(format!("{spki}.pem"));
        let wrong = |why: &str| {
            let place = place.display();
            EngineError::Failed(format!(
                "the private key of {id} should lie in {place}, and {why}; restore the file from \
                 a backup"
            ))
        };
        let pem = self
            .store
            .key(spki)?
            .ok_or_else(|| wrong("it is not there"))?;
        let key = self.open_key(&pem, spki).map_err(|error| match error {
            EngineError::Failed(_) => wrong("what is there is no private key"),
            other => other,
        })?;
        if key.spki_sha256() == spki {
            Ok(key)
        } else {
            Err(wrong("another key is there"))
        }
    }

    /// Keeps a note.
    pub(super) fn note(&self, id: &EntryId, note: &str) -> Result<Done, EngineError> {
        let note = note.trim();
        if note.chars().count() > LONGEST_NOTE {
            let says = format!("a note has at most {LONGEST_NOTE} characters");
            return Err(EngineError::Usage(says));
        }
        if note.contains("PRIVATE KEY-----") {
            let says = "this is a private key; a note is kept in the journal for everybody to read, \
                        so it was not kept";
            return Err(EngineError::Usage(says.to_owned()));
        }
        self.local(
            id,
            "note",
            What::Noted {
                note: note.to_owned(),
            },
        )
    }

    /// Refuses what would be written down where certdeck was started to change nothing; whether it
    /// were possible otherwise is for the gate to say.
    pub(super) fn may_write_down(&self, id: &EntryId, action: &str) -> Result<(), EngineError> {
        let entry = self.store.snapshot().entries.get(id);
        let Some(entry) = entry.filter(|_| self.settings.read_only) else {
            return Ok(());
        };
        let lifecycle = self.lifecycles.get(&entry.lifecycle);
        let usual = || action::spec(action).map_or(action, |spec| spec.title);
        Err(EngineError::Refused {
            action: lifecycle.map_or_else(|| usual().to_owned(), |l| l.action_title(action)),
            name: entry.name().to_owned(),
            reason: Reason::new(
                "it would be written down, and certdeck was started to look and change nothing \
                 (--read-only, or read-only in the configuration)",
            ),
        })
    }

    /// A local action that writes one event down.
    pub(super) fn local(
        &self,
        id: &EntryId,
        action: &str,
        what: What,
    ) -> Result<Done, EngineError> {
        self.may_write_down(id, action)?;
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let decision = self.decide(transaction, id, action)?;
            let now = self.time_of(&decision.entry.account);
            happen(transaction, decision.entry.as_ref().clone(), [what], now);
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        Ok(Done::Kept)
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::Command;
    use super::super::stage::Stage;

    #[tokio::test]
    async fn what_is_local_is_possible_without_the_lifecycles_table() {
        let stage = Stage::new();
        let entry = stage.order().await;
        stage.edit(&entry, |entry| entry.lifecycle = "gone".to_owned());
        let note = "kept".to_owned();
        let command = Command::Note {
            entry: entry.clone(),
            note,
        };
        stage.engine.run(command).await.unwrap();
        assert_eq!(stage.entry(&entry).note, "kept");
        let renew = Command::Act {
            entry,
            action: "renew".to_owned(),
            with: crate::domain::event::Answers::default(),
            seen_state: None,
        };
        let refused = stage.engine.run(renew).await.unwrap_err().to_string();
        assert!(refused.contains("missing lifecycle table"), "{refused}");
    }
}
