//! What to do in a provider's own panel, where certdeck cannot do it.
//!
//! Pure text, from the lifecycle's table where it says something, else in general. Both faces show
//! it before they offer "record: submitted".

use crate::domain::account::AccountKind;
use crate::domain::entry::Entry;
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::{ActionRow, Ask, GONE, Lifecycle, PREVIOUS, State};
use crate::domain::name;

/// What to do in the provider's own panel, and what is written down afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guidance {
    /// What it is about: `Renew, in netcup's own panel`.
    pub title: String,
    /// What to do there, step by step.
    pub steps: Vec<String>,
    /// Where the panel is.
    pub link: Option<String>,
    /// What "record: submitted" writes down.
    pub then: String,
}

/// What to do in the provider's own panel for an action or an event, by id.
#[must_use]
pub fn guidance(action: &str, entry: &Entry, inventory: &Inventory) -> Guidance {
    let Some(table) = inventory.lifecycle_of(entry) else {
        return Guidance::default();
    };
    let name = name::unicode(entry.name());
    if let Some(row) = row_of(action, entry, table) {
        let title = table.action_title(action);
        return Guidance {
            steps: steps(&row.steps, &title, &name, table),
            link: link(&entry.account, row.link.as_ref(), table, inventory),
            then: then(&title, row, table),
            title: in_panel(&title, table),
        };
    }
    let event = table.events.iter().find(|row| row.id == action);
    let title = event.map_or(action, |row| row.label.as_str());
    let own = event.map(|row| row.steps.as_slice()).unwrap_or_default();
    let leads_to = event.and_then(|row| label_of(&row.to, table));
    Guidance {
        title: in_panel(title, table),
        steps: steps(own, title, &name, table),
        link: link(&entry.account, None, table, inventory),
        then: leads_to.map_or_else(
            || format!("Recorded: {title}."),
            |label| format!("Recorded: {title}; it is {label} then."),
        ),
    }
}

/// How an order is placed in the provider's own panel of an account; along its usual lifecycle where
/// none is named.
#[must_use]
pub fn order_guidance(account: &str, lifecycle: Option<&str>, inventory: &Inventory) -> Guidance {
    let known = inventory.accounts.get(account);
    let usual = known.map(Account::usual_lifecycle);
    let Some(table) = lifecycle
        .or(usual)
        .and_then(|id| inventory.lifecycles.get(id))
    else {
        return Guidance::default();
    };
    let point = table.entry_points.first();
    let own = point.map(|point| point.steps.clone()).unwrap_or_default();
    let general = || {
        let provider = &table.provider;
        vec![format!(
            "Place the order in {provider}'s own panel, with the CSR where it asks for one."
        )]
    };
    let steps = if own.is_empty() { general() } else { own };
    let begins = point.and_then(|point| table.state(&point.state));
    Guidance {
        title: in_panel("Order", table),
        steps,
        link: link(account, None, table, inventory),
        then: begins.map_or_else(String::new, |state| {
            format!("The order is written down here as {}.", state.label)
        }),
    }
}

/// The row of an action that is meant where the entry stands, else its first.
pub(super) fn row_of<'a>(
    action: &'a str,
    entry: &Entry,
    table: &'a Lifecycle,
) -> Option<&'a ActionRow> {
    let stands = |row: &&ActionRow| {
        let track = entry.tracks.get(&row.track);
        track.is_some_and(|track| row.from.iter().any(|from| from == track.state.as_str()))
    };
    table
        .rows_of(action)
        .find(stands)
        .or_else(|| table.rows_of(action).next())
}

fn in_panel(title: &str, table: &Lifecycle) -> String {
    format!("{title}, in {}'s own panel", table.provider)
}

fn steps(own: &[String], title: &str, name: &str, table: &Lifecycle) -> Vec<String> {
    if !own.is_empty() {
        return own.to_vec();
    }
    vec![format!(
        "Open {}'s own panel, find {name}, and look there for: {title}.",
        table.provider
    )]
}

/// The account's own link, else the row's, else that of the provider's support.
fn link(
    account: &str,
    row: Option<&String>,
    table: &Lifecycle,
    inventory: &Inventory,
) -> Option<String> {
    let account = inventory.accounts.get(account);
    let own = account.and_then(|account| account.panel.clone());
    let support = || {
        table
            .support
            .as_ref()
            .and_then(|support| support.link.clone())
    };
    own.or_else(|| row.cloned()).or_else(support)
}

