//! Asking the person at the terminal before something happens.
//!
//! May not: ask where nobody sits; then the command has to say `--yes`.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::error::CliError;

/// What has to be typed for a yes.
pub(super) enum Wanted<'a> {
    /// `y` or `yes`.
    Yes,
    /// This name.
    Name(&'a str),
}

/// Prints `text` and asks; everything but the wanted answer, the empty one included, means no.
///
/// # Errors
/// When nobody sits there, and when the answer is no.
pub(super) fn confirm(text: &str, question: &str, wanted: &Wanted<'_>) -> Result<(), CliError> {
    if !is_someone_there() {
        return Err(CliError::Usage(format!(
            "{question} Nobody can be asked here, so nothing was done; add --yes to do it"
        )));
    }
    let hint = match wanted {
        Wanted::Yes => "[y/N]".to_owned(),
        Wanted::Name(name) => format!("Type {name} to do it:"),
    };
    let mut err = io::stderr().lock();
    let asked = write!(err, "{text}\n{question} {hint} ").and_then(|()| err.flush());
    drop(err);
    let mut answer = String::new();
    asked
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| {
            CliError::Failed(format!(
                "asking at the terminal failed: {error}; add --yes to do it unasked"
            ))
        })?;
    if means_yes(&answer, wanted) {
        Ok(())
    } else {
        Err(CliError::Failed("nothing was done".to_owned()))
    }
}

/// Whether somebody sits at the terminal who can be asked.
pub(super) fn is_someone_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for one line, with an answer that an empty line means, until `check` accepts it. What is
/// wrong with an answer is said at once.
///
/// # Errors
/// When the terminal cannot be read, and when the person ends the input.
pub(super) fn line<T>(
    question: &str,
    usual: Option<&str>,
    check: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CliError> {
    loop {
        let hint = usual.map(|usual| format!(" [{usual}]")).unwrap_or_default();
        let mut err = io::stderr().lock();
        let asked = write!(err, "{question}{hint}: ").and_then(|()| err.flush());
        drop(err);
        let mut answer = String::new();
        let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
        let read = read.map_err(|error| {
            CliError::Failed(format!(
                "asking at the terminal failed: {error}; answer with flags instead"
            ))
        })?;
        if read == 0 {
            return Err(CliError::Failed("nothing was done".to_owned()));
        }
        let answer = match answer.trim() {
            "" => usual.unwrap_or_default(),
            answer => answer,
        };
        match check(answer) {
            Ok(answer) => return Ok(answer),
            Err(wrong) => super::output::say(&format!("  {wrong}")),
        }
    }
}

fn means_yes(answer: &str, wanted: &Wanted<'_>) -> bool {
    let answer = answer.trim();
    match wanted {
        Wanted::Yes => ["y", "yes"]
            .iter()
            .any(|yes| answer.eq_ignore_ascii_case(yes)),
        Wanted::Name(name) => answer == *name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wanted_answer_is_a_yes() {
        for (answer, yes) in [
            ("y\n", true),
            ("YES\n", true),
            ("\n", false),
            ("", false),
            ("yup\n", false),
        ] {
            assert_eq!(means_yes(answer, &Wanted::Yes), yes, "{answer:?}");
        }
        assert!(means_yes("a.example\n", &Wanted::Name("a.example")));
        assert!(!means_yes("yes\n", &Wanted::Name("a.example")));
    }
}
