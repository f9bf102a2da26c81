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
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
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
