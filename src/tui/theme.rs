//! What things look like: roles, and the style that a theme gives each.
//!
//! Views name a role, never a colour. Themes are TOML (`assets/themes/*.toml`, or a person's
//! own). Pure: it gets text, not files.

mod read;

use ratatui::style::Style;
use thiserror::Error;

use super::place::Place;

/// Declares the roles with their names in a theme file, in one list.
macro_rules! roles {
    ($($(#[$says:meta])* $role:ident = $name:literal,)+) => {
        /// What a piece of the screen is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $($(#[$says])* $role,)+ }

        impl Role {
            /// Every role with its name in a theme file.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$role, $name),)+];
        }
    };
}

roles! {
    /// Ordinary text.
    Text = "text",
    /// Text of less weight: labels, units, what is past.
    Dim = "dim",
    /// What is not possible now.
    Disabled = "disabled",
    /// The name of a screen, pane or dialog.
    Title = "title",
    /// A heading within a pane.
    Heading = "heading",
    /// What should catch the eye first.
    Accent = "accent",
    /// A link.
    Link = "link",
    /// The selected row of the focused pane. Told by more than colour.
    Selection = "selection",
    /// The selected row of a pane without the focus.
    SelectionUnfocused = "selection-unfocused",
    /// The sign of a marked row.
    Mark = "mark",
    /// What the filter found in a text.
    Found = "found",
    /// The frame of a pane.
    Border = "border",
    /// The frame of the focused pane.
    BorderFocused = "border-focused",
    /// The shown tab. Told by more than colour.
    Tab = "tab",
    /// Phase `action-needed`.
    PhaseActionNeeded = "phase-action-needed",
    /// Phase `in-progress`.
    PhaseInProgress = "phase-in-progress",
    /// Phase `live`.
    PhaseLive = "phase-live",
    /// Phase `winding-down`.
    PhaseWindingDown = "phase-winding-down",
    /// Phase `ended`.
    PhaseEnded = "phase-ended",
    /// Phase `failed`.
    PhaseFailed = "phase-failed",
    /// All is well.
    Good = "good",
    /// Look at this soon.
    Warn = "warn",
    /// Look at this now.
    Bad = "bad",
    /// The name of a key.
    Key = "key",
    /// The bar at the top.
    Header = "header",
    /// The bar of hints at the bottom.
    Hint = "hint",
    /// Says that something is the sandbox's.
    Sandbox = "sandbox",
    /// A toast that tells something.
    Toast = "toast",
    /// A toast after something went well.
    ToastGood = "toast-good",
    /// A toast about something that went wrong or is not possible.
    ToastBad = "toast-bad",
    /// A button.
    Button = "button",
    /// The focused button. Told by more than colour.
    ButtonFocused = "button-focused",
    /// The focused button of something that cannot be undone. Told by more than colour.
    ButtonDanger = "button-danger",
    /// A field of a form.
    Field = "field",
    /// The focused field. Told by more than colour.
    FieldFocused = "field-focused",
    /// What a field expects, while it is empty.
    Placeholder = "placeholder",
    /// A private key or another secret, or its mask.
    Secret = "secret",
}

/// The roles that say where one is. Losing them to a terminal without colours would leave a
/// person blind, so a theme must give them a modifier as well.
const NEVER_COLOUR_ALONE: [Role; 5] = [
    Role::Selection,
    Role::Tab,
    Role::ButtonFocused,
    Role::ButtonDanger,
    Role::FieldFocused,
];

impl Role {
    /// The name in a theme file.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(role, _)| *role == self);
        row.map_or("", |&(_, name)| name)
    }
}

/// A theme that cannot be used. Messages about a file begin with file and line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ThemeError {
    /// No theme of this name comes with certdeck.
    #[error("there is no theme \"{found}\"; expected one of: {expected}, or a file of your own")]
    UnknownTheme {
        /// What was asked for.
        found: String,
        /// The names there are.
        expected: String,
    },
    /// Not TOML, or something misspelt or of the wrong kind.
    #[error("{place}: cannot read the theme: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the reader says.
        message: String,
    },
    /// A role that certdeck does not have.
    #[error("{place}: `{found}`: there is no such role; expected one of: {expected}")]
    UnknownRole {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// Every role.
        expected: String,
    },
    /// A colour that cannot be read.
    #[error(
        "{place}: `{role}`: \"{found}\" is no colour; expected \"#rrggbb\" or one of: {expected}"
    )]
    UnknownColour {
        /// Where.
        place: Place,
        /// The role.
        role: String,
        /// What stands there.
        found: String,
        /// Every name.
        expected: String,
    },
    /// `base` names no theme to build on.
    #[error("{place}: `base = \"{found}\"`: there is no such theme; expected one of: {expected}")]
    UnknownBase {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// The names there are.
        expected: String,
    },
    /// Neither the theme nor its base says what a role looks like.
    #[error(
        "{file}: the role `{role}` is missing; add it, or `base = \"dark\"` on top to take over \
         what you leave out"
    )]
    MissingRole {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
    },
    /// A role that says where one is would vanish without colours.
    #[error(
        "{place}: `{role}` would be invisible on a terminal without colours; expected one of bold, \
         underline or reverse beside the colours"
    )]
    ColourAlone {
        /// Where.
        place: Place,
        /// The role.
        role: &'static str,
    },
}

/// The themes that certdeck comes with: name and text.
const EMBEDDED: [(&str, &str); 3] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// A style for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// In the order of [`Role::ALL`].
    styles: Vec<Style>,
}

impl Theme {
    /// The names of the themes that certdeck comes with.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|&(name, _)| name)
    }

    /// A theme that certdeck comes with: `dark`, `light` or `mono`. Where colours are not wanted
    /// (`NO_COLOR`), take `mono` whatever else is asked for.
    ///
    /// # Errors
    /// [`ThemeError::UnknownTheme`] for any other name.
    pub fn named(name: &str) -> Result<Self, ThemeError> {
        let Some((name, text)) = EMBEDDED.iter().find(|(known, _)| *known == name) else {
            return Err(ThemeError::UnknownTheme {
                found: name.to_owned(),
                expected: names(),
            });
        };
        Self::load(text, &format!("the built-in {name}.toml"))
    }

    /// Reads a theme from `text`; `file` is the name to complain about. With `base = "dark"` it
    /// need not name every role.
    ///
    /// # Errors
    /// [`ThemeError`] with file, line, role and what is expected.
    pub fn load(text: &str, file: &str) -> Result<Self, ThemeError> {
        read::theme(text, file)
    }

    /// What a role looks like.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        // `Role` is declared in the order of `ALL`, and the reader fills one style for each.
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

fn names() -> String {
    Theme::names().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