fn then(title: &str, row: &ActionRow, table: &Lifecycle) -> String {
    let label = |id: &str| {
        table
            .state(id)
            .map_or_else(|| id.to_owned(), |state| state.label.clone())
    };
    let leads = match (&row.makes, &row.to) {
        _ if row.opens.is_some() => {
            "it stays open, and nothing else can be asked for, until you record what came of it"
                .to_owned()
        }
        (None, Some(to)) if to == GONE => "it is gone then, and put away here".to_owned(),
        (None, Some(to)) if to == PREVIOUS => "it is where it was before then".to_owned(),
        (Some(makes), _) => format!(
            "a new entry with the same names and product begins at {}, linked to this one",
            label(&makes.state)
        ),
        (None, Some(to)) if table.state(to).is_some() => format!("it is {} then", label(to)),
        _ => "nothing moves until you record what the panel shows".to_owned(),
    };
    format!("Recorded: {title} was submitted by you; {leads}.")
}

/// What a row's `to` is called, where that is certain.
fn label_of(to: &str, table: &Lifecycle) -> Option<String> {
    let label = |state: &State| state.label.clone();
    let gone = (to == GONE).then(|| "gone".to_owned());
    gone.or_else(|| table.state(to).map(label))
}

/// What to say of an action where nobody but a person can ask the provider.
pub(in crate::engine) fn refers_to_panel(
    action: &str,
    entry: &Entry,
    inventory: &Inventory,
) -> Option<String> {
    let account = inventory.accounts.get(&entry.account)?;
    if account.kind != AccountKind::ByHand {
        return None;
    }
    let guidance = guidance(action, entry, inventory);
    let link = guidance
        .link
        .map_or_else(String::new, |link| format!(" ({link})"));
    Some(format!(
        "{}{link}: {} Then write it down: certdeck record {action}{} {}",
        guidance.title,
        guidance.steps.join(" "),
        asked(action, entry, inventory),
        entry.id
    ))
}

/// The flags for what a person has to say for an action; what may be left out is not among them.
fn asked(action: &str, entry: &Entry, inventory: &Inventory) -> String {
    let table = inventory.lifecycle_of(entry);
    let row = table.and_then(|table| row_of(action, entry, table));
    let asks = row.map(|row| row.asks.as_slice()).unwrap_or_default();
    let flags = asks.iter().map(|ask| match ask {
        Ask::NewNames => " --new-name NAME",
        Ask::Method if asks.len() == 1 => " --method METHOD",
        Ask::Reason | Ask::Names | Ask::Method => "",
    });
    flags.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::EntryId;
    use crate::domain::lifecycle::Lifecycles;

    fn desk(panel: Option<&str>) -> (Entry, Inventory) {
        let mut inventory = Inventory {
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        };
        let account = Account {
            deploys: false,
            probes_wildcards: false,
            name: "main".to_owned(),
            kind: AccountKind::ByHand,
            lifecycles: vec!["netcup".to_owned()],
            read_only: false,
            clock: None,
            seed: None,
            zone: None,
            panel: panel.map(str::to_owned),
            watched: None,
        };
        inventory.accounts.insert("main".to_owned(), account);
        let id = EntryId::new("a1");
        let mut entry = Entry::new(id, "main", "netcup", "issued", Timestamp::UNIX_EPOCH);
        entry.names = vec!["xn--mller-kva.example".to_owned()];
        (entry, inventory)
    }

    #[test]
    fn the_table_says_what_to_do_and_the_account_says_where() {
        let (entry, inventory) = desk(None);
        let renew = guidance("renew", &entry, &inventory);
        assert_eq!(renew.title, "Renew, in netcup's own panel");
        assert!(
            renew
                .steps
                .iter()
                .any(|step| step.contains("Renewal button"))
        );
        assert_eq!(
            renew.link.as_deref(),
            Some("https://www.customercontrolpanel.de")
        );
        assert!(
            renew.then.contains("begins at Outstanding invoice"),
            "{}",
            renew.then
        );
        let (entry, inventory) = desk(Some("https://panel.example"));
        let renew = guidance("renew", &entry, &inventory);
        assert_eq!(renew.link.as_deref(), Some("https://panel.example"));
        let order = order_guidance("main", None, &inventory);
        assert!(order.steps[0].contains("press Order"), "{order:?}");
        assert!(order.then.contains("Outstanding invoice"), "{order:?}");
    }

    #[test]
    fn without_steps_of_its_own_the_name_and_the_provider_are_said() {
        let (entry, inventory) = desk(None);
        let revoke = guidance("revoke", &entry, &inventory);
        assert!(revoke.steps[0].contains("müller.example"), "{revoke:?}");
        assert!(revoke.steps[0].contains("netcup's own panel"), "{revoke:?}");
        assert_eq!(
            revoke.link.as_deref(),
            Some("https://www.customercontrolpanel.de")
        );
        let paid = guidance("invoice-paid", &entry, &inventory);
        assert_eq!(
            paid.then,
            "Recorded: Invoice paid; it is Registration then."
        );
    }
}
