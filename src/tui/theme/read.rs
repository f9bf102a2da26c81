//! From the text of a theme to a style for every role.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::Spanned;

use super::{NEVER_COLOUR_ALONE, Place, Role, Theme, ThemeError, names};

/// The colours with a name. The sixteen are the terminal's own palette, so they suit whatever
/// the person has chosen there; `default` is the terminal's text or background.
const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    // ratatui calls the palette's colour 7 grey and keeps "white" for the bright one.
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    base: Option<Spanned<String>>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, Look>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the file, independent of the others"
)]
struct Look {
    fg: Option<Spanned<String>>,
    bg: Option<Spanned<String>>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    italic: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

/// Reads the theme in `text`.
pub(super) fn theme(text: &str, file: &str) -> Result<Theme, ThemeError> {
    let written: File = toml::from_str(text).map_err(|error| ThemeError::Syntax {
        place: Place::of(file, text, error.span()),
        message: error.message().to_owned(),
    })?;
    let reader = Reader { text, file };
    let base = written
        .base
        .as_ref()
        .map(|name| reader.base(name))
        .transpose()?;
    let mut own = BTreeMap::new();
    for (name, look) in &written.roles {
        let role = reader.role(name)?;
        own.insert(role, reader.style(role, name, look)?);
    }
    let style = |&(role, name): &(Role, &'static str)| {
        let inherited = || base.as_ref().map(|base| base.style(role));
        let style = own.get(&role).copied().or_else(inherited);
        style.ok_or_else(|| ThemeError::MissingRole {
            file: file.to_owned(),
            role: name,
        })
    };
    let styles = Role::ALL.iter().map(style).collect::<Result<_, _>>()?;
    Ok(Theme { styles })
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
}

impl Reader<'_> {
    fn place(&self, of: &Spanned<String>) -> Place {
        Place::of(self.file, self.text, Some(of.span()))
    }

    fn base(&self, name: &Spanned<String>) -> Result<Theme, ThemeError> {
        Theme::named(name.get_ref()).map_err(|_| ThemeError::UnknownBase {
            place: self.place(name),
            found: name.get_ref().clone(),
            expected: names(),
        })
    }

    fn role(&self, name: &Spanned<String>) -> Result<Role, ThemeError> {
        let known = Role::ALL.iter().find(|(_, known)| known == name.get_ref());
        known
            .map(|&(role, _)| role)
            .ok_or_else(|| ThemeError::UnknownRole {
                place: self.place(name),
                found: name.get_ref().clone(),
                expected: joined(Role::ALL.iter().map(|&(_, name)| name)),
            })
    }

    fn style(&self, role: Role, at: &Spanned<String>, look: &Look) -> Result<Style, ThemeError> {
        let mut style = Style::new().add_modifier(modifiers(look));
        style.fg = look
            .fg
            .as_ref()
            .map(|name| self.colour(role, name))
            .transpose()?;
        style.bg = look
            .bg
            .as_ref()
            .map(|name| self.colour(role, name))
            .transpose()?;
        let seen = look.bold || look.underline || look.reverse;
        if NEVER_COLOUR_ALONE.contains(&role) && !seen {
            return Err(ThemeError::ColourAlone {
                place: self.place(at),
                role: role.name(),
            });
        }
        Ok(style)
    }

    fn colour(&self, role: Role, name: &Spanned<String>) -> Result<Color, ThemeError> {
        let named = COLOURS.iter().find(|(known, _)| known == name.get_ref());
        let colour = named.map(|&(_, colour)| colour);
        colour
            .or_else(|| hex(name.get_ref()))
            .ok_or_else(|| ThemeError::UnknownColour {
                place: self.place(name),
                role: role.name().to_owned(),
                found: name.get_ref().clone(),
                expected: joined(COLOURS.iter().map(|&(name, _)| name)),
            })
    }
}

fn modifiers(look: &Look) -> Modifier {
    let mut all = Modifier::empty();
    all.set(Modifier::BOLD, look.bold);
    all.set(Modifier::DIM, look.dim);
    all.set(Modifier::ITALIC, look.italic);
    all.set(Modifier::UNDERLINED, look.underline);
    all.set(Modifier::REVERSED, look.reverse);
    all
}

/// Reads `#rrggbb`.
fn hex(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    let well_formed = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| well_formed)?;
    Some(Color::from_u32(value))
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
