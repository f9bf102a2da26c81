//! The closed list of what a key can ask of the panel.
//!
//! Screens receive these and never a key. An action here says what is wanted, not whether it is
//! possible: that is the gate's to decide.

use crate::domain::entry::LinkKind;

/// Declares the panel's own actions with their ids in the key table, in one list.
macro_rules! actions {
    ($($(#[$says:meta])* $action:ident = $id:literal,)+) => {
        /// Something a key, a menu line or a click asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum UiAction {
            $($(#[$says])* $action,)+
            /// A domain action, by its id in the action catalogue; one of [`DOMAIN_ACTIONS`].
            Do(&'static str),
        }

        /// Every action that is the panel's own, with its id in the key table.
        const OWN: &[(UiAction, &str)] = &[$((UiAction::$action, $id),)+];
    };
}

actions! {
    /// One line up.
    CursorUp = "cursor.up",
    /// One line down.
    CursorDown = "cursor.down",
    /// One screenful up.
    PageUp = "cursor.page-up",
    /// One screenful down.
    PageDown = "cursor.page-down",
    /// Half a screenful up.
    HalfPageUp = "cursor.half-page-up",
    /// Half a screenful down.
    HalfPageDown = "cursor.half-page-down",
    /// To the first line.
    Top = "cursor.top",
    /// To the last line.
    Bottom = "cursor.bottom",
    /// Open what the cursor is on: details of an entry, the chosen line of a menu.
    Open = "open",
    /// To the entry that this one renews or replaces.
    Predecessor = "link.predecessor",
    /// To the entry that renews or replaces this one.
    Successor = "link.successor",
    /// Back to where one came from.
    Back = "back",
    /// Focus the next pane.
    NextPane = "pane.next",
    /// Focus the previous pane.
    PreviousPane = "pane.previous",
    /// Show the details' first tab.
    Tab1 = "tab.1",
    /// Show the details' second tab.
    Tab2 = "tab.2",
    /// Show the details' third tab.
    Tab3 = "tab.3",
    /// Show the details' fourth tab.
    Tab4 = "tab.4",
    /// Show the details' fifth tab.
    Tab5 = "tab.5",
    /// Type a filter.
    Filter = "filter",
    /// Keep the filter typed and go back to the list.
    FilterKeep = "filter.keep",
    /// Drop the filter and go back to the list.
    FilterClear = "filter.clear",
    /// Show every key.
    Help = "help",
    /// Open the menu of actions.
    Actions = "actions",
    /// Order a certificate.
    Order = "order",
    /// Show, add, check and remove accounts.
    Accounts = "accounts",
    /// Show the next twelve months.
    Timeline = "timeline",
    /// Add an account.
    AccountNew = "account.new",
    /// Look for certificates that other programs keep on this machine.
    AccountFind = "account.find",
    /// Look whether an account can be used.
    AccountCheck = "account.check",
    /// Remove an account.
    AccountRemove = "account.remove",
    /// Mark or unmark an entry.
    Mark = "mark",
    /// Sort by another column.
    Sort = "sort",
    /// Open the menu of what can be copied.
    Copy = "copy",
    /// Show what is folded or cut short.
    Expand = "expand",
    /// Ask the provider again.
    Refresh = "refresh",
    /// Let the sandbox's clock stand still, or go on.
    ClockPause = "sandbox.pause",
    /// Let the sandbox's clock run at another speed.
    ClockSpeed = "sandbox.speed",
    /// Let the sandbox's next event happen now.
    NextEvent = "sandbox.next-event",
    /// Go back to the shell for a while.
    Suspend = "suspend",
    /// Draw everything anew.
    Redraw = "redraw",
    /// Close certdeck.
    Quit = "quit",
    /// Press the dialog's focused button.
    DialogConfirm = "dialog.confirm",
    /// Focus the button to the left.
    DialogLeft = "dialog.left",
    /// Focus the button to the right.
    DialogRight = "dialog.right",
    /// Close the dialog; nothing happens.
    DialogCancel = "dialog.cancel",
    /// Open the link that the dialog shows.
    DialogOpenLink = "dialog.open-link",
    /// Copy the link that the dialog shows.
    DialogCopyLink = "dialog.copy-link",
    /// Go to the form's next field.
    FormNextField = "form.next-field",
    /// Go to the form's previous field.
    FormPreviousField = "form.previous-field",
    /// Send the form off.
    FormSubmit = "form.submit",
    /// Close the form; nothing is sent.
    FormCancel = "form.cancel",
}

/// The domain actions that keys can ask for, by their id in the action catalogue.
pub const DOMAIN_ACTIONS: [&str; 36] = [
    "open-invoice",
    "contact-support",
    "apply",
    "withdraw",
    "recheck",
    "change-method",
    "restart",
    "check-zone",
    "renew",
    "reissue",
    "replace",
    "add-domain",
    "deploy",
    "stage",
    "deactivate",
    "reactivate",
    "auto-renew-on",
    "auto-renew-off",
    "download",
    "push",
    "revoke",
    "cancel-privacy",
    "unsubscribe",
    "delete",
    "adopt",
    "send-again",
    "give-up",
    "record",
    "describe",
    "reveal-key",
    "export",
    "run-deploy",
    "destroy-key",
    "probe",
    "note",
    "archive",
];

/// Before the id of a domain action in the key table.
const DO: &str = "do.";

impl UiAction {
    /// Follows a link of this kind.
    #[must_use]
    pub fn towards(kind: LinkKind) -> Self {
        match kind {
            LinkKind::Renews | LinkKind::Replaces => Self::Predecessor,
            LinkKind::RenewedBy | LinkKind::ReplacedBy => Self::Successor,
        }
    }

    /// Every action there is, the panel's own first.
    pub fn all() -> impl Iterator<Item = Self> {
        OWN.iter()
            .map(|&(action, _)| action)
            .chain(DOMAIN_ACTIONS.iter().map(|&id| Self::Do(id)))
    }

    /// The id in the key table: `cursor.down`, `do.renew`.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Do(id) => format!("{DO}{id}"),
            own => OWN
                .iter()
                .find(|&&(action, _)| action == own)
                .map_or_else(String::new, |&(_, id)| id.to_owned()),
        }
    }

    /// The action with this id in the key table, if there is one.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        if let Some(domain) = id.strip_prefix(DO) {
            let known = DOMAIN_ACTIONS.iter().find(|&&known| known == domain);
            return known.map(|&known| Self::Do(known));
        }
        OWN.iter()
            .find(|&&(_, known)| known == id)
            .map(|&(action, _)| action)
    }

    /// Which tab of the details this shows, counted from 0.
    #[must_use]
    pub fn tab_index(self) -> Option<usize> {
        match self {
            Self::Tab1 => Some(0),
            Self::Tab2 => Some(1),
            Self::Tab3 => Some(2),
            Self::Tab4 => Some(3),
            Self::Tab5 => Some(4),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_an_id_that_leads_back_to_it() {
        for action in UiAction::all() {
            assert_eq!(UiAction::from_id(&action.id()), Some(action), "{action:?}");
        }
    }

    #[test]
    fn no_two_actions_share_an_id() {
        let mut ids: Vec<_> = UiAction::all().map(UiAction::id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(!ids.contains(&String::new()));
    }

    #[test]
    fn an_unknown_id_leads_nowhere() {
        assert_eq!(UiAction::from_id("do.fly"), None);
        assert_eq!(UiAction::from_id("cursor.sideways"), None);
    }

    #[test]
    fn the_five_tabs_are_counted_from_nought() {
        let tabs: Vec<_> = UiAction::all().filter_map(UiAction::tab_index).collect();
        assert_eq!(tabs, [0, 1, 2, 3, 4]);
    }
}
