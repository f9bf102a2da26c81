//! An account as a person describes it, judged answer by answer.
//!
//! Pure: forms ask at each key, commands before they write. May not: look at any file; what
//! only the disk knows is said when the account is added.

use super::super::command::{AccountDraft, Field, FieldError};
use crate::config::{
    AccountFile, BUILT_IN_ACCOUNTS, Target, check_account_name, parse_absolute_path, parse_every,
    parse_kind, parse_lifecycle, parse_panel, parse_pattern,
};
use crate::domain::account::AccountKind;
use crate::domain::inventory::Inventory;

/// Everything that is wrong with a new account, each with its field; nothing where it can be
/// added. Answers that belong to another kind of account are wrong, too: nobody should believe
/// that they count.
#[must_use]
pub fn check_draft(draft: &AccountDraft, inventory: &Inventory) -> Vec<FieldError> {
    read_draft(draft, inventory).err().unwrap_or_default()
}

/// The account that a draft describes, its paths as they were typed.
pub(super) fn read_draft(
    draft: &AccountDraft,
    inventory: &Inventory,
) -> Result<AccountFile, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    wrong.take(Field::Account, check_name(&draft.name, inventory));
    let kind = wrong.take(Field::Kind, parse_kind(draft.kind.trim()));
    let Some(kind) = kind else {
        return Err(wrong.0);
    };
    let mut account = AccountFile::usual(draft.name.trim(), kind);
    account.read_only = draft.read_only;
    wrong.foreign(draft, kind);
    match kind {
        AccountKind::Files => read_watch(draft, &mut account, &mut wrong),
        AccountKind::ByHand | AccountKind::Sandbox => {
            read_lifecycle(draft, inventory, &mut account, &mut wrong);
            let panel = given(draft.panel.as_deref()).filter(|_| kind == AccountKind::ByHand);
            account.panel = panel.and_then(|panel| wrong.take(Field::Panel, parse_panel(panel)));
        }
    }
    if wrong.0.is_empty() {
        Ok(account)
    } else {
        Err(wrong.0)
    }
}

/// What an account would be called where nobody has a better idea: free, and said by its kind.
#[must_use]
pub fn free_name(wish: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wish) {
        return wish.to_owned();
    }
    let mut numbered = (2_usize..).map(|number| format!("{wish}-{number}"));
    numbered
        .find(|name| !taken(name))
        .unwrap_or_else(|| wish.to_owned())
}

fn check_name(name: &str, inventory: &Inventory) -> Result<(), String> {
    let name = name.trim();
    if name.is_empty() {
        return Err("give it a name, like netcup-main".to_owned());
    }
    check_account_name(name)?;
    let mut known = inventory.accounts.keys();
    let Some(taken) = known.find(|known| known.eq_ignore_ascii_case(name)) else {
        return Ok(());
    };
    if BUILT_IN_ACCOUNTS.iter().any(|(known, _)| known == taken) {
        return Err(format!(
            "{taken:?} is built in; choose another name (a file {taken}.toml beside the others \
             changes the settings of that one)"
        ));
    }
    Err(format!(
        "there is an account {taken:?} already, and names that differ only in capitals would be \
         one file on some disks; choose another name"
    ))
}

fn read_lifecycle(
    draft: &AccountDraft,
    inventory: &Inventory,
    account: &mut AccountFile,
    wrong: &mut Wrong,
) {
    // What lies in files moves by the clock alone: nobody orders there, and nobody records.
    let known = inventory
        .lifecycles
        .iter()
        .map(|lifecycle| lifecycle.id.as_str());
    let known: Vec<&str> = known.filter(|id| *id != "files").collect();
    let asked = draft.lifecycles.as_slice();
    let asked = wrong.each(Field::Lifecycle, asked, |id| parse_lifecycle(id, &known));
    for (index, id) in asked.iter().enumerate() {
        if asked[..index].contains(id) {
            wrong.add(
                Field::Lifecycle,
                format!("{id:?} is there twice; name it once"),
            );
        }
    }
    if !asked.is_empty() {
        account.lifecycles = asked;
    }
}

