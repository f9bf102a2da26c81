//! Accounts that come and go while certdeck runs.

use super::command::{AccountDraft, Done};
use super::error::EngineError;
use super::{Engine, Inner};

impl Engine {
    pub(super) async fn check_account(&self, name: String) -> Result<Done, EngineError> {
        let _ = (self.now(), name);
        std::future::ready(()).await;
        Err(EngineError::Failed("not there yet".to_owned()))
    }
}

impl Inner {
    pub(super) fn add_account(&self, draft: &AccountDraft) -> Result<Done, EngineError> {
        let _ = (self.now(), draft);
        Err(EngineError::Failed("not there yet".to_owned()))
    }

    pub(super) fn remove_account(&self, name: &str) -> Result<Done, EngineError> {
        let _ = (self.now(), name);
        Err(EngineError::Failed("not there yet".to_owned()))
    }
}