fn read_watch(draft: &AccountDraft, account: &mut AccountFile, wrong: &mut Wrong) {
    let watch = &mut account.watch;
    watch.paths = wrong.each(Field::Paths, &draft.paths, parse_absolute_path);
    watch.include = wrong.each(Field::Include, &draft.include, parse_pattern);
    watch.exclude = wrong.each(Field::Exclude, &draft.exclude, parse_pattern);
    watch.hosts = wrong.each(Field::Hosts, &draft.hosts, str::parse::<Target>);
    let every = given(draft.every.as_deref());
    if let Some(every) = every.and_then(|every| wrong.take(Field::Every, parse_every(every))) {
        watch.every = every;
    }
    let names_nothing = |texts: &[String]| texts.iter().all(|text| text.trim().is_empty());
    if names_nothing(&draft.paths) && names_nothing(&draft.hosts) {
        let says = "name at least one file, folder or server to watch";
        wrong.add(Field::Paths, says.to_owned());
    }
}

/// An answer, if it is more than blanks.
fn given(answer: Option<&str>) -> Option<&str> {
    answer.map(str::trim).filter(|answer| !answer.is_empty())
}

/// What is wrong so far.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: Field, says: String) {
        self.0.push(FieldError { field, says });
    }

    fn take<T>(&mut self, field: Field, answer: Result<T, String>) -> Option<T> {
        answer.map_err(|says| self.add(field, says)).ok()
    }

    fn each<T>(
        &mut self,
        field: Field,
        answers: &[String],
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let answers = answers.iter().filter_map(|answer| given(Some(answer)));
        answers
            .filter_map(|answer| self.take(field, parse(answer)))
            .collect()
    }

    /// Answers that mean nothing for this kind.
    fn foreign(&mut self, draft: &AccountDraft, kind: AccountKind) {
        let lists = [
            (Field::Paths, &draft.paths),
            (Field::Include, &draft.include),
            (Field::Exclude, &draft.exclude),
            (Field::Hosts, &draft.hosts),
        ];
        if kind == AccountKind::Files {
            let has_lifecycle = draft.lifecycles.iter().any(|id| given(Some(id)).is_some());
            let single = [
                (Field::Lifecycle, has_lifecycle),
                (Field::Panel, given(draft.panel.as_deref()).is_some()),
            ];
            for (field, _) in single.into_iter().filter(|(_, is_given)| *is_given) {
                let says = "an account that watches files and servers has none; leave it away";
                self.add(field, says.to_owned());
            }
            return;
        }
        let says = "only an account of the kind \"files\" watches something; leave it away";
        for (field, _) in lists.iter().filter(|(_, answers)| !answers.is_empty()) {
            self.add(*field, says.to_owned());
        }
        if given(draft.every.as_deref()).is_some() {
            self.add(Field::Every, says.to_owned());
        }
        if kind == AccountKind::Sandbox && given(draft.panel.as_deref()).is_some() {
            let says = "the sandbox has no panel but this one; leave it away";
            self.add(Field::Panel, says.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::domain::inventory::Account;
    use crate::domain::lifecycle::Lifecycles;

    fn inventory() -> Inventory {
        let account = |name: &str, kind| {
            let account = Account {
                deploys: false,
                probes_wildcards: false,
                name: name.to_owned(),
                kind,
                lifecycles: vec!["netcup".to_owned()],
                read_only: false,
                clock: None,
                seed: None,
                zone: None,
                panel: None,
                watched: None,
            };
            (name.to_owned(), account)
        };
        Inventory {
            accounts: BTreeMap::from([
                account("sandbox", AccountKind::Sandbox),
                account("files", AccountKind::Files),
                account("Shop", AccountKind::ByHand),
            ]),
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        }
    }

    fn texts(given: &[&str]) -> Vec<String> {
        given.iter().map(|&text| text.to_owned()).collect()
    }

    fn draft(name: &str, kind: &str) -> AccountDraft {
        AccountDraft {
            name: name.to_owned(),
            kind: kind.to_owned(),
            ..AccountDraft::default()
        }
    }

    fn says(draft: &AccountDraft) -> Vec<String> {
        let wrong = check_draft(draft, &inventory());
        wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_is_new_whatever_its_capitals() {
        for (name, expected) in [
            ("", "account: give it a name"),
            ("shop", "account: there is an account \"Shop\" already"),
            ("Sandbox", "account: \"sandbox\" is built in"),
            ("my shop", "account: \"my shop\" is no name"),
            (".hidden", "account: \".hidden\" is no name"),
        ] {
            let told = says(&draft(name, "by-hand"));
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with(expected), "{told:?}");
        }
        assert_eq!(says(&draft(" netcup-main ", "by-hand")), [] as [&str; 0]);
    }

    #[test]
    fn kind_and_lifecycle_say_what_there_is() {
        let told = says(&draft("a", "by-hnad"));
        assert!(told[0].contains("Did you mean \"by-hand\"?"), "{told:?}");
        let mut wrong = draft("a", "by-hand");
        wrong.lifecycles = texts(&["netcupp"]);
        let told = says(&wrong);
        assert!(told[0].contains("Did you mean \"netcup\"?"), "{told:?}");
        wrong.lifecycles = texts(&["files"]);
        assert!(says(&wrong)[0].starts_with("lifecycle: "));
        wrong.lifecycles = texts(&["netcup", "netcup"]);
        assert!(says(&wrong)[0].contains("twice"));
        wrong.lifecycles.clear();
        wrong.panel = Some("http://panel.example".to_owned());
        assert!(says(&wrong)[0].starts_with("panel: "));
    }

    #[test]
    fn a_watched_account_watches_something_that_can_be_found() {
        let mut watched = draft("mine", "files");
        assert!(says(&watched)[0].starts_with("path: name at least one"));
        watched.paths = texts(&["certs", "/etc/ssl", "~/own", ""]);
        watched.include = texts(&["[a"]);
        watched.hosts = texts(&["www.example.com:0"]);
        watched.every = Some("3s".to_owned());
        let told = says(&watched);
        let starts = ["path: \"certs\"", "include: ", "host: ", "every: "];
        assert_eq!(told.len(), starts.len(), "{told:?}");
        for (told, start) in told.iter().zip(starts) {
            assert!(told.starts_with(start), "{told}");
        }
        watched.paths = texts(&["/etc/ssl", "~/own"]);
        watched.include = texts(&["*.pem"]);
        watched.hosts = texts(&["www.example.com"]);
        watched.every = Some("1m".to_owned());
        let account = read_draft(&watched, &inventory()).unwrap();
        assert_eq!(
            account.watch.paths,
            [PathBuf::from("/etc/ssl"), PathBuf::from("~/own")]
        );
        assert_eq!(account.watch.hosts[0].port, 443);
        assert_eq!(account.watch.every.as_secs(), 60);
    }

    #[test]
    fn an_answer_of_another_kind_is_refused() {
        let mut mixed = draft("a", "by-hand");
        mixed.paths = texts(&["/etc"]);
        mixed.every = Some("5m".to_owned());
        let fields: Vec<Field> = check_draft(&mixed, &inventory())
            .iter()
            .map(|wrong| wrong.field)
            .collect();
        assert_eq!(fields, [Field::Paths, Field::Every]);
        let mut mixed = draft("a", "files");
        mixed.hosts = texts(&["a.example"]);
        mixed.panel = Some("https://panel.example".to_owned());
        assert!(says(&mixed)[0].starts_with("panel: "));
        let mut mixed = draft("a", "sandbox");
        mixed.panel = Some("https://panel.example".to_owned());
        assert!(says(&mixed)[0].starts_with("panel: the sandbox"));
    }

    #[test]
    fn a_free_name_is_numbered_where_it_has_to_be() {
        let taken = |name: &str| ["certbot", "certbot-2"].contains(&name);
        assert_eq!(free_name("lego", taken), "lego");
        assert_eq!(free_name("certbot", taken), "certbot-3");
    }
}
